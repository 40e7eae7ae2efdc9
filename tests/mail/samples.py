"""Messages to send."""

from datetime import UTC, datetime
from typing import Any

from mail.message import Outgoing
from mail.settings import SmtpSettings

DATE = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def outgoing(number: int = 1, **changes: Any) -> Outgoing:
    """A reminder letter to clerk `number`; `changes` replaces fields."""
    fields: dict[str, Any] = {
        "sender": "office@example.gov.cn",
        "recipient": f"clerk{number}@example.gov.cn",
        "subject": f"【提醒函】关于第{number}项任务即将到期的提醒",
        "text": "请于3月10日前报送办理情况。\n市政府督查室\n",
        "message_id": f"<notice-{number}@example.gov.cn>",
        "date": DATE,
    }
    return Outgoing(**{**fields, **changes})


def settings(url: str, **changes: object) -> SmtpSettings:
    """The settings behind `url`, without TLS unless `changes` says otherwise; `changes` are options of the URL."""
    options = "".join(f"&{name}={value}" for name, value in ({"starttls": "never"} | changes).items())
    return SmtpSettings.from_url(url + options)
