"""What happens to an office, told once: the tests look at its rows, the recorded histories at its runs.

Each story plays on a running office and answers the id of the workflow it is about.
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any

from domain.ladder import STANDARD, Ladder
from domain.policy import ladder_to_json
from models.columns import table
from models.rectification import Rectification
from models.unit_task import UnitTask
from services import directives, rectifications
from services.directives import OnDirective, WithReason
from services.rectifications import ReplyRectification, SubmitRectification, VerifyRectification
from tests.domain.samples import local
from tests.office import BEGINS, HANDLING, Published
from tests.temporal import Live

Story = Callable[[Live], Awaitable[str]]

LETTERS_ALONE: dict[str, Any] = {
    "standard": ladder_to_json(
        Ladder(
            tuple(
                rung
                for rung in STANDARD.rungs
                if rung.name in {"due_in_three", "reminder_letter", "supervision_letter"}
            )
        )
    )
}
"""A short ladder, so that a recorded history stays short."""


def on(month: int, day: int, hour: int = 10, year: int = 2026) -> datetime:
    """That hour of that day at the site."""
    return local(date(year, month, day), hour)


async def item_with_letters(live: Live) -> str:
    """One unit is silent until the supervision letter, then hands in and is accepted."""
    scene = live.scene
    item = scene.publish(scene.item(("A", HANDLING)), policy=LETTERS_ALONE).items[0]
    await live.until(on(4, 16))
    scene.sign_all(live.clock())
    await live.until(on(4, 20))
    scene.close(scene.task(item, "A").id, live.clock())
    await live.settle()
    return f"item/{item}"


MONTHLY_HORIZON = date(2027, 2, 28)
OPENINGS = [
    BEGINS,
    on(4, 1, 9),
    on(5, 6, 9),
    on(6, 1, 9),
    on(7, 1, 9),
    on(8, 3, 9),
    on(9, 1, 9),
    on(10, 8, 9),
    on(11, 2, 9),
    on(12, 1, 9),
    on(1, 1, 9, year=2027),
    on(2, 1, 9, year=2027),
]
"""The first working day after each month's end, by hand; of 2027 no notice is out, so 1 January counts as one."""


async def item_monthly(live: Live) -> str:
    """Twelve rounds, each handed in two days after it was handed out."""
    item = await publish_monthly(live)
    for opens in OPENINGS:
        await live.until(opens + timedelta(days=2))
        await close_open_tasks(live, item)
    return f"item/{item}"


async def publish_monthly(live: Live) -> int:
    scene = live.scene
    return scene.publish(scene.monthly(("A", HANDLING)), horizon=MONTHLY_HORIZON).items[0]


async def close_open_tasks(live: Live, item: int) -> None:
    """The units hand in whatever is open of an item, and it is accepted."""
    mine = (table(UnitTask).c.item_id == item, table(UnitTask).c.state.in_(("assigned", "acknowledged")))
    for task in live.scene.rows(UnitTask, *mine):
        live.scene.close(task.id, live.clock())
    await live.settle()


async def item_withdrawn(live: Live) -> str:
    """Withdrawn while a unit is at work."""
    published = live.scene.publish(live.scene.item(("A", HANDLING)))
    await live.until(on(3, 9))
    await withdraw(live, published)
    return f"item/{published.items[0]}"


async def withdraw(live: Live, published: Published) -> None:
    request = WithReason(directive_id=published.id, reason="事项已并入另一文件。")
    directives.withdraw(live.scene.office, live.scene.leader, live.clock(), request)
    await live.settle()


async def item_suspended(live: Live) -> str:
    """Suspended for twenty working days, resumed, and handed in."""
    scene = live.scene
    published = scene.publish(scene.item(("A", HANDLING)), policy=LETTERS_ALONE)
    await live.until(on(3, 9))
    await suspend(live, published)
    await live.until(on(4, 7))
    await resume(live, published)
    await live.until(on(4, 27))
    scene.close(scene.task(published.items[0], "A").id, live.clock())
    await live.settle()
    return f"item/{published.items[0]}"


async def suspend(live: Live, published: Published) -> None:
    request = WithReason(directive_id=published.id, reason="等待上级文件。")
    directives.suspend(live.scene.office, live.scene.leader, live.clock(), request)
    await live.settle()


async def resume(live: Live, published: Published) -> None:
    request = OnDirective(directive_id=published.id)
    directives.resume(live.scene.office, live.scene.leader, live.clock(), request)
    await live.settle()


async def directive_to_closing_report(live: Live) -> str:
    """Mid-term passes; the one item is closed in September."""
    scene = live.scene
    published = scene.publish(scene.item(("A", HANDLING), due=date(2026, 11, 30)), policy=LETTERS_ALONE)
    await live.until(on(9, 1))
    scene.close(scene.task(published.items[0], "A").id, live.clock())
    await live.settle()
    return f"directive/{published.id}"


async def rectification_failed_once(live: Live) -> str:
    """A circular is issued; the unit replies, mends, is sent back once, mends again, is verified."""
    scene = live.scene
    scene.publish(scene.item(("A", HANDLING)))
    await live.until(on(4, 30))
    scene.sign_all(live.clock())
    await live.until(on(5, 6))
    (row,) = scene.rows(Rectification)
    request = ReplyRectification(rectification_id=row.id, plan="五月底前补齐。")
    rectifications.reply_rectification(scene.office, scene.officer("A"), live.clock(), request)
    for day, accept in ((on(5, 20), False), (on(6, 1), True)):
        await live.until(day)
        await _mend(live, row, accept=accept)
    return f"rectification/{row.id}"


async def _mend(live: Live, row: Any, *, accept: bool) -> None:
    scene, now = live.scene, live.clock()
    scene.prove(row.unit_task_id, now)
    submit = SubmitRectification(rectification_id=row.id, report="已整改。")
    rectifications.submit_rectification(scene.office, scene.officer("A"), now, submit)
    verify = VerifyRectification(
        rectification_id=row.id, accept=accept, reason="" if accept else "数据未补齐。"
    )
    rectifications.verify_rectification(scene.office, scene.supervision, now, verify)
    await live.settle()


STORIES: dict[str, Story] = {
    "item-with-letters": item_with_letters,
    "item-monthly": item_monthly,
    "item-withdrawn": item_withdrawn,
    "item-suspended": item_suspended,
    "directive-to-closing-report": directive_to_closing_report,
    "rectification-failed-once": rectification_failed_once,
}
