"""What one of several processes does that share a register of numbers."""

from datetime import datetime
from multiprocessing.synchronize import Barrier
from zoneinfo import ZoneInfo

from domain.audit import KeyRing
from services.letters import IssueLetter, issue_letter
from services.office import Actor, Office
from store.sessions import open_engine


def issue_all(url: str, now: datetime, ids: list[int], begin: Barrier) -> None:
    """Issue these letters, beginning together with the others."""
    office = Office(open_engine(url), KeyRing("test", {"test": b"k" * 32}), ZoneInfo("Asia/Shanghai"))
    begin.wait()
    for letter_id in ids:
        issue_letter(office, Actor("engine:test"), now, IssueLetter(letter_id=letter_id))
