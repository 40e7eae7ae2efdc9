"""A sentence in the language of its reader, from the committed .po file; English is what the code says itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from domain.errors import DubanError

FOLDER = Path(__file__).parent
LANGUAGES = ("zh_CN", "en")


@dataclass(frozen=True)
class Translator:
    """Speaks one of LANGUAGES. `catalogue` is also what Jinja's i18n extension takes."""

    language: str
    catalogue: NullTranslations

    def gettext(self, message: str) -> str:
        """`message` (English, the key) in this language; places such as `%(unit)s` stay."""
        return self.catalogue.gettext(message)

    def word(self, value: Enum) -> str:
        """The word for a state or a kind: 已交办, assigned."""
        key = str(value.value)
        text = self.catalogue.pgettext(type(value).__name__, key)
        return key.replace("_", " ") if text == key else text

    def render(self, error: DubanError) -> str:
        """What `error` says, its places filled; one indented line more for each of its problems."""
        sentence = self.gettext(error.message)
        if error.fields:
            sentence %= {name: self._value(value) for name, value in error.fields.items()}
        problems: Iterable[DubanError] = getattr(error, "problems", ())
        lines = [line for problem in problems for line in self.render(problem).splitlines()]
        return "\n".join([sentence, *(f"  {line}" for line in lines)])

    def _value(self, value: Any) -> Any:
        """A value for a place: an error within an error speaks too, and so does a state or a kind."""
        if isinstance(value, DubanError):
            return self.render(value)
        if isinstance(value, Enum):
            return self.word(value)
        return value


@cache
def translator(language: str) -> Translator:
    """The translator of one of LANGUAGES. The .po is compiled in memory, once a process."""
    if language == "en":
        return Translator(language, NullTranslations())
    compiled = BytesIO()
    with (FOLDER / language / "LC_MESSAGES" / "duban.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translator(language, GNUTranslations(compiled))
