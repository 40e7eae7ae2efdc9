"""Whatever is done to any audit chain without the key is found, at the first row that differs."""

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audit import Entry, Sealed, seal, verify
from tests.domain.chain import FORGER, KEYS, Chain, chained

# Texts that look alike or break a careless form of the row: quotes, separators, half of something.
texts = st.sampled_from(
    ["", "王科长", "王科", '"', '","', "\\", "\n", "\u2028", "0", "1", "null", "é", "e\u0301"]
)
details = st.dictionaries(
    texts, texts | st.sampled_from([None, True, False, 0, 1, 1.0, -0.0, 2**70]), max_size=2
)
entries = st.builds(
    Entry,
    seq=st.just(0),
    at=texts,
    actor=texts,
    action=texts,
    subject=texts,
    detail=details,
    key_id=st.sampled_from(sorted(KEYS)),
)
chains = st.lists(entries, min_size=2, max_size=5).map(
    lambda found: chained(replace(one, seq=n) for n, one in enumerate(found, 1))
)
forged_by_anybody = dict.fromkeys([*KEYS, "?"], FORGER)


def as_kept(row: Sealed) -> str:
    """What of a row counts: the order of the keys of its detail does not."""
    return json.dumps([vars(row.entry), row.prev_hash, row.hash, row.seal], sort_keys=True)


def edit(rows: Chain, at: int, other: Entry, dice: Random) -> Chain:
    """One field of one row is another one."""
    name = dice.choice(["at", "actor", "action", "subject", "detail", "key_id"])
    value: dict[str, Any] = {name: "?" if name == "key_id" else getattr(other, name)}
    return [*rows[:at], replace(rows[at], entry=replace(rows[at].entry, **value)), *rows[at + 1 :]]


def edit_and_rehash(rows: Chain, at: int, other: Entry, dice: Random) -> Chain:
    """An edit, and from there on the chain made anew, as far as one can without the key."""
    edited = edit(rows, at, other, dice)
    return [*rows[:at], *chained((row.entry for row in edited), forged_by_anybody)[at:]]


def edit_string(rows: Chain, at: int, other: Entry, dice: Random) -> Chain:
    """Link, hash or seal is something else."""
    value: dict[str, Any] = {dice.choice(["prev_hash", "hash", "seal"]): other.actor}
    return [*rows[:at], replace(rows[at], **value), *rows[at + 1 :]]


def take_out(rows: Chain, at: int, other: Entry, dice: Random) -> Chain:
    """One or more rows are gone, perhaps to the end."""
    return rows[:at] + rows[at + dice.randint(1, len(rows)) :]


def put_in(rows: Chain, at: int, other: Entry, dice: Random) -> Chain:
    """A row more, well linked to the one before."""
    return [*rows[:at], seal(replace(other, seq=at + 1), rows[at].prev_hash, FORGER), *rows[at:]]


def swap(rows: Chain, at: int, other: Entry, dice: Random) -> Chain:
    """Two rows have changed places."""
    to = dice.randrange(len(rows))
    return [rows[{at: to, to: at}.get(n, n)] for n in range(len(rows))]


def rewrite(rows: Chain, at: int, other: Entry, dice: Random) -> Chain:
    """The same text from a row on, under another key."""
    return rows[:at] + chained((row.entry for row in rows), forged_by_anybody)[at:]


@pytest.mark.parametrize("tampering", [edit, edit_and_rehash, edit_string, take_out, put_in, swap, rewrite])
@given(rows=chains, other=entries, place=st.integers(0, 99), seed=st.integers(0, 2**32))
def test_any_tampering_is_found_at_the_first_row_that_differs(
    *,
    tampering: Callable[[Chain, int, Entry, Random], Chain],
    rows: Chain,
    other: Entry,
    place: int,
    seed: int,
) -> None:
    tampered = tampering(rows, place % len(rows), other, Random(seed))
    before, after = [as_kept(row) for row in rows], [as_kept(row) for row in tampered]
    same = next((n for n, row in enumerate(after) if row != before[n]), len(after))
    verdict = verify(tampered, KEYS, expected_rows=len(rows))

    assert verdict.bad_seq == (None if after == before else same + 1)


@given(rows=chains)
def test_no_clean_chain_raises_an_alarm(rows: Chain) -> None:
    assert verify(rows, KEYS, expected_rows=len(rows)).ok
