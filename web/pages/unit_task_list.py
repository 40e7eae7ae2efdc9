"""The list of unit tasks behind any number, its filter in the address, and the same rows as a file."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from domain.errors import InvalidInputError
from domain.unit_task import Role, State
from services.sheets import Sheets
from services.views.lights import Light
from services.views.unit_task_list import (
    Did,
    Sort,
    UnitTaskFilter,
    UnitTaskList,
    WaitsFor,
    exported,
    unit_task_list,
)
from web.guard import GuardedRoute, me_of
from web.leader_sentences import LIGHTS
from web.moments import moment_of
from web.render import Page, almanac_for, render, speaker_of
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
PATH = "/unit-tasks"
OPEN = "open"
Choice = TypeVar("Choice", bound=StrEnum)
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, kw_only=True)
class UnitTaskListPage(Page):
    """A page of the list."""

    template: ClassVar[str] = "unit_task_list.html"
    wanted: UnitTaskFilter
    found: UnitTaskList
    after: int

    states: ClassVar[tuple[str, ...]] = (OPEN, *State)
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
        state=state if state in ("", OPEN) else _choice(query, "state", State) or "",
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


@router.get("/unit-tasks.csv", name="unit_tasks_csv")
def unit_tasks_csv(request: Request) -> Response:
    """Exactly these rows for a spreadsheet."""
    return _file(request, "csv")


@router.get("/unit-tasks.xlsx", name="unit_tasks_xlsx")
def unit_tasks_xlsx(request: Request) -> Response:
    """Exactly these rows as a spreadsheet."""
    return _file(request, "xlsx")


def _file(request: Request, kind: str) -> Response:
    folder = Path(tempfile.mkdtemp(prefix="duban-list-"))
    try:
        _write(request, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    name = f"unit-tasks-{almanac_for(request).today.isoformat()}.{kind}"
    clear = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(
        folder / f"unit-tasks.{kind}", media_type=MEDIA[kind], filename=name, background=clear
    )


def _write(request: Request, folder: Path) -> None:
    """The rows as both kinds of file."""
    speaker, almanac = speaker_of(request), almanac_for(request)
    gettext = speaker.gettext
    headers = [
        gettext("no."), gettext("directive"), gettext("number"), gettext("text"), gettext("period"), gettext("unit"),
        gettext("role"), gettext("state"), gettext("due"), gettext("light"), gettext("progress %"),
    ]  # fmt: skip
    rows = exported(
        site_of(request).office, me_of(request), filter_of(request.query_params), moment_of(request)
    )
    with Sheets(folder, "unit-tasks", headers) as sheets:
        for row in rows:
            sheets.add(
                (
                    row.id, row.directive, row.number, row.text, row.period, row.unit, speaker.word(Role(row.role)),
                    speaker.word(State(row.state)), almanac.last_day(row.due), gettext(LIGHTS[row.light]), row.progress,
                )
            )  # fmt: skip
