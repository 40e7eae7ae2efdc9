"""A task found, before its roles are settled: where it stands, what it says, who is named."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.reading.confidence import Doubt
from domain.reading.duty import Duty, merge
from domain.reading.lines import Line
from domain.reading.outline import Node, is_closing
from domain.reading.part import Part

FEWEST_INHERITING = 2


@dataclass(frozen=True, slots=True)
class Draft:
    """One task to be. `lines` are quoted by its anchor; `reasons` lower its confidence."""

    number: str
    path: tuple[str, ...]
    lines: tuple[Line, ...]
    text: str
    duties: tuple[Duty, ...]
    reasons: tuple[Doubt, ...] = ()


def _of_parts(number: str, path: tuple[str, ...], parts: Sequence[Part], *reasons: Doubt) -> Draft:
    duties = tuple(d for part in parts for d in part.duties)
    found = list(reasons)
    if sum(d.names_somebody for d in duties) > 1 and not any(p.is_label for p in parts):
        found.append(Doubt.SEVERAL_BRACKETS)
    if any(d.bare for d in duties):
        found.append(Doubt.BARE_NAMES)
    if any(part.line.mended for part in parts):
        found.append(Doubt.MENDED_BREAKS)
    text = "\n".join(part.text for part in parts if part.text)
    return Draft(number, path, tuple(p.line for p in parts), text, _join_labels(parts), tuple(found))


def _join_labels(parts: Sequence[Part]) -> tuple[Duty, ...]:
    """Labelled lines of one task are one division of work: 「牵头单位：」 and 「配合单位：」 below each other."""
    joined: list[Duty] = []
    for part in parts:
        for duty in part.duties:
            if joined and (part.is_label or not duty.names_somebody):
                joined[-1] = merge(joined[-1], duty)
            else:
                joined.append(duty)
    return tuple(joined)


def _segments(parts: Sequence[Part]) -> tuple[list[list[Part]], list[Part]]:
    """Lines grouped so that each group ends with its division of work; what is left over comes second."""
    groups: list[list[Part]] = []
    waiting: list[Part] = []
    for part in parts:
        if part.is_label and not waiting and groups:
            groups[-1].append(part)
            continue
        waiting.append(part)
        if part.has_duty or (part.is_label and part.duties):
            groups.append(waiting)
            waiting = []
    return groups, waiting


def _until_closing(parts: Iterable[Part]) -> list[Part]:
    kept: list[Part] = []
    for part in parts:
        if is_closing(part.line.text):
            break
        kept.append(part)
    return kept


def _own_drafts(node: Node) -> Iterator[Draft]:
    groups, rest = _segments(node.parts)
    groups = [g for g in groups if any(p.has_duty for p in g)]
    below = [*node.path, node.heading] if node.parent is not None else []
    only = len(groups) == 1
    for position, group in enumerate(groups):
        parts = list(group)
        if only and group[0].is_title and group[0].text:
            parts += _until_closing(rest)
        if position == 0 and node.parent is not None:
            if only or group[0].has_duty or not group[0].is_title:
                if only:
                    parts += [p for child in node.children for n in child.walk() for p in n.parts]
                yield _of_parts(node.number, node.path, parts)
                continue
            parts = parts[1:]
        yield _of_parts("", tuple(below), parts)


def _inheriting(node: Node) -> list[Draft]:
    """The numbered points under a mere title that names the organs, each with the title's organs."""
    leaves = [n for child in node.children for n in child.walk() if not n.children]
    mere_title = all(part.is_title for part in node.parts)
    if not (node.parts[0].text and mere_title and len(leaves) >= FEWEST_INHERITING):
        return []
    duties = _join_labels(node.parts)
    drafts = []
    for leaf in leaves:
        parts = _until_closing(leaf.parts)
        if parts:
            own = _of_parts(leaf.number, leaf.path, parts, Doubt.INHERITED)
            drafts.append(
                Draft(own.number, own.path, own.lines, own.text, (*duties, *own.duties), own.reasons)
            )
    return drafts


def drafts_under(node: Node) -> list[Draft]:
    """The tasks of a node and of all below it. A node whose children are tasks is their parent, no task."""
    below = [draft for child in node.children for draft in drafts_under(child)]
    if below and node.parent is not None:
        return below
    if not node.own_duty:
        return below
    return [*(_inheriting(node) or _own_drafts(node)), *below]


def parents_under(node: Node) -> list[Draft]:
    """The numbered paragraphs that name organs themselves but whose children are the tasks."""
    below = [draft for child in node.children for draft in parents_under(child)]
    is_parent = (
        node.mark is not None and node.own_duty and any(drafts_under(child) for child in node.children)
    )
    return [_of_parts(node.number, node.path, node.parts), *below] if is_parent else below
