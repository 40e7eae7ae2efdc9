"""Small files of every kind, good and bad, made here."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from docx import Document
from openpyxl import Workbook

OFFICE = "application/vnd.openxmlformats-officedocument."


def pdf() -> bytes:
    return (
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
    )


def png(width: int = 2, height: int = 1) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" + b"\1\2\3" * 2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def jpeg(width: int = 640, height: int = 480, frame: int = 0xC0, before: bytes = b"") -> bytes:
    def segment(marker: int, body: bytes) -> bytes:
        return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body

    exif = segment(
        0xE1, b"Exif\0\0" + b"\xff\xd8\xff\xc0" * 300
    )  # a thumbnail's markers are not the picture's
    picture = segment(frame, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
    return (
        b"\xff\xd8"
        + exif
        + before
        + segment(0xC4, b"\0" * 20)
        + b"\xff"
        + picture
        + b"\xff\xda\0\2\0\xff\xd9"
    )


def webp(chunk: bytes = b"VP8 ", width: int = 640, height: int = 480) -> bytes:
    if chunk == b"VP8L":
        body = b"\x2f" + (width - 1 | height - 1 << 14).to_bytes(4, "little") + b"\0" * 5
    elif chunk == b"VP8X":
        body = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    else:
        body = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height)
    inner = b"WEBP" + chunk + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(inner)) + inner


def box(name: bytes, body: bytes = b"", *, wide: bool = False) -> bytes:
    if wide:
        return struct.pack(">I4sQ", 1, name, 16 + len(body)) + body
    return struct.pack(">I4s", 8 + len(body), name) + body


def mp4(brands: bytes = b"isom\0\0\2\0isomiso2mp41") -> bytes:
    return (
        box(b"ftyp", brands) + box(b"free") + box(b"mdat", b"\1" * 100, wide=True) + box(b"moov", b"\0" * 40)
    )


def docx() -> bytes:
    document = Document()
    document.add_paragraph("办理情况报告")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def xlsx() -> bytes:
    book = Workbook()
    book.create_sheet("进度").append(["第一季度", 0.8])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def package(
    parts: Mapping[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED, comment: bytes = b""
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        file.comment = comment
        for name, body in parts.items():
            file.writestr(zipfile.ZipInfo(name), body, compress_type=compression)
    return out.getvalue()


def office(main: str = "presentationml.presentation", parts: Mapping[str, bytes] = {}) -> bytes:
    types = f'<Types><Override PartName="/main.xml" ContentType="{OFFICE}{main}.main+xml"/></Types>'
    return package({"[Content_Types].xml": types.encode(), "main.xml": b"<main/>"} | dict(parts))


def ofd(parts: Mapping[str, bytes] = {}) -> bytes:
    return package({"OFD.xml": b"<OFD/>", "Doc_0/Document.xml": b"<Document/>"} | dict(parts))


GOOD = {
    "报告.pdf": pdf(),
    "报告.docx": docx(),
    "进度.xlsx": xlsx(),
    "汇报.pptx": office(),
    "函.ofd": ofd(),
    "截图.png": png(),
    "照片.jpg": jpeg(),
    "照片.jpeg": jpeg(frame=0xC2),
    "照片.webp": webp(),
    "无损.webp": webp(b"VP8L"),
    "动图.webp": webp(b"VP8X"),
    "现场.mp4": mp4(),
    "说明.txt": "办理情况：已完成80%。\r\n\t附后\n".encode(),
    "旧说明.txt": "办理情况：已完成，国标编码。".encode("gb18030"),
    "记事本.txt": "办理情况".encode("utf-16"),
    "带标记.csv": "单位,进度\n教育局,80%\n".encode("utf-8-sig"),
    "a<b.csv": "< 3 天,5\n<督办>,1\n".encode(),
}
