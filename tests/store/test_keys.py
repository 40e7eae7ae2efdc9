import json
import os
import stat
from pathlib import Path

import pytest

from domain.errors import ConflictError, DubanError, InvalidInputError, NotFoundError, RefusedError
from store.keys import add_key, load_key_ring, make_key_file, use_key


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "audit.json"


def test_a_new_key_file_is_for_its_owner_alone_whatever_the_umask(file: Path) -> None:
    before = os.umask(0)
    try:
        make_key_file(file)
    finally:
        os.umask(before)

    assert (mode(file.parent), mode(file)) == (0o700, 0o600)


def test_what_was_made_is_what_is_loaded(file: Path) -> None:
    made = make_key_file(file)

    assert load_key_ring(file) == made
    assert len(made.keys[made.current]) == 32
    assert set(json.loads(file.read_text())) == {"current", "keys"}


def test_two_key_files_share_neither_key_nor_id(file: Path, tmp_path: Path) -> None:
    one, other = make_key_file(file), make_key_file(tmp_path / "other.json")

    assert one.current != other.current
    assert set(one.keys.values()).isdisjoint(other.keys.values())


def test_a_key_file_is_never_written_over(file: Path) -> None:
    make_key_file(file)
    before = file.read_bytes()

    with pytest.raises(ConflictError, match=r"already: .*audit\.json"):
        make_key_file(file)

    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("rights", [0o640, 0o604, 0o660, 0o602, 0o601])
def test_a_key_file_open_to_others_is_refused(file: Path, rights: int) -> None:
    make_key_file(file)
    file.chmod(rights)

    with pytest.raises(RefusedError, match=f"mode {rights:o}"):
        load_key_ring(file)
    with pytest.raises(RefusedError):
        add_key(file)


def test_a_missing_key_file_is_named(file: Path) -> None:
    with pytest.raises(NotFoundError, match=r"audit\.json"):
        load_key_ring(file)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "\xff",
        '{"current": "a"}',
        '{"current": "a", "keys": []}',
        '{"current": "a", "keys": {}}',
        '{"current": ["a"], "keys": {}}',
        '{"current": "a", "keys": {"a": "no hex"}}',
        '{"current": "a", "keys": {"a": "00ff"}}',
        '{"current": "a", "keys": {"a": 5}}',
        '{"current": "b", "keys": {"a": "%s"}}' % ("00" * 32),
    ],
)
def test_a_damaged_key_file_is_refused(file: Path, text: str) -> None:
    make_key_file(file)
    file.write_text(text, encoding="latin-1")

    with pytest.raises(InvalidInputError, match="damaged"):
        load_key_ring(file)


def test_a_key_that_is_added_is_not_used_before_it_is_said(file: Path) -> None:
    first = make_key_file(file)
    new = add_key(file)
    ring = load_key_ring(file)

    assert ring.current == first.current
    assert ring.keys[first.current] == first.keys[first.current]
    assert set(ring.keys) == {first.current, new}

    assert use_key(file, new).current == new
    assert load_key_ring(file).keys == ring.keys
    assert mode(file) == 0o600


def test_a_key_nobody_made_cannot_be_used(file: Path) -> None:
    ring = make_key_file(file)

    with pytest.raises(NotFoundError, match="no key k9"):
        use_key(file, "k9")

    assert load_key_ring(file) == ring


def test_a_file_that_cannot_be_written_leaves_the_old_one(file: Path) -> None:
    ring = make_key_file(file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", _full)
        with pytest.raises(OSError, match="full"):
            add_key(file)

    assert load_key_ring(file) == ring
    assert list(file.parent.iterdir()) == [file]


def _full(_: int) -> None:
    raise OSError(28, "the disk is full")


def test_every_refusal_is_a_sentence_for_people(file: Path) -> None:
    with pytest.raises(DubanError) as caught:
        load_key_ring(file)

    assert str(caught.value).endswith(".")
