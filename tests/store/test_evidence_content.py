"""What is found in a file, whatever it is called; and what would harm whoever opens it."""

import io
import struct
import zipfile

import pytest

from domain.errors import RefusedError
from domain.evidence import BY_EXTENSION, kind_of_name
from store.evidence_content import media_type_of
from tests.store.evidence_samples import GOOD, box, docx, jpeg, mp4, ofd, office, package, pdf, png, webp

ALLOWED = {kind.media_type for kind in BY_EXTENSION.values()}


def found(content: bytes) -> str:
    return media_type_of(io.BytesIO(content), len(content))


@pytest.mark.parametrize("name", GOOD)
def test_good_files_are_what_their_name_says(name: str) -> None:
    assert found(GOOD[name]) == kind_of_name(name).media_type


OTHERS = {
    "a program for Windows": b"MZ\x90\0" + b"\0" * 200,
    "a program for Linux": b"\x7fELF\2\1\1" + b"\0" * 100,
    "an old Office file": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "a GIF": b"GIF89a\1\0\1\0\0\0\0;",
    "a RAR": b"Rar!\x1a\7\0" + b"\0" * 20,
    "a zip": package({"a.txt": b"a"}),
    "an empty zip": package({}),
    "a page": b"<!DOCTYPE html><script>alert(1)</script>",
    "a page after a BOM": b"\xef\xbb\xbf \n<HTML>",
    "a page in UTF-16": "<html>".encode("utf-16"),
    "a page in GB18030": "<div>督办</div>".encode("gb18030"),
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "a drawing with a prologue": b'<?xml version="1.0"?><svg/>',
    "text with a NUL": b"a\0b",
    "text with an escape": b"a\x1b[31m",
    "no encoding": b"\xff\x81\xff\xff",
    "a cut character": "督办".encode()[:-1],
    "one octet": b"\0",
    "a PDF without an end": pdf().replace(b"%%EOF", b"\0"),
    "a PDF with something before it": b"\0" + pdf(),
    "a PNG without an end": png()[:-12],
    "a PNG of no width": png(0, 5),
    "only the signature of a PNG": b"\x89PNG\r\n\x1a\n",
    "a JPEG without a frame": b"\xff\xd8\xff\xe0\0\2\xff\xda\0\2",
    "a JPEG of no height": jpeg(height=0),
    "a JPEG cut before its frame": jpeg()[:1000],
    "a JPEG cut in a length": b"\xff\xd8\xff\xe0\0",
    "a JPEG cut in its frame": b"\xff\xd8\xff\xc0\0\x0b\x08\0",
    "a JPEG that ends in fill octets": b"\xff\xd8\xff\xff\xff",
    "a JPEG of nothing but markers": b"\xff\xd8\xff" + b"\x01\xff" * 6000,
    "a JPEG whose segments are no segments": b"\xff\xd8\xff\xe0\0\2\0\0",
    "a WebP cut short": webp()[:25],
    "a WebP of an unknown form": webp().replace(b"VP8 ", b"VP9 "),
    "a WebP with a wrong start code": webp().replace(b"\x9d\x01\x2a", b"\0\0\0"),
    "a lossless WebP without its mark": webp(b"VP8L").replace(b"\x2f", b"\0"),
    "a WebP of no width": webp(width=0),
    "a sound in RIFF": b"RIFF\0\0\0\0WAVE" + b"\0" * 40,
    "a HEIC": mp4(b"heic\0\0\0\0mif1heic"),
    "a QuickTime film": mp4(b"qt  \0\0\0\0isom"),
    "an MP4 without a table": box(b"ftyp", b"isom\0\0\2\0") + box(b"mdat", b"\1" * 100),
    "an MP4 of nothing but boxes": box(b"ftyp", b"isom\0\0\2\0") + box(b"free") * 10_001 + box(b"moov"),
    "an MP4 cut short": mp4()[:-80],
    "an MP4 with a box of nonsense": box(b"ftyp", b"isom\0\0\2\0") + struct.pack(">I4s", 3, b"free"),
    "a PDF that is a zip too": pdf() + package({"a.txt": b"a"}),
    "a JPEG that is a zip too": jpeg() + package({"a.txt": b"a"}),
    "an Office file with macros": office("wordprocessingml.document.macroEnabled"),
    "a zip whose end is cut": docx()[:-30],
}


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS)
def test_nothing_else_passes_for_an_allowed_kind(content: bytes) -> None:
    assert found(content) not in ALLOWED


def test_a_refusal_can_name_what_was_found() -> None:
    assert found(OTHERS["a program for Windows"]) == "application/vnd.microsoft.portable-executable"
    assert found(OTHERS["a page"]) == "text/html"
    assert found(OTHERS["a zip"]) == "application/zip"


@pytest.mark.parametrize(
    "content",
    [
        png(50_000, 50_000),
        png(0xFFFFFFFF, 0xFFFFFFFF),
        jpeg(65_535, 65_535),
        webp(b"VP8 ", 16_383, 16_383),
        webp(b"VP8L", 16_384, 16_384),
        webp(b"VP8X", 1 << 24, 1 << 24),
    ],
)
def test_a_pixel_flood_is_refused_by_its_header(content: bytes) -> None:
    with pytest.raises(RefusedError, match="megapixels"):
        found(content)


def test_a_hundred_megapixels_are_the_most() -> None:
    assert found(png(10_000, 10_000)) == "image/png"
    with pytest.raises(RefusedError, match="100 megapixels"):
        found(png(10_000, 10_001))


def test_a_table_of_contents_may_stand_before_the_film() -> None:
    film = box(b"ftyp", b"mp42\0\0\0\0") + box(b"moov") + struct.pack(">I4s", 0, b"mdat") + b"\1" * 50

    assert found(film) == "video/mp4"


