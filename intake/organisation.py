"""Reading an organisation from a file: JSON, CSV or XLSX, told apart by what they hold, not by their names."""

from pathlib import Path

from domain.errors import InvalidInputError
from domain.organisation import OrganisationPlan
from intake.organisation_json import plan_json
from intake.organisation_rows import csv_rows, xlsx_rows
from intake.organisation_table import plan_table

MOST_BYTES = 20 * 1024 * 1024
ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
BOM = b"\xef\xbb\xbf"


def read_organisation(path: Path, tree: str | None = None) -> OrganisationPlan:
    """The organisation in the file at `path`, checked as a whole.

    `tree` is the id or the name of the one that is meant when a JSON file holds several. Raises
    InvalidInputError with every problem in its `problems`; then nothing of the file may be used.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as fault:
        raise InvalidInputError(
            "%(file)s cannot be read: %(fault)s", file=path.name, fault=fault.strerror or type(fault).__name__
        ) from None
    if len(data) > MOST_BYTES:
        raise InvalidInputError("%(file)s is larger than %(most)s bytes.", file=path.name, most=MOST_BYTES)
    start = data.removeprefix(BOM).lstrip()[:4]
    if not start:
        raise InvalidInputError("The file is empty.")
    if start.startswith((b"{", b"[")):
        return plan_json(data, tree)
    if tree is not None:
        raise InvalidInputError("A table holds one organisation alone: no tree can be chosen in it.")
    if start == OLD_EXCEL:
        raise InvalidInputError("This is an old Excel file: save it as XLSX.")
    return plan_table(xlsx_rows(data) if start == ZIP else csv_rows(data))
