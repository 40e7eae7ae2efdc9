"""DOCX to paragraphs: text boxes, headers, tables and Word's own numbers included, deletions left out."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.oxml.ns import qn

from domain.errors import InvalidInputError
from domain.reading.model import Paragraph
from intake.docx_numbers import WordNumbers

MOST_ENTRIES = 2_000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 100  # unpacked to packed; Word stays under 30
_SKIPPED = frozenset({qn("w:pPr"), qn("w:rPr"), qn("w:del"), qn("w:moveFrom"), qn("w:txbxContent")})
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BREAKS = frozenset({qn("w:br"), qn("w:cr")})


def docx_paragraphs(name: str, data: bytes) -> list[Paragraph]:
    """The paragraphs and table rows of a DOCX in printed order, the lines of its first page header first.

    Raises InvalidInputError with the file's `name` for a damaged, encrypted or foreign file and for one whose
    directory promises a burst.
    """
    _refuse_bursting(name, data)
    try:
        document = docx.Document(io.BytesIO(data))
        numbers = WordNumbers(document)
        return [*_headers(document), *_body(document, numbers)]
    except Exception as error:  # the XML and package parsers raise a dozen kinds for a damaged file
        raise InvalidInputError(
            "%(file)s cannot be read: it is damaged or no Word document.", file=name
        ) from error


def _refuse_bursting(name: str, data: bytes) -> None:
    """Judge by the directory alone, before anything is unpacked; reading then never passes the sizes it names."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InvalidInputError(
            "%(file)s cannot be read: it is encrypted or in the old DOC form. Save it as DOCX without a password.",
            file=name,
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise InvalidInputError(
            "%(file)s cannot be read: it is damaged or no Word document.", file=name
        ) from error
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * len(data):
        raise InvalidInputError(
            "%(file)s cannot be read: it would unpack to far more than a document holds.", file=name
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise InvalidInputError("%(file)s cannot be read: it is encrypted.", file=name)


def _headers(document: Any) -> Iterator[Paragraph]:
    """The header of the first page, where a secrecy mark may stand."""
    section = document.sections[0] if len(document.sections) else None
    if section is None:
        return
    header = section.first_page_header if section.different_first_page_header_footer else section.header
    for paragraph in header.paragraphs:
        text = _text_of(paragraph._p)  # noqa: SLF001 -- python-docx shows no tracked insertions
        if text.strip():
            yield Paragraph(text, style="header")


def _body(document: Any, numbers: WordNumbers) -> Iterator[Paragraph]:
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            yield from _rows(block)
            continue
        element = block._p  # noqa: SLF001 -- as above
        for box in _text_boxes(element):
            yield Paragraph(box, style="textbox")
        style = block.style.name if block.style is not None else None
        yield Paragraph(numbers.number_of(block) + _text_of(element), style=style, level=_level(block, style))


def _level(block: Any, style: str | None) -> int | None:
    """The outline level of a heading style, 1 the highest."""
    outline = block._p.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")  # noqa: SLF001
    if outline is not None and str(outline.get(qn("w:val"))).isdigit():
        level = int(outline.get(qn("w:val"))) + 1
        return level if level <= 9 else None
    name = style or ""
    digit = name[-1:]
    return (
        int(digit) if name.lower().startswith(("heading ", "标题 ")) and digit in set("123456789") else None
    )


def _rows(table: Any) -> Iterator[Paragraph]:
    """One paragraph a row. A cell merged downwards is repeated, one merged sideways is said once."""
    for row in table.rows:
        seen: set[int] = set()
        cells = []
        for cell in row.cells:
            element = cell._tc  # noqa: SLF001 -- merged cells are the same element
            text = "" if id(element) in seen else _cell_text(element)
            seen.add(id(element))
            cells.append(text)
        if any(cells):
            yield Paragraph("\t".join(cells), style="table", cells=tuple(cells))


def _cell_text(element: Any) -> str:
    lines = (_text_of(p) for p in element.iter(qn("w:p")))
    return " ".join(" ".join(line.split()) for line in lines if line.strip())


def _text_boxes(element: Any) -> Iterator[str]:
    for box in element.iter(qn("w:txbxContent")):
        if any(parent.tag == _FALLBACK for parent in box.iterancestors()):
            continue
        text = "\n".join(_text_of(p) for p in box.iter(qn("w:p")))
        if text.strip():
            yield text


def _text_of(element: Any) -> str:
    """The text of a paragraph with tracked insertions and without tracked deletions."""
    pieces: list[str] = []
    waiting = [element]
    while waiting:
        node = waiting.pop()
        if node.tag == qn("w:t"):
            pieces.append(node.text or "")
        elif node.tag in _BREAKS:
            pieces.append("\n")
        elif node.tag == qn("w:tab"):
            pieces.append("\t")
        elif node.tag not in _SKIPPED and node.tag != _FALLBACK:
            waiting.extend(reversed(list(node)))
    return "".join(pieces)
