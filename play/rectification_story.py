"""What becomes of one rectification: plan, mending, verification."""

from datetime import datetime

from play.cast import Cast
from services import rectifications
from services.watch import ReadRow


class RectificationStory:
    """What becomes of one rectification."""

    def __init__(self, cast: Cast, row: ReadRow) -> None:
        self._cast, self._row, stage = cast, row, cast.stage
        self._office, self._agenda, self._chance = stage.office, stage.agenda, stage.chance
        self._officer = cast.officer(row.unit_id)
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
        self._cast.do(lambda: rectifications.reply_rectification(self._office, self._officer, now, request))
        self._plan_submit(now, self._chance.between(3, 9, *self._names, "mend"))

    def _plan_submit(self, now: datetime, days: int) -> None:
        key = "|".join(map(str, (*self._names, "submit", self._rounds)))
        self._agenda.add(
            self._agenda.after(now, days, *self._names, "submit", self._rounds), key, self._submit
        )

    def _submit(self, now: datetime) -> None:
        label = f"整改-{self._row.position}-{self._rounds + 1}"
        self._cast.give_evidence(self._row, self._row.unit_task_id, now, label)
        request = rectifications.SubmitRectification(
            rectification_id=self._row.id, report="整改措施已落实，请予验收。"
        )
        if self._cast.do(
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
        self._cast.do(
            lambda: rectifications.verify_rectification(self._office, self._cast.supervision, now, request)
        )
        if failed:
            self._rounds += 1
            self._plan_submit(now, 2)
