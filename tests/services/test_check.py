"""The checker finds nothing in a sound office, and of each planted fault that fault and nothing else."""

from datetime import timedelta
from pathlib import Path

import pytest

import tests.services.faults_papers  # noqa: F401 -- its faults register themselves
from models.directive import Item
from services.check import NOTHING, Outside, check
from services.check_report import MOST
from tests.office import BEGINS, HANDLING, Scene
from tests.services.faults import DISPUTED, FAULTS, IGNORED, Hand
from tests.services.story import ENDED, Story

RUNNING = frozenset({"directive/1", f"item/{DISPUTED}", "bulletin/morning_digest/2026-07-03"})


def found(story: Story, outside: Outside = NOTHING) -> list[tuple[str, str]]:
    findings = check(story.scene.office, story.store, outside).findings
    return sorted((finding.invariant, finding.subject) for finding in findings)


def test_an_office_after_its_course_has_nothing_broken(story: Story) -> None:
    report = check(story.scene.office, story.store, Outside(RUNNING, now=ENDED))

    assert [(f.invariant, f.subject, f.text) for f in report.findings] == []
    assert report.ok
    assert min(report.checked.values()) > 0
    assert report.checked["audit_rows"] == len(story.scene.actions())


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_nothing_else(story: Story, fault: str) -> None:
    expected = FAULTS[fault](story)

    assert found(story) == sorted(expected)


def test_a_rung_that_was_due_and_not_done_is_missed_when_the_hour_is_known(story: Story) -> None:
    due = story.scene.row(Item, DISPUTED).next_moment

    assert found(story, Outside(now=due + timedelta(seconds=119))) == []
    assert found(story, Outside(now=due + timedelta(seconds=121))) == [("I6", f"item/{DISPUTED}")]
    assert found(story) == []


@pytest.mark.parametrize(
    ("running", "expected"),
    [
        (RUNNING - {f"item/{DISPUTED}"}, [("I4", f"item/{DISPUTED}")]),
        (RUNNING - {"directive/1"}, [("I4", "directive/1")]),
        (RUNNING | {f"item/{IGNORED}"}, [("I5", f"item/{IGNORED}")]),
        (RUNNING | {"rectification/1"}, [("I5", "rectification/1")]),
        (RUNNING | {"item/77"}, [("I5", "item/77")]),
        (RUNNING | {"somebody/else"}, []),
    ],
)
def test_who_is_open_has_a_workflow_and_who_is_closed_has_none(
    story: Story, running: frozenset[str], expected: list[tuple[str, str]]
) -> None:
    assert found(story, Outside(running)) == expected


def test_an_owner_whose_poke_is_on_its_way_is_not_missed(scene: Scene, tmp_path: Path) -> None:
    scene.publish(scene.item(("A", HANDLING)))
    fresh = Story(scene, tmp_path / "evidence")

    assert found(fresh, Outside(frozenset())) == []

    scene.live(BEGINS)

    assert found(fresh, Outside(frozenset({"directive/1"}))) == [("I4", "item/1")]


def test_a_workflow_that_failed_needs_an_incident(story: Story) -> None:
    failed = Outside(RUNNING, failed=frozenset({"item/1"}))

    assert found(story, failed) == [("I13", "item/1")]

    Hand(story).run(
        "INSERT INTO incident (kind, key, detail, opened_at) "
        "VALUES ('workflow_broken', 'broken/item/1', '', '2026-07-01 00:00:00')"
    )

    assert found(story, failed) == []


def test_a_rule_broken_everywhere_is_told_in_few_words(story: Story) -> None:
    Hand(story).run("UPDATE mail SET state = 'lost'")
    Hand(story).run(
        "INSERT INTO mail (about, about_id, account_id, recipient, kind, dedupe_key, state, attempts, created_at, "
        "next_at, answer) SELECT 'notice', n.id, a.id, '', '', n.id || '/' || a.id, 'lost', 0, created_at, next_at, '' "
        "FROM notice n, account a, mail m WHERE m.id = 1 AND a.email = ''"
    )
    lost = [f for f in check(story.scene.office, story.store).findings if "none that a mail" in f.text]

    assert len(lost) == MOST
