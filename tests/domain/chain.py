"""Keys and chains for the tests of the audit chain."""

from collections.abc import Iterable, Mapping

from domain.audit import START, Entry, Sealed, seal

KEYS = {"2026a": b"the key file of the office", "2026b": b"the next key"}
FORGER = b"a key somebody made up"
Chain = list[Sealed]


def chained(entries: Iterable[Entry], keys: Mapping[str, bytes] = KEYS) -> Chain:
    """The entries sealed one behind the other."""
    rows: Chain = []
    for entry in entries:
        rows.append(seal(entry, rows[-1].hash if rows else START, keys[entry.key_id]))
    return rows
