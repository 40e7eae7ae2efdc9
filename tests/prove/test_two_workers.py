"""Two workers at once do what one does, no more; and the one goes on where the other is killed."""

from tests.prove.conftest import MakePlace
from tests.prove.rehearsal import Plan
from tests.prove.rows import differences
from tests.prove.scene import Outcome, play_scene


async def test_two_workers_at_once_double_nothing(make_place: MakePlace, undisturbed: Outcome) -> None:
    outcome = await play_scene(make_place(), Plan(workers=2))

    assert differences(undisturbed.rows, outcome.rows) == []
    assert (list(outcome.mail_faults), list(outcome.open_incidents), outcome.copies) == ([], [], 0)
