"""The office that the settings describe: its database, its audit keys, its zone."""

from email.utils import parseaddr
from zoneinfo import ZoneInfo

from config.settings import Settings
from services.office import Office
from store.keys import load_key_ring
from store.sessions import open_engine

NO_MAIL_HOST = "duban.invalid"
LETTERS_IN = "zh_CN"


def open_office(settings: Settings) -> Office:
    """Raises NotFoundError where the audit key file is missing: it is made once, by `duban init`."""
    return Office(
        open_engine(settings.database_url.get_secret_value()),
        load_key_ring(settings.audit_key_file),
        ZoneInfo(settings.time_zone),
        mail_host=parseaddr(settings.mail_from)[1].rpartition("@")[2] or NO_MAIL_HOST,
        language=settings.language or LETTERS_IN,
        sends_mail=bool(settings.smtp_url.get_secret_value()),
    )
