"""The audit chain: its bytes, and each way to tamper with it found under the number of its row."""

import hashlib
import hmac
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from domain.audit import START, Entry, Verdict, canonical, seal, verify
from tests.domain.chain import FORGER, KEYS, Chain, chained

LENGTH = 8


def entry(seq: int, **changed: Any) -> Entry:
    fields: dict[str, Any] = {
        "at": f"2026-03-0{seq % 9 + 1}T01:00:00+00:00",
        "actor": "王科长",
        "action": "accept",
        "subject": f"unit_task/{seq}",
        "detail": {"reason": "属实", "evidence": [seq, None], "同": True},
        "key_id": "2026a" if seq <= LENGTH // 2 else "2026b",
    }
    return Entry(seq, **(fields | changed))


CLEAN = tuple(chained([entry(seq) for seq in range(1, LENGTH + 1)]))


def bad_row(rows: Chain, **anchor: int) -> tuple[int | None, str]:
    """What `verify` finds: the row and the first word of the reason."""
    verdict = verify(rows, KEYS, **anchor)
    assert verdict.ok is (verdict.bad_seq is None)
    return verdict.bad_seq, verdict.reason.partition(":")[0]


def test_the_bytes_that_are_hashed_never_change() -> None:
    one = Entry(
        7, "2026-03-02T01:00:00+00:00", "王科长", "accept", "unit_task/3", {"b": [1, 2.5], "a": None}, "k1"
    )
    expected = (
        '[7,"2026-03-02T01:00:00+00:00","王科长","accept","unit_task/3",{"a":null,"b":[1,2.5]},"k1","'
        + "0" * 64
        + '"]'
    )

    assert canonical(one, START) == expected.encode()


def test_hash_and_seal_are_what_anybody_can_reckon_with_the_key() -> None:
    sealed = CLEAN[0]
    digest = hashlib.sha256(canonical(sealed.entry, START)).hexdigest()

    assert sealed.prev_hash == START
    assert sealed.hash == digest
    assert sealed.seal == hmac.new(KEYS["2026a"], digest.encode(), hashlib.sha256).hexdigest()


def test_the_order_in_which_a_detail_was_written_does_not_matter() -> None:
    one, two = entry(1, detail={"a": 1, "b": 2}), entry(1, detail=MappingProxyType({"b": 2, "a": 1}))

    assert canonical(one, START) == canonical(two, START)


@pytest.mark.parametrize("length", range(LENGTH + 1))
def test_a_clean_chain_holds_whatever_the_anchor_saw_of_it(length: int) -> None:
    rows = list(CLEAN[:length])
    last = rows[-1].hash if rows else START

    assert verify(rows, KEYS) == Verdict(length, last)
    assert all(verify(iter(rows), KEYS, expected_rows=seen).ok for seen in range(length + 1))


TAMPERED: dict[str, Any] = {
    "at": "2025-01-01T00:00:00+00:00",
    "actor": "somebody",
    "action": "withdraw",
    "subject": "unit_task/99",
    "detail": {"reason": "属实", "evidence": [None], "同": True},
    "key_id": "2026b",
}


