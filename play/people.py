"""The people of a played year: what each unit, the supervision office and the leader do, and when.

Every act is done through the same services as anybody's, by an account that has the right to it. What one
does next is decided when the last thing is done, by the unit's character and the seed.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from domain.errors import DubanError
from domain.evidence import EvidenceLimits
from domain.instants import day_of, last_day
from domain.ladder import CivilFrame
from domain.unit_task import OPEN, Role, State
from models.columns import table
from models.directive import Item
from models.organisation import Account, AccountRole, Unit
from models.paper import Letter, LetterState
from models.rectification import Rectification
from models.unit_task import UnitTask
from play.agenda import Agenda
from play.chance import Chance
from play.characters import Character, character_of
from services import evidence, letters, rectifications, reviews, unit_tasks
from services.office import Actor, Office
from store.evidence import EvidenceStore
from store.sessions import reading

TASK, UNIT, ITEM, ACCOUNT = table(UnitTask), table(Unit), table(Item), table(Account)
LETTER, RECTIFICATION = table(Letter), table(Rectification)


@dataclass(frozen=True)
class Stage:
    """Where the people act."""

    office: Office
    frame: CivilFrame
    evidence: EvidenceStore
    agenda: Agenda
    chance: Chance


class People:
    """Watches for new tasks, letters and rectifications, and puts what people will do on the agenda."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._seen_task = self._seen_letter = self._seen_rectification = 0
        self._actors = self._load_actors()
        self.refused: list[str] = []

    def _load_actors(self) -> dict[tuple[int | None, str], Actor]:
        actors: dict[tuple[int | None, str], Actor] = {}
        with reading(self._stage.office.engine) as session:
            for row in session.connection().execute(select(ACCOUNT).order_by(ACCOUNT.c.id)):
                actor = Actor(f"account:{row.login}", row.id, row.unit_id, row.role)
                actors[row.unit_id, row.role] = actor
                actors.setdefault((None, row.role), actor)
        return actors

    def officer(self, unit_id: int) -> Actor:
        """The officer's account of a unit."""
        return self._actors[unit_id, AccountRole.UNIT_OFFICER]

    @property
    def leader(self) -> Actor:
        """The leader of the issuing office."""
        return self._actors[None, AccountRole.LEADER]

    @property
    def supervision(self) -> Actor:
        """The supervision office."""
        return self._actors[None, AccountRole.SUPERVISION_OFFICE]

    def look(self) -> None:
        """Notice what is new since the last look, and plan for it."""
        with reading(self._stage.office.engine) as session:
            connection = session.connection()
            tasks = connection.execute(
                select(TASK, UNIT.c.code, UNIT.c.name, ITEM.c.position)
                .join(UNIT, UNIT.c.id == TASK.c.unit_id)
                .join(ITEM, ITEM.c.id == TASK.c.item_id)
                .where(TASK.c.id > self._seen_task)
                .order_by(TASK.c.id)
            ).all()
            drafts = connection.execute(
                select(LETTER).where(LETTER.c.id > self._seen_letter).order_by(LETTER.c.id)
            ).all()
            mending = connection.execute(
                select(RECTIFICATION, UNIT.c.code, UNIT.c.name, ITEM.c.position)
                .join(UNIT, UNIT.c.id == RECTIFICATION.c.unit_id)
                .join(ITEM, ITEM.c.id == RECTIFICATION.c.item_id)
                .where(RECTIFICATION.c.id > self._seen_rectification)
                .order_by(RECTIFICATION.c.id)
            ).all()
        for task in tasks:
            self._seen_task = task.id
            TaskStory(self, self._stage, task).begin()
        for letter in drafts:
            self._seen_letter = letter.id
            if letter.state == LetterState.DRAFT:
                self._plan_signature(letter)
        for row in mending:
            self._seen_rectification = row.id
            RectificationStory(self, self._stage, row).begin()

    def _plan_signature(self, letter: Row[Any]) -> None:
        office, agenda = self._stage.office, self._stage.agenda
        names = ("sign", letter.dedupe_key)
        # Same day where the ladder drafted it in the morning, so that the circular goes out on its day.
        instant = agenda.office_minute(day_of(letter.drafted_at, self._stage.frame.tz), *names)
        instant = instant if instant > letter.drafted_at else agenda.after(letter.drafted_at, 1, *names)
        request = letters.SignLetter(letter_id=letter.id)

        def sign(now: datetime) -> None:
            self.do(lambda: letters.sign_letter(office, self.leader, now, request))

        agenda.add(instant, "|".join(names), sign)

    def do(self, act: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
        """Do an act; a refusal is noted, as a person would be told of it, and nothing follows from it."""
        try:
            return act()
        except DubanError as error:
            self.refused.append(str(error))
            return None


class TaskStory:
    """What becomes of one unit task."""

    def __init__(self, people: People, stage: Stage, task: Row[Any]) -> None:
        self._people, self._stage, self._task = people, stage, task
        self._office, self._agenda, self._chance = stage.office, stage.agenda, stage.chance
        self._officer = people.officer(task.unit_id)
        self._names = (task.code, task.position, task.period)
        self._character = character_of(stage.chance, task.code)
        self._rounds = 0

    def _add(self, instant: datetime, what: str, do: Callable[[datetime], None]) -> None:
        self._agenda.add(instant, "|".join(map(str, (*self._names, what, self._rounds))), do)

    def _draw(self, low: int, high: int, what: str) -> int:
        return self._chance.between(low, high, *self._names, what, self._rounds)

    def _row(self) -> Row[Any]:
        with reading(self._office.engine) as session:
            return session.connection().execute(select(TASK).where(TASK.c.id == self._task.id)).one()

    def begin(self) -> None:
        """Plan the acknowledgement, or in a later period the work."""
        if self._task.state == State.ACKNOWLEDGED:
            self._plan_work(self._task.assigned_at)
            return
        days = {Character.LATE: self._draw(4, 6, "ack"), Character.SILENT: self._draw(5, 10, "ack")}
        self._add(
            self._agenda.after(
                self._task.assigned_at,
                days.get(self._character, self._draw(1, 2, "ack")),
                *self._names,
                "ack",
            ),
            "acknowledge",
            self._acknowledge,
        )

    def _acknowledge(self, now: datetime) -> None:
        if self._row().state != State.ASSIGNED:
            return
        request = unit_tasks.Acknowledge(unit_task_id=self._task.id)
        self._people.do(lambda: unit_tasks.acknowledge(self._office, self._officer, now, request))
        if self._character is Character.DISPUTES and self._chance.share(*self._names, "disputes") < 0.5:
            self._add(
                self._agenda.after(now, self._draw(1, 2, "decline"), *self._names, "decline"),
                "decline",
                self._decline,
            )
        else:
            self._plan_work(now)

    def _decline(self, now: datetime) -> None:
        if self._row().state != State.ACKNOWLEDGED:
            return
        request = unit_tasks.Decline(
            unit_task_id=self._task.id, reason="经核对职责清单，该项任务不属我单位职责。"
        )
        answer = self._people.do(lambda: unit_tasks.decline(self._office, self._officer, now, request))
        if answer:
            decide = lambda then: self._decide_dispute(then, answer["dispute_id"])  # noqa: E731 -- named for the agenda
            self._add(
                self._agenda.after(now, self._draw(1, 3, "decide"), *self._names, "decide"),
                "decide_dispute",
                decide,
            )

    def _decide_dispute(self, now: datetime, dispute_id: int) -> None:
        row = self._row()
        if row.state != State.DECLINED:
            return
        upheld = (
            row.role != Role.LEAD
            and self._others_report()
            and self._chance.share(*self._names, "upheld") < 0.5
        )
        text = "经核实，该项任务由其他单位承办。" if upheld else "经核实，该项任务属你单位职责，请继续办理。"
        request = reviews.DecideDispute(dispute_id=dispute_id, upheld=upheld, answer=text)
        self._people.do(lambda: reviews.decide_dispute(self._office, self._people.supervision, now, request))
        if not upheld:
            self._plan_work(now)

    def _others_report(self) -> bool:
        """Whether somebody else still reports for the item when this unit leaves."""
        with reading(self._office.engine) as session:
            others = select(TASK.c.id).where(
                TASK.c.item_id == self._task.item_id,
                TASK.c.period == self._task.period,
                TASK.c.id != self._task.id,
                TASK.c.role != Role.COOPERATING,
            )
            return session.connection().execute(others.limit(1)).first() is not None

    def _plan_work(self, now: datetime) -> None:
        """Report on the way; then ask for more time, or submit."""
        row = self._row()
        if row.role == Role.COOPERATING:
            self._add(
                self._agenda.after(now, self._draw(3, 8, "help"), *self._names, "help"),
                "report",
                lambda then: self._report(then, 60),
            )
            return
        middle = now + (row.deadline - now) / 2
        if row.deadline - now > timedelta(days=20):
            day = self._stage.frame.calendar.on_or_after(day_of(middle, self._stage.frame.tz))
            self._add(
                self._agenda.office_minute(day, *self._names, "report"),
                "report",
                lambda then: self._report(then, self._draw(30, 70, "progress")),
            )
        if (
            self._character is Character.ASKS_EXTENSION
            and row.deadline - now > timedelta(days=14)
            and row.period == "once"
        ):
            self._add(
                self._agenda.near(row.deadline, -self._draw(3, 6, "ask"), now, *self._names, "ask"),
                "ask_extension",
                self._ask,
            )
        else:
            self._plan_submission(now)

    def _offset(self, row: Row[Any]) -> int:
        """Working days from the deadline at which the unit submits; after it, for the late and the silent."""
        short = row.period != "once"
        if self._character is Character.LATE:
            return (
                self._draw(1, 3, "late")
                if self._chance.share(*self._names, "is late") < 0.6
                else -self._draw(1, 3, "early")
            )
        if self._character is Character.SILENT:
            choices = (((2, 4), 4), ((6, 9), 3)) if short else (((6, 9), 3), ((11, 18), 3), ((21, 25), 4))
            return self._draw(*self._chance.pick(choices, *self._names, "silence"), "silent")
        return -self._draw(1, 6, "early")

    def _plan_submission(self, now: datetime) -> None:
        row = self._row()
        self._add(
            self._agenda.near(row.deadline, self._offset(row), now, *self._names, "submit", self._rounds),
            "submit",
            self._submit,
        )

    def _report(self, now: datetime, progress: int) -> None:
        if self._row().state not in (State.ACKNOWLEDGED, State.RETURNED):
            return
        text = f"已完成{progress}%，正按计划推进。"
        request = unit_tasks.ReportProgress(
            unit_task_id=self._task.id, progress=progress, text=text, next_step="按时限完成剩余工作。"
        )
        self._people.do(lambda: unit_tasks.report_progress(self._office, self._officer, now, request))

    def _ask(self, now: datetime) -> None:
        row = self._row()
        if row.state not in (State.ACKNOWLEDGED, State.RETURNED) or now >= row.deadline:
            self._plan_submission(now)
            return
        due = last_day(row.deadline, self._stage.frame.tz)
        proposed = self._stage.frame.calendar.add_working_days(due, 10)
        request = unit_tasks.AskExtension(
            unit_task_id=self._task.id, reason="招标程序延长，需顺延完成。", proposed=proposed
        )
        answer = self._people.do(lambda: unit_tasks.ask_extension(self._office, self._officer, now, request))
        if answer is None:
            self._plan_submission(now)
            return
        decide = lambda then: self._decide_extension(then, answer["extension_id"], proposed)  # noqa: E731 -- named for the agenda
        self._add(
            self._agenda.after(now, self._draw(1, 2, "answer"), *self._names, "answer"),
            "decide_extension",
            decide,
        )

    def _decide_extension(self, now: datetime, extension_id: int, proposed: date) -> None:
        granted = proposed if self._chance.share(*self._names, "granted") < 0.75 else None
        text = "同意延期，请按新的时限完成。" if granted else "理由不充分，请按原时限完成。"
        request = reviews.DecideExtension(extension_id=extension_id, granted=granted, answer=text)
        self._people.do(lambda: reviews.decide_extension(self._office, self._people.leader, now, request))
        self._plan_submission(now)

    def _submit(self, now: datetime) -> None:
        row = self._row()
        if row.state == State.ASSIGNED:  # the silent acknowledge at last
            self._people.do(
                lambda: unit_tasks.acknowledge(
                    self._office, self._officer, now, unit_tasks.Acknowledge(unit_task_id=row.id)
                )
            )
            row = self._row()
        if row.state not in (State.ACKNOWLEDGED, State.RETURNED):
            if row.state in OPEN:
                self._add(self._agenda.after(now, 1, *self._names, "later"), "submit", self._submit)
            return
        self.add_evidence(now)
        request = unit_tasks.Submit(unit_task_id=row.id, text="任务已完成，佐证材料附后，请予审核。")
        self._people.do(lambda: unit_tasks.submit(self._office, self._officer, now, request))
        self._add(
            self._agenda.after(now, self._draw(1, 3, "review"), *self._names, "review", self._rounds),
            "review",
            self._review,
        )

    def add_evidence(self, now: datetime) -> None:
        """Store a small file of the unit's own and attach it."""
        give_evidence(
            self._people,
            self._stage,
            self._officer,
            self._task,
            now,
            f"{self._task.position}-{self._task.period}-{self._rounds + 1}",
        )

    def _review(self, now: datetime) -> None:
        if self._row().state != State.SUBMITTED:
            return
        returned = self._character is Character.RETURNED_ONCE and self._rounds == 0
        reason = "佐证材料不完整，请补充验收记录。" if returned else ""
        request = reviews.ReviewSubmission(unit_task_id=self._task.id, accept=not returned, reason=reason)
        self._people.do(lambda: reviews.review(self._office, self._people.supervision, now, request))
        if returned:
            self._rounds += 1
            self._add(
                self._agenda.after(now, self._draw(1, 4, "again"), *self._names, "again"),
                "submit",
                self._submit,
            )


class RectificationStory:
    """What becomes of one rectification."""

    def __init__(self, people: People, stage: Stage, row: Row[Any]) -> None:
        self._people, self._stage, self._row = people, stage, row
        self._office, self._agenda, self._chance = stage.office, stage.agenda, stage.chance
        self._officer = people.officer(row.unit_id)
        self._names = ("rectification", row.code, row.position)
        self._rounds = 0

    def begin(self) -> None:
        """Plan the reply; some are late with it."""
        late = self._chance.share(*self._names, "late") < 0.2
        days = (
            self._chance.between(6, 8, *self._names, "reply")
            if late
            else self._chance.between(2, 4, *self._names, "reply")
        )
        self._agenda.add(
            self._agenda.after(self._row.opened_at, days, *self._names, "reply"),
            "|".join(map(str, (*self._names, "reply"))),
            self._reply,
        )

    def _reply(self, now: datetime) -> None:
        request = rectifications.ReplyRectification(
            rectification_id=self._row.id, plan="已查明原因，明确专班，五个工作日内整改到位。"
        )
        self._people.do(lambda: rectifications.reply_rectification(self._office, self._officer, now, request))
        self._plan_submit(now, self._chance.between(3, 9, *self._names, "mend"))

    def _plan_submit(self, now: datetime, days: int) -> None:
        key = "|".join(map(str, (*self._names, "submit", self._rounds)))
        self._agenda.add(
            self._agenda.after(now, days, *self._names, "submit", self._rounds), key, self._submit
        )

    def _submit(self, now: datetime) -> None:
        label = f"整改-{self._row.position}-{self._rounds + 1}"
        give_evidence(self._people, self._stage, self._officer, self._row, now, label)
        request = rectifications.SubmitRectification(
            rectification_id=self._row.id, report="整改措施已落实，请予验收。"
        )
        if self._people.do(
            lambda: rectifications.submit_rectification(self._office, self._officer, now, request)
        ):
            key = "|".join(map(str, (*self._names, "verify", self._rounds)))
            self._agenda.add(
                self._agenda.after(
                    now, self._chance.between(1, 4, *self._names, "verify", self._rounds), *self._names, "v"
                ),
                key,
                self._verify,
            )

    def _verify(self, now: datetime) -> None:
        failed = self._rounds == 0 and self._chance.share(*self._names, "fails") < 0.2
        reason = "现场抽查仍有问题，请继续整改。" if failed else ""
        request = rectifications.VerifyRectification(
            rectification_id=self._row.id, accept=not failed, reason=reason
        )
        self._people.do(
            lambda: rectifications.verify_rectification(self._office, self._people.supervision, now, request)
        )
        if failed:
            self._rounds += 1
            self._plan_submit(now, 2)


def give_evidence(
    people: People, stage: Stage, officer: Actor, row: Row[Any], now: datetime, label: str
) -> None:
    """A small text file, different for each unit, item and round, stored and attached."""
    today = day_of(now, stage.frame.tz)
    text = f"{row.name}\n第{row.position}项任务办理情况记录（{label}）\n{today.isoformat()}\n现场检查记录与验收意见齐全。\n"
    name = f"办理情况记录-{label}.txt"
    stored = stage.evidence.put(io.BytesIO(text.encode()), name, EvidenceLimits())
    task_id = getattr(row, "unit_task_id", None) or row.id
    request = evidence.AddEvidence(
        unit_task_id=task_id,
        sha256=stored.sha256,
        size=stored.size,
        media_type=stored.media_type,
        name=name,
        effective_on=today,
    )
    people.do(lambda: evidence.add_evidence(stage.office, officer, now, request))
