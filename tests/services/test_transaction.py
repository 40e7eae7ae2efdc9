"""One act, one transaction: repeated, raced, refused or beaten, an act happens once or not at all."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import Field, ValidationError
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from domain.audit import Entry, Sealed, verify
from domain.errors import ConflictError, InvalidInputError, WrongStateError
from models.columns import table
from models.engine import Audit, Idempotency, Incident, Outbox
from models.unit_task import Acknowledgement, ProgressReport, UnitTask
from services.transaction import TRIES, Answer, OfficeAct, Request, Transaction, act
from services.unit_tasks import Acknowledge, ReportProgress, acknowledge, report_progress
from tests.office import BEGINS, DIRECTOR, Scene, both, refused

LATER = BEGINS + timedelta(hours=1)


def report(scene: Scene, task: int, key: str | None, progress: int = 40) -> Answer:
    request = ReportProgress(unit_task_id=task, progress=progress, text="正在推进。")
    return report_progress(scene.office, scene.officer("A"), LATER, request, key=key)


@pytest.fixture
def task(scene: Scene) -> int:
    """A task of unit A, acknowledged."""
    task_id = scene.one()
    scene.acknowledge(task_id, BEGINS)
    return task_id


def test_a_repeated_request_gets_the_same_answer_and_has_one_effect(scene: Scene, task: int) -> None:
    first = report(scene, task, "a")
    again = report(scene, task, "a")

    assert json.dumps(first) == json.dumps(again)
    assert scene.count(ProgressReport) == 1
    assert scene.actions().count("report_progress") == 1


def test_without_a_key_each_request_counts(scene: Scene, task: int) -> None:
    report(scene, task, None)
    report(scene, task, None)

    assert scene.count(ProgressReport) == 2
    assert scene.count(Idempotency) == 0


def test_a_key_used_for_another_request_is_refused(scene: Scene, task: int) -> None:
    report(scene, task, "a")

    with refused(scene, ConflictError, "already used"):
        report(scene, task, "a", progress=41)


def test_a_key_belongs_to_who_used_it_and_for_what(scene: Scene, task: int) -> None:
    report(scene, task, "a")
    request = ReportProgress(unit_task_id=task, progress=50, text="已过半。")
    report_progress(scene.office, scene.head("A"), LATER, request, key="a")

    assert [row.progress for row in scene.rows(ProgressReport)] == [40, 50]


def test_a_refused_request_may_be_corrected_under_its_key(scene: Scene) -> None:
    task = scene.one()

    with refused(scene, WrongStateError, "cannot report_progress"):
        report(scene, task, "a")
    scene.acknowledge(task, BEGINS)
    report(scene, task, "a")

    assert scene.count(ProgressReport) == 1


@both
def test_twins_at_the_same_time_have_one_effect_and_the_same_answer(scene: Scene) -> None:
    task = scene.one()
    request = Acknowledge(unit_task_id=task)
    gate = threading.Barrier(4)

    def twin(_: int) -> Answer:
        gate.wait()
        return acknowledge(scene.office, scene.officer("A"), LATER, request, key="double click")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(twin, range(4)))

    assert {json.dumps(answer) for answer in answers} == {json.dumps(answers[0])}
    assert answers[0]["state"] == "acknowledged"
    assert scene.count(Acknowledgement) == 1
    assert scene.actions().count("acknowledge") == 1


@both
def test_of_two_with_different_keys_one_wins_and_the_other_is_told(scene: Scene) -> None:
    task = scene.one()
    gate = threading.Barrier(2)

    def one(key: str) -> bool:
        gate.wait()
        try:
            acknowledge(scene.office, scene.officer("A"), LATER, Acknowledge(unit_task_id=task), key=key)
        except WrongStateError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(one, ("a", "b")))

    assert sorted(won) == [False, True]
    assert scene.count(Idempotency) == 1


class Nothing(Request):
    """Asked of the acts below."""

    text: str = ""
    fields: dict[str, Any] = Field(default_factory=dict)


@pytest.mark.parametrize(
    "fields",
    [{"text": "a\0b"}, {"fields": {"x": ["\0"]}}, {"fields": {"\0": 1}}, {"text": "\ud800"}, {"other": 1}],
)
def test_what_a_database_cannot_keep_and_what_nobody_asked_for_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Nothing(**fields)


def test_an_error_after_the_writing_undoes_everything(scene: Scene) -> None:
    @act
    def half_done(tx: Transaction, request: Nothing) -> Answer:
        tx.run(insert(table(Incident)), {"kind": "k", "key": "k", "detail": "", "opened_at": tx.now})
        tx.record("half_done", "incident/1")
        raise InvalidInputError("Not so.")

    with refused(scene, InvalidInputError, "Not so"):
        half_done(scene.office, DIRECTOR, LATER, Nothing())


def test_outbox_and_audit_are_written_in_the_transaction_of_the_act(scene: Scene) -> None:
    """A fault while the trail is written takes the act with it: none is recorded without the other."""
    task = scene.one()
    broken = replace(scene.office, keys=replace(scene.office.keys, current="lost"))

    with refused(scene, KeyError, "lost"):
        acknowledge(broken, scene.officer("A"), LATER, Acknowledge(unit_task_id=task))


def test_the_relay_is_told_after_the_commit_and_only_of_work(scene: Scene) -> None:
    seen: list[int] = []
    scene = replace(scene, office=replace(scene.office, nudge=lambda: seen.append(scene.count(Outbox))))
    task = scene.one()
    told = len(seen)
    assert seen == [2]  # publishing: the item and the directive, there to be read when the relay was told

    scene.acknowledge(task, BEGINS)

    assert len(seen) == told
    scene.close(task, LATER)
    assert len(seen) == told + 1


def counting(fault: str) -> tuple[list[int], OfficeAct[Nothing]]:
    """An act that is beaten until its third try, and the list of its tries."""
    tries: list[int] = []

    @act
    def beaten(tx: Transaction, request: Nothing) -> Answer:
        tries.append(len(tries))
        tx.record("beaten", "test/1")
        if len(tries) < TRIES:
            tx.run(text(f"DO $$ BEGIN RAISE EXCEPTION SQLSTATE '{fault}'; END $$"))
        return {"tries": len(tries)}

    return tries, beaten


@pytest.mark.parametrize("fault", ["23505", "40001", "40P01"])
def test_an_act_beaten_by_another_is_done_again_from_the_start(postgres_scene: Scene, fault: str) -> None:
    _, beaten = counting(fault)

    assert beaten(postgres_scene.office, DIRECTOR, LATER, Nothing()) == {"tries": TRIES}
    assert postgres_scene.actions().count("beaten") == 1


def test_another_fault_of_the_database_is_not_tried_again(postgres_scene: Scene) -> None:
    tries, beaten = counting("22012")

    with pytest.raises(DBAPIError):
        beaten(postgres_scene.office, DIRECTOR, LATER, Nothing())
    assert len(tries) == 1


@both
def test_what_is_beaten_every_time_fails_in_the_end(scene: Scene) -> None:
    """A row that is there for good is no race: the error comes out, after no more than the allowed tries."""
    tries: list[int] = []

    @act
    def twice(tx: Transaction, request: Nothing) -> Answer:
        tries.append(1)
        row = {"kind": "k", "key": "k", "detail": "", "opened_at": tx.now}
        tx.run(insert(table(Incident)), [row])
        tx.run(insert(table(Incident)), [row])
        return {}

    with refused(scene, IntegrityError, "(?i)unique"):
        twice(scene.office, DIRECTOR, LATER, Nothing())
    assert len(tries) == (TRIES if scene.engine.dialect.name == "postgresql" else 1)


@both
def test_two_that_insert_the_same_row_both_succeed(scene: Scene) -> None:
    """On PostgreSQL both see no row and insert; the beaten one looks again and finds it."""
    gate = threading.Barrier(2)
    keys = table(Incident).c.key

    @act
    def once(tx: Transaction, request: Nothing) -> Answer:
        there = tx.one(select(keys).where(keys == "k")) is not None
        if not there:
            if scene.engine.dialect.name == "postgresql":  # on SQLite the second waits before it looks
                gate.wait(timeout=10)
            tx.run(insert(table(Incident)), {"kind": "k", "key": "k", "detail": "", "opened_at": tx.now})
        return {"there": there}

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: once(scene.office, DIRECTOR, LATER, Nothing()), range(2)))

    assert sorted(answer["there"] for answer in answers) == [False, True]
    assert scene.count(Incident) == 1


@both
def test_the_trail_of_many_at_once_is_one_unbroken_chain(scene: Scene) -> None:
    tasks = [scene.one(code) for code in ("A", "B", "C", "D")] * 3

    def try_it(task: int) -> None:
        try:
            scene.acknowledge(task, LATER)
        except WrongStateError:
            return

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(try_it, tasks))

    rows = scene.rows(Audit)
    chain = [
        Sealed(
            Entry(r.seq, r.at.isoformat(), r.actor, r.action, r.subject, r.detail, r.key_id),
            r.prev_hash,
            r.hash,
            r.seal,
        )
        for r in rows
    ]
    assert verify(chain, scene.office.keys.keys).ok
    assert [row.action for row in rows].count("acknowledge") == 4
    assert {row.state for row in scene.rows(UnitTask)} == {"acknowledged"}
