"""Sentences of the page on which webhooks are made."""

from collections.abc import Callable

from locales.translator import Translator
from models.webhooks import WebhookEvent


def _(sentence: str) -> str:
    """Mark a sentence for the catalogue; it is translated when a page is made."""
    return sentence


PLACES = {"webhooks": _("Webhooks")}
DONE = {
    "webhook_ended": _("The webhook is told nothing any more."),
    "webhook_tested": _(
        "A test event is on its way. Open the page again in a few seconds to see the answer."
    ),
}
FIELDS = {"url": _("Address"), "events": _("Events")}
WEBHOOK_EVENTS = {
    WebhookEvent.PUBLISHED: _("a directive was published"),
    WebhookEvent.OVERDUE: _("units are overdue and were reminded or written to"),
    WebhookEvent.LETTER_ISSUED: _("a letter was issued with its number"),
    WebhookEvent.CLOSED: _("an item or a directive was closed"),
    WebhookEvent.TEST: _("a test"),
}


def webhook_sayers(speaker: Translator) -> dict[str, Callable[[str], str]]:
    """What the page's template calls."""
    return {"webhook_event_name": lambda value: speaker.gettext(WEBHOOK_EVENTS[WebhookEvent(value)])}
