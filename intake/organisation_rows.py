"""The rows of a CSV or XLSX file as texts, each with the line number a reader sees."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from domain.errors import InvalidInputError, RefusedError
from intake.organisation_table import Row

ENCODINGS = ("utf-8-sig", "gb18030")  # what Excel saves in China: with a byte order mark, or GB
DELIMITERS = ",;\t"
MOST_ROWS = 100_000
MOST_UNPACKED = 200 * 1024 * 1024  # bytes
MOST_PARTS = 2_000
MOST_RATIO = 100
SMALL = 1024 * 1024  # bytes; whatever the ratio, no danger
DECLARATIONS_WITHIN = 4096  # bytes; a document type stands before the first element
UNREADABLE = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    ValueError,
)  # what openpyxl, zipfile and the XML parser raise for damaged, encrypted and foreign files


def csv_rows(data: bytes) -> Iterator[Row]:
    """Rows of a CSV in UTF-8 or GB18030, separated by comma, semicolon or tab.

    Raises InvalidInputError for bytes that are no text and for broken quotes.
    """
    text = _text(data)
    first_line = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            yield number, tuple(cell.strip() for cell in cells)
            number = reader.line_num + 1
    except csv.Error as fault:
        raise InvalidInputError(
            "[%(row)s] The CSV cannot be read: %(fault)s", row=str(number), fault=str(fault)
        ) from None


def _text(data: bytes) -> str:
    if b"\0" in data:
        raise InvalidInputError("This is a binary file: give the organisation as JSON, CSV or XLSX.")
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInputError("The CSV is neither in UTF-8 nor in GB18030.")


def xlsx_rows(data: bytes) -> Iterator[Row]:
    """Rows of the first worksheet of an XLSX.

    Raises InvalidInputError for a file that is none, RefusedError for one made to exhaust its reader.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_traps(archive, len(data))
        yield from _sheet_rows(data)
    except UNREADABLE as fault:
        raise InvalidInputError("The XLSX cannot be read: %(fault)s", fault=type(fault).__name__) from None


def _sheet_rows(data: bytes) -> Iterator[Row]:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write a wrong size, and openpyxl would believe it
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > MOST_ROWS:
                raise InvalidInputError("The table has more than %(most)s rows.", most=MOST_ROWS)
            yield number, tuple(_cell_text(cell) for cell in cells)
    finally:
        book.close()


def _refuse_traps(archive: zipfile.ZipFile, size: int) -> None:
    """Refuse an archive that would unpack to too much, by its directory, and XML that declares entities."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > min(MOST_UNPACKED, max(size * MOST_RATIO, SMALL)):
        raise RefusedError("The XLSX would unpack to too much: %(size)s bytes.", size=unpacked)
    for part in parts:
        with archive.open(part) as file:
            if b"<!DOCTYPE" in file.read(DECLARATIONS_WITHIN).replace(b"\0", b""):  # UTF-16 too
                raise RefusedError("The XLSX declares entities of its own; no spreadsheet program does.")


def _cell_text(value: Any) -> str:
    """The text of a cell as its reader sees it; a whole number without a point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value).strip()
