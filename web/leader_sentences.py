"""Sentences of the overview, the directives and their lists: the names of lights, of orders, of what waits."""

from collections.abc import Callable

from locales.translator import Translator
from services.views.lights import Light
from services.views.unit_task_filter import Did, Sort, WaitsFor


def _(sentence: str) -> str:
    """Mark a sentence for the catalogue; it is translated when a page is made."""
    return sentence


PLACES = {
    "overview": _("Overview"),
    "directives": _("Directives"),
    "unit_tasks": _("All tasks"),
    "search": _("Search"),
}
LIGHTS = {
    Light.OVERDUE: _("overdue"),
    Light.SOON: _("due soon"),
    Light.WAITING: _("waiting"),
    Light.ON_TIME: _("on time"),
    Light.DONE: _("done"),
    Light.NONE: _("withdrawn"),
}
SIGNS = {
    Light.OVERDUE: "!",
    Light.SOON: "◷",
    Light.WAITING: "‖",
    Light.ON_TIME: "✓",
    Light.DONE: "✔",
    Light.NONE: "–",
}
"""A sign beside the colour, for eyes that see no red."""
SORTS = {
    Sort.DUE: _("by deadline"),
    Sort.ITEM: _("by item"),
    Sort.UNIT: _("by unit"),
}
ASKED = {
    WaitsFor.EXTENSION: _("asks for an extension"),
    WaitsFor.DISPUTE: _("says it is not its task"),
}
HAPPENED = {
    (Did.SUBMITTED, 0): _("handed in within seven days"),
    (Did.SUBMITTED, 1): _("handed in the seven days before"),
    (Did.ACCEPTED, 0): _("accepted within seven days"),
    (Did.ACCEPTED, 1): _("accepted the seven days before"),
}


def leader_sayers(speaker: Translator) -> dict[str, Callable[..., str]]:
    """The functions a template calls."""
    return {
        "light_name": lambda value: speaker.gettext(LIGHTS[Light(value)]),
        "light_sign": lambda value: SIGNS[Light(value)],
        "sort_name": lambda value: speaker.gettext(SORTS[Sort(value)]),
        "asked_for": lambda value: speaker.gettext(ASKED[WaitsFor(value)]),
        "happened_name": lambda did, week: speaker.gettext(HAPPENED[Did(did), week]),
    }