def test_a_film_may_run_to_the_end_of_the_file_before_its_table() -> None:
    film = box(b"ftyp", b"mp42\0\0\0\0") + struct.pack(">I4s", 0, b"mdat") + b"\1" * 50

    assert found(film) not in ALLOWED


def test_long_text_is_read_to_its_end() -> None:
    text = "督办" * 1_000_000

    assert found(text.encode()) == "text/plain"
    assert found(text.encode("gb18030")) == "text/plain"
    assert found(text.encode() + b"\0") not in ALLOWED


def shared_block() -> bytes:
    """Two entries of the directory that point at the same part."""
    out = io.BytesIO(office())
    with zipfile.ZipFile(out, "a") as file:
        copy = zipfile.ZipInfo("again.xml")
        first = file.infolist()[1]
        for slot in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
            setattr(copy, slot, getattr(first, slot))
        file.filelist.append(copy)
        file.comment = b"x"  # makes the directory be written anew
    return out.getvalue()


def patched(content: bytes, offset: int, change: bytes, mark: bytes = b"PK\5\6") -> bytes:
    """`content` with octets changed, counted from the last `mark`."""
    place = content.rindex(mark) + offset
    return content[:place] + change + content[place + len(change) :]


def stored(name: str, body: bytes = b"x", **fields: int) -> bytes:
    out = io.BytesIO(ofd())
    with zipfile.ZipFile(out, "a") as file:
        entry = zipfile.ZipInfo(name)
        for field, value in fields.items():
            setattr(entry, field, value)
        file.writestr(entry, body, compress_type=fields.get("compress_type"))
    return out.getvalue()


def with_wide_locator() -> bytes:
    """A directory that claims twenty octets more, which hold the locator of a zip64 directory."""
    parts, end = ofd()[:-22], ofd()[-22:]
    octets = struct.unpack_from("<L", end, 12)[0] + 20
    return parts + b"PK\6\7" + b"\0" * 16 + end[:12] + struct.pack("<L", octets) + end[16:]


HARMFUL = {
    "ratio": ofd({"bomb.bin": b"\0" * 3_000_000}),
    "size": patched(ofd(), 24, struct.pack("<L", 0x7FFFFFFF), b"PK\1\2"),
    "number of parts": ofd({f"{number}.xml": b"x" for number in range(2000)}),
    "number of parts, hidden from the end record": patched(
        ofd({f"{number}.xml": b"x" for number in range(2100)}), 8, struct.pack("<HH", 5, 5)
    ),
    "size of the directory": patched(ofd(), 12, struct.pack("<L", 5_000_000)),
    "shared block": shared_block(),
    "nested": ofd({"inner.zip": package({"a": b"a"})}),
    "a program": office(parts={"word/embeddings/run.EXE": b"MZ"}),
    "macros": office("wordprocessingml.document", {"word/vbaProject.bin": b"x"}),
    "a way out": ofd({"../../etc/cron.d/x": b"x"}),
    "an absolute name": ofd({"/etc/cron.d/x": b"x"}),
    "a way out for Windows": ofd({"..\\x": b"x"}),
    "a link": stored("link", external_attr=0o120777 << 16),
    "encrypted": patched(ofd(), 8, b"\1\0", b"PK\1\2"),
    "unusual packing": stored("a.xml", compress_type=zipfile.ZIP_LZMA),
    "twice the same name": patched(ofd({"OFE.xml": b"x"}), 46, b"OFD.xml", b"PK\1\2"),
    "entities": package({"[Content_Types].xml": b'<!DOCTYPE a [<!ENTITY b "c">]><Types/>'}),
    "something before the parts": b"PK\3\4" + b"\0" * 40 + docx(),
    "zip64": with_wide_locator(),
    "two ends": package({"OFD.xml": b"<OFD/>"}, comment=b"PK\5\6 made by a careful program"),
    "a directory of nonsense": patched(ofd(), 0, b"XXXX", b"PK\1\2"),
    "a damaged part": office()[:55] + b"\xff\xff\xff\xff" + office()[59:],
}


REASONS = {
    "ratio": "far more",
    "size": "far more",
    "number of parts": "2000 parts",
    "number of parts, hidden from the end record": "2000 parts",
    "size of the directory": "2000 parts",
    "nested": "carries",
    "a program": "carries",
    "macros": "carries",
    "a way out": "leads out",
    "an absolute name": "leads out",
    "a way out for Windows": "leads out",
    "a link": "leads out",
    "encrypted": "encrypted",
    "unusual packing": "unusual",
    "entities": "entities",
}


@pytest.mark.parametrize("case", HARMFUL)
def test_a_package_that_would_harm_is_refused_and_told_why(case: str) -> None:
    with pytest.raises(RefusedError, match=REASONS.get(case, "damaged")):
        found(HARMFUL[case])


def test_a_comment_at_the_end_of_a_package_is_harmless() -> None:
    assert found(package({"OFD.xml": b"<OFD/>"}, comment=b"made by a careful program")) == "application/ofd"


def test_the_mark_of_a_directory_is_not_yet_a_directory() -> None:
    assert found(pdf() + b"PK\5\6") == "application/pdf"
    assert found(pdf() + b"PK\5\6" + b"\1" * 30) == "application/pdf"


def test_a_package_of_two_kinds_is_of_none() -> None:
    types = "".join(
        f'<Override ContentType="application/vnd.openxmlformats-officedocument.{kind}.main+xml"/>'
        for kind in ("wordprocessingml.document", "spreadsheetml.sheet")
    )

    assert found(package({"[Content_Types].xml": types.encode()})) == "application/zip"
