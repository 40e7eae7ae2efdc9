"""Setting the stage: a fresh database, the organisation, the calendar, the directive, published."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path

from domain.errors import InvalidInputError, RefusedError
from domain.instants import at
from domain.ladder import CivilFrame
from domain.matching import UnitName
from domain.organisation import OrganisationPlan, UnitPlan
from domain.reading.document import read_document
from domain.reading.model import Reading
from domain.workdays import Calendar
from intake.calendar import provisional_year, read_calendar
from intake.document import read_file
from intake.organisation import read_organisation
from models.organisation import AccountRole
from play.assumptions import Assumed, make_ready
from services import directives, drafting
from services.calendars import load_calendar
from services.office import Actor, Office
from services.setup import (
    ImportCalendar,
    ImportOrganisation,
    InitSite,
    import_calendar,
    import_organisation,
    init_site,
    prepare,
)
from services.watch import actors
from store.sessions import reading

SAMPLES = Path(__file__).parent.parent / "samples"
DIRECTOR = Actor(name="engine:play")
PLAY_DOMAIN = "office.example"


@dataclass(frozen=True)
class Script:
    """What is played: document, organisation, seed and year."""

    document: Path = SAMPLES / "document.txt"
    organisation: Path = SAMPLES / "town.json"
    tree: str | None = None
    create_units: bool = False
    seed: int = 1
    year: int = 2026


@dataclass(frozen=True)
class Set:
    """A stage that is set: the directive is drafted and can be published at `opens_at`."""

    frame: CivilFrame
    directive_id: int
    items: int
    units: int
    opens_at: datetime
    last_day: datetime
    assumed: Assumed
    leader: Actor


def read_script(script: Script) -> tuple[Reading, str, str, OrganisationPlan]:
    """Read the files of a script. Raises before anything is written: no tasks in it, classified, unreadable."""
    source = read_file(script.document)
    read = read_document(source.paragraphs)
    if not read.items:
        raise InvalidInputError("%(file)s holds no tasks: nothing was written.", file=script.document.name)
    if read.secrecy_mark:
        raise RefusedError(
            "The paper is marked %(mark)s. Duban keeps no classified papers: handle it on the system cleared for it.",
            mark=read.secrecy_mark,
        )
    plan = read_organisation(script.organisation, script.tree)
    text = "\n".join(paragraph.text for paragraph in source.paragraphs)
    return read, text, source.sha256, plan


def set_stage(office: Office, script: Script) -> Set:
    """Write site, units, calendars and the draft."""
    read, text, sha256, plan = read_script(script)
    begins = datetime(script.year, 1, 1, tzinfo=office.tz)
    prepare(office)
    init_site(office, DIRECTOR, begins, InitSite(name=plan.name, mark=plan.name[:1] or "督", is_play=True))
    days, certain = _calendar_days(script.year)
    import_calendar(office, DIRECTOR, begins, ImportCalendar(days=days, certain_years=certain))
    with reading(office.engine) as session:
        calendar = load_calendar(session)
    if script.create_units:
        plan = with_missing_units(plan, read, calendar, script.year)
    import_organisation(office, DIRECTOR, begins, ImportOrganisation(plan=with_addresses(plan)))
    frame = CivilFrame(calendar, office.tz)
    published = calendar.on_or_after(date(script.year, 1, 1))
    with reading(office.engine) as session:
        units = drafting.unit_names(session)
    leader = next(actor for actor in actors(office) if actor.role == AccountRole.LEADER)
    root = units[0]
    horizon = date(script.year, 12, 31)
    draft = drafting.draft_of(
        read, text, sha256, units, drafting.Frame(root.id, published, horizon, calendar)
    )
    assumed = make_ready(draft, _office_of(root, units), published, calendar.on_or_before(horizon))
    opens_at = at(published, time(10, 0), office.tz)
    answer = directives.draft_directive(office, leader, opens_at, assumed.draft)
    last = at(date(script.year + 1, 3, 31), time(23, 59), office.tz)
    return Set(frame, answer["directive_id"], answer["items"], len(units), opens_at, last, assumed, leader)


def _office_of(root: UnitName, units: tuple[UnitName, ...]) -> int:
    """The root's office (办公室), or the root itself where it has none."""
    children = [u for u in units if u.parent_id == root.id]
    return next((u.id for u in children if "办公室" in u.name or "office" in u.name.lower()), root.id)


def _calendar_days(year: int) -> tuple[dict[date, bool], tuple[int, ...]]:
    """The days of the play's year and the next: by the notice where it is out, else provisional."""
    days: dict[date, bool] = {}
    certain = []
    for one in (year, year + 1):
        file = SAMPLES / "calendars" / f"cn-{one}.json"
        if file.exists():
            days |= read_calendar(file).days
            certain.append(one)
        else:
            days |= provisional_year(one)
    return days, tuple(certain)


def with_addresses(plan: OrganisationPlan) -> OrganisationPlan:
    """Every unit with an address, made up under a reserved domain where the file names none: the play's mail
    goes to its own sink, and a unit without an address would hide what the mailer does.
    """
    units = tuple(
        unit if unit.email else replace(unit, email=f"unit-{unit.code}@{PLAY_DOMAIN}") for unit in plan.units
    )
    return replace(plan, units=units)


def with_missing_units(
    plan: OrganisationPlan, read: Reading, calendar: Calendar, year: int
) -> OrganisationPlan:
    """The organisation with a unit under its root for every name of the document that nobody goes by."""
    ids = {unit.code: number for number, unit in enumerate(plan.units, 1)}
    names = tuple(
        UnitName(
            id=ids[u.code],
            name=u.name,
            aliases=u.aliases,
            kind=u.kind,
            parent_id=ids.get(u.parent_code),
            level=u.level,
        )
        for u in plan.units
    )
    published = calendar.on_or_after(date(year, 1, 1))
    frame = drafting.Frame(1, published, date(year, 12, 31), calendar)
    draft = drafting.draft_of(read, "", "", names, frame)
    missing = dict.fromkeys(
        u["name"] for item in draft.items for u in item.unmatched if u["reason"] != "collective"
    )
    root = plan.units[0]
    added = tuple(
        UnitPlan(
            row="document",
            code=f"{root.code}.N{number:03d}",
            name=name[:120],
            kind="department",
            parent_code=root.code,
            level=2,
            position=900 + number,
        )
        for number, name in enumerate(missing, 1)
    )
    return OrganisationPlan(plan.name, plan.units + added, plan.ignored)
