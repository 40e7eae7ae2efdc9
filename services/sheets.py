"""Rows as CSV and XLSX files that no spreadsheet program takes for orders.

A cell that begins like a formula would be computed by whoever opens the file. In CSV it gets an apostrophe before
it; in XLSX it is stored as text. CSV files begin with a byte order mark, or Excel would not read them as UTF-8.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

STARTS = frozenset("=+-@\t\r\n＝＋－＠")
"""First characters of formulas (CWE-1236), also in full width, which a spreadsheet may fold."""
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold."""
LONGEST = 32_000  # characters in a cell; Excel's limit is 32,767


def is_formula(text: str) -> bool:
    """Whether a spreadsheet could take the text for a formula, blanks before it aside."""
    return text.lstrip(" \u00a0\u3000")[:1] in STARTS if text else False


def disarmed(value: Any) -> Any:
    """A value for CSV: a text that looks like a formula has an apostrophe before it; figures stay figures."""
    text = _text(value)
    return f"'{text}" if isinstance(value, str) and is_formula(text) else text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", str(value))[:LONGEST]


class Sheets(AbstractContextManager["Sheets"]):
    """One table written row by row to `NAME.csv` and `NAME.xlsx` in a folder that is there."""

    def __init__(self, folder: Path, name: str, headers: Sequence[str]) -> None:
        self.csv, self.xlsx = folder / f"{name}.csv", folder / f"{name}.xlsx"
        self._stack = ExitStack()
        file = self._stack.enter_context(self.csv.open("w", encoding="utf-8-sig", newline=""))
        self._writer = csv.writer(file)
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(name)
        self.add(headers)

    def add(self, row: Iterable[Any]) -> None:
        """One row: texts, whole numbers, dates, None."""
        values = list(row)
        self._writer.writerow([disarmed(value) for value in values])
        self._sheet.append(list(self._cells(values)))

    def _cells(self, values: Sequence[Any]) -> Iterator[Any]:
        for value in values:
            if isinstance(value, int) and not isinstance(value, bool):
                yield value
                continue
            cell = WriteOnlyCell(self._sheet, value=_text(value))
            cell.data_type = "s"  # openpyxl makes a formula of a text that begins with an equals sign
            yield cell

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the CSV file and write the XLSX file, this one only when all went well."""
        self._stack.close()
        if error is None:
            self._book.save(self.xlsx)
        else:
            self._sheet.close()  # a half-written sheet complains when it is thrown away
