"""Everything the project says has a Chinese translation, and nothing is translated that nobody says."""

import ast
import re

from locales.messages import (
    CATALOGUE,
    Said,
    error_classes,
    read_catalogue,
    said,
    updated,
)

PLACE = re.compile(r"%\((\w+)\)[sdr]|%%|%")


def test_every_sentence_is_a_literal_that_can_be_found() -> None:
    hidden = [f"{one.path}:{one.line}" for one in said() if one.text is None]

    assert hidden == [], "write the sentence itself as the first argument"


def test_everything_said_is_translated() -> None:
    catalogue = read_catalogue()
    missing = set()
    for one in (one for one in said() if one.text is not None):
        known = catalogue.get(str(one.text), one.context)
        if known is None or not known.string or known.fuzzy:
            missing.add(f"{one.path}: {one.context or ''} {one.text}")

    assert sorted(missing) == [], "run `make translations` and fill in what is empty"


def test_nothing_is_translated_that_nobody_says() -> None:
    spoken = {(one.text, one.context) for one in said()}
    unused = [one.id for one in read_catalogue() if one.id and (one.id, one.context) not in spoken]

    assert unused == [], "run `make translations`"


def test_a_translation_has_the_places_of_its_sentence() -> None:
    differing = [
        one.id
        for one in read_catalogue()
        if one.string and sorted(PLACE.findall(str(one.id))) != sorted(PLACE.findall(str(one.string)))
    ]

    assert differing == []


def test_sentences_of_errors_of_words_and_of_settings_are_found() -> None:
    found = {(one.text, one.context) for one in said()}

    assert ("%(variable)s must be HOST:PORT.", None) in found
    assert ("assigned", "State") in found


def test_a_class_below_an_error_of_ours_speaks_too_and_a_stranger_does_not() -> None:
    module = ast.parse(
        "class LateError(errors.RefusedError): ...\n"
        "class RefusedError(DubanError): ...\n"
        "class StrangeError(ValueError): ...\n"
    )

    assert error_classes({"a.py": module}) == {"DubanError", "RefusedError", "LateError"}


def test_bringing_into_step_adds_keeps_and_takes_out() -> None:
    before = updated(read_catalogue(), [Said("Kept.", "a.py", 1), Said("Gone.", "a.py", 2)])
    kept = before.get("Kept.")
    assert kept is not None
    kept.string = "留。"

    after = updated(
        before, [Said("Kept.", "b.py", 9), Said("open", "b.py", 3, "State"), Said(None, "b.py", 4)]
    )

    assert [(one.id, one.context, one.string) for one in after if one.id] == [
        ("Kept.", None, "留。"),
        ("open", "State", ""),
    ]


def test_the_catalogue_is_committed_as_text_alone() -> None:
    assert [path.name for path in CATALOGUE.parent.iterdir() if path.suffix != ".po"] == []
