"""Refusals carry the sentence that is translated, apart from what fills its places."""

import pickle

import pytest

from domain import errors
from domain.errors import DubanError, InvalidInputError

KINDS = [
    errors.InvalidInputError,
    errors.NotFoundError,
    errors.NotAllowedError,
    errors.WrongStateError,
    errors.ConflictError,
    errors.RefusedError,
]


def test_a_refusal_reads_as_a_sentence_and_keeps_the_sentence_to_translate() -> None:
    error = DubanError("Unit %(unit)s is 100%% late.", unit="教育局")

    assert str(error) == "Unit 教育局 is 100% late."
    assert error.message == "Unit %(unit)s is 100%% late."
    assert error.fields == {"unit": "教育局"}


def test_what_fills_a_place_is_never_read_as_a_place() -> None:
    assert str(DubanError("%(name)s is unknown.", name="%(message)s 50%")) == "%(message)s 50% is unknown."


def test_a_sentence_without_places_is_taken_as_it_is() -> None:
    assert str(DubanError("At least 50% must agree.")) == "At least 50% must agree."


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_can_be_caught_as_one_and_answers_2_on_the_command_line(kind: type[DubanError]) -> None:
    with pytest.raises(DubanError) as caught:
        raise kind("No %(what)s.", what="way")

    assert caught.value.exit_code == 2
    assert str(caught.value) == "No way."


def test_invalid_input_lists_its_problems() -> None:
    problems = (DubanError("one"), DubanError("two"))

    assert InvalidInputError("%(count)s problems.", problems=problems, count=2).problems == problems
    assert InvalidInputError("One problem.").problems == ()


def test_a_refusal_keeps_its_sentence_on_the_way_to_another_process() -> None:
    there = pickle.loads(pickle.dumps(InvalidInputError("No %(what)s.", what="50% less")))

    assert (str(there), there.message, there.fields) == ("No 50% less.", "No %(what)s.", {"what": "50% less"})
