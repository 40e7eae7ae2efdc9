"""Office packages (zip inside): which one it is, and that opening it can do no harm.

Everything is judged from the directory at the end of the file; nothing is unpacked to disk, and of the
content one small part alone is read (OWASP ASVS 5.0, 5.2.3 and 5.2.5).
"""

import stat
import struct
import zlib
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from domain.errors import RefusedError
from domain.evidence import DOCX, MEGABYTE, OFD, PPTX, XLSX

MOST_ENTRIES = 2000
MOST_UNPACKED = 200 * MEGABYTE
MOST_RATIO = 100
LARGEST_DIRECTORY = MEGABYTE  # 2,000 entries of some 180 octets are a third of it
ZIP = "application/zip"  # a package that is none of the allowed kinds
LOCAL_HEADER = b"PK\x03\x04"
LOCAL_HEADER_SIZE = 30
DIRECTORY_END = struct.Struct("<4s4H2LH")  # APPNOTE 4.3.16
DIRECTORY_END_MARK = b"PK\x05\x06"
WIDE_LOCATOR_MARK, WIDE_LOCATOR_SIZE = b"PK\x06\x07", 20  # zip64, which nothing of 200 MB needs
LONGEST_COMMENT = 0xFFFF
TYPES_PART = "[Content_Types].xml"
OFFICE_KINDS = (DOCX, XLSX, PPTX)
PROGRAMS = frozenset(
    "exe dll com scr msi bat cmd ps1 vbs vbe js jse wsf hta jar lnk sh zip rar 7z gz svg html htm".split()  # noqa: SIM905
)
MACROS = "vbaproject.bin"


def ends_as_zip(file: BinaryIO, size: int) -> bool:
    """Whether a zip reader would find a directory at the end, whatever stands at the beginning."""
    return _directory_end(file, size) is not None


def package_type(file: BinaryIO, size: int) -> str:
    """The media type of the package, `application/zip` for one of no allowed kind. RefusedError when unsafe."""
    directory = _directory_end(file, size)
    if directory is None:
        return "application/octet-stream"
    _check_directory(file, directory)
    try:
        with ZipFile(file) as package:
            _check_entries(package.infolist(), directory[2])
            return _type_of(package)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise RefusedError("The package is damaged.") from error


def _directory_end(file: BinaryIO, size: int) -> tuple[int, int, int, int] | None:
    """(number of entries, size and offset of the directory, place of its end record), or None."""
    length = min(size, DIRECTORY_END.size + LONGEST_COMMENT)
    file.seek(size - length)
    tail = file.read(length)
    place = tail.rfind(DIRECTORY_END_MARK)
    while place >= 0:
        if len(tail) - place >= DIRECTORY_END.size:
            _, _, _, _, entries, octets, offset, comment = DIRECTORY_END.unpack_from(tail, place)
            if place + DIRECTORY_END.size + comment == len(tail):
                return entries, octets, offset, size - length + place
        place = tail.rfind(DIRECTORY_END_MARK, 0, place)
    return None


def _check_directory(file: BinaryIO, directory: tuple[int, int, int, int]) -> None:
    """Before it is read into memory: the directory must be small and end where its end record says."""
    entries, octets, offset, end = directory
    if entries > MOST_ENTRIES or octets > LARGEST_DIRECTORY:
        raise RefusedError("The package has more than %(most)s parts.", most=MOST_ENTRIES)
    file.seek(max(end - WIDE_LOCATOR_SIZE, 0))
    if offset + octets != end or file.read(4) == WIDE_LOCATOR_MARK:
        raise RefusedError("The package is damaged.")


def _check_entries(entries: list[ZipInfo], directory: int) -> None:
    if len(entries) > MOST_ENTRIES:
        raise RefusedError("The package has more than %(most)s parts.", most=MOST_ENTRIES)
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * packed:
        raise RefusedError("The package would unpack to far more than it is.")
    if len({entry.filename for entry in entries}) < len(entries) or not _side_by_side(entries, directory):
        raise RefusedError("The package is damaged.")
    for entry in entries:
        _check_entry(entry)


def _check_entry(entry: ZipInfo) -> None:
    path = PurePosixPath(entry.filename)
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or is_link:
        raise RefusedError("The package has a part whose name leads out of it.")
    if entry.flag_bits & 1 or entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise RefusedError("The package is encrypted or packed in an unusual way.")
    if path.suffix.lower().lstrip(".") in PROGRAMS or path.name.lower() == MACROS:
        raise RefusedError(
            "The package carries a program or another package: %(part)s.", part=repr(path.name)
        )


def _side_by_side(entries: list[ZipInfo], directory: int) -> bool:
    """Whether the parts begin the file and no two share octets, as they do in a bomb that unpacks one block often."""
    spans = sorted((entry.header_offset, entry.compress_size) for entry in entries)
    starts = [start for start, _ in spans] + [directory]
    return starts[0] == 0 and all(
        start + LOCAL_HEADER_SIZE + octets <= following
        for (start, octets), following in zip(spans, starts[1:], strict=True)
    )


def _type_of(package: ZipFile) -> str:
    names = set(package.namelist())
    if "OFD.xml" in names:
        return OFD.media_type
    if TYPES_PART not in names:
        return ZIP
    with package.open(TYPES_PART) as part:
        types = part.read(MEGABYTE)
    if b"<!" in types.replace(b"<!--", b""):
        raise RefusedError("The package declares entities.")
    found = [kind.media_type for kind in OFFICE_KINDS if f'"{kind.media_type}.main+xml"'.encode() in types]
    return found[0] if len(found) == 1 else ZIP
