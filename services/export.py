"""All unit tasks and all letters of a site as tables for a spreadsheet."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from domain.instants import last_day
from domain.numbers import LetterKind
from domain.unit_task import Role, State
from locales.translator import Translator, translator
from models.columns import table
from models.directive import Directive, Item
from models.organisation import Unit
from models.paper import Letter, LetterState
from models.unit_task import UnitTask
from services.figures import is_overdue
from services.office import Office
from services.reading_lists import text_of
from services.sheets import Sheets
from store.sessions import reading

_DIRECTIVE, _ITEM, _UNIT, _TASK, _LETTER = (
    table(Directive),
    table(Item),
    table(Unit),
    table(UnitTask),
    table(Letter),
)
AT_ONCE = 1000
"""Rows fetched at a time: a site of any size is exported in the same memory."""


def export(office: Office, folder: Path, now: datetime, language: str) -> dict[str, int]:
    """Write `unit_tasks` and `letters` as CSV and XLSX into `folder`; how many rows each has. One moment of the rows."""
    folder.mkdir(parents=True, exist_ok=True)
    speaker = translator(language)
    with reading(office.engine) as session:
        connection = session.connection(execution_options={"yield_per": AT_ONCE})
        with Sheets(folder, "unit_tasks", _task_headers(speaker)) as sheets:
            tasks = 0
            for row in connection.execute(_tasks(now)):
                sheets.add(_task(row, speaker, office.tz))
                tasks += 1
        with Sheets(folder, "letters", _letter_headers(speaker)) as sheets:
            letters = 0
            for row in connection.execute(_letters()):
                sheets.add(_letter(row, speaker, office.tz))
                letters += 1
    return {"unit_tasks": tasks, "letters": letters}


def write_letters(office: Office, folder: Path) -> int:
    """Write each issued letter as a text file named after its document number; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    issued = (
        select(_LETTER, _UNIT.c.name.label("issuer"))
        .join(_UNIT, _UNIT.c.id == _LETTER.c.issuer_id)
        .where(_LETTER.c.state == LetterState.ISSUED)
        .order_by(_LETTER.c.id)
    )
    count = 0
    with reading(office.engine) as session:
        for row in session.connection(execution_options={"yield_per": AT_ONCE}).execute(issued):
            name = f"{row.id:05d} {row.document_number}.txt".replace("/", "-")
            (folder / name).write_text(text_of(row), encoding="utf-8")
            count += 1
    return count


def _tasks(now: datetime) -> Any:
    return (
        select(
            _TASK,
            _DIRECTIVE.c.title,
            _ITEM.c.position,
            _ITEM.c.number,
            _ITEM.c.text,
            _UNIT.c.code,
            _UNIT.c.name,
            is_overdue(now).label("overdue"),
        )
        .join(_ITEM, _ITEM.c.id == _TASK.c.item_id)
        .join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id)
        .join(_UNIT, _UNIT.c.id == _TASK.c.unit_id)
        .order_by(_TASK.c.id)
    )


def _task_headers(speaker: Translator) -> list[str]:
    gettext = speaker.gettext
    return [
        gettext("no."),
        gettext("directive"),
        gettext("item"),
        gettext("number"),
        gettext("text"),
        gettext("period"),
        gettext("code"),
        gettext("unit"),
        gettext("role"),
        gettext("state"),
        gettext("progress %"),
        gettext("assigned"),
        gettext("acknowledged"),
        gettext("due"),
        gettext("first due"),
        gettext("submitted"),
        gettext("closed"),
        gettext("times returned"),
        gettext("times extended"),
        gettext("overdue"),
    ]


def _task(row: Row[Any], speaker: Translator, tz: ZoneInfo) -> list[Any]:
    return [
        row.id,
        row.title,
        row.position,
        row.number,
        row.text,
        row.period,
        row.code,
        row.name,
        speaker.word(Role(row.role)),
        speaker.word(State(row.state)),
        row.progress,
        _local(row.assigned_at, tz),
        _local(row.acknowledged_at, tz),
        last_day(row.deadline, tz),
        last_day(row.original_deadline, tz),
        _local(row.submitted_at, tz),
        _local(row.closed_at, tz),
        row.returned_times,
        row.extended_times,
        speaker.gettext("yes") if row.overdue else speaker.gettext("no"),
    ]


def _letters() -> Any:
    return (
        select(_LETTER, _UNIT.c.name, _DIRECTIVE.c.title.label("directive"))
        .join(_UNIT, _UNIT.c.id == _LETTER.c.issuer_id)
        .join(_DIRECTIVE, _DIRECTIVE.c.id == _LETTER.c.directive_id)
        .order_by(_LETTER.c.id)
    )


def _letter_headers(speaker: Translator) -> list[str]:
    gettext = speaker.gettext
    return [
        gettext("no."),
        gettext("document number"),
        gettext("kind"),
        gettext("title"),
        gettext("directive"),
        gettext("issuer"),
        gettext("state"),
        gettext("addressees"),
        gettext("content"),
        gettext("drafted"),
        gettext("signed"),
        gettext("issued"),
    ]


def _letter(row: Row[Any], speaker: Translator, tz: ZoneInfo) -> list[Any]:
    return [
        row.id,
        row.document_number,
        speaker.word(LetterKind(row.kind)),
        row.title,
        row.directive,
        row.name,
        speaker.word(LetterState(row.state)),
        "\n".join(row.content["addressees"]),
        "\n".join((*row.content["paragraphs"], *row.content["demands"])),
        _local(row.drafted_at, tz),
        _local(row.signed_at, tz),
        _local(row.issued_at, tz),
    ]


def _local(instant: datetime | None, tz: ZoneInfo) -> str:
    """Local date and minute; empty for what has not happened."""
    return instant.astimezone(tz).strftime("%Y-%m-%d %H:%M") if instant else ""
