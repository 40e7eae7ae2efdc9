"""One course of an office with everything in it: answered and ignored tasks, extensions, disputes, letters, a
circular with its rectification, suspension, withdrawal, mails and digests, files of evidence.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

from domain.evidence import EvidenceLimits
from models.columns import table
from models.paper import Letter, LetterState, MailState
from models.rectification import Rectification, RectificationState
from models.unit_task import UnitTask
from services import bulletins, directives, rectifications, unit_tasks
from services.directives import OnDirective, WithReason
from services.evidence import AddEvidence, add_evidence
from services.mails import MailResult, claim_mails, record_results
from store.evidence import FolderStore
from tests.domain.samples import local
from tests.office import COOPERATING, DIRECTOR, HANDLING, LEAD, Scene

BEGUN = local(date(2026, 3, 2), 10, 10)
ENDED = local(date(2026, 7, 10), 18)
ANSWER = "250 2.0.0 ok"


@dataclass(frozen=True)
class Story:
    """An office after its course, and where its evidence lies."""

    scene: Scene
    folder: Path

    @property
    def store(self) -> FolderStore:
        return FolderStore(self.folder)


def tell_story(scene: Scene, folder: Path) -> Story:
    """Live through it."""
    story = Story(scene, folder)
    led, monthly, ignored, reworked, disputed = scene.begin(
        scene.item(("A", LEAD), ("B", COOPERATING)),
        scene.monthly(("A", HANDLING), ("C", HANDLING)),
        scene.item(("C", HANDLING), due=date(2026, 3, 20)),
        scene.item(("D", HANDLING), due=date(2026, 4, 10)),
        scene.item(("B", HANDLING), ("C", HANDLING), due=date(2026, 6, 30)),
        horizon=date(2026, 5, 31),
    ).items
    _work_together(story, led)
    _dispute(story, disputed)
    _two_more_directives(story)
    _extend_and_rework(story, reworked)
    _ignore(story, ignored)
    _end(story, monthly, disputed)
    return story


def prove(story: Story, task_id: int, now: datetime, words: str) -> None:
    """A text file as proof of a task, stored and attached."""
    kept = story.store.put(BytesIO(words.encode()), "记录.txt", EvidenceLimits())
    request = AddEvidence(
        unit_task_id=task_id,
        sha256=kept.sha256,
        size=kept.size,
        media_type=kept.media_type,
        name="记录.txt",
        effective_on=date(2026, 3, 2),
    )
    add_evidence(story.scene.office, story.scene.of_task(task_id), now, request)


def submit(story: Story, task_id: int, now: datetime) -> None:
    """Acknowledge where that is still to do, prove, report and hand in."""
    scene = story.scene
    if scene.row(UnitTask, task_id).state == "assigned":
        scene.acknowledge(task_id, now)
    prove(story, task_id, now, f"任务{task_id}，{now}，已办结。")
    report = unit_tasks.ReportProgress(unit_task_id=task_id, progress=90, text="即将完成。")
    unit_tasks.report_progress(scene.office, scene.of_task(task_id), now, report)
    request = unit_tasks.Submit(unit_task_id=task_id, text="已完成。")
    unit_tasks.submit(scene.office, scene.of_task(task_id), now, request)


def close(story: Story, task_id: int, now: datetime) -> None:
    """Hand in, and be accepted an hour later."""
    submit(story, task_id, now)
    story.scene.review(task_id, now + timedelta(hours=1))


def send_mails(story: Story, now: datetime, *, refused: bool = False) -> None:
    """Send what is due; the first one is refused where that is asked."""
    while jobs := claim_mails(story.scene.office, now, now):
        results = [MailResult(job.id, job.attempts, MailState.SENT, None, ANSWER) for job in jobs]
        if refused:
            results[0] = MailResult(
                jobs[0].id, jobs[0].attempts, MailState.REFUSED, None, "550 5.1.1 no such box"
            )
            refused = False
        record_results(story.scene.office, now, results)


def _work_together(story: Story, item: int) -> None:
    scene = story.scene
    lead, other = scene.task(item, "A"), scene.task(item, "B")
    scene.live_until(local(date(2026, 3, 3), 15))
    scene.acknowledge(lead.id, local(date(2026, 3, 3), 15, 30))
    send_mails(story, local(date(2026, 3, 3), 16), refused=True)
    scene.live_until(local(date(2026, 3, 16), 9))  # the cooperating unit is reminded, and its superior told
    scene.acknowledge(other.id, local(date(2026, 3, 16), 10))
    close(story, lead.id, local(date(2026, 3, 16), 11))
    scene.live(local(date(2026, 3, 16), 12))


def _dispute(story: Story, item: int) -> None:
    scene = story.scene
    mine, theirs = scene.task(item, "B"), scene.task(item, "C")
    asked = scene.decline(mine.id, local(date(2026, 3, 17), 9, 30))
    scene.decide_dispute(asked, local(date(2026, 3, 18), 9, 30), upheld=True, to="D")
    asked = scene.decline(theirs.id, local(date(2026, 3, 18), 10))
    scene.decide_dispute(asked, local(date(2026, 3, 18), 11), upheld=False)
    scene.live(local(date(2026, 3, 18), 12))


def _two_more_directives(story: Story) -> None:
    scene, office = story.scene, story.scene.office
    now = local(date(2026, 3, 18), 14)
    kept = scene.publish(scene.item(("A", HANDLING), due=date(2026, 5, 15)), now=now, title="停一停")
    gone = scene.publish(scene.item(("A", HANDLING), ("B", HANDLING)), now=now, title="撤回")
    scene.live_until(local(date(2026, 3, 19), 9))
    reason = "情况有变。"
    directives.suspend(
        office, scene.leader, now + timedelta(days=1), WithReason(directive_id=kept.id, reason=reason)
    )
    directives.withdraw(
        office, scene.leader, now + timedelta(days=1), WithReason(directive_id=gone.id, reason=reason)
    )
    scene.live_until(local(date(2026, 3, 23), 9))
    directives.resume(office, scene.leader, local(date(2026, 3, 23), 10), OnDirective(directive_id=kept.id))
    close(story, scene.task(kept.items[0], "A").id, local(date(2026, 3, 23), 11))
    scene.live(local(date(2026, 3, 23), 12, 30))


def _extend_and_rework(story: Story, item: int) -> None:
    scene = story.scene
    task = scene.task(item, "D").id
    scene.acknowledge(task, local(date(2026, 3, 23), 14))
    asked = scene.ask_extension(task, local(date(2026, 3, 24), 9, 30), date(2026, 4, 24))
    scene.decide_extension(asked, local(date(2026, 3, 25), 9, 30), date(2026, 4, 24))
    asked = scene.ask_extension(task, local(date(2026, 3, 26), 9, 30), date(2026, 4, 30))
    scene.decide_extension(asked, local(date(2026, 3, 26), 10, 30), None)
    scene.live_until(local(date(2026, 4, 23), 9))
    submit(story, task, local(date(2026, 4, 23), 10))
    scene.review(task, local(date(2026, 4, 23), 11), accept=False)
    scene.live_until(local(date(2026, 4, 29), 12))
    close(story, task, local(date(2026, 4, 29), 14))


def _ignore(story: Story, item: int) -> None:
    """Nobody answers until the circular; then the rectification fails once."""
    scene, office = story.scene, story.scene.office
    task = scene.task(item, "C").id
    for day in range(30):
        now = local(date(2026, 4, 30), 10) + timedelta(days=day)
        scene.live_until(now)
        scene.sign_all(now)
        scene.live_until(now + timedelta(hours=1))
        issued = (
            table(Letter).c.kind == "rectification_circular",
            table(Letter).c.state == LetterState.ISSUED,
        )
        if scene.count(Letter, *issued):
            break
    (mending,) = scene.rows(Rectification, table(Rectification).c.unit_task_id == task)
    now = now + timedelta(days=1)
    reply = rectifications.ReplyRectification(rectification_id=mending.id, plan="月底前补齐。")
    rectifications.reply_rectification(office, scene.officer("C"), now, reply)
    close(story, task, now + timedelta(hours=2))
    for accept in (False, True):
        now += timedelta(days=1)
        scene.live_until(now)
        prove(story, task, now, f"整改{accept}")
        report = rectifications.SubmitRectification(rectification_id=mending.id, report="已整改。")
        rectifications.submit_rectification(office, scene.officer("C"), now, report)
        verify = rectifications.VerifyRectification(
            rectification_id=mending.id, accept=accept, reason="不够。"
        )
        rectifications.verify_rectification(office, scene.supervision, now + timedelta(hours=1), verify)
    assert scene.row(Rectification, mending.id).state == RectificationState.VERIFIED


def _end(story: Story, monthly: int, disputed: int) -> None:
    """The rest is handed in late; one task stays open."""
    scene = story.scene
    scene.live_until(local(date(2026, 6, 20), 9))
    scene.live(local(date(2026, 7, 2), 9))  # after an outage, lower rungs are superseded
    of_monthly = table(UnitTask).c.item_id == monthly
    for number, task in enumerate(
        scene.rows(UnitTask, of_monthly, table(UnitTask).c.state.in_(("assigned", "acknowledged")))
    ):
        close(story, task.id, local(date(2026, 7, 2), 10, number))
    scene.acknowledge(scene.task(disputed, "D").id, local(date(2026, 7, 3), 10))
    bulletins.write_bulletin(
        scene.office,
        DIRECTOR,
        local(date(2026, 7, 3), 11),
        bulletins.WriteBulletin(kind="morning_digest", period="2026-07-03"),
    )
    scene.live_until(ENDED)
    send_mails(story, ENDED)
