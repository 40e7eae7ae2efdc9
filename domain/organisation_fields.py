"""What a unit's own fields may hold: its name, code, kind, aliases and address.

A name is shown beside thousands of others and stands on letters, so what cannot be seen is refused: controls,
marks that turn the reading direction, zero-width and blank-looking characters. Text is kept in NFC.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.errors import InvalidInputError, RefusedError
from domain.headers import safe_address

LONGEST_NAME = 120
LONGEST_KIND = 40
MOST_ALIASES = 20
CODE = re.compile(r"[\w./-]{1,40}")
BLANKS = re.compile(r"[ \u00a0\u2000-\u200a\u202f\u205f\u3000]+")
LOOKS_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs that are drawn as nothing
IDEOGRAPHIC_PLANES = range(0x20000, 0x40000)
GROUP = "group"
UNIT = "unit"
NOWHERE = -1
KIND_WORDS = {
    "市": "prefecture_city",
    "区": "district",
    "县": "county",
    "镇": "town",
    "乡": "township",
    "街道": "subdistrict",
    "村": "village",
    "部门": "gov",
    "政府部门": "gov",
    "党委部门": "party_organ",
    "事业单位": "institution",
    "群团": "mass_org",
    "垂直管理单位": "vertical",
    "国有企业": "park_or_soe",
    "园区": "park_or_soe",
    "司法机关": "judicial",
    "公司": "company",
    "分组": GROUP,
}


@dataclass(frozen=True)
class UnitDraft:
    """A unit or a group as a file gives it. `parent` is its superior's index in the list, None for the root,
    NOWHERE when the file names a superior that is not there. `row` says where it stands in the file: a line
    number or a JSON path. `post` says whether a liaison post is filled, None when the file does not say.
    """

    row: str
    name: str
    parent: int | None
    kind: str = ""
    code: str = ""
    aliases: tuple[str, ...] = ()
    email: str = ""
    group: str = ""
    post: bool | None = None


def tidy(text: str) -> str:
    """`text` in NFC, blanks of every width at its ends cut off and inside it made one plain blank."""
    return BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()


def same_name(name: str) -> str:
    """A key that is equal for names a reader takes for one: width and case aside."""
    return unicodedata.normalize("NFKC", name).casefold()


def shown(text: str) -> str:
    """The beginning of `text` for a message; escaped when there is anything in it that cannot be seen."""
    start = text[:60]
    return ascii(start) if any(map(is_hidden, start)) else start


def is_hidden(mark: str) -> bool:
    """Whether the character `mark` cannot be seen where a name is read.

    Rare ideographs of place names are younger than some interpreters' tables, so their planes are let through.
    """
    return not (mark.isprintable() or ord(mark) in IDEOGRAPHIC_PLANES) or mark in LOOKS_BLANK


def tidy_draft(draft: UnitDraft) -> UnitDraft:
    """`draft` with tidy texts, its kind as one of our words where it is known, and each alias once."""
    name = tidy(draft.name)
    kind = tidy(draft.kind)
    aliases = {same_name(alias): alias for alias in map(tidy, draft.aliases) if alias}
    aliases.pop(same_name(name), None)
    return replace(
        draft,
        name=name,
        kind=KIND_WORDS.get(kind, kind) or UNIT,
        code=tidy(draft.code),
        aliases=tuple(aliases.values()),
        email=draft.email.strip(" "),
        group=tidy(draft.group),
    )


def field_problems(draft: UnitDraft) -> Iterator[InvalidInputError]:
    """Everything wrong with the fields of one tidy draft, each problem with its `row`."""
    row = draft.row
    if not draft.name:
        yield InvalidInputError("[%(row)s] The name is missing.", row=row)
    yield from _text_problems(row, draft.kind, LONGEST_KIND)
    for text in (draft.name, draft.group, *draft.aliases):
        yield from _text_problems(row, text, LONGEST_NAME)
    if len(draft.aliases) > MOST_ALIASES:
        yield InvalidInputError("[%(row)s] More than %(most)s aliases.", row=row, most=MOST_ALIASES)
    if draft.code and not CODE.fullmatch(draft.code):
        yield InvalidInputError(
            "[%(row)s] The code %(code)s is not up to 40 letters, digits, dots, slashes and hyphens.",
            row=row,
            code=shown(draft.code),
        )
    if draft.email:
        yield from _address_problems(row, draft.email)


def _text_problems(row: str, text: str, most: int) -> Iterator[InvalidInputError]:
    if len(text) > most:
        yield InvalidInputError(
            "[%(row)s] A text of %(count)s characters, at most %(most)s are possible: %(start)s…",
            row=row,
            count=len(text),
            most=most,
            start=shown(text),
        )
    hidden = sorted({f"U+{ord(mark):04X}" for mark in set(text) if is_hidden(mark)})
    if hidden:
        yield InvalidInputError(
            "[%(row)s] A text holds characters that cannot be seen: %(marks)s.",
            row=row,
            marks=", ".join(hidden[:10]),
        )


def _address_problems(row: str, address: str) -> Iterator[InvalidInputError]:
    try:
        safe_address(address)
    except RefusedError:
        yield InvalidInputError(
            "[%(row)s] %(address)s is not one plain e-mail address.", row=row, address=shown(address)
        )
