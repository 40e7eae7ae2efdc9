"""Sums of lights are slow counts of the rows, for every reader, on both databases."""

from collections import Counter
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.columns import table
from models.directive import Directive, Item
from models.organisation import Account, AccountRole, Unit
from models.unit_task import UnitTask
from services.sign_in import SignedIn
from services.views.counts import (
    by_directive,
    by_item,
    ranked_items,
    ranked_units,
    sight_of,
    sums_of,
    with_sums,
)
from services.views.heat_map import heat_map
from services.views.lights import Light, Lights, has_light, light_of, lights_of, moment_at
from services.views.unit_task_filter import UnitTaskFilter
from services.views.unit_task_list import unit_task_list
from store.sessions import reading
from tests.domain.samples import SHANGHAI, local
from tests.office import Scene, both
from tests.web import played as slowly
from tests.web.played import BELOW, NOW, play, seen_by, soon_until


def reader(scene: Scene, code: str) -> SignedIn:
    """Somebody of that unit: the leader at the root, an officer below."""
    login = "leader@YX" if code == "YX" else f"unit_officer@{code}"
    (account,) = scene.rows(Account, table(Account).c.login == login)
    (unit,) = scene.rows(Unit, table(Unit).c.code == code)
    actor = scene.people[login]
    return SignedIn(actor, login, AccountRole(account.role), unit.name, unit.path, "", "", 0)


def counted(lights: Lights) -> Counter[str]:
    return Counter({name: count for name, count in asdict(lights).items() if count})


@both
def test_every_sum_is_a_slow_count_of_what_the_reader_sees(scene: Scene) -> None:
    play(scene)
    moment = moment_at(NOW, scene.frame.calendar, SHANGHAI)
    directives = [row.id for row in scene.rows(Directive)]
    items = [row.id for row in scene.rows(Item)]
    for code in BELOW:
        me, mine = reader(scene, code), seen_by(scene, code)
        with reading(scene.engine) as session:
            connection = session.connection()
            sight = sight_of(connection, me)
            assert sight.everything is (code == "YX")
            of_directive = by_directive(connection, sight, moment, directives)
            of_item: dict[int, Any] = {}
            for n in directives:
                of_item |= by_item(
                    connection, sight, connection.execute(ranked_items(sight, moment, n)).all()
                )
            of_unit = {row.key: lights_of(row) for row in connection.execute(ranked_units(sight, moment, 1))}
            summed = sums_of(connection.execute(with_sums(ranked_units(sight, moment, 1)).limit(1)).all())
            ranked = connection.execute(ranked_items(sight, moment, 1)).all()
        for n in directives:
            own = [row for row in mine if row.directive_id == n]
            assert counted(of_directive.get(n, Lights())) == slowly.lights(scene, own)
        for n in items:
            own = [row for row in mine if row.item_id == n]
            assert counted(of_item.get(n, Lights())) == slowly.lights(scene, own)
        first = [row for row in mine if row.directive_id == 1]
        assert counted(summed) == slowly.lights(scene, first)
        assert set(of_unit) == {row.unit_id for row in first}
        for unit, lights in of_unit.items():
            assert counted(lights) == slowly.lights(scene, [row for row in first if row.unit_id == unit])
        late = [row.overdue for row in ranked]
        assert late == sorted(late, reverse=True)


@both
def test_a_list_goes_on_where_its_page_ended(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.views.unit_task_list.A_PAGE", 4)
    play(scene)
    moment, me = moment_at(NOW, scene.frame.calendar, SHANGHAI), reader(scene, "YX")
    for wanted in (
        UnitTaskFilter(),
        UnitTaskFilter(light=Light.OVERDUE),
        UnitTaskFilter(directive=1, state="open"),
    ):
        found: list[int] = []
        after: int | None = 0
        while after is not None:
            page = unit_task_list(scene.office, me, wanted, moment, after)
            found += [row.id for row in page.rows]
            after = page.next
        assert len(found) == len(set(found)) == page.count > 4


@both
def test_a_heat_map_shows_the_worst_open_round(scene: Scene) -> None:
    play(scene)
    later = local(date(2026, 6, 3), 9)
    scene.live_until(later)
    moment, me = moment_at(later, scene.frame.calendar, SHANGHAI), reader(scene, "YX")
    tasks = {row.id: row for row in scene.rows(UnitTask)}
    shown = heat_map(scene.office, me, 1, moment)
    worst = list(Light)

    for row in shown.rows:
        for item, cell in zip(shown.items, row.cells, strict=True):
            own = [t for t in tasks.values() if (t.unit_id, t.item_id) == (row.unit.id, item.id)]
            if not own:
                assert cell is None
                continue
            assert cell is not None
            still_open = [t for t in own if t.state not in ("accepted", "withdrawn")]
            lights = [slowly.light_of(scene, t, later) for t in still_open or own[-1:]]
            assert cell.light == min(lights, key=lambda light: worst.index(Light(light)))
            assert slowly.light_of(scene, tasks[cell.unit_task_id], later) == cell.light
    assert max(Counter((t.unit_id, t.item_id) for t in tasks.values()).values()) > 2


@both
def test_the_light_in_sql_is_the_light_of_the_row(scene: Scene) -> None:
    play(scene)
    task = table(UnitTask)
    for now in (NOW, NOW + timedelta(days=3), NOW + timedelta(days=30)):
        moment = moment_at(now, scene.frame.calendar, SHANGHAI)
        with reading(scene.engine) as session:
            found = {
                light: set(
                    session.connection().execute(select(task.c.id).where(has_light(light, moment))).scalars()
                )
                for light in Light
            }
        for row in scene.rows(UnitTask):
            light = light_of(row.state, row.late_from, moment)
            assert [one for one in Light if row.id in found[one]] == [light]
            assert slowly.light_of(scene, row, now) == light


@pytest.mark.parametrize("day", [date(2026, 3, 18), date(2026, 4, 3), date(2026, 4, 30), date(2026, 9, 30)])
def test_soon_ends_before_the_sixth_working_day(scene: Scene, day: date) -> None:
    moment = moment_at(local(day, 11), scene.frame.calendar, SHANGHAI)

    assert moment.soon_until == soon_until(scene, day)
    assert (
        scene.frame.calendar.working_days_between(
            day, (moment.soon_until.astimezone(SHANGHAI) - timedelta(1)).date()
        )
        == 5
    )
