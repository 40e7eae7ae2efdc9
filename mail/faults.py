"""What a failed sending means: try again, give up, or perhaps it arrived.

Sources: RFC 5321 4.2.1 (4yz passing, 5yz final), 4.5.4.1 (retries), 6.1 (a lost answer to the final dot).
"""

from datetime import datetime, timedelta
from enum import Enum

from aiosmtplib import SMTPNotSupported, SMTPResponseException

from domain.errors import DubanError

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(hours=72)
DOUBLINGS = 8  # 2**8 minutes is already past the longest pause

# Said at any command by a server that wants a greeting, a log-in or TLS first (RFC 4954 6, RFC 3207 4, and 503
# from the large mail hosts in China): our settings or the session are at fault, not this message.
SESSION_CODES = frozenset({503, 530, 534, 535, 538})


class Stage(Enum):
    """How far a message came. `ANSWER` is after the final dot, when it may have been taken."""

    BUILD = "build"
    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    ANSWER = "answer"


class Fault(Enum):
    """PASSING: try again. FINAL: never again. UNKNOWN: perhaps delivered, try again with the same Message-ID."""

    PASSING = "passing"
    FINAL = "final"
    UNKNOWN = "unknown"


MESSAGE_STAGES = frozenset({Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.ANSWER})


def classify(problem: BaseException | int, stage: Stage) -> Fault:
    """The fault behind an exception or a reply code that came at `stage`.

    A refusal of the message itself is final: 5xx from MAIL on, an address the server cannot express, a header
    we refuse. The same before MAIL is about the server, hence passing. No answer after the final dot is unknown.
    """
    if isinstance(problem, SMTPResponseException):
        return classify(problem.code, stage)
    if isinstance(problem, int):
        return _classify_code(problem, stage)
    if stage is Stage.CONNECT:
        return Fault.PASSING
    if isinstance(problem, DubanError | SMTPNotSupported | ValueError):
        return Fault.FINAL
    return Fault.UNKNOWN if stage is Stage.ANSWER else Fault.PASSING


def _classify_code(code: int, stage: Stage) -> Fault:
    if 500 <= code <= 599 and stage in MESSAGE_STAGES and code not in SESSION_CODES:
        return Fault.FINAL
    if 400 <= code <= 599 or stage is not Stage.ANSWER:
        return Fault.PASSING
    return Fault.UNKNOWN


def backoff(attempt: int) -> timedelta:
    """How long to wait after failed attempt number `attempt` (from 1): one minute, doubling, at most 4 hours."""
    if attempt < 1:
        raise ValueError(f"attempts count from 1, not {attempt}")
    return min(FIRST_PAUSE * (1 << min(attempt - 1, DOUBLINGS)), LONGEST_PAUSE)


def is_given_up(first_tried_at: datetime, now: datetime) -> bool:
    """Whether a message that was first tried at `first_tried_at` is not tried again (72 hours have passed)."""
    return now - first_tried_at >= GIVE_UP_AFTER
