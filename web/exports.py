"""A list as a file for a spreadsheet: exactly the rows that the filters in the address leave."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from fastapi import Response

from services.sheets import Sheets


class SheetForm(StrEnum):
    """The two forms a list is saved in."""

    XLSX = "xlsx"
    CSV = "csv"


MEDIA_TYPES = {
    SheetForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    SheetForm.CSV: "text/csv; charset=utf-8",
}


def sheet_answer(
    name: str, headers: Sequence[str], rows: Iterable[Sequence[Any]], form: SheetForm
) -> Response:
    """The rows as a file called `name` (without its ending), to be saved."""
    with TemporaryDirectory() as folder:
        with Sheets(Path(folder), "sheet", headers) as sheets:
            for row in rows:
                sheets.add(row)
        octets = (sheets.xlsx if form is SheetForm.XLSX else sheets.csv).read_bytes()
    said = f"attachment; filename*=UTF-8''{quote(f'{name}.{form}', safe='')}"
    return Response(octets, media_type=MEDIA_TYPES[form], headers={"content-disposition": said})
