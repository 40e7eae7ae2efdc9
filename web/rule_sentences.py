"""What the figures of a policy and the fates of a unit are called."""

from collections.abc import Callable

from locales.translator import Translator


def _(sentence: str) -> str:
    """Mark a sentence for the catalogue; it is translated when a page is made."""
    return sentence


FIGURES = {
    "acknowledge_days": _("Working days to acknowledge"),
    "publish_hold_minutes": _("Minutes in which a publication can be taken back"),
    "letter_hold_minutes": _("Minutes in which a signed letter can be taken back"),
    "mail_hold_minutes": _("Minutes before a mail leaves"),
    "rework_days": _("Working days for rework, at least"),
    "reply_days": _("Working days to reply to a circular"),
    "rectification_days": _("Working days to put something right"),
    "mid_term_month": _("Month of the mid-term report"),
    "needs_signature": _("Letters that a leader signs"),
    "most_times": _("Extensions of one task, at most"),
    "most_working_days": _("Working days of extension in all, at most"),
}
LADDERS = {
    "standard": _("The standard ladder"),
    "recurring": _("The ladder of monthly and quarterly rounds"),
    "rectification": _("The ladder of rectifications"),
}
FATES = {
    "merged": _("It was merged into"),
    "abolished": _("It was abolished; its successor is"),
}
UNIT_KINDS = {
    "prefecture_city": _("city"),
    "district": _("district"),
    "county": _("county"),
    "town": _("town"),
    "township": _("township"),
    "subdistrict": _("subdistrict"),
    "village": _("village"),
    "gov": _("government department"),
    "party_organ": _("party organ"),
    "institution": _("public institution"),
    "mass_org": _("mass organisation"),
    "vertical": _("unit under vertical management"),
    "park_or_soe": _("park or state-owned enterprise"),
    "judicial": _("judicial organ"),
    "company": _("company"),
    "unit": _("unit"),
}


def rule_sayers(speaker: Translator) -> dict[str, Callable[[str], str]]:
    """The functions the templates call; a figure without a name is called as it stands."""
    return {
        "policy_figure": lambda value: speaker.gettext(FIGURES[value]) if value in FIGURES else value,
        "ladder_name": lambda value: speaker.gettext(LADDERS[value]),
        "unit_kind_name": lambda value: speaker.gettext(UNIT_KINDS[value]) if value in UNIT_KINDS else value,
        "fate_name": lambda value: speaker.gettext(FATES[value]),
    }
