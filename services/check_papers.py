"""I8, I9, I11: mails, evidence files, letters and the registers of their numbers."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select

from domain.errors import NotFoundError
from letters.compose import structure_hash
from models.columns import table
from models.paper import Letter, LetterNumber, LetterState, Mail, MailState, Notice
from models.unit_task import Evidence, EvidenceFile
from services.check_report import BrokenError, Look, Rule, named
from store.evidence import EvidenceStore

MAIL, NOTICE, LETTER, NUMBER = table(Mail), table(Notice), table(Letter), table(LetterNumber)
EVIDENCE, FILE = table(Evidence), table(EvidenceFile)
_DIGEST = MAIL.alias("digest")
PAGE = 1000


def _mails(*where: ColumnElement[bool]) -> Select[Any]:
    return select(named("mail", MAIL.c.id)).where(*where)


_MAILS = (
    Rule("I8", BrokenError("It waits to be tried again, and nothing says why."),
         _mails(or_(and_(MAIL.c.state == MailState.PENDING, MAIL.c.attempts > 0), MAIL.c.state == MailState.UNKNOWN),
                MAIL.c.answer == "")),
    Rule("I8", BrokenError("It is being sent by nobody."), _mails(MAIL.c.state == MailState.SENDING, MAIL.c.lease_until.is_(None))),
    Rule("I8", BrokenError("Its state is none that a mail can have."), _mails(MAIL.c.state.not_in(list(MailState)))),
    Rule("I8", BrokenError("It is sent, and nothing says when, or that it was tried."),
         _mails(MAIL.c.state == MailState.SENT, or_(MAIL.c.sent_at.is_(None), MAIL.c.attempts < 1))),
    Rule("I8", BrokenError("It went into a digest that is not there, or is not to the same address."),
         select(named("mail", MAIL.c.id)).outerjoin(_DIGEST, _DIGEST.c.id == MAIL.c.digest_id).where(
             MAIL.c.state == MailState.DIGESTED,
             or_(_DIGEST.c.id.is_(None), _DIGEST.c.about != "digest", _DIGEST.c.recipient != MAIL.c.recipient))),
    Rule("I8", BrokenError("It is a digest of nothing."),
         _mails(MAIL.c.about == "digest", ~select(_DIGEST.c.id).where(_DIGEST.c.digest_id == MAIL.c.id).exists())),
    Rule("I8", BrokenError("What it tells of is not there."),
         _mails(or_(and_(MAIL.c.about == "notice", ~select(NOTICE.c.id).where(NOTICE.c.id == MAIL.c.about_id).exists()),
                    and_(MAIL.c.about == "letter", ~select(LETTER.c.id).where(LETTER.c.id == MAIL.c.about_id).exists())))),
)  # fmt: skip

_ISSUED = (
    select(
        LETTER.c.issuer_id, LETTER.c.kind, LETTER.c.year, func.count(LETTER.c.number.distinct()).label("letters"),
        func.min(LETTER.c.number).label("first"), func.max(LETTER.c.number).label("last"),
    )
    .where(LETTER.c.state == LetterState.ISSUED)
    .group_by(LETTER.c.issuer_id, LETTER.c.kind, LETTER.c.year)
    .subquery()
)  # fmt: skip
_REGISTER = and_(
    NUMBER.c.issuer_id == _ISSUED.c.issuer_id,
    NUMBER.c.kind == _ISSUED.c.kind,
    NUMBER.c.year == _ISSUED.c.year,
)
_HALF_ISSUED = or_(LETTER.c.number.is_(None), LETTER.c.issued_at.is_(None), LETTER.c.document_number == "")
_LETTERS = (
    Rule("I11", BrokenError("Its numbers of %(kind)s in %(year)s have a gap: %(letters)s letters, from %(first)s to %(last)s."),
         select(named("unit", _ISSUED.c.issuer_id), *list(_ISSUED.c)[1:]).where(
             or_(_ISSUED.c.first != 1, _ISSUED.c.last != _ISSUED.c.letters))),
    Rule("I11", BrokenError("Its register of %(kind)s in %(year)s says %(stored)s, its last letter %(last)s."),
         select(named("unit", _ISSUED.c.issuer_id), _ISSUED.c.kind, _ISSUED.c.year,
                func.coalesce(NUMBER.c.last, 0).label("stored"), _ISSUED.c.last)
         .outerjoin(NUMBER, _REGISTER).where(func.coalesce(NUMBER.c.last, 0) != _ISSUED.c.last)),
    Rule("I11", BrokenError("Its register of %(kind)s in %(year)s says %(stored)s, but no letter was issued."),
         select(named("unit", NUMBER.c.issuer_id), NUMBER.c.kind, NUMBER.c.year, NUMBER.c.last.label("stored"))
         .outerjoin(_ISSUED, _REGISTER).where(_ISSUED.c.issuer_id.is_(None))),
    Rule("I11", BrokenError("It is issued without its number, or has one without being issued."),
         select(named("letter", LETTER.c.id)).where(
             or_(and_(LETTER.c.state == LetterState.ISSUED, _HALF_ISSUED),
                 and_(LETTER.c.state != LetterState.ISSUED, LETTER.c.number.is_not(None))))),
)  # fmt: skip
_PIECES = (
    Rule("I11", BrokenError("Its versions of %(name)s are not counted from 1 on."),
         select(named("unit_task", EVIDENCE.c.unit_task_id), EVIDENCE.c.name)
         .group_by(EVIDENCE.c.unit_task_id, EVIDENCE.c.name)
         .having(or_(func.max(EVIDENCE.c.version) != func.count(), func.min(EVIDENCE.c.version) != 1))),
)  # fmt: skip


def check_papers(look: Look) -> None:
    """Mails, letters and evidence as their rows have them."""
    look.count("mails", MAIL)
    look.count("letters", LETTER)
    look.count("evidence", EVIDENCE)
    look.apply(*_MAILS, *_LETTERS, *_PIECES)
    after = 0
    while page := look.rows(_CONTENTS, {"after": after}):
        for row in page:
            if structure_hash(row.content) != row.content_sha256:
                look.find("I11", row.subject, BrokenError("Its content is not the one that was drafted."))
        after = page[-1].id


_CONTENTS = (
    select(named("letter", LETTER.c.id), LETTER.c.id, LETTER.c.content, LETTER.c.content_sha256)
    .where(LETTER.c.id > bindparam("after"))
    .order_by(LETTER.c.id)
    .limit(PAGE)
)


def check_files(look: Look, store: EvidenceStore) -> None:
    """Every file of evidence is there, of its size, and every octet of it is read and hashed."""
    rows = look.rows(select(FILE.c.sha256, FILE.c.size).order_by(FILE.c.sha256))
    look.checked["files"] = len(rows)
    for row in rows:
        fault = _file_fault(store, row.sha256, row.size)
        if fault:
            look.find("I9", f"evidence_file/{row.sha256}", fault)


def _file_fault(store: EvidenceStore, sha256: str, size: int) -> BrokenError | None:
    try:
        found = store.size(sha256)
        if found != size:
            return BrokenError("The file has %(found)s octets, not %(size)s.", found=found, size=size)
        return None if store.verify(sha256) else BrokenError("The file was changed: it has another hash.")
    except NotFoundError:
        return BrokenError("The file is not there.")
    except OSError as error:
        return BrokenError("The file cannot be read: %(fault)s", fault=error.strerror or type(error).__name__)
