"""Who sees which record: one condition a kind of record, by role and by place in the tree.

Leaders, the supervision office, appraisers and auditors see their unit and everything below it; a unit sees its
own tasks and those below it, and the directives it takes part in once they are published. What a person may not
see does not exist for them: the answer to a foreign id is the one to an unknown id.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, false, or_, select

from domain.errors import NotAllowedError, NotFoundError
from models.columns import table
from models.directive import Directive, DirectiveState, Item, ItemUnit
from models.organisation import Account, AccountRole, Unit
from models.paper import Letter, LetterState, LetterUnit, Mail
from models.rectification import Rectification
from models.unit_task import Dispute, Evidence, Extension, UnitTask
from services.office import Office
from services.sign_in import SignedIn
from store.sessions import reading

DIRECTIVE, ITEM, PART, UNIT = table(Directive), table(Item), table(ItemUnit), table(Unit)
TASK, LETTER, LETTER_UNIT = table(UnitTask), table(Letter), table(LetterUnit)
EVIDENCE, RECTIFICATION = table(Evidence), table(Rectification)
MAIL, ACCOUNT = table(Mail), table(Account)
EXTENSION, DISPUTE = table(Extension), table(Dispute)
OVERSEERS = frozenset(
    {AccountRole.LEADER, AccountRole.SUPERVISION_OFFICE, AccountRole.APPRAISER, AccountRole.AUDITOR}
)


def units_below(me: SignedIn) -> Any:
    """The ids of the reader's unit and all units below it."""
    return select(UNIT.c.id).where(UNIT.c.path.startswith(me.path, autoescape=True))


def _sees_nothing(me: SignedIn) -> bool:
    return not me.path or me.role is AccountRole.ADMINISTRATOR


