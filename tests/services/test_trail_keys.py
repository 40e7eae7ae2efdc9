"""The keys of the trail, changed by a row that the old one signed, and its end, written down outside."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from domain.audit import START, KeyRing
from domain.errors import InvalidInputError, NotFoundError, RefusedError, WrongStateError
from models.engine import Audit
from services.office import Office
from services.trail import (
    AnnounceKey,
    announce_key,
    read_anchor,
    rotate_key,
    verify_trail,
    write_anchor,
)
from store.keys import load_key_ring, make_key_file
from tests.office import Scene, both, refused
from tests.services.trails import AUDIT, HEAD, KEEPER, LATER, end_of, run, unguard


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