@pytest.mark.parametrize("row", range(1, LENGTH // 2 + 1))
@pytest.mark.parametrize("name", TAMPERED)
def test_a_change_of_any_field_is_found_with_its_row(name: str, row: int) -> None:
    rows = list(CLEAN)
    rows[row - 1] = replace(rows[row - 1], entry=replace(rows[row - 1].entry, **{name: TAMPERED[name]}))

    assert bad_row(rows) == (row, "changed")


@pytest.mark.parametrize("row", [1, 5, LENGTH])
@pytest.mark.parametrize(
    ("name", "reason"), [("prev_hash", "unlinked"), ("hash", "changed"), ("seal", "forged")]
)
@pytest.mark.parametrize("value", ["f" * 64, "", "封", "\ud800"])
def test_a_change_of_link_hash_or_seal_is_found_whatever_is_put_there(
    name: str, reason: str, row: int, value: str
) -> None:
    rows = list(CLEAN)
    strings: dict[str, Any] = {name: value}
    rows[row - 1] = replace(rows[row - 1], **strings)

    assert bad_row(rows) == (row, reason)


@pytest.mark.parametrize("detail", [{"reason": "\ud800"}, {"reason": float("nan")}, {}])
def test_a_detail_that_is_no_proper_text_or_number_is_found_and_does_not_stop_the_walk(
    detail: dict[str, Any],
) -> None:
    rows = list(CLEAN)
    rows[2] = replace(rows[2], entry=replace(rows[2].entry, detail=detail))

    assert bad_row(rows) == (3, "changed")


@pytest.mark.parametrize("row", range(1, LENGTH))
def test_a_row_taken_out_is_found_and_named(row: int) -> None:
    assert bad_row([*CLEAN[: row - 1], *CLEAN[row:]]) == (row, "missing")


def test_several_rows_taken_out_are_found_and_the_first_of_them_is_named() -> None:
    assert bad_row([*CLEAN[:2], *CLEAN[6:]]) == (3, "missing")


@pytest.mark.parametrize("row", range(1, LENGTH + 1))
def test_a_row_put_in_is_found_under_its_number(row: int) -> None:
    forged = seal(entry(row, actor="somebody"), CLEAN[row - 1].hash, FORGER)

    assert bad_row([*CLEAN[:row], forged, *CLEAN[row:]]) == (row, "missing")
    assert bad_row([replace(forged, entry=entry(0)), *CLEAN]) == (0, "missing")


def renumbered(rows: Chain) -> Chain:
    """The rows as they are, numbered from 1 without a gap."""
    return [replace(row, entry=replace(row.entry, seq=n)) for n, row in enumerate(rows, 1)]


@pytest.mark.parametrize("row", range(1, LENGTH))
def test_closing_the_gap_of_a_row_taken_out_is_found(row: int) -> None:
    rows = renumbered([*CLEAN[: row - 1], *CLEAN[row:]])

    assert bad_row(rows) == (row, "unlinked")


@pytest.mark.parametrize("row", range(1, LENGTH))
def test_two_rows_that_changed_places_are_found(row: int) -> None:
    swapped = list(CLEAN)
    swapped[row - 1], swapped[row] = swapped[row], swapped[row - 1]

    assert bad_row(swapped) == (row, "missing")
    assert bad_row(renumbered(swapped)) == (row, "unlinked")


@pytest.mark.parametrize("left", range(LENGTH))
def test_a_tail_cut_off_is_found_by_the_count_kept_elsewhere_and_by_nothing_else(left: int) -> None:
    rows = list(CLEAN[:left])

    assert bad_row(rows, expected_rows=LENGTH) == (left + 1, "missing")
    assert verify(rows, KEYS).ok


@pytest.mark.parametrize("row", [1, 4, LENGTH])
def test_a_chain_rewritten_from_a_row_on_without_the_key_is_found_at_that_row(row: int) -> None:
    entries = [replace(r.entry, actor="somebody") if r.entry.seq == row else r.entry for r in CLEAN]
    rewritten = chained(entries, dict.fromkeys(KEYS, FORGER))

    assert bad_row([*CLEAN[: row - 1], *rewritten[row - 1 :]], expected_rows=LENGTH) == (
        row,
        "unlinked" if row > 1 and rewritten[row - 2].hash != CLEAN[row - 2].hash else "forged",
    )
    assert bad_row(rewritten, expected_rows=LENGTH) == (1, "forged")


def test_a_row_under_a_key_that_is_not_in_the_file_is_named() -> None:
    verdict = verify(CLEAN, {"2026a": KEYS["2026a"]})

    assert (verdict.bad_seq, verdict.rows, verdict.last_hash) == (5, 5, CLEAN[3].hash)
    assert verdict.reason.startswith("unsealed")
