"""A document file to paragraphs: TXT in UTF-8 or GB18030, DOCX with its tables and numbers.

What is new to read (PDF, XLSX) gets a reader of its own beside `docx_text.py` and a row in `_READERS`.
"""

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.errors import InvalidInputError
from domain.reading.head import guess_title
from domain.reading.lines import FEWEST_CELLS, logical_lines
from domain.reading.model import Paragraph
from intake.docx_text import docx_paragraphs

MOST_BYTES = 20 * 1024 * 1024
MOST_CONTROLS = 0.01  # of the characters; above it a file that decodes by chance is still binary
SAMPLE = 200_000  # characters looked at to tell text from bytes
CAPTION = "# TITLE:"
ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file as paragraphs. `sha256` is of its bytes, `encoding` that of a text file or `docx`."""

    title: str
    paragraphs: tuple[Paragraph, ...]
    sha256: str
    encoding: str


def read_file(path: Path) -> SourceText:
    """The paragraphs of a document file.

    Raises InvalidInputError, naming the file and the reason, for a file that is missing, unreadable, empty,
    binary, too large, of a type not read here, or a packed file made to burst.
    """
    _reader_of(path.name)
    return read_bytes(path.name, _bytes_of(path))


def read_bytes(name: str, data: bytes) -> SourceText:
    """The paragraphs of a document that was sent as `data` under the file name `name`. Raises as `read_file` does."""
    reader = _reader_of(name)
    if not data:
        raise InvalidInputError("%(file)s cannot be read: it is empty.", file=name)
    if len(data) > MOST_BYTES:
        raise InvalidInputError(
            "%(file)s cannot be read: it is larger than %(most)s MB.", file=name, most=MOST_BYTES // 1024**2
        )
    paragraphs, encoding = reader(name, data)
    if not any(p.text.strip() for p in paragraphs):
        raise InvalidInputError("%(file)s cannot be read: there is no text in it.", file=name)
    title = guess_title(logical_lines(paragraphs)) or Path(name).stem
    return SourceText(title, tuple(paragraphs), hashlib.sha256(data).hexdigest(), encoding)


def _reader_of(name: str) -> Callable[[str, bytes], tuple[list[Paragraph], str]]:
    reader = _READERS.get(Path(name).suffix.lower())
    if reader is None:
        raise InvalidInputError(
            "%(file)s cannot be read: documents are read as %(types)s.", file=name, types=", ".join(_READERS)
        )
    return reader


def _bytes_of(path: Path) -> bytes:
    """As much of a file as is enough to see that it is too large."""
    try:
        if path.is_dir():
            raise InvalidInputError("%(file)s cannot be read: it is a folder.", file=path.name)
        if not path.is_file():
            raise InvalidInputError("%(file)s cannot be read: there is no such file.", file=path.name)
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InvalidInputError("%(file)s cannot be read: the system refuses it.", file=path.name) from error


def _text(name: str, data: bytes) -> tuple[list[Paragraph], str]:
    text, encoding = _decoded(name, data)
    lines = text.splitlines()
    if lines and lines[0].startswith(CAPTION):
        del lines[0]
    return [_paragraph(line) for line in lines], encoding


def _paragraph(line: str) -> Paragraph:
    is_row = line.count("\t") >= FEWEST_CELLS - 1
    return Paragraph(line, cells=tuple(line.split("\t")) if is_row else None)


def _decoded(name: str, data: bytes) -> tuple[str, str]:
    """The text and its encoding. GB18030 takes almost any bytes, so what comes out must look like text."""
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        sample = text[:SAMPLE]
        controls = sum(
            unicodedata.category(c) in {"Cc", "Cn", "Co"} and c not in "\t\n\r\f\v" for c in sample
        )
        if "\0" not in text and controls <= MOST_CONTROLS * len(sample) and not data.startswith(b"%PDF"):
            return text, encoding.removesuffix("-sig")
        break
    else:
        raise InvalidInputError("%(file)s cannot be read: it is neither in UTF-8 nor in GB18030.", file=name)
    raise InvalidInputError("%(file)s cannot be read: it is no text file.", file=name)


def _docx(name: str, data: bytes) -> tuple[list[Paragraph], str]:
    return docx_paragraphs(name, data), "docx"


_READERS: dict[str, Callable[[str, bytes], tuple[list[Paragraph], str]]] = {".txt": _text, ".docx": _docx}
