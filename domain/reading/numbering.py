"""Numbers before paragraphs, in the order GB/T 9704 gives them: 一、 （一） 1. （1）, and 第X条 of a regulation."""

import re
from dataclasses import dataclass

from domain.numerals import HAN, to_int

_MARKS = re.compile(
    rf"""(?:
      (?P<chapter>第[{HAN}\d]{{1,5}}[编章节](?=[\s　]|$))
    | (?P<article>第[{HAN}\d]{{1,5}}条)
    | (?P<han>[{HAN}]{{1,5}}[、．.](?!\d))
    | (?P<han_paren>[（(][{HAN}]{{1,5}}[）)]、?)
    | (?P<decimal>\d{{1,3}}(?:\.\d{{1,3}}){{1,3}}(?=[\s　]))
    | (?P<digit>\d{{1,3}}[.．、])
    | (?P<digit_paren>[（(]?\d{{1,3}}[）)]|[（(][a-z][）)])
    | (?P<circled>[①-⑳])
    )[ \t　]{{0,4}}""",
    re.VERBOSE,
)
RANKS = {
    "chapter": 0, "han": 1, "han_paren": 2, "article": 2, "digit": 3, "decimal": 4, "digit_paren": 5, "circled": 6,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """A number at the head of a paragraph. `doubtful` when it may be a figure (「1.2亿」, 「11.121人才」)."""

    kind: str
    printed: str
    value: int | None
    end: int
    doubtful: bool = False

    @property
    def rank(self) -> int:
        """Depth by the standard order; a smaller rank stands higher."""
        return RANKS[self.kind]


def find_mark(text: str) -> Mark | None:
    """The number a line begins with, or None."""
    match = _MARKS.match(text)
    if match is None:
        return None
    kind = match.lastgroup
    assert kind is not None
    printed = match.group(kind)
    end = match.end()
    # A decimal point is never full-width and has no blank behind it.
    bare = printed.strip("第编章节条、．.（）() 　")
    value = ord(bare) - ord("①") + 1 if kind == "circled" else to_int(bare)
    doubtful = kind == "digit" and printed[-1] == "." and text[match.end(kind) : end + 1][:1].isdigit()
    return Mark(kind, printed, value, end, doubtful)
