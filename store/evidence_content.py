"""What a file is, judged by its content alone; its name has no say here."""

import codecs
import re
from typing import BinaryIO

import puremagic

from domain.evidence import BY_EXTENSION, JPEG, MEGABYTE, MP4, PDF, PNG, TEXT, WEBP
from store.evidence_image import JPEG_SIGNATURE, check_pixels, jpeg_size, png_size, webp_size
from store.evidence_package import LOCAL_HEADER, ZIP, ends_as_zip, package_type

HEAD = 4096  # octets
TAIL = 2048
UNKNOWN = "application/octet-stream"
ALLOWED = frozenset(kind.media_type for kind in BY_EXTENSION.values())
MP4_BRANDS = frozenset(b"isom iso2 iso3 iso4 iso5 iso6 iso8 iso9 mp41 mp42 avc1 hvc1 MSNV dash".split()) | {
    b"M4V "
}
MOST_BOXES = 10_000  # a video recorded in fragments has some for each second
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
MARKUP = re.compile(r"\s*<[a-z!?/]", re.IGNORECASE)  # no tag of any kind may open a text


def media_type_of(file: BinaryIO, size: int) -> str:
    """The media type of the `size` octets in `file`, which is left at any place.

    An allowed type is answered only when the structure bears it out to the end. RefusedError for content that
    is of an allowed kind and would harm whoever opens it.
    """
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith(LOCAL_HEADER):
        return package_type(file, size)
    if ends_as_zip(file, size):  # one file for two readers
        return ZIP
    file.seek(max(size - TAIL, 0))
    tail = file.read(TAIL)
    return _binary_type(file, size, head, tail) or _text_type(file, head) or _other_type(head)


def _binary_type(file: BinaryIO, size: int, head: bytes, tail: bytes) -> str | None:
    if head.startswith(b"%PDF-") and b"%%EOF" in tail:
        return PDF.media_type
    if head[4:8] == b"ftyp" and _is_mp4(file, size, head):
        return MP4.media_type
    is_jpeg = head.startswith(JPEG_SIGNATURE)
    for kind, pixels in (
        (PNG, png_size(head, tail)),
        (JPEG, jpeg_size(file) if is_jpeg else None),
        (WEBP, webp_size(head)),
    ):
        if pixels is not None:
            check_pixels(pixels)
            return kind.media_type
    return None


def _is_mp4(file: BinaryIO, size: int, head: bytes) -> bool:
    """Whether the boxes follow each other to the table of contents, under a brand that players know."""
    length = int.from_bytes(head[:4], "big")
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(length, HEAD), 4))}
    if head[8:12] == b"qt  " or not brands & MP4_BRANDS:
        return False
    place = 0
    for _ in range(MOST_BOXES):
        file.seek(place)
        box = file.read(16)
        octets, name = int.from_bytes(box[:4], "big"), box[4:8]
        if octets == 1:
            octets = int.from_bytes(box[8:16], "big")
        end = place + octets if octets else size
        if len(box) < 8 or not place + 8 <= end <= size:
            return False
        if name == b"moov":
            return True
        place = end
    return False


def _text_type(file: BinaryIO, head: bytes) -> str | None:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        if _is_text(file, encoding):
            start = head.decode(encoding, errors="ignore")
            return "text/html" if MARKUP.match(start) else TEXT.media_type
    return None


def _is_text(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(MEGABYTE):
            if NOT_TEXT.search(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _other_type(head: bytes) -> str:
    """A name for what is refused anyway, so that the refusal can tell it; never the name of an allowed type."""
    try:
        guess = str(puremagic.from_string(head, mime=True))
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    return guess if guess and guess not in ALLOWED else UNKNOWN
