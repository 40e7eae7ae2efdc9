"""The word for a state or a kind that a row holds as text."""

from enum import StrEnum

from domain.ladder import Action, Clock
from domain.numbers import LetterKind
from domain.periods import Frequency
from domain.reading.confidence import Doubt
from domain.unit_task import Act, Role, State
from locales.translator import Translator
from models.directive import DirectiveState, ItemState
from models.organisation import AccountRole
from models.paper import LetterState, MailState, NoticeKind
from models.rectification import RectificationState

KINDS: dict[str, type[StrEnum]] = {
    kind.__name__: kind
    for kind in (
        AccountRole, Act, Action, Clock, DirectiveState, Doubt, Frequency, ItemState, LetterKind, LetterState, MailState,
        NoticeKind, RectificationState, Role, State,
    )
}  # fmt: skip


def word(speaker: Translator, kind: str, value: str) -> str:
    """The word for `value`, one of the values of the enum called `kind`."""
    return speaker.word(KINDS[kind](value))
