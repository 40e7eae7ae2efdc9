"""What holds for every text: no crash, anchors that point at what they quote, time in proportion to length."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reading import Paragraph, quoted, read_document, reading_json
from domain.reading.model import sha256_of
from tests.domain.reading.papers import (
    BRACKETS,
    ENGLISH,
    LABELS,
    NOTICE,
    TABLE_ROWS,
    TWO_LEVELS,
    paper,
    rows,
)

PIECES = st.sampled_from(
    [
        "一、", "（一）", "1.", "1．", "第一条 ", "（", "）", "(", ")", "市园林局", "各区、县级市", "等", "及", "负责", "牵头", "，",
        "、", "。", "；", "责任单位：", "完成时限：", "2026年6月底前", "每月25日前", "\t", "\n", " ", "种树", "列第一位者为牵头单位，下同",
        "以下均需试点市政府落实，不再列出", "具体措施：", "由", "\x00", "\u2028", "\ud800", "①", "Lead: A; B", "20 June 2026",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join))
MOST_SECONDS = 2.0
LONG = {
    "opening brackets": "（" * 10**6,
    "names": "1.（" + "市园林局、" * 200_000 + "负责）",
    "labels": "责任单位：市园林局；" * 100_000,
    "ands": "和" * 10**6,
    "months": "每月" * 500_000,
    "years": "2026年" * 200_000,
    "rule beginnings": "列第一" * 333_333,
    "tabs": "种树\t" * 333_333,
}


@given(st.lists(TEXTS, max_size=12))
def test_any_text_is_read_and_every_anchor_points_at_what_it_quotes(texts: list[str]) -> None:
    paragraphs = [Paragraph(text) for text in texts]

    read = read_document(paragraphs)
    reading_json(read)

    for item in read.items:
        quote = quoted(paragraphs, item.anchor)
        assert quote
        assert sha256_of(quote) == item.anchor.sha256
        assert 0.1 <= item.confidence <= 1
        assert set(item.lead_units) | set(item.cooperating_units) == set(item.units_all)
        assert not set(item.lead_units) & set(item.cooperating_units)
        assert set(item.collectives) <= set(item.units_all)


@pytest.mark.parametrize("text", [BRACKETS, LABELS, TWO_LEVELS, NOTICE, ENGLISH])
def test_an_anchor_begins_with_the_number_and_holds_the_text(text: str) -> None:
    paragraphs = paper("\n  \n" + text.replace("\n", "\n　　"))

    for item in read_document(paragraphs).items:
        quote = quoted(paragraphs, item.anchor)
        assert quote.startswith(item.number or "具体措施：")
        assert all(unit in quote for unit in item.units_all)
        assert item.text.splitlines()[0] in quote
        assert item.text.splitlines()[-1] in quote


def test_the_anchor_of_a_table_row_is_the_row() -> None:
    paragraphs = [Paragraph("分工表"), *rows(TABLE_ROWS)]

    quotes = [quoted(paragraphs, item.anchor) for item in read_document(paragraphs).items]

    assert quotes == ["\t".join(row) for row in TABLE_ROWS[1:]]


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_a_line_of_a_million_characters_is_read_in_two_seconds(text: str) -> None:
    began = time.process_time()
    reading_json(read_document([Paragraph(text)]))

    assert time.process_time() - began < MOST_SECONDS
