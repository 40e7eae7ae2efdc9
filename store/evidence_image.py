"""How many pixels an image claims to have, from its header alone: nothing is ever decoded."""

import struct
from typing import BinaryIO

from domain.errors import RefusedError

MOST_PIXELS = 100_000_000
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_END = b"IEND\xaeB`\x82"
JPEG_SIGNATURE = b"\xff\xd8\xff"
JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # SOF0..SOF15 without DHT, JPG, DAC
JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
JPEG_SCAN = 0xDA
MOST_SEGMENTS = 5000  # a photo has some dozens before its first frame


def check_pixels(size: tuple[int, int]) -> None:
    """RefusedError when opening the image would take more memory than any photo needs (a pixel flood)."""
    width, height = size
    if width * height > MOST_PIXELS:
        raise RefusedError(
            "An image has at most %(most)s megapixels, this one claims %(width)s x %(height)s.",
            most=MOST_PIXELS // 1_000_000,
            width=width,
            height=height,
        )


def png_size(head: bytes, tail: bytes) -> tuple[int, int] | None:
    """Width and height, or None when it is not a whole PNG file."""
    if not head.startswith(PNG_SIGNATURE) or head[12:16] != b"IHDR" or len(head) < 24 or PNG_END not in tail:
        return None
    return _positive(*struct.unpack(">II", head[16:24]))


def jpeg_size(file: BinaryIO) -> tuple[int, int] | None:
    """Width and height from the first frame header, or None when there is none."""
    file.seek(2)
    for _ in range(MOST_SEGMENTS):
        marker = _next_marker(file)
        if marker in JPEG_BARE:
            continue
        length = file.read(2)
        if marker is None or marker == JPEG_SCAN or len(length) < 2:
            return None
        if marker in JPEG_FRAMES:
            frame = file.read(5)
            height, width = struct.unpack(">HH", frame[1:]) if len(frame) == 5 else (0, 0)
            return _positive(width, height)
        file.seek(max(int.from_bytes(length, "big") - 2, 0), 1)
    return None


def webp_size(head: bytes) -> tuple[int, int] | None:
    """Width and height, or None when it is not a WebP file (RFC 9649)."""
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or len(head) < 30:
        return None
    chunk, body = head[12:16], head[20:30]
    if chunk == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if chunk == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", body[6:10])
        return _positive(width & 0x3FFF, height & 0x3FFF)
    return None


def _next_marker(file: BinaryIO) -> int | None:
    if file.read(1) != b"\xff":
        return None
    marker = b"\xff"
    while marker == b"\xff":  # any number of fill octets may stand before a marker
        marker = file.read(1)
    return marker[0] if marker else None


def _positive(width: int, height: int) -> tuple[int, int] | None:
    return (width, height) if width and height else None
