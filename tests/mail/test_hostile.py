"""Many letters through a server that refuses, forgets and cuts: nothing lost, copies only where none can tell."""

import random
from collections import deque

import pytest

from mail.faults import Fault
from mail.message import Outgoing
from mail.transport import Carrier
from tests.mail.samples import outgoing, settings
from tests.smtp_server import DROP, Answer, ScriptedSmtp

PASSING = (421, 450, 451, 452, 454, 471)
FINAL = (500, 550, 551, 552, 553, 554, 556)
Misfortune = tuple[str, Answer]


class HostileSmtp(ScriptedSmtp):
    """Every recipient has a list of misfortunes, met one after another; then all goes well."""

    def __init__(self, misfortunes: dict[str, deque[Misfortune]]) -> None:
        super().__init__()
        self.misfortunes = misfortunes

    def answer(self, stage: str, recipient: str = "") -> Answer | None:
        ahead = self.misfortunes.get(recipient)
        if ahead and ahead[0][0] == stage:
            return ahead.popleft()[1]
        return None


def fate(chance: random.Random) -> list[Misfortune]:
    """Up to three passing misfortunes, and for one letter in five a final one after them."""
    passing: list[Misfortune] = [
        *((stage, f"{code} later") for stage in ("rcpt", "data", "dot") for code in PASSING),
        *((stage, DROP) for stage in ("rcpt", "data", "body", "dot") for _ in range(4)),
    ]
    final = [(stage, f"{code} never") for stage in ("rcpt", "data", "dot") for code in FINAL]
    chosen = chance.sample(passing, chance.randrange(4))
    return [*chosen, *([chance.choice(final)] if chance.random() < 0.2 else [])]


async def send_until_settled(carrier: Carrier, letters: list[Outgoing]) -> dict[str, Fault | None]:
    settled: dict[str, Fault | None] = {}
    for _attempt in range(5):
        outcomes = await carrier.send_many(letters)
        settled |= {one.message_id: one.fault for one in outcomes if one.fault in {None, Fault.FINAL}}
        letters = [letter for letter in letters if letter.message_id not in settled]
    return settled


@pytest.mark.timeout(600)
@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.prove)])
async def test_every_letter_is_settled_and_only_a_lost_answer_makes_a_copy(count: int) -> None:
    chance = random.Random(20260302)
    letters = [outgoing(number) for number in range(count)]
    fates = {letter.recipient: fate(chance) for letter in letters}

    with HostileSmtp({recipient: deque(ahead) for recipient, ahead in fates.items()}) as smtp:
        async with Carrier(settings(smtp.url)) as carrier:
            settled = await send_until_settled(carrier, letters)
        received = smtp.received

    for letter in letters:
        ahead = fates[letter.recipient]
        is_refused = any(isinstance(answer, str) and answer.startswith("5") for _, answer in ahead)
        lost_answers = ahead.count(("dot", DROP))
        assert settled[letter.message_id] is (Fault.FINAL if is_refused else None), ahead
        assert received[letter.message_id] == lost_answers + (not is_refused), ahead
    assert set(received) <= {letter.message_id for letter in letters}
