"""Notices what is new in the rows, and puts what people will do about it on the agenda."""

from datetime import datetime

from domain.instants import day_of
from models.paper import LetterState
from play.cast import Cast
from play.rectification_story import RectificationStory
from play.task_story import TaskStory
from services import letters
from services.watch import ReadRow, Seen, news


class People:
    """Everybody's eyes: new tasks, letters to sign, rectifications ordered."""

    def __init__(self, cast: Cast) -> None:
        self._cast, self._seen = cast, Seen()

    def look(self) -> None:
        """Notice what was written since the last look, and plan for it."""
        found = news(self._cast.stage.office, self._seen)
        self._seen = found.seen
        for task in found.tasks:
            TaskStory(self._cast, task).begin()
        for letter in found.letters:
            if letter.state == LetterState.DRAFT:
                self._plan_signature(letter)
        for row in found.rectifications:
            RectificationStory(self._cast, row).begin()

    def _plan_signature(self, letter: ReadRow) -> None:
        """The leader signs on the day of the draft, or on the next working day when it came late."""
        stage, leader = self._cast.stage, self._cast.leader
        names = ("sign", letter.dedupe_key)
        instant = stage.agenda.office_minute(day_of(letter.drafted_at, stage.frame.tz), *names)
        instant = instant if instant > letter.drafted_at else stage.agenda.after(letter.drafted_at, 1, *names)
        request = letters.SignLetter(letter_id=letter.id)

        def sign(now: datetime) -> None:
            self._cast.do(lambda: letters.sign_letter(stage.office, leader, now, request))

        stage.agenda.add(instant, "|".join(names), sign)
