"""The pages that are opened most, through the application itself, over 100,000 and over 1,000,000 unit tasks.

The larger office has ten times the units in the same 500 items and the same number of overdue tasks, by which the
pages cost; the overview is taken once more with ten times as many of these. One reader, one page after the other: what
a page costs, not what a crowd waits.
"""

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, event, insert, text

from bench.figure import Figure, say, timed
from bench.site import OPENS, Place, make_place
from domain.policy import Policy, ladder_to_json, policy_to_json
from models.columns import table
from models.directive import Directive, Item, ItemPeriod
from models.organisation import AccountRole
from models.sign_in import WebSession
from services.tokens import hash_of, new_token
from store.evidence import FolderStore
from store.sessions import writing
from web.app import create_app
from web.guard import Cookies
from web.site import WebSite

ITEMS = 500
SIZES = (200, 2000)
"""Units: 100,000 and 1,000,000 unit tasks."""
NOW = OPENS + timedelta(days=120)
CLOSES = NOW + timedelta(days=200)
TEXT = "第{0}项：完成年度重点任务并报送办理情况，形成可检查的工作台账。"
LADDER = ladder_to_json(Policy().standard)
UNTOUCHED = {"version": 1, "clock_version": 0, "seen_clock_version": 0}
REQUESTS = 60
HOT = 5
"""Requests before the watch starts: the templates are compiled once a process."""
DIRECTIVE, ITEM, PERIOD, SESSION = table(Directive), table(Item), table(ItemPeriod), table(WebSession)
PAGES = {
    "overview": ("leader", "/overview"),
    "my tasks": ("officer", "/my/unit-tasks"),
    "directive": ("leader", "/directives/1"),
    "matrix": ("leader", "/directives/1/matrix"),
    "list of the overdue": ("leader", "/unit-tasks?light=overdue"),
}
PARTS = """
INSERT INTO item_unit (item_id, unit_id, role, named_as)
SELECT item.id, unit.id, 'handling', '' FROM item, unit WHERE unit.level = 2
"""
TASKS = """
INSERT INTO unit_task (directive_id, item_id, period, unit_id, role, state, held, assigned_at, acknowledge_by,
    acknowledged_at, acknowledge_level, deadline, original_deadline, deadline_version, deadline_since,
    complete_level, progress, submitted_at, returned_times, extended_times, closed_at, closed_with_lead, version)
SELECT directive_id, item_id, 'once', unit_id, 'handling',
    CASE WHEN chance < 60 THEN 'accepted' WHEN chance < 65 THEN 'submitted' ELSE 'acknowledged' END,
    FALSE, :opened, :opened, :opened, -1, deadline, deadline, 1, :opened, -1, chance, NULL, 0, 0,
    CASE WHEN chance < 60 THEN :opened END, FALSE, 1
FROM (
    SELECT item.directive_id, item.id AS item_id, unit.id AS unit_id, (item.id * 7919 + unit.id * 104729) % 100 AS chance,
        CASE WHEN (item.id * 31 + unit.id * 17) % (:spread * 100) < 8 THEN :past WHEN (item.id * 13 + unit.id * 7) % (:spread * 20) = 0 THEN :soon
        ELSE :later END AS deadline
    FROM item, unit WHERE unit.level = 2
)
"""
"""Of a hundred 60 are done and 5 handed in; `spread` thins out those that are overdue (2,800 at 1) and due soon."""
MORE_OVERDUE = """
UPDATE unit_task SET deadline = :past
WHERE state = 'acknowledged' AND deadline = :later AND (item_id * 31 + unit_id * 17) % 100 < 8
"""


@dataclass(frozen=True)
class Measured:
    """One page at one size: the 95th percentile in milliseconds, queries and octets of one request."""

    p95: float
    queries: int
    weight: int


