"""What becomes of one unit task, by the unit's character and the seed.

What somebody does next is decided when the last thing is done.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from domain.instants import day_of, last_day
from domain.unit_task import OPEN, Role, State
from play.cast import Cast
from play.characters import Character, character_of
from services import reviews, unit_tasks
from services.watch import ReadRow, others_report, task_row


class TaskStory:
    """What becomes of one unit task."""

    def __init__(self, cast: Cast, task: ReadRow) -> None:
        self._cast, self._stage, self._task = cast, cast.stage, task
        stage = cast.stage
        self._office, self._agenda, self._chance = stage.office, stage.agenda, stage.chance
        self._officer = cast.officer(task.unit_id)
        self._names = (task.code, task.position, task.period)
        self._character = character_of(stage.chance, task.code)
        self._rounds = 0

    def _add(self, instant: datetime, what: str, do: Callable[[datetime], None]) -> None:
        self._agenda.add(instant, "|".join(map(str, (*self._names, what, self._rounds))), do)

    def _draw(self, low: int, high: int, what: str) -> int:
        return self._chance.between(low, high, *self._names, what, self._rounds)

    def _row(self) -> ReadRow:
        return task_row(self._office, self._task.id)

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
        self._cast.do(lambda: unit_tasks.acknowledge(self._office, self._officer, now, request))
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
        answer = self._cast.do(lambda: unit_tasks.decline(self._office, self._officer, now, request))
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
            and others_report(self._office, self._task)
            and self._chance.share(*self._names, "upheld") < 0.5
        )
        text = "经核实，该项任务由其他单位承办。" if upheld else "经核实，该项任务属你单位职责，请继续办理。"
        request = reviews.DecideDispute(dispute_id=dispute_id, upheld=upheld, answer=text)
        self._cast.do(lambda: reviews.decide_dispute(self._office, self._cast.supervision, now, request))
        if not upheld:
            self._plan_work(now)

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

    def _offset(self, row: ReadRow) -> int:
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
        self._cast.do(lambda: unit_tasks.report_progress(self._office, self._officer, now, request))

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
        answer = self._cast.do(lambda: unit_tasks.ask_extension(self._office, self._officer, now, request))
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
        self._cast.do(lambda: reviews.decide_extension(self._office, self._cast.leader, now, request))
        self._plan_submission(now)

    def _submit(self, now: datetime) -> None:
        row = self._row()
        if row.state == State.ASSIGNED:  # the silent acknowledge at last
            self._cast.do(
                lambda: unit_tasks.acknowledge(
                    self._office, self._officer, now, unit_tasks.Acknowledge(unit_task_id=row.id)
                )
            )
            row = self._row()
        if row.state not in (State.ACKNOWLEDGED, State.RETURNED):
            if row.state in OPEN:
                self._add(self._agenda.after(now, 1, *self._names, "later"), "submit", self._submit)
            return
        label = f"{self._task.position}-{self._task.period}-{self._rounds + 1}"
        self._cast.give_evidence(self._task, self._task.id, now, label)
        request = unit_tasks.Submit(unit_task_id=row.id, text="任务已完成，佐证材料附后，请予审核。")
        self._cast.do(lambda: unit_tasks.submit(self._office, self._officer, now, request))
        self._add(
            self._agenda.after(now, self._draw(1, 3, "review"), *self._names, "review", self._rounds),
            "review",
            self._review,
        )

    def _review(self, now: datetime) -> None:
        if self._row().state != State.SUBMITTED:
            return
        returned = self._character is Character.RETURNED_ONCE and self._rounds == 0
        reason = "佐证材料不完整，请补充验收记录。" if returned else ""
        request = reviews.ReviewSubmission(unit_task_id=self._task.id, accept=not returned, reason=reason)
        self._cast.do(lambda: reviews.review(self._office, self._cast.supervision, now, request))
        if returned:
            self._rounds += 1
            self._add(
                self._agenda.after(now, self._draw(1, 4, "again"), *self._names, "again"),
                "submit",
                self._submit,
            )
