"""What was wrong with a form, field by field: one sentence each, and the field it is about where there is one."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from domain.errors import DubanError, InvalidInputError
from locales.translator import Translator

Labels = Callable[[str], str]


@dataclass(frozen=True)
class Problem:
    """`field` is the name of the form's field, empty where the problem is of no single one."""

    sentence: str
    field: str = ""


def problems_of(speaker: Translator, error: DubanError | None, label: Labels) -> tuple[Problem, ...]:
    """The problems an error names, in the reader's language; `label` is what a field is called on its form."""
    if error is None:
        return ()
    found: tuple[DubanError, ...] = getattr(error, "problems", ()) or (error,)
    return tuple(_problem(speaker, one, label) for one in found)


def _problem(speaker: Translator, error: DubanError, label: Labels) -> Problem:
    field = str(error.fields.get("field", ""))
    if not field:
        return Problem(speaker.render(error))
    named = copy(error)
    named.fields = error.fields | {"field": label(field)}
    return Problem(speaker.render(named), field)


def as_input_error(error: ValidationError) -> InvalidInputError:
    """A refusal of what was typed that names its fields."""
    problems = tuple(_typed_wrong(one) for one in error.errors(include_url=False))
    if len(problems) == 1:
        return problems[0]
    return InvalidInputError("%(count)s fields need another look.", problems=problems, count=len(problems))


def _typed_wrong(one: Any) -> InvalidInputError:
    field, kind = str(one["loc"][0]) if one["loc"] else "", str(one["type"])
    if kind in ("missing", "string_too_short", "too_short"):
        return InvalidInputError("Fill in: %(field)s.", field=field)
    if kind.startswith("int_"):
        return InvalidInputError("%(field)s: a whole number is needed.", field=field)
    if kind.startswith("date_"):
        return InvalidInputError("%(field)s: a day is needed, as in 2026-03-31.", field=field)
    return _beyond(field, kind, one.get("ctx", {}))


def _beyond(field: str, kind: str, limits: dict[str, Any]) -> InvalidInputError:
    if kind == "string_too_long":
        most = limits["max_length"]
        return InvalidInputError("%(field)s: at most %(most)s characters.", field=field, most=most)
    if kind == "greater_than_equal":
        return InvalidInputError("%(field)s: at least %(limit)s.", field=field, limit=limits["ge"])
    if kind == "less_than_equal":
        return InvalidInputError("%(field)s: at most %(limit)s.", field=field, limit=limits["le"])
    return InvalidInputError("Check the field %(field)s.", field=field)
