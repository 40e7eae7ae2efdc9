"""The activities: pages with heartbeats, refusals as incidents, faults of the database left to be tried again."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from temporalio.testing import ActivityEnvironment

from activities.owners import OwnerActivities
from contracts.payloads import Advanced, Owner
from models.columns import table
from models.directive import Item
from models.engine import Incident
from models.paper import Notice
from models.unit_task import UnitTask
from services import fan_out
from store.sessions import open_engine, writing
from tests.office import BEGINS, HANDLING, Scene, make_office

Beats = list[tuple[object, ...]]


def environment() -> tuple[ActivityEnvironment, Beats]:
    """Where activities run without a server, and the heartbeats they sent."""
    beats: Beats = []
    env = ActivityEnvironment()
    env.on_heartbeat = lambda *details: beats.append(details)
    return env, beats


def activities(scene: Scene, now: datetime = BEGINS) -> OwnerActivities:
    return OwnerActivities(scene.office, lambda: now)


def test_an_activity_takes_the_office_clock_and_answers_how_long_to_wait(scene: Scene) -> None:
    item = scene.publish(scene.item(("A", HANDLING))).items[0]
    env, beats = environment()

    early = env.run(activities(scene, BEGINS - timedelta(minutes=4)).advance_item, Owner(item))
    done = env.run(activities(scene).advance_item, Owner(item))

    assert (early.wait_seconds, early.closed) == (240, False)
    assert done.note == "opened once, assigned 1"
    assert beats == []


def test_what_it_writes_bears_the_names_temporal_gave_it(scene: Scene) -> None:
    item = scene.publish(scene.item(("A", HANDLING))).items[0]
    env, _ = environment()
    env.run(activities(scene).advance_item, Owner(item))

    (notice,) = scene.rows(Notice)
    info = env.info
    assert (notice.workflow_id, notice.run_id, notice.activity_id) == (
        info.workflow_id, info.workflow_run_id, info.activity_id,
    )  # fmt: skip


def test_it_goes_on_page_by_page_with_a_heartbeat_between(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fan_out, "PAGE", 2)
    item = scene.publish(scene.item(*((code, HANDLING) for code in ("YX", "A", "B", "C", "D")))).items[0]
    env, beats = environment()

    env.run(activities(scene).advance_item, Owner(item))

    assert beats[:2] == [("assigned 2",), ("assigned 2",)]
    assert scene.count(UnitTask) == 5


def test_an_owner_without_a_row_has_nothing_to_keep_time_for(scene: Scene) -> None:
    env, _ = environment()
    own = activities(scene)

    for step in (own.advance_item, own.advance_directive, own.advance_rectification):
        assert env.run(step, Owner(999)).closed
    assert scene.count(Incident) == 0


def test_a_refusal_is_an_incident_until_a_wake_up_goes_well(scene: Scene) -> None:
    item = scene.publish(scene.item(("A", HANDLING))).items[0]
    whole = scene.row(Item, item).ladder
    env, _ = environment()

    def put(ladder: dict[str, object]) -> None:
        with writing(scene.engine) as session:
            session.connection().execute(update(table(Item)).values(ladder=ladder))

    put({"hour": "09:00", "rungs": "none"})
    answer: Advanced = env.run(activities(scene).advance_item, Owner(item))
    assert "refused" in answer.note
    (incident,) = scene.rows(Incident)
    assert (incident.kind, incident.closed_at) == ("wake_up_refused", None)
    assert scene.count(UnitTask) == 0

    put(whole)
    env.run(activities(scene).advance_item, Owner(item))
    assert scene.count(UnitTask) == 1
    (incident,) = scene.rows(Incident)
    assert incident.closed_at == BEGINS


def test_a_fault_of_the_database_comes_out_as_it_is_and_is_tried_again(tmp_path: Path) -> None:
    """No ApplicationError that forbids another try: the policy retries for ever."""
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    env, _ = environment()

    with pytest.raises(OperationalError):
        env.run(OwnerActivities(make_office(engine), lambda: BEGINS).advance_item, Owner(1))
    engine.dispose()


def test_a_directive_and_a_rectification_are_woken_the_same_way(scene: Scene) -> None:
    published = scene.publish(scene.item(("A", HANDLING)))
    env, _ = environment()

    answer = env.run(activities(scene).advance_directive, Owner(published.id))

    assert answer.wait_seconds is not None
    assert not answer.closed
