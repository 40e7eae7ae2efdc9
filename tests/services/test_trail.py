"""The trail in the database: whoever holds all of it but not the key changes nothing without being found."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from domain.audit import START, Entry, KeyRing, seal
from models.engine import Audit
from services.trail import (
    verify_trail,
)
from store.sessions import writing
from tests.office import BEGINS, Scene, both, refused
from tests.services.trails import AUDIT, HEAD, end_of, run, unguard


def rechained(scene: Scene, key: bytes, **changed: Any) -> list[dict[str, Any]]:
    """All rows, the third one with another text, linked and sealed anew with `key`."""
    rows, prev = [], START
    for row in scene.rows(Audit):
        values = dict(row._mapping) | (changed if row.seq == 3 else {})
        entry = Entry(
            row.seq, row.at.isoformat(), values["actor"], row.action, row.subject, row.detail, row.key_id
        )
        sealed = seal(entry, prev, key)
        rows.append(values | {"prev_hash": prev, "hash": sealed.hash, "seal": sealed.seal})
        prev = sealed.hash
    return rows


@both
def test_a_trail_written_by_acts_holds(trail: Scene) -> None:
    verdict = verify_trail(trail.office, anchor=end_of(trail))

    assert verdict.ok
    assert (verdict.rows, verdict.last_hash) == (end_of(trail).seq, end_of(trail).hash)


@both
def test_a_trail_of_many_pages_holds(trail: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "services.trail._PAGE", select(AUDIT).where(text("seq > :after")).order_by(AUDIT.c.seq).limit(3)
    )

    assert verify_trail(trail.office) == verify_trail(trail.office, anchor=end_of(trail))
    assert verify_trail(trail.office).rows == end_of(trail).seq > 6


def test_an_empty_trail_holds(scene: Scene) -> None:
    unguard(scene)
    run(scene, delete(AUDIT), update(HEAD).values(seq=0, hash=START))

    assert verify_trail(scene.office).ok
    assert verify_trail(scene.office).rows == 0


@both
@pytest.mark.parametrize("statement", [update(AUDIT).values(actor="nobody"), delete(AUDIT)])
def test_the_database_refuses_to_change_its_trail(trail: Scene, statement: Any) -> None:
    with refused(trail, DBAPIError, "the audit trail is never changed"):
        run(trail, statement)


@both
@pytest.mark.parametrize(
    "changed",
    [
        {"at": BEGINS},
        {"actor": "account:somebody"},
        {"action": "accept"},
        {"subject": "unit_task/9"},
        {"detail": {"done": True}},
        {"key_id": "other"},
        {"prev_hash": START},
        {"hash": "f" * 64},
        {"seal": "f" * 64},
    ],
    ids=str,
)
def test_no_field_of_a_row_can_be_changed(trail: Scene, changed: dict[str, Any]) -> None:
    unguard(trail)
    run(trail, update(AUDIT).where(AUDIT.c.seq == 3).values(**changed))

    assert verify_trail(trail.office).bad_seq == 3


@both
def test_no_row_can_be_taken_out(trail: Scene) -> None:
    unguard(trail)
    run(trail, delete(AUDIT).where(AUDIT.c.seq == 3))

    assert verify_trail(trail.office).bad_seq == 3


@both
def test_no_row_can_be_taken_out_and_the_rest_moved_up(trail: Scene) -> None:
    unguard(trail)
    run(trail, delete(AUDIT).where(AUDIT.c.seq == 3))
    for row in trail.rows(Audit, AUDIT.c.seq > 3):
        run(trail, update(AUDIT).where(AUDIT.c.seq == row.seq).values(seq=row.seq - 1))

    assert verify_trail(trail.office).bad_seq == 3


@both
@pytest.mark.parametrize("seq", [0, -1, 10_000])
def test_no_row_can_be_put_in(trail: Scene, seq: int) -> None:
    """Before the first, or after the last."""
    last = trail.rows(Audit)[-1]
    run(trail, insert(AUDIT).values(**dict(last._mapping) | {"seq": seq}))

    assert not verify_trail(trail.office).ok


def test_a_row_after_the_end_is_found_though_it_is_sealed_well(trail: Scene) -> None:
    """As by somebody who has the key, but not the head."""
    last, ring = trail.rows(Audit)[-1], trail.office.keys
    entry = Entry(last.seq + 1, last.at.isoformat(), "x", "x", "x", {}, ring.current)
    sealed = seal(entry, last.hash, ring.keys[ring.current])
    values = {"seq": entry.seq, "at": last.at, "actor": "x", "action": "x", "subject": "x", "detail": {}}
    values |= {"key_id": ring.current, "prev_hash": last.hash, "hash": sealed.hash, "seal": sealed.seal}
    run(trail, insert(AUDIT).values(**values))

    assert verify_trail(trail.office).bad_seq == entry.seq


@both
def test_two_rows_cannot_change_places(trail: Scene) -> None:
    unguard(trail)
    for now, then in ((3, -3), (4, 3), (-3, 4)):
        run(trail, update(AUDIT).where(AUDIT.c.seq == now).values(seq=then))

    assert verify_trail(trail.office).bad_seq == 3


def test_a_tail_cut_off_is_missed_by_the_head(trail: Scene) -> None:
    unguard(trail)
    end = end_of(trail)
    run(trail, delete(AUDIT).where(AUDIT.c.seq > end.seq - 2))

    assert verify_trail(trail.office).bad_seq == end.seq - 1


@both
def test_a_tail_cut_off_with_the_head_is_missed_by_the_anchor_alone(trail: Scene) -> None:
    unguard(trail)
    end = end_of(trail)
    run(trail, delete(AUDIT).where(AUDIT.c.seq > end.seq - 2))
    last = end_of(trail)
    run(trail, update(HEAD).values(seq=last.seq, hash=last.hash))

    assert verify_trail(trail.office).ok
    assert verify_trail(trail.office, anchor=end).bad_seq == end.seq - 1


def test_a_head_that_names_another_end_is_found(trail: Scene) -> None:
    run(trail, update(HEAD).values(hash="f" * 64))

    assert not verify_trail(trail.office).ok


@both
@pytest.mark.parametrize("has_key", [False, True])
def test_a_whole_trail_made_anew_is_found_without_the_key_and_with_it_by_the_anchor(
    trail: Scene, has_key: bool
) -> None:
    anchor, ring = end_of(trail), trail.office.keys
    rows = rechained(trail, ring.keys[ring.current] if has_key else b"guessed", actor="account:somebody")
    unguard(trail)
    run(trail, delete(AUDIT))
    run(trail, insert(AUDIT).values(rows), update(HEAD).values(hash=rows[-1]["hash"]))

    assert verify_trail(trail.office).bad_seq == (None if has_key else 1)
    assert verify_trail(trail.office, anchor=anchor).bad_seq == (anchor.seq if has_key else 1)


def test_a_trail_cannot_be_verified_with_the_key_of_another_office(trail: Scene) -> None:
    other = replace(trail.office, keys=KeyRing("other", {"other": b"k" * 32}))

    assert verify_trail(other).reason.startswith("unsealed")


@pytest.mark.prove
def test_a_long_trail_is_walked_fast(sqlite_scene: Scene) -> None:
    """The figure is of CPU time, so that a busy machine is not counted; it is printed for the reader."""
    import time

    ring = sqlite_scene.office.keys
    rows, prev, at = [], START, BEGINS
    unguard(sqlite_scene)
    for seq in range(1, 100_001):
        detail = {"text_sha256": "a" * 64}
        entry = Entry(
            seq,
            at.isoformat(),
            "account:unit_officer@A",
            "acknowledge",
            f"unit_task/{seq}",
            detail,
            ring.current,
        )
        sealed = seal(replace(entry, at=_utc(at)), prev, ring.keys[ring.current])
        rows.append(vars(entry) | {"at": at, "prev_hash": prev, "hash": sealed.hash, "seal": sealed.seal})
        prev = sealed.hash
    run(sqlite_scene, delete(AUDIT), update(HEAD).values(seq=len(rows), hash=prev))
    with writing(sqlite_scene.engine) as session:
        session.connection().execute(insert(AUDIT), rows)
    begun = time.process_time()
    verdict = verify_trail(sqlite_scene.office)
    rate = len(rows) / (time.process_time() - begun)
    print(f"{rate:,.0f} rows/s")

    assert verdict.ok
    assert rate > 20_000


def _utc(at: Any) -> str:
    from datetime import UTC

    return str(at.astimezone(UTC).isoformat())
