"""The counts of circulars, reports and bulletins agree with the rows and with the pure rules."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from domain.ladder import is_overdue as purely_overdue
from models.columns import table
from models.engine import Bulletin
from models.paper import Letter
from models.unit_task import UnitTask
from services.bulletins import WriteBulletin, write_bulletin
from services.figures import is_overdue
from services.rows import clocks_of
from store.sessions import reading
from tests.domain.samples import local
from tests.office import BEGINS, COOPERATING, DIRECTOR, HANDLING, LEAD, Scene, both

NOW = BEGINS + timedelta(hours=1)


def busy(scene: Scene) -> None:
    """Tasks in every state a unit can be in."""
    item = scene.begin(
        scene.item(("A", LEAD), ("B", COOPERATING)),
        scene.item(*((code, HANDLING) for code in ("YX", "A", "B", "C", "D"))),
    ).items[1]
    tasks = {code: row.id for code, row in scene.tasks(item).items()}
    scene.acknowledge(tasks["A"], NOW)
    scene.ask_extension(tasks["A"], NOW, date(2026, 4, 15))
    scene.submit(tasks["B"], NOW)
    scene.decline(tasks["C"], NOW)
    scene.close(tasks["D"], NOW)


@both
@pytest.mark.parametrize("day", [date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 31), date(2026, 4, 1)])
def test_overdue_in_sql_is_overdue_by_the_rule(scene: Scene, day: date) -> None:
    busy(scene)
    now = local(day, 0)
    with reading(scene.engine) as session:
        found = set(
            session.connection().execute(select(table(UnitTask).c.id).where(is_overdue(now))).scalars()
        )

    assert found == {row.id for row in scene.rows(UnitTask) if purely_overdue(clocks_of(row), now)}
    assert bool(found) is (day > date(2026, 3, 5))


def test_a_bulletin_is_counted_once_for_its_period(scene: Scene) -> None:
    busy(scene)
    request = WriteBulletin(kind="morning_digest", period="2026-03-02")
    for hours in (0, 5):
        write_bulletin(scene.office, DIRECTOR, NOW + timedelta(hours=hours), request)

    (bulletin,) = scene.rows(Bulletin)
    assert bulletin.at == NOW
    assert bulletin.figures == {
        "open": 6, "overdue": 0, "to_review": 1, "disputes": 1, "accepted": 1, "letters_to_sign": 0,
        "extensions_to_decide": 1,
    }  # fmt: skip
    assert scene.actions().count("write_bulletin") == 1


@both
def test_the_closing_report_counts_what_happened(scene: Scene) -> None:
    item = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING))).items[0]
    first, second = scene.task(item, "A").id, scene.task(item, "B").id
    scene.submit(first, NOW)
    scene.review(first, NOW, accept=False)
    scene.acknowledge(second, NOW)
    scene.decide_extension(scene.ask_extension(second, NOW, date(2026, 4, 15)), NOW, date(2026, 4, 15))
    for task in (first, second):
        scene.close(task, NOW + timedelta(hours=1))
    scene.live(NOW + timedelta(hours=1))

    (report,) = scene.rows(Letter, table(Letter).c.kind == "closing_report")
    body = " ".join(report.content["paragraphs"])
    for words in ("共1项任务", "分解为2件单位任务", "办结2件", "准予延期1次", "退回重办1次"):
        assert words in body
