"""The list of unit tasks behind any number, its filter in the address, and the same rows as a file."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from domain.errors import InvalidInputError
from domain.unit_task import Role, State
from services.views.lights import Light
from services.views.unit_task_filter import STILL_OPEN, Did, Sort, UnitTaskFilter, WaitsFor
from services.views.unit_task_list import UnitTaskList, exported, unit_task_list
from web.exports import SheetForm, sheet_answer
from web.guard import GuardedRoute, me_of
from web.leader_sentences import LIGHTS
from web.moments import moment_of
from web.render import Page, almanac_for, render, speaker_of
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
PATH = "/unit-tasks"
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, kw_only=True)
class UnitTaskListPage(Page):
    """A page of the list."""

    template: ClassVar[str] = "unit_task_list.html"
    wanted: UnitTaskFilter
    found: UnitTaskList
    after: int

    states: ClassVar[tuple[str, ...]] = (STILL_OPEN, *State)
    lights: ClassVar[tuple[Light, ...]] = tuple(Light)
    sorts: ClassVar[tuple[Sort, ...]] = tuple(Sort)
    asked: ClassVar[tuple[WaitsFor, ...]] = tuple(WaitsFor)

    def address(self, path: str = PATH, **changed: Any) -> str:
        """The same list with some of its filter changed."""
        return address_of(replace(self.wanted, **changed), path)

    def beyond(self) -> str:
        """The page after this one."""
        here = address_of(self.wanted)
        return f"{here}{'&' if '?' in here else '?'}after={self.found.next}"


def address_of(wanted: UnitTaskFilter, path: str = PATH) -> str:
    """The address of a list: what differs from the whole list, in a fixed order."""
    whole = UnitTaskFilter()
    named = {
        field.name: int(value) if isinstance(value, bool) else value
        for field in fields(wanted)
        if (value := getattr(wanted, field.name)) != getattr(whole, field.name)
    }
    return f"{path}?{urlencode(named)}" if named else path


def filter_of(query: Mapping[str, str]) -> UnitTaskFilter:
    """The filter that an address names. Raises InvalidInputError for a value that is none."""
    state = query.get("state", "")
    return UnitTaskFilter(
        directive=_id(query, "directive"),
        item=_id(query, "item"),
        unit=_id(query, "unit"),
        running=query.get("running", "") not in ("", "0"),
        state=state if state in ("", STILL_OPEN) else _choice(query, "state", State) or "",
        light=_choice(query, "light", Light),
        asked=_choice(query, "asked", WaitsFor),
        did=_choice(query, "did", Did),
        week=1 if query.get("week") == "1" else 0,
        sort=_choice(query, "sort", Sort) or Sort.DUE,
    )


def _id(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise _wrong(name, text)
    return int(text)


def _choice(query: Mapping[str, str], name: str, kind: type[Choice]) -> Choice | None:
    text = query.get(name, "")
    if text and text not in set(kind):
        raise _wrong(name, text)
    return kind(text) if text else None


def _wrong(name: str, text: str) -> InvalidInputError:
    return InvalidInputError("A list has no %(field)s %(value)s.", field=name, value=text[:40])


@router.get("/unit-tasks", name="unit_tasks")
def unit_task_list_page(request: Request) -> Response:
    """The unit tasks that the address names, as far as this person sees them."""
    query, moment = request.query_params, moment_of(request)
    wanted, after = filter_of(query), _id(query, "after") or 0
    found = unit_task_list(site_of(request).office, me_of(request), wanted, moment, after)
    return render(request, UnitTaskListPage(wanted=wanted, found=found, after=after))


@router.get("/unit-tasks.{form}", name="export_unit_tasks")
def export_unit_tasks(request: Request, form: SheetForm) -> Response:
    """Exactly the tasks of the same address, as a file."""
    speaker, almanac, moment = speaker_of(request), almanac_for(request), moment_of(request)
    _ = speaker.gettext
    headers = [
        _("no."), _("directive"), _("number"), _("text"), _("period"), _("unit"), _("role"), _("state"), _("due"),
        _("light"), _("progress %"),
    ]  # fmt: skip
    found = exported(site_of(request).office, me_of(request), filter_of(request.query_params), moment)
    rows = (
        (
            row.id, row.directive, row.number, row.text, row.period, row.unit, speaker.word(Role(row.role)),
            speaker.word(State(row.state)), almanac.last_day(row.due), speaker.gettext(LIGHTS[row.light]), row.progress,
        )
        for row in found
    )  # fmt: skip
    return sheet_answer(_("Tasks"), headers, rows, form)
