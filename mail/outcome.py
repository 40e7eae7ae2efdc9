"""What became of one message, in words that are safe to store and show."""

from dataclasses import dataclass

from aiosmtplib import SMTPResponseException

from domain.headers import has_hidden_character
from mail.faults import Fault, Stage, classify
from mail.message import Outgoing

LONGEST_TEXT = 200


@dataclass(frozen=True)
class Outcome:
    """`fault` is None when the server took the message. `code` and `text` are its last reply, or our reason."""

    message_id: str
    stage: Stage
    fault: Fault | None
    code: int | None
    text: str


def taken(outgoing: Outgoing, code: int, text: str) -> Outcome:
    """The server said yes to the final dot."""
    return Outcome(outgoing.message_id, Stage.ANSWER, None, code, safe_text(text))


def failed(outgoing: Outgoing, problem: BaseException, stage: Stage) -> Outcome:
    """The message did not get past `stage`, or nobody knows whether it did."""
    if isinstance(problem, SMTPResponseException):
        code, text = problem.code, problem.message
    else:
        code, text = None, f"{type(problem).__name__}: {problem}"
    return Outcome(outgoing.message_id, stage, classify(problem, stage), code, safe_text(text))


def safe_text(text: str) -> str:
    """At most 200 characters on one line; what breaks lines or cannot be stored becomes a space."""
    return "".join(" " if has_hidden_character(mark) else mark for mark in text[:LONGEST_TEXT])
