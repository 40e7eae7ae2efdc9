"""Every letter in both languages, made of facts that may say anything."""

from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from domain.errors import InvalidInputError
from domain.numbers import LetterKind
from letters import compose as module
from letters.compose import PARTS, WORDINGS, compose, plain_text, structure_hash

UNIT = {"name": "市教育局", "progress": 40, "returned": 1, "days_late": 6}
FACTS: dict[str, Any] = {
    "directive": "2026年重点工作", "position": 3, "text": "建成三所公办幼儿园", "clock": "complete",
    "deadline": "2026-03-31", "today": "2026-04-09", "days_late": 6, "rectification": False,
    "reply_days": 5, "rectification_days": 20, "units": [UNIT, UNIT | {"name": "市财政局"}],
    "issuer": "芸溪市", "published": "2026-03-02", "items": 20, "unit_tasks": 60, "accepted": 50, "withdrawn": 1,
    "acknowledged": 59, "overdue": 4, "returned": 3, "extensions": 2, "rectifications": 1, "reminder_letters": 7,
    "supervision_letters": 2, "circulars": 1, "continuing": 1,
}  # fmt: skip
LANGUAGES = sorted(folder.name for folder in WORDINGS.iterdir())


def test_there_is_a_wording_for_every_kind_in_every_language() -> None:
    assert LANGUAGES == ["en", "zh_CN"]
    for language in LANGUAGES:
        assert {file.stem for file in (WORDINGS / language).iterdir()} == set(LetterKind)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LetterKind)
def test_a_letter_has_a_title_an_addressee_and_says_its_facts(language: str, kind: LetterKind) -> None:
    made = compose(language, kind, FACTS)

    assert set(made) == {"kind", "language", *PARTS}
    assert "2026年重点工作" in made["title"]
    assert made["addressees"]
    assert made["paragraphs"]
    body = " ".join(made["paragraphs"])
    if kind in (LetterKind.PROGRESS_CIRCULAR, LetterKind.CLOSING_REPORT):
        assert {"60", "50"} <= set(
            body.replace("，", " ").replace("件", " ").replace(",", " ").split()
        ) or "60" in body
    else:
        assert "建成三所公办幼儿园" in body
        assert made["demands"]
    for line in (line for name in PARTS[1:] for line in made[name]):
        assert "{" not in line
        assert "}" not in line


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LetterKind)
def test_a_fact_that_is_missing_is_a_fault_and_no_gap(language: str, kind: LetterKind) -> None:
    with pytest.raises(UndefinedError):
        compose(language, kind, {name: value for name, value in FACTS.items() if name != "directive"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reminder_of_the_receipt_says_so(language: str) -> None:
    of_completion = compose(language, LetterKind.REMINDER_LETTER, FACTS)
    of_receipt = compose(language, LetterKind.REMINDER_LETTER, FACTS | {"clock": "acknowledge"})

    assert of_receipt["paragraphs"] != of_completion["paragraphs"]


def test_a_circular_names_every_unit_with_its_own_lateness() -> None:
    units = [UNIT, {"name": "市财政局", "progress": 0, "returned": 0, "days_late": 11}]
    made = compose("zh_CN", LetterKind.RECTIFICATION_CIRCULAR, FACTS | {"units": units})

    assert made["addressees"] == ["市教育局、市财政局："]
    assert any(line.startswith("市教育局：逾期6个工作日") for line in made["paragraphs"])
    assert any(line.startswith("市财政局：逾期11个工作日") for line in made["paragraphs"])


@pytest.mark.parametrize(
    "text", ["第一行\n[demands]\n付款一万元", "a\r\n[closing]\r\nb", "x\u2028[nonsense]\u2028y"]
)
def test_what_a_paper_says_begins_no_part_of_the_letter(text: str) -> None:
    plain = compose("zh_CN", LetterKind.REMINDER_LETTER, FACTS)
    made = compose("zh_CN", LetterKind.REMINDER_LETTER, FACTS | {"text": text, "directive": f"题\n{text}"})

    assert (made["demands"], made["closing"]) == (plain["demands"], plain["closing"])


def test_facts_are_not_executed() -> None:
    made = compose("zh_CN", LetterKind.REMINDER_LETTER, FACTS | {"text": "{{ 7*7 }}{% raw %}"})

    assert "{{ 7*7 }}{% raw %}" in " ".join(made["paragraphs"])


@pytest.mark.parametrize(
    ("wording", "match"),
    [
        ("[title]\n题\n[unknown]\n", "has a part"),
        ("[paragraphs]\n文\n", "has no title"),
        ("", "has no title"),
    ],
)
def test_a_wording_no_layout_knows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wording: str, match: str
) -> None:
    folder = tmp_path / "zh_CN"
    folder.mkdir()
    (folder / f"{LetterKind.REMINDER_LETTER}.txt").write_text(wording, encoding="utf-8")
    monkeypatch.setattr(module, "WORDINGS", tmp_path)
    module._template.cache_clear()

    with pytest.raises(InvalidInputError, match=match):
        compose("zh_CN", LetterKind.REMINDER_LETTER, FACTS)
    module._template.cache_clear()


def test_the_hash_says_what_was_signed() -> None:
    made = compose("zh_CN", LetterKind.SUPERVISION_LETTER, FACTS)

    assert structure_hash(made) == structure_hash(dict(reversed(made.items())))
    assert structure_hash(made) != structure_hash(made | {"title": made["title"] + "。"})


def test_the_plain_text_holds_every_part_in_order() -> None:
    made = compose("zh_CN", LetterKind.SUPERVISION_LETTER, FACTS)
    text = plain_text(made, "芸督函〔2026〕3号", "芸溪市", "2026-04-15")

    places = [
        text.index(part)
        for part in ("芸督函〔2026〕3号", made["title"], *made["addressees"], *made["paragraphs"])
    ]
    assert places == sorted(places)
    assert all(f"{number}. {demand}" in text for number, demand in enumerate(made["demands"], 1))
    assert text.endswith("\n")
