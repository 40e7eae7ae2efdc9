"""Sentences of the pages on which a directive is drafted, published, changed."""

from collections.abc import Callable

from domain.foresight import Foresight
from domain.ladder import Clock
from locales.translator import Translator


def _(sentence: str) -> str:
    """Mark a sentence for the catalogue; it is translated when a page is made."""
    return sentence


PLACES = {"new_directive": _("New directive"), "instructions": _("Instructions")}
DONE = {
    "drafted": _("The draft is there. What is open or doubtful stands first."),
    "item_edited": _("The item is changed."),
    "item_added": _("The item is added."),
    "item_split": _("The item is cut in two."),
    "item_merged": _("The two items are one now."),
    "item_removed": _("The item is taken out; its place in the document stays."),
    "section_dropped": _("The items of the section are taken out."),
    "section_led": _("The unit leads all items of the section."),
    "frame_set": _("Title, horizon and dates are changed."),
    "published": _("The directive is published. Until its hold has passed it can be taken back."),
    "taken_back": _("The publication is undone: it is a draft again, no unit has heard of it."),
    "withdrawn": _("The directive is withdrawn."),
    "suspended": _("The directive stands still: no clock runs."),
    "resumed": _("The clocks run again."),
    "amended": _("The item is amended; whom it concerns was told."),
    "instructed": _("The instruction is given: it is handed to the unit at once."),
}
FIELDS = {
    "title": _("Title"),
    "horizon": _("Last day of the directive"),
    "text": _("Text"),
    "number": _("Number"),
    "heading": _("Headings"),
    "due_on": _("By"),
    "due_day": _("Day of the round"),
    "add": _("Further units"),
    "lead": _("Leads"),
    "reason": _("Reason"),
    "document": _("Document"),
    "section": _("Section"),
    "at": _("Where to cut"),
    "unit": _("Unit"),
}
GROUPED_BY = {
    "level": _("All of level %(value)s"),
    "grouping": _("All of %(value)s"),
    "kind": _("All of the kind %(value)s"),
}
FORESEEN = {
    Foresight.ASSIGN: _("Tasks are handed out"),
    Foresight.ACKNOWLEDGE_BY: _("Last day to acknowledge"),
    Foresight.COMPLETE_BY: _("Last day to complete"),
    Foresight.RUNG: _("Rung of the ladder"),
    Foresight.MID_TERM: _("Mid-term circular is drafted"),
}
BEFORE = {
    Clock.ACKNOWLEDGE: _("%(days)s working days before the last day to acknowledge"),
    Clock.COMPLETE: _("%(days)s working days before the last day to complete"),
    Clock.REPLY: _("%(days)s working days before the last day to reply"),
}
ON = {
    Clock.ACKNOWLEDGE: _("on the last day to acknowledge"),
    Clock.COMPLETE: _("on the last day to complete"),
    Clock.REPLY: _("on the last day to reply"),
}
AFTER = {
    Clock.ACKNOWLEDGE: _("%(days)s working days after the last day to acknowledge"),
    Clock.COMPLETE: _("%(days)s working days after the last day to complete"),
    Clock.REPLY: _("%(days)s working days after the last day to reply"),
}
FIGURES = {
    "acknowledge_days": _("Working days to acknowledge"),
    "publish_hold_minutes": _("Minutes in which the publication can be taken back"),
    "letter_hold_minutes": _("Minutes between the signing and the issue of a letter"),
    "mail_hold_minutes": _("Minutes before a mail leaves"),
    "rework_days": _("Working days for rework, at the least"),
    "reply_days": _("Working days to reply to a circular"),
    "rectification_days": _("Working days to mend what a circular names"),
    "mid_term_month": _("Month of the mid-term circular"),
}
KINDS_OF_UNIT = {
    "gov": _("government department"),
    "party_organ": _("party organ"),
    "department": _("department"),
    "district": _("district"),
    "county": _("county"),
    "county_level_city": _("county-level city"),
    "prefecture_city": _("city"),
    "town": _("town"),
    "township": _("township"),
    "subdistrict": _("subdistrict"),
    "village": _("village"),
    "community": _("community"),
    "park_or_soe": _("park or state enterprise"),
    "vertical": _("vertically managed unit"),
    "institution": _("public institution"),
    "mass_org": _("mass organisation"),
    "company": _("company"),
}


def draft_sayers(speaker: Translator) -> dict[str, Callable[..., str]]:
    """The functions the templates of these pages call."""

    def group_name(by: str, value: str) -> str:
        shown = speaker.gettext(KINDS_OF_UNIT[value]) if by == "kind" and value in KINDS_OF_UNIT else value
        return speaker.gettext(GROUPED_BY[by]) % {"value": shown}

    def rung_when(clock: Clock, offset: int) -> str:
        sentence = BEFORE[clock] if offset < 0 else AFTER[clock] if offset else ON[clock]
        return speaker.gettext(sentence) % {"days": abs(offset)}

    return {
        "group_name": group_name,
        "rung_when": rung_when,
        "foreseen_name": lambda value: speaker.gettext(FORESEEN[Foresight(value)]),
        "figure_name": lambda value: speaker.gettext(FIGURES[value]),
    }
