"""The trail in the database: whoever holds all of it but not the key changes nothing without being found."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from domain.audit import START, Entry, KeyRing, seal
from domain.errors import InvalidInputError, NotFoundError, RefusedError, WrongStateError
from models.columns import table
from models.engine import Audit, AuditHead
from services.office import Actor, Office
from services.trail import (
    Anchor,
    AnnounceKey,
    announce_key,
    read_anchor,
    rotate_key,
    verify_trail,
    write_anchor,
)
from store.keys import load_key_ring, make_key_file
from store.sessions import writing
from tests.office import BEGINS, HANDLING, Scene, both, refused

AUDIT, HEAD = table(Audit), table(AuditHead)
KEEPER = Actor("keeper")
LATER = BEGINS + timedelta(days=1)


@pytest.fixture
def trail(scene: Scene) -> Scene:
    """An office whose trail has some rows."""
    item = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING))).items[0]
    scene.close(scene.task(item, "A").id, LATER)
    assert verify_trail(scene.office).ok
    return scene


def end_of(scene: Scene) -> Anchor:
    last = scene.rows(Audit)[-1]
    return Anchor(last.seq, last.hash, last.at.isoformat())


def run(scene: Scene, *statements: Any) -> None:
    with writing(scene.engine) as session:
        for statement in statements:
            session.connection().execute(text(statement) if isinstance(statement, str) else statement)


def unguard(scene: Scene) -> None:
    """The first thing an attacker with the whole database does."""
    sqlite = scene.engine.dialect.name == "sqlite"
    names = ("audit_no_update", "audit_no_delete") if sqlite else ("audit_no_change",)
    run(scene, *(f"DROP TRIGGER {name}" + ("" if sqlite else " ON audit") for name in names))


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


# keys


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "audit.json"


@pytest.fixture
def keyed(scene: Scene, key_file: Path) -> Office:
    """The office with a key file; its trail begins anew."""
    office = replace(scene.office, keys=make_key_file(key_file))
    unguard(scene)
    run(scene, delete(AUDIT), update(HEAD).values(seq=0, hash=START))
    return office


def with_ring(office: Office, key_file: Path) -> Office:
    return replace(office, keys=load_key_ring(key_file))


@both
def test_a_key_is_changed_by_a_row_that_the_old_one_sealed(
    scene: Scene, keyed: Office, key_file: Path
) -> None:
    old = keyed.keys.current
    new = rotate_key(keyed, KEEPER, LATER, key_file).current
    office = with_ring(keyed, key_file)
    newest = rotate_key(office, KEEPER, LATER, key_file).current
    rows = scene.rows(Audit)

    assert len({old, new, newest}) == 3
    assert [(row.key_id, row.detail["key_id"]) for row in rows] == [(old, new), (new, newest)]
    assert verify_trail(with_ring(keyed, key_file)).ok
    assert verify_trail(with_ring(keyed, key_file)).rows == 2


def test_a_trail_whose_key_was_changed_needs_both(keyed: Office, key_file: Path) -> None:
    rotate_key(keyed, KEEPER, LATER, key_file)
    office = with_ring(keyed, key_file)
    rotate_key(office, KEEPER, LATER, key_file)
    half = KeyRing(office.keys.current, {office.keys.current: office.keys.keys[office.keys.current]})

    assert verify_trail(replace(office, keys=half)).reason.startswith("unsealed")


def test_a_key_that_no_row_announced_is_found(keyed: Office, key_file: Path) -> None:
    rotate_key(keyed, KEEPER, LATER, key_file)
    ring = with_ring(keyed, key_file).keys
    sneaked = KeyRing("sneaked", {**ring.keys, "sneaked": b"s" * 32, "more": b"m" * 32})
    announce_key(replace(keyed, keys=sneaked), KEEPER, LATER, AnnounceKey(key_id="more"))

    assert verify_trail(replace(keyed, keys=sneaked)).reason.startswith("unannounced")
    assert verify_trail(replace(keyed, keys=sneaked)).bad_seq == 2


def test_only_a_key_of_the_file_can_be_announced_and_only_another_one(scene: Scene) -> None:
    with refused(scene, NotFoundError, "no key k9"):
        announce_key(scene.office, KEEPER, LATER, AnnounceKey(key_id="k9"))
    with refused(scene, WrongStateError, "in use already"):
        announce_key(scene.office, KEEPER, LATER, AnnounceKey(key_id=scene.office.keys.current))


def test_a_change_of_keys_that_breaks_off_leaves_the_old_key_in_use(
    keyed: Office, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("services.trail.use_key", _break)
        with pytest.raises(RuntimeError):
            rotate_key(keyed, KEEPER, LATER, key_file)

    assert load_key_ring(key_file).current == keyed.keys.current
    rotate_key(with_ring(keyed, key_file), KEEPER, LATER, key_file)
    assert verify_trail(with_ring(keyed, key_file)).ok


def _break(*_: object) -> None:
    raise RuntimeError


# anchors


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    return tmp_path / "audit.anchors"


def test_an_anchor_says_where_the_trail_ended(trail: Scene, anchors: Path) -> None:
    assert read_anchor(anchors) is None

    written = write_anchor(trail.office, LATER, anchors)

    assert read_anchor(anchors) == written
    assert (written.seq, written.hash) == (end_of(trail).seq, end_of(trail).hash)
    assert anchors.stat().st_mode & 0o777 == 0o600


def test_anchors_are_only_ever_added(trail: Scene, anchors: Path) -> None:
    write_anchor(trail.office, LATER, anchors)
    first = anchors.read_bytes()
    write_anchor(trail.office, LATER, anchors)
    assert anchors.read_bytes() == first

    trail.acknowledge(trail.task(1, "B").id, LATER)
    write_anchor(trail.office, LATER, anchors)

    assert anchors.read_bytes().startswith(first)
    assert [json.loads(line)["seq"] for line in anchors.read_text().splitlines()][-1] == end_of(trail).seq


@pytest.mark.parametrize("torn", ['{"seq": 9', "", '{"seq": 9, "hash": "x", "at": "y"}'])
def test_a_line_that_a_crash_cut_short_counts_for_nothing(trail: Scene, anchors: Path, torn: str) -> None:
    written = write_anchor(trail.office, LATER, anchors)
    with anchors.open("a") as file:
        file.write(torn)
    assert read_anchor(anchors) == written

    trail.acknowledge(trail.task(1, "B").id, LATER)
    newest = write_anchor(trail.office, LATER, anchors)

    assert read_anchor(anchors) == newest
    assert newest.seq > written.seq


@pytest.mark.parametrize(
    "text", ["\n", "nonsense\n", "[]\n", '{"seq": 1}\n', '{"seq": "x", "hash": "", "at": ""}\n']
)
def test_a_damaged_anchor_file_is_refused(anchors: Path, text: str) -> None:
    anchors.write_text(text)

    with pytest.raises(InvalidInputError, match="damaged"):
        read_anchor(anchors)


Cut = Callable[[Scene], None]


def shorten(scene: Scene) -> None:
    unguard(scene)
    run(scene, delete(AUDIT).where(AUDIT.c.seq > end_of(scene).seq - 1))
    last = end_of(scene)
    run(scene, update(HEAD).values(seq=last.seq, hash=last.hash))


def rewrite(scene: Scene) -> None:
    run(scene, update(HEAD).values(hash="f" * 64))


@pytest.mark.parametrize("cut", [shorten, rewrite])
def test_no_anchor_is_set_to_a_trail_that_was_cut(trail: Scene, anchors: Path, cut: Cut) -> None:
    write_anchor(trail.office, LATER, anchors)
    before = anchors.read_bytes()
    cut(trail)

    with pytest.raises(RefusedError, match="it was cut"):
        write_anchor(trail.office, LATER, anchors)

    assert anchors.read_bytes() == before


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
