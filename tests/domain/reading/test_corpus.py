"""Real documents beside the repository: those with a hand-made truth, and others for their shape."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from domain.reading import Reading, read_document, reading_json
from intake.document import read_file

TRUTHS = (
    "02_guofa2018-42_nongji",
    "09_guobanfa2020-43_fangguanfu_fengong",
    "12_hufubanfa2025-17_gaoduan_yixie",
    "16_guangzhou_rencai_jiju_45",
    "20_lishui2023_zhongdian_gongzuo_excerpt",
)
LEAST = {
    "items_f1": 0.98,
    "units_f1": 0.97,
    "roles_accuracy": 0.95,
    "collectives_f1": 0.95,
    "deadline_f1": 0.95,
    "numbers_accuracy": 0.97,
}


def read(shared: Path, number: str) -> Reading:
    path = next((shared / "corpus").glob(f"{number}_*.txt"))
    return read_document(read_file(path).paragraphs)


@pytest.mark.parametrize("name", TRUTHS)
def test_a_document_with_a_truth_is_read_well(name: str, shared_dir: Path, tmp_path: Path) -> None:
    corpus = shared_dir / "corpus"
    written = tmp_path / "read.json"
    found = reading_json(read_document(read_file(corpus / f"{name}.txt").paragraphs))
    written.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")

    score: dict[str, Any] = json.loads(
        subprocess.run(
            [
                sys.executable,
                str(shared_dir / "tools" / "score_reading.py"),
                str(corpus / f"{name}.truth.json"),
                str(written),
                "--json",
            ],
            capture_output=True,
            check=True,
            encoding="utf-8",
        ).stdout
    )

    low = {key: score[key] for key, least in LEAST.items() if score[key] is not None and score[key] < least}
    assert low == {}
    assert score["false_tasks"] == 0


def test_a_self_inspection_notice_has_its_two_tasks_with_their_day_and_hour(shared_dir: Path) -> None:
    local, departments = read(shared_dir, "24").items

    assert local.units_all == ("各市（州）、县（市、区）",)
    assert local.deadlines == departments.deadlines == ("6月20日18：00前",)
    assert len(departments.lead_units) == 16
    assert "其他相关部门（单位）" in departments.cooperating_units


@pytest.mark.parametrize("number", ["25", "07"])
def test_a_document_without_a_division_of_work_gives_no_item(number: str, shared_dir: Path) -> None:
    assert read(shared_dir, number).items == ()


@pytest.mark.parametrize(("number", "count"), [("04", 16), ("08", 20), ("14", 20), ("18", 18), ("22", 41)])
def test_a_document_without_a_truth_comes_out_whole(number: str, count: int, shared_dir: Path) -> None:
    items = read(shared_dir, number).items

    assert len(items) == count
    assert all(item.units_all and item.text for item in items)
    assert all("unusual_name" not in item.reasons for item in items)


def test_an_organ_inherited_from_an_earlier_bracket_is_in_every_later_item(shared_dir: Path) -> None:
    items = read(shared_dir, "08").items

    assert "试点城市政府" not in items[0].units_all
    assert all("试点城市政府" in item.collectives for item in items[1:])


def test_a_document_of_two_levels_keeps_its_parents_beside_the_tasks(shared_dir: Path) -> None:
    found = read(shared_dir, "09")

    assert len(found.items) == 76
    assert len(found.parents) == 23