def run(folder: Path) -> list[Figure]:
    """Both sizes, each in a database of its own."""
    found: dict[str, list[Measured]] = defaultdict(list)
    worse = 0.0
    for units in SIZES:
        place = make_place(folder / f"pages-{units}.sqlite", units)
        with timed() as watch:
            fill(place, units // SIZES[0])
        say(f"pages: {units * ITEMS:,} unit tasks written in {watch.seconds:.0f} s")
        for name, one in asyncio.run(_measure(place, folder)).items():
            found[name].append(one)
        if units == SIZES[-1]:
            with writing(place.office.engine) as session:
                session.connection().execute(text(MORE_OVERDUE), _moments())
            worse = asyncio.run(_measure(place, folder, "overview"))["overview"].p95
        place.office.engine.dispose()
    figures = []
    for name, (small, large) in found.items():
        figures += [
            Figure(f"{name}: p95 over 100,000 unit tasks", small.p95, "ms", ("<=", 150), f"of {REQUESTS} requests"),
            Figure(f"{name}: p95 over 1,000,000 / over 100,000", large.p95 / small.p95, "times", ("<=", 1.5), f"{large.p95:.1f} ms"),
            Figure(f"{name}: queries", max(small.queries, large.queries), "", ("<=", 12)),
            Figure(f"{name}: weight", max(small.weight, large.weight) / 1000, "KB", ("<=", 200)),
        ]  # fmt: skip
    figures.append(Figure("overview: p95 with ten times the overdue", worse, "ms", None, "over 1,000,000"))
    return figures


def fill(place: Place, spread: int) -> None:
    """A directive under way: every unit has a task of every item, written by two statements."""
    items = [item_row(1, n, TEXT.format(n)) for n in range(1, ITEMS + 1)]
    period = {"period": "once", "deadline": CLOSES, "opened_at": OPENS, "assigned_at": OPENS}
    with writing(place.office.engine) as session:
        connection = session.connection()
        connection.execute(insert(DIRECTIVE), directive_row(place))
        connection.execute(insert(ITEM), items)
        connection.execute(insert(PERIOD), [period | {"item_id": n} for n in range(1, ITEMS + 1)])
        connection.execute(text(PARTS))
        connection.execute(text(TASKS), _moments() | {"spread": spread})


def directive_row(place: Place) -> dict[str, Any]:
    """A directive under way."""
    row = {
        "title": "关于做好年度重点工作的通知",
        "issuer_id": place.root,
        "state": "published",
        "policy": policy_to_json(Policy()),
    }
    row |= {"horizon": CLOSES.date(), "published_at": OPENS, "starts_at": OPENS, "withdrawn_reason": ""}
    return row | UNTOUCHED


def item_row(directive_id: int, position: int, said: str) -> dict[str, Any]:
    """An open item."""
    row = {
        "directive_id": directive_id,
        "position": position,
        "number": f"（{position}）",
        "text": said,
        "state": "open",
    }
    row |= {
        "heading_path": [],
        "role_mode": "each",
        "deadline_phrases": [],
        "frequency": "once",
        "unmatched": [],
    }
    row |= {"anchor": {}, "ladder": LADDER, "text_sha256": "0" * 64}
    return row | UNTOUCHED | {"next_moment": NOW + timedelta(days=position % 30 + 1)}


def _moments() -> dict[str, str]:
    """The instants of the statements, as SQLite keeps them."""
    moments = {
        "opened": OPENS, "past": NOW - timedelta(days=9), "soon": NOW + timedelta(days=3), "later": NOW + timedelta(days=90),
    }  # fmt: skip
    return {name: f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}" for name, instant in moments.items()}


async def _measure(place: Place, folder: Path, *only: str) -> dict[str, Measured]:
    app = create_app(WebSite(place.office, lambda: NOW, FolderStore(folder / "evidence")))
    cookies = {role: session_of(place, role) for role in ("leader", "officer")}
    found = {}
    for name in only or PAGES:
        role, path = PAGES[name]
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://bench", cookies=cookies[role]
        ) as client:
            found[name] = await measured_page(client, path)
        say(
            f"pages: {name}: p95 {found[name].p95:.1f} ms, {found[name].queries} queries, {found[name].weight:,} octets"
        )
    return found


async def measured_page(client: httpx.AsyncClient, path: str) -> Measured:
    """One page, asked for again and again."""
    for _ in range(HOT):
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text[:500]
    with _counted() as statements:
        answer = await client.get(path)
    taken = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        await client.get(path)
        taken.append(1000 * (time.perf_counter() - started))
    p95 = sorted(taken)[math.ceil(0.95 * REQUESTS) - 1]
    return Measured(p95, len(statements), len(answer.content))


@contextmanager
def _counted() -> Iterator[list[str]]:
    """The statements that any engine is given within the block."""
    seen: list[str] = []

    def see(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:  # noqa: ARG001 -- the event's interface
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", see)


def session_of(place: Place, role: str) -> dict[str, str]:
    """The cookie of a session of the leader, or of one unit's officer."""
    account = place.leader if role == AccountRole.LEADER else place.officers[place.units[7]]
    token = new_token()
    row = {"token_sha256": hash_of(token), "account_id": account.account_id, "csrf": new_token()}
    with writing(place.office.engine) as session:
        session.connection().execute(
            insert(SESSION), row | {"started_at": NOW, "seen_at": NOW, "ends_at": NOW + timedelta(hours=9)}
        )
    return {Cookies(secure=False).session: token}
