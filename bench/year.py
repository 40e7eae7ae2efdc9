"""What units and office do in the measured year: acts drawn by a hash of the seed, on scattered days.

Of each item at most `ACTING` units act through the services; the other ones acknowledge and are accepted by one
statement each, since neither act pokes an owner or moves a moment.
"""

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from bench.site import OPENS, TASK, TZ, Place
from domain.errors import DubanError
from domain.instants import at, day_of
from domain.unit_task import State
from domain.workdays import Calendar
from models.columns import table
from models.unit_task import Evidence, EvidenceFile
from services import reviews, unit_tasks
from store.sessions import writing

SEED = 2026
ACTING = 300
NOON = time(14, 30)
Act = Callable[[datetime], None]
_FILE, _EVIDENCE = table(EvidenceFile), table(Evidence)
PROOF = "0" * 64
DUE = date(2026, 6, 30)
INSTANT = timedelta(microseconds=1)


class Year:
    """The acts still to come, by the instant they happen at."""

    def __init__(self, place: Place, calendar: Calendar) -> None:
        self._place, self._calendar = place, calendar
        self._coming: list[tuple[datetime, int, Act]] = []
        self.done = self.refused = 0

    @property
    def next_at(self) -> datetime | None:
        """When the next act is."""
        return self._coming[0][0] if self._coming else None

    def do_due(self, now: datetime) -> None:
        """Every act of that instant. What the office refuses is refused; nothing follows from it."""
        while self._coming and self._coming[0][0] <= now:
            act = heapq.heappop(self._coming)[2]
            try:
                act(now)
                self.done += 1
            except DubanError:
                self.refused += 1

    def add(self, day: date, act: Act) -> None:
        """Do `act` in the afternoon of that day."""
        heapq.heappush(self._coming, (at(day, NOON, TZ), len(self._coming) + self.done * 1000, act))

    def later(self, day: date, working_days: int) -> date:
        """The working day that many after `day` (before it, when negative)."""
        return self._calendar.add_working_days(day, working_days)

    def begin(self) -> None:
        """Plan for every unit task that is there."""
        with writing(self._place.office.engine) as session:
            row = {"sha256": PROOF, "size": 1, "media_type": "text/plain", "stored_at": OPENS}
            session.connection().execute(insert(_FILE), row)
            tasks = session.connection().execute(select(TASK).order_by(TASK.c.item_id, TASK.c.id)).all()
        places: Counter[int] = Counter()
        rest: list[int] = []
        for task in tasks:
            places[task.item_id] += 1
            if places[task.item_id] <= ACTING:
                OneUnit(self, self._place, task).begin()
            else:
                rest.append(task.id)
        acknowledged = {"state": State.ACKNOWLEDGED, "acknowledged_at": OPENS}
        accepted = {"state": State.ACCEPTED, "closed_at": OPENS}
        self.add(self.later(OPENS.date(), 1), lambda _: self._all(rest, acknowledged))
        self.add(self.later(DUE, -12), lambda _: self._all(rest, accepted))

    def _all(self, tasks: list[int], values: dict[str, object]) -> None:
        with writing(self._place.office.engine) as session:
            for start in range(0, len(tasks), 500):
                these = TASK.c.id.in_(tasks[start : start + 500])
                session.connection().execute(update(TASK).where(these).values(**values))


class OneUnit:
    """The year of one unit task."""

    def __init__(self, year: Year, place: Place, task: Row[Any]) -> None:
        self._year, self._place, self._office = year, place, place.office
        self._task, self._me = task.id, place.officers[task.unit_id]
        self._due = day_of(task.deadline - INSTANT, TZ)
        self._name = f"{SEED}|{task.item_id}|{task.unit_id}"
        self._returned = False

    def _draw(self, low: int, high: int, what: str) -> int:
        text = f"{self._name}|{what}|{self._returned}"
        return low + int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) % (high - low + 1)

    def begin(self) -> None:
        """Acknowledge, late in some cases; a quarter asks for more time; then hand in."""
        self._year.add(self._year.later(OPENS.date(), self._draw(1, 8, "acknowledge")), self._acknowledge)
        if self._draw(1, 4, "asks") == 1:
            self._year.add(self._year.later(self._due, -self._draw(1, 25, "ask")), self._ask)
        else:
            self._hand_in()

    def _hand_in(self) -> None:
        silent = self._draw(1, 10, "silent") == 1
        offset = self._draw(6, 24, "late") if silent else self._draw(-30, 3, "submit")
        self._year.add(self._year.later(self._due, offset), self._submit)

    def _acknowledge(self, now: datetime) -> None:
        unit_tasks.acknowledge(self._office, self._me, now, unit_tasks.Acknowledge(unit_task_id=self._task))

    def _ask(self, now: datetime) -> None:
        wanted = self._year.later(self._due, self._draw(1, 40, "wanted"))
        request = unit_tasks.AskExtension(unit_task_id=self._task, reason="招标延长", proposed=wanted)
        asked = unit_tasks.ask_extension(self._office, self._me, now, request)["extension_id"]
        granted = wanted if self._draw(1, 4, "granted") > 1 else None

        def decide(then: datetime) -> None:
            decision = reviews.DecideExtension(extension_id=asked, granted=granted, answer="已阅")
            reviews.decide_extension(self._office, self._place.leader, then, decision)
            self._due = granted or self._due
            self._hand_in()

        self._year.add(self._year.later(now.date(), self._draw(1, 3, "decide")), decide)

    def _submit(self, now: datetime) -> None:
        with writing(self._office.engine) as session:
            row = {"unit_task_id": self._task, "sha256": PROOF, "name": f"{now:%m%d}.txt", "version": 1}
            row |= {"effective_on": now.date(), "uploaded_at": now, "account_id": self._me.account_id}
            session.connection().execute(insert(_EVIDENCE), row)
        unit_tasks.submit(
            self._office, self._me, now, unit_tasks.Submit(unit_task_id=self._task, text="已完成")
        )
        self._year.add(self._year.later(now.date(), self._draw(1, 5, "review")), self._review)

    def _review(self, now: datetime) -> None:
        returned = not self._returned and self._draw(1, 3, "return") == 1
        request = reviews.ReviewSubmission(unit_task_id=self._task, accept=not returned, reason="补充材料")
        reviews.review(self._office, self._place.supervision, now, request)
        if returned:
            self._returned = True
            self._year.add(self._year.later(now.date(), self._draw(1, 12, "again")), self._submit)
