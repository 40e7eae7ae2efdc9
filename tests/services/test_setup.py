"""The first acts of a site: done once, all or nothing."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, select

from domain.errors import ConflictError, WrongStateError
from domain.organisation import OrganisationPlan, UnitPlan
from models.columns import table
from models.engine import AuditHead, CalendarDay, CalendarYear, Site
from models.organisation import Account, Unit, UnitAlias
from services.calendars import load_calendar
from services.setup import (
    ImportCalendar,
    ImportOrganisation,
    InitSite,
    import_calendar,
    import_organisation,
    init_site,
    prepare,
)
from store.sessions import reading
from tests.office import DIRECTOR, PUBLISHED, SMALL, Scene, both, refused, set_scene


def test_a_site_is_made_once(scene: Scene) -> None:
    (site,) = scene.rows(Site)
    assert (site.name, site.mark, site.time_zone, site.root_unit_id) == (
        "芸溪市", "芸", "Asia/Shanghai", scene.units["YX"],
    )  # fmt: skip
    with refused(scene, WrongStateError, "already has a site"):
        init_site(scene.office, DIRECTOR, PUBLISHED, InitSite(name="又一市", mark="又"))


def test_the_head_of_the_trail_is_made_once(scene: Scene) -> None:
    before = scene.rows(AuditHead)
    prepare(scene.office)

    assert scene.rows(AuditHead) == before


@both
def test_units_hang_where_the_plan_says_and_every_post_has_an_account(scene: Scene) -> None:
    units = {row.code: row for row in scene.rows(Unit)}
    root, district, street = units["YX"], units["C"], units["D"]
    assert street.path == f"/{root.id}/{district.id}/{street.id}/"
    assert (street.parent_id, street.level, root.parent_id) == (district.id, 3, None)

    logins = {row.login for row in scene.rows(Account)}
    assert {f"{role}@{code}" for role in ("unit_officer", "unit_head") for code in units} <= logins
    assert {login for login in logins if login.split("@")[0] in ("leader", "supervision_office", "administrator")} == {
        "leader@YX", "supervision_office@YX", "administrator@YX",
    }  # fmt: skip
    mails = {row.login: row.email for row in scene.rows(Account) if row.email}
    assert set(mails) == {f"unit_officer@{code}" for code in units}  # one telling, one letter box


def test_a_second_organisation_is_refused_as_a_whole(scene: Scene) -> None:
    plan = OrganisationPlan("又一市", (UnitPlan("1", "ZZ", "又一市", "prefecture_city", "", 1, 1),))

    with refused(scene, ConflictError, "already has its organisation"):
        import_organisation(scene.office, DIRECTOR, PUBLISHED, ImportOrganisation(plan=plan))


def test_aliases_are_kept(sqlite_engine: Engine) -> None:
    unit = replace(SMALL.units[0], aliases=("芸市", "芸溪市政府"))
    scene = set_scene(sqlite_engine, OrganisationPlan("芸溪市", (unit,)))

    assert [(row.unit_id, row.alias) for row in scene.rows(UnitAlias)] == [
        (scene.units["YX"], "芸市"), (scene.units["YX"], "芸溪市政府"),
    ]  # fmt: skip


@both
def test_a_later_notice_replaces_the_days_it_names(scene: Scene) -> None:
    wednesday, holiday = date(2026, 3, 4), date(2026, 4, 6)
    days = scene.count(CalendarDay)
    request = ImportCalendar(days={wednesday: True, holiday: False}, certain_years=(2026,))
    import_calendar(scene.office, DIRECTOR, PUBLISHED, request)

    with reading(scene.engine) as session:
        calendar = load_calendar(session)
    assert not calendar.is_working_day(wednesday)
    assert calendar.is_working_day(holiday)
    assert calendar.certain_until == date(2026, 12, 31)
    assert scene.count(CalendarDay) == days + 1


def test_a_year_without_a_notice_is_provisional(scene: Scene) -> None:
    import_calendar(scene.office, DIRECTOR, PUBLISHED, ImportCalendar(days={date(2027, 1, 1): True}))

    years = {row.year: row.certain for row in scene.rows(CalendarYear)}
    assert years == {2025: True, 2026: True, 2027: False}
    with reading(scene.engine) as session:
        assert not load_calendar(session).is_certain(date(2027, 1, 4))
        known = session.connection().execute(
            select(table(CalendarDay).c.day).order_by(table(CalendarDay).c.day)
        )
        assert date(2027, 1, 1) in known.scalars().all()


@pytest.mark.parametrize("mark", ["", "x" * 11])
def test_a_mark_that_fits_no_document_number_is_refused(mark: str) -> None:
    with pytest.raises(ValueError, match="mark"):
        InitSite(name="芸溪市", mark=mark)