def sees_unit(me: SignedIn, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """That a column names a unit of the reader's part of the tree."""
    return false() if _sees_nothing(me) else column.in_(units_below(me))


def sees_unit_task(me: SignedIn) -> ColumnElement[bool]:
    """The unit tasks of the reader's part of the tree."""
    return sees_unit(me, TASK.c.unit_id)


def sees_directive(me: SignedIn) -> ColumnElement[bool]:
    """Directives issued in the reader's part of the tree, drafts only to overseers; and those it takes part in."""
    if _sees_nothing(me):
        return DIRECTIVE.c.id.is_(None)
    issued = DIRECTIVE.c.issuer_id.in_(units_below(me))
    mine = select(ITEM.c.directive_id).join(PART, PART.c.item_id == ITEM.c.id)
    taking_part = DIRECTIVE.c.id.in_(mine.where(PART.c.unit_id.in_(units_below(me))))
    published = DIRECTIVE.c.state != DirectiveState.DRAFT
    return or_(issued, taking_part & published) if me.role in OVERSEERS else taking_part & published


def sees_letter(me: SignedIn) -> ColumnElement[bool]:
    """To overseers the letters issued in their part of the tree; to everybody those issued to it."""
    if _sees_nothing(me):
        return LETTER.c.id.is_(None)
    to_us = exists().where(LETTER_UNIT.c.letter_id == LETTER.c.id, LETTER_UNIT.c.unit_id.in_(units_below(me)))
    received = to_us & (LETTER.c.state == LetterState.ISSUED)
    return or_(received, LETTER.c.issuer_id.in_(units_below(me))) if me.role in OVERSEERS else received


def sees_rectification(me: SignedIn) -> ColumnElement[bool]:
    """The rectifications of the reader's part of the tree."""
    return RECTIFICATION.c.id.is_(None) if _sees_nothing(me) else RECTIFICATION.c.unit_id.in_(units_below(me))


def sees_mail(me: SignedIn) -> ColumnElement[bool]:
    """The mails to accounts of the reader's part of the tree; to an administrator, who mends addresses, all."""
    if me.role is AccountRole.ADMINISTRATOR:
        return MAIL.c.id.is_not(None)
    return MAIL.c.account_id.in_(select(ACCOUNT.c.id).where(ACCOUNT.c.unit_id.in_(units_below(me))))


def sees_site(me: SignedIn) -> bool:
    """Whether the reader looks after the site as a whole: an administrator, or an overseer of the root unit."""
    return me.role is AccountRole.ADMINISTRATOR or (me.role in OVERSEERS and me.path.count("/") == 2)


def unit_task_for(connection: Connection, me: SignedIn, unit_task_id: int) -> Row[Any]:
    """The unit task. Raises NotFoundError."""
    row = connection.execute(select(TASK).where(TASK.c.id == unit_task_id, sees_unit_task(me))).first()
    if row is None:
        raise NotFoundError("There is no unit task %(id)s.", id=unit_task_id)
    return row


def directive_for(connection: Connection, me: SignedIn, directive_id: int) -> Row[Any]:
    """The directive. Raises NotFoundError."""
    row = connection.execute(
        select(DIRECTIVE).where(DIRECTIVE.c.id == directive_id, sees_directive(me))
    ).first()
    if row is None:
        raise NotFoundError("There is no directive %(id)s.", id=directive_id)
    return row


def directive_to_decide(connection: Connection, me: SignedIn, directive_id: int) -> Row[Any]:
    """The directive, for somebody who decides on it: it was issued in the reader's part of the tree.

    Raises NotFoundError for one the reader may not see, NotAllowedError for one that came from above.
    """
    row = directive_for(connection, me, directive_id)
    issuer = select(UNIT.c.id).where(UNIT.c.id == row.issuer_id, UNIT.c.id.in_(units_below(me)))
    if connection.execute(issuer).first() is None:
        raise NotAllowedError("Directive %(id)s was issued elsewhere: it is not decided on here.", id=row.id)
    return row


def letter_for(connection: Connection, me: SignedIn, letter_id: int) -> Row[Any]:
    """The letter. Raises NotFoundError."""
    row = connection.execute(select(LETTER).where(LETTER.c.id == letter_id, sees_letter(me))).first()
    if row is None:
        raise NotFoundError("There is no letter %(id)s.", id=letter_id)
    return row


def rectification_for(connection: Connection, me: SignedIn, rectification_id: int) -> Row[Any]:
    """The rectification. Raises NotFoundError."""
    mine = (RECTIFICATION.c.id == rectification_id, sees_rectification(me))
    row = connection.execute(select(RECTIFICATION).where(*mine)).first()
    if row is None:
        raise NotFoundError("There is no rectification %(id)s.", id=rectification_id)
    return row


def evidence_for(connection: Connection, me: SignedIn, evidence_id: int) -> Row[Any]:
    """The piece of evidence, seen by whoever sees its unit task. Raises NotFoundError."""
    joined = select(EVIDENCE).join(TASK, TASK.c.id == EVIDENCE.c.unit_task_id)
    row = connection.execute(joined.where(EVIDENCE.c.id == evidence_id, sees_unit_task(me))).first()
    if row is None:
        raise NotFoundError("There is no evidence %(id)s.", id=evidence_id)
    return row


def extension_for(connection: Connection, me: SignedIn, extension_id: int) -> Row[Any]:
    """The extension request, seen by whoever sees its unit task. Raises NotFoundError."""
    joined = select(EXTENSION).join(TASK, TASK.c.id == EXTENSION.c.unit_task_id)
    row = connection.execute(joined.where(EXTENSION.c.id == extension_id, sees_unit_task(me))).first()
    if row is None:
        raise NotFoundError("There is no extension request %(id)s.", id=extension_id)
    return row


def dispute_for(connection: Connection, me: SignedIn, dispute_id: int) -> Row[Any]:
    """The dispute, seen by whoever sees its unit task. Raises NotFoundError."""
    joined = select(DISPUTE).join(TASK, TASK.c.id == DISPUTE.c.unit_task_id)
    row = connection.execute(joined.where(DISPUTE.c.id == dispute_id, sees_unit_task(me))).first()
    if row is None:
        raise NotFoundError("There is no dispute %(id)s.", id=dispute_id)
    return row


ACCESSORS = {
    "unit_task_id": unit_task_for,
    "directive_id": directive_for,
    "letter_id": letter_for,
    "rectification_id": rectification_for,
    "extension_id": extension_for,
    "dispute_id": dispute_for,
}
"""By the name of a request's field, what the reader must be able to see to act on it."""


def require_seen(office: Office, me: SignedIn, fields: Mapping[str, Any]) -> None:
    """Raise NotFoundError where an act names a record that the person cannot see."""
    with reading(office.engine) as session:
        for name in ACCESSORS.keys() & fields.keys():
            ACCESSORS[name](session.connection(), me, int(fields[name]))
