"""One unit task as whoever decides on it sees it: what was handed in, its proof, the same files elsewhere, what waits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from domain.unit_task import TRANSITIONS, Act, Role, State
from models.columns import table
from models.organisation import Account, AccountRole, Unit
from models.unit_task import Evidence, SpotCheck, Submission, UnitTask
from services.access import sees_unit_task, unit_task_for
from services.office import Office
from services.on_behalf import PaperAct, signs_in
from services.reviews import DECIDERS, same_evidence
from services.sign_in import SignedIn
from services.views.evidence_pieces import EvidencePiece
from services.views.unit_task_page import UnitTaskView, unit_task_view
from store.evidence import EvidenceStore
from store.sessions import reading

_SUBMISSION, _ACCOUNT, _EVIDENCE, _UNIT = table(Submission), table(Account), table(Evidence), table(Unit)
_SPOT_CHECK, _TASK = table(SpotCheck), table(UnitTask)
IMAGES = frozenset({"image/png", "image/jpeg", "image/webp"})
TEXTS = frozenset({"text/plain", "text/csv"})
TEXT_SHOWN = 20_000
"""Octets of a text file that are shown in the page."""


@dataclass(frozen=True)
class SameFile:
    """The same octets given elsewhere: which piece of ours, for which task of which unit, and when."""

    name: str
    unit_task_id: int
    unit: str
    at: datetime
    seen: bool
    """Whether the reader may open that task."""


@dataclass(frozen=True)
class ShownPiece:
    """A piece of evidence and how the page shows it: `image`, `frame`, `text` (with the text), `file`, or `missing`."""

    piece: EvidencePiece
    how: str
    text: str = ""


@dataclass(frozen=True)
class ReviewView:
    """The task with its latest submission. `decides`: the reader may review it; `own`: they submitted it themselves."""

    task: UnitTaskView
    submission: Row[Any] | None
    pieces: tuple[ShownPiece, ...]
    earlier: tuple[EvidencePiece, ...]
    """What came with earlier submissions."""
    same: tuple[SameFile, ...]
    spot_checks: tuple[Row[Any], ...]
    decides: bool
    own: bool
    may_check: bool
    """Whether the task was accepted, so that it can be looked at again."""
    papers: tuple[PaperAct, ...]
    """What a paper of the unit could say now, where the reader may enter one for it."""


def review_view(
    office: Office, store: EvidenceStore, me: SignedIn, unit_task_id: int, now: datetime
) -> ReviewView:
    """The page of one review. Raises NotFoundError for a task the reader may not see."""
    view = unit_task_view(office, me, unit_task_id, now)
    with reading(office.engine) as session:
        connection = session.connection()
        task = unit_task_for(connection, me, unit_task_id)
        submission = _submission(connection, task.id)
        mine = set(_pieces_of(connection, submission.id)) if submission else set()
        same = _same(connection, me, submission.id, task.id) if submission else ()
        looks = select(_SPOT_CHECK, _ACCOUNT.c.name.label("who")).join(
            _ACCOUNT, _ACCOUNT.c.id == _SPOT_CHECK.c.account_id
        )
        spot_checks = connection.execute(looks.where(_SPOT_CHECK.c.unit_task_id == task.id)).all()
        papers = _papers(connection, me, task)
    own = submission is not None and submission.account_id == me.actor.account_id
    decider = me.role in DECIDERS
    return ReviewView(
        task=view,
        submission=submission,
        pieces=tuple(_shown(store, piece) for piece in view.pieces if piece.id in mine),
        earlier=tuple(piece for piece in view.pieces if piece.id not in mine and not piece.pending),
        same=same,
        spot_checks=tuple(spot_checks),
        decides=decider and task.state == State.SUBMITTED and not own,
        own=own,
        may_check=decider and task.state == State.ACCEPTED,
        papers=papers,
    )


def _papers(connection: Connection, me: SignedIn, task: Row[Any]) -> tuple[PaperAct, ...]:
    if me.role is not AccountRole.SUPERVISION_OFFICE or signs_in(connection, task.unit_id):
        return ()
    fitting = (what for what in PaperAct if (State(task.state), Act(what)) in TRANSITIONS)
    cooperating = task.role == Role.COOPERATING
    return tuple(what for what in fitting if not (cooperating and what is PaperAct.SUBMIT))


def _submission(connection: Connection, unit_task_id: int) -> Row[Any] | None:
    """The latest, with who handed it in."""
    chosen = (
        select(_SUBMISSION, _ACCOUNT.c.name.label("who"), _ACCOUNT.c.login)
        .join(_ACCOUNT, _ACCOUNT.c.id == _SUBMISSION.c.account_id)
        .where(_SUBMISSION.c.unit_task_id == unit_task_id)
        .order_by(_SUBMISSION.c.id.desc())
        .limit(1)
    )
    return connection.execute(chosen).first()


def _pieces_of(connection: Connection, submission_id: int) -> list[int]:
    chosen = select(_EVIDENCE.c.id).where(_EVIDENCE.c.submission_id == submission_id)
    return list(connection.execute(chosen).scalars())


def _same(
    connection: Connection, me: SignedIn, submission_id: int, unit_task_id: int
) -> tuple[SameFile, ...]:
    found = same_evidence(connection, submission_id, unit_task_id)
    ours = select(_EVIDENCE.c.sha256, _EVIDENCE.c.name).where(_EVIDENCE.c.submission_id == submission_id)
    names = {row.sha256: row.name for row in connection.execute(ours)}
    chosen = select(_UNIT.c.id, _UNIT.c.name).where(_UNIT.c.id.in_({one["unit_id"] for one in found}))
    units = {row.id: row.name for row in connection.execute(chosen)}
    seen = _seen(connection, me, {one["unit_task_id"] for one in found})
    return tuple(
        SameFile(
            name=names[one["sha256"]],
            unit_task_id=one["unit_task_id"],
            unit=units[one["unit_id"]],
            at=datetime.fromisoformat(one["at"]),
            seen=one["unit_task_id"] in seen,
        )
        for one in found
    )


def _seen(connection: Connection, me: SignedIn, ids: set[int]) -> set[int]:
    visible = (_TASK.c.id.in_(ids), sees_unit_task(me))
    return set(connection.execute(select(_TASK.c.id).where(*visible)).scalars())


def _shown(store: EvidenceStore, piece: EvidencePiece) -> ShownPiece:
    if not store.exists(piece.sha256):
        return ShownPiece(piece, "missing")
    if piece.media_type in IMAGES:
        return ShownPiece(piece, "image")
    if piece.media_type == "application/pdf":
        return ShownPiece(piece, "frame")
    if piece.media_type in TEXTS:
        with store.open(piece.sha256) as file:
            return ShownPiece(piece, "text", file.read(TEXT_SHOWN).decode("utf-8", "replace"))
    return ShownPiece(piece, "file")
