"""Who leads and who takes part, never guessed: without a mark or a rule of the document all are joint."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.reading.duty import NO_LEAD_RULE, Duty
from domain.reading.model import RoleMode
from domain.reading.organs import is_collective


@dataclass(frozen=True, slots=True)
class Roles:
    """The units of one task as an item carries them."""

    lead: tuple[str, ...]
    cooperating: tuple[str, ...]
    everybody: tuple[str, ...]
    mode: RoleMode

    @property
    def collectives(self) -> tuple[str, ...]:
        """The addressees that fan out."""
        return tuple(name for name in self.everybody if is_collective(name))


def _of_one(duty: Duty, rule: str | None) -> Roles:
    names = duty.order
    if duty.lead:
        return Roles(duty.lead, tuple(n for n in names if n not in duty.lead), names, "explicit_lead")
    if len(names) == 1:
        return Roles(names, (), names, "single")
    helpers = tuple(n for n in duty.cooperating if n not in duty.responsible)
    if helpers and duty.responsible and len(helpers) + len(duty.responsible) == len(names):
        return Roles(duty.responsible, helpers, names, "explicit_lead")
    if rule is not None and NO_LEAD_RULE.search(rule):
        return Roles(names, (), names, "explicit_lead")
    if rule is not None:
        return Roles(names[:1], names[1:], names, "first_is_lead")
    return Roles(names, (), names, "joint")


def roles_of(duties: Sequence[Duty], rule: str | None) -> Roles:
    """The roles of one task. `rule` is the document's sentence on who leads, None when it gives none.

    Of several divisions of work in one paragraph each is read by itself; who leads in one, leads.
    """
    each = [_of_one(duty, rule) for duty in duties if duty.names_somebody]
    if len(each) == 1:
        return each[0]
    everybody = tuple(dict.fromkeys(n for roles in each for n in roles.everybody))
    if len(everybody) == 1:
        return Roles(everybody, (), everybody, "single")
    marked = [r for r in each if r.mode in {"explicit_lead", "first_is_lead"}]
    if not marked:
        return Roles(everybody, (), everybody, "joint")
    leading = (
        marked
        if all(r.mode != "first_is_lead" for r in marked)
        else [*marked, *(r for r in each if r.mode == "single")]
    )
    lead = {n for roles in leading for n in roles.lead}
    mode: RoleMode = "explicit_lead" if any(r.mode == "explicit_lead" for r in marked) else "first_is_lead"
    return Roles(
        tuple(n for n in everybody if n in lead),
        tuple(n for n in everybody if n not in lead),
        everybody,
        mode,
    )
