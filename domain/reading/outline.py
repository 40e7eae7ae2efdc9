"""The tree of numbered paragraphs. A number keeps its depth by the standard order 一、（一）1.（1）."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from domain.reading.lines import Line
from domain.reading.numbering import Mark
from domain.reading.part import Part, mark_of, read_part

LONGEST_TITLE = 30
LONGEST_HEADING = 60  # characters of a paragraph that serve as its heading when it has no title
LEAD_IN = re.compile(r"(?:具体|主要|重点|工作|任务|推进)(?:措施|任务|举措|要求|内容|安排|工作)[:：]\s*(?=\S)")
_CLOSING = re.compile(
    r"(?:特此(?:通知|通报|函告|公告)[。.]?|（此件[^（）]{2,12}）|附件?[:：].*|附：.*|抄送[:：].*"
    r"|(?:\d{4}|[〇零一二三四五六七八九○]{4})年[\d一二三四五六七八九十]{1,2}月[\d一二三四五六七八九十]{1,3}日)$",
    re.DOTALL,
)


@dataclass(eq=False, slots=True)
class Node:
    """A numbered paragraph (or a styled heading) with what follows it up to the next number."""

    rank: int
    mark: Mark | None = None
    lead_in: bool = False
    parts: list[Part] = field(default_factory=list)
    rows: list[Line] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)
    parent: "Node | None" = None
    own_duty: bool = False

    def add(self, part: Part) -> None:
        """One more line of this node; an organ named in it is remembered."""
        self.parts.append(part)
        self.own_duty = self.own_duty or part.has_duty

    @property
    def number(self) -> str:
        """The number as printed, empty when it has none."""
        return self.mark.printed if self.mark else ""

    @property
    def heading(self) -> str:
        """The number with the title sentence, or with as much of the paragraph as serves for one."""
        text = self.parts[0].text if self.parts else ""
        end = text.find("。")
        if 0 <= end < LONGEST_TITLE:
            text = text[: end + 1]
        gap = " " if self.number.isascii() and text[:1].isascii() and text[:1].isalnum() else ""
        return (self.number + gap + text)[:LONGEST_HEADING]

    @property
    def path(self) -> tuple[str, ...]:
        """The headings above this node, the highest first."""
        found: list[str] = []
        node = self.parent
        while node is not None and node.parent is not None:
            found.append(node.heading)
            node = node.parent
        return tuple(reversed(found))

    def walk(self) -> Iterator["Node"]:
        """This node and all below it, in printed order."""
        yield self
        for child in self.children:
            yield from child.walk()


def is_closing(text: str) -> bool:
    """Whether a line belongs to the foot of the paper (date, 特此通知, 附件) rather than to a task."""
    return len(text) <= 200 and _CLOSING.match(text) is not None


def build_outline(lines: Sequence[Line]) -> Node:
    """The root of a document's tree; what stands before the first number belongs to the root."""
    root = current = Node(rank=-1)
    last: dict[str, int] = {}
    for line in lines:
        if line.cells is not None:
            current.rows.append(line)
            continue
        mark = mark_of(line, last.get("digit", 0) + 1)
        lead_in = LEAD_IN.match(line.text) if mark is None and current.own_duty else None
        if mark is not None:
            if mark.value is not None:
                last[mark.kind] = mark.value
            current = _attach(current, Node(mark.rank, mark))
        elif line.level is not None:
            current = _attach(current, Node(line.level))
        elif lead_in is not None:
            current = _attach(current, Node(current.rank + (not current.lead_in), lead_in=True))
            mark_end = Mark("digit", "", None, lead_in.end())
            current.add(read_part(line, mark_end))
            continue
        current.add(read_part(line, mark))
    return root


def _attach(current: Node, node: Node) -> Node:
    """Hang `node` under the nearest node that stands higher."""
    parent: Node | None = current
    while parent is not None and parent.parent is not None and parent.rank >= node.rank:
        parent = parent.parent
    assert parent is not None
    node.parent = parent
    parent.children.append(node)
    return node
