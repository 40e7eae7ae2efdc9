"""A document read into items. General rules only; see the modules beside for each."""

import re
from collections.abc import Sequence

from domain.phrases import find_phrases, label_phrases
from domain.reading.confidence import Doubt, confidence
from domain.reading.draft import Draft, drafts_under, parents_under
from domain.reading.duty import Duty, find_rule, merge
from domain.reading.head import read_head
from domain.reading.lines import Line, anchor_of, logical_lines
from domain.reading.model import Leaf, Paragraph, Reading, ReadItem
from domain.reading.organs import looks_like_organ
from domain.reading.outline import Node, build_outline
from domain.reading.prose import prose_drafts
from domain.reading.roles import roles_of
from domain.reading.tables import table_drafts

EVERYWHERE = (-1, -1)
_HINT = re.compile(
    r"(?:制定|出台|印发|编制|修订|报送|形成|提交|发布|公布)[^，。；、]{0,30}?(?:报告|方案|意见|办法|细则|清单|目录|指南|规划|计划|台账|总结|标准)"
)


def read_document(paragraphs: Sequence[Paragraph]) -> Reading:
    """The items of a document with their evidence, and the numbered paragraphs that are no tasks.

    Where the document divides its work (brackets, labelled lines, a table), only that counts. Where it divides
    none, a sentence that gives an organ a deadline is a task. Any text can be read; nothing is raised.
    """
    lines = logical_lines(paragraphs)
    head = read_head(lines)
    root = build_outline(lines)
    drafts = _in_order([*drafts_under(root), *(d for node in root.walk() for d in table_drafts(node))])
    drafts = drafts or prose_drafts(root)
    rules = _rules(root)
    taken = {span for draft in drafts for line in draft.lines for span in line.spans}
    leaves = tuple(
        Leaf(node.number, node.path, "\n".join(p.text for p in node.parts))
        for node in root.walk()
        if node.mark is not None
        and not node.children
        and not node.rows
        and not taken & set(node.parts[0].line.spans)
    )
    return Reading(
        title=head.title,
        number=head.number,
        issuer=head.issuer,
        secrecy_mark=head.secrecy_mark,
        items=tuple(_items(drafts, rules, paragraphs)),
        parents=tuple(_items(parents_under(root), rules, paragraphs)),
        non_task_leaves=leaves,
        lead_rule=rules[0][1] if rules else None,
    )


def _place(line: Line) -> tuple[int, int]:
    return line.spans[0].paragraph, line.spans[0].start


def _in_order(drafts: Sequence[Draft]) -> list[Draft]:
    return sorted((d for d in drafts if d.lines), key=lambda d: _place(d.lines[0]))


def _rules(root: Node) -> list[tuple[tuple[int, int], str]]:
    """The document's sentences on who leads with the place from which they hold.

    Said inside an item 「下同」 holds from there on; said in a note or the preface it holds for all.
    """
    found = []
    for node in root.walk():
        found += [
            (_place(part.line) if part.has_duty or part.is_label else EVERYWHERE, part.rule)
            for part in node.parts
            if part.rule is not None
        ]
        found += [(EVERYWHERE, rule) for row in node.rows if (rule := find_rule(row.text)) is not None]
    return sorted(found)


def _items(
    drafts: Sequence[Draft], rules: Sequence[tuple[tuple[int, int], str]], paragraphs: Sequence[Paragraph]
) -> list[ReadItem]:
    items = []
    later: tuple[str, ...] = ()
    for draft in drafts:
        last = max(_place(line) for line in draft.lines)
        rule = next((said for place, said in reversed(rules) if place <= last), None)
        items.append(_item(draft, rule, later, paragraphs))
        later += tuple(n for duty in draft.duties for n in duty.for_later)
    return items


def _item(
    draft: Draft, rule: str | None, later: tuple[str, ...], paragraphs: Sequence[Paragraph]
) -> ReadItem:
    reasons = list(draft.reasons)
    duties = list(draft.duties)
    if later:
        duties = [_with_later(duties[0], later), *duties[1:]]
        reasons.append(Doubt.INHERITED)
    roles = roles_of(duties, rule)
    if roles.mode == "joint":
        reasons.append(Doubt.NO_LEAD_MARKED)
    if not all(looks_like_organ(name) for name in roles.everybody):
        reasons.append(Doubt.UNUSUAL_NAME)
    if not draft.text:
        reasons.append(Doubt.NO_TEXT)
    unique = tuple(dict.fromkeys(reasons))
    phrases = [p for duty in duties for label in duty.deadlines for p in label_phrases(label)]
    hint = _HINT.search(draft.text)
    return ReadItem(
        number=draft.number,
        heading_path=draft.path,
        text=draft.text,
        lead_units=roles.lead,
        cooperating_units=roles.cooperating,
        units_all=roles.everybody,
        collectives=roles.collectives,
        role_mode=roles.mode,
        deadlines=tuple(dict.fromkeys([*phrases, *find_phrases(draft.text)])),
        anchor=anchor_of(draft.lines, paragraphs),
        confidence=confidence(unique),
        reasons=unique,
        evidence_hint=hint.group() if hint else None,
    )


def _with_later(duty: Duty, names: tuple[str, ...]) -> Duty:
    """「以下均需…落实，不再列出」: these names take part in every later task."""
    return merge(duty, Duty(order=names))
