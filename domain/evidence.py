"""Which files may prove that work was done: by name, by content, by size, by number.

A list of what is allowed, never of what is forbidden (OWASP ASVS 5.0, 5.2.2): a kind is here only when its
content can be checked. So no zip by itself, no svg, html, xml or eml, which a browser may run, and no doc or
xls of before 2007, whose macros cannot be told from text.
"""

from dataclasses import dataclass

from domain.errors import RefusedError
from domain.headers import has_hidden_character

LONGEST_NAME = 200  # characters
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class EvidenceKind:
    """A kind of file: its extensions without the dot, and the one media type its content must prove to be."""

    extensions: tuple[str, ...]
    media_type: str


OFFICE = "application/vnd.openxmlformats-officedocument."
PDF = EvidenceKind(("pdf",), "application/pdf")
DOCX = EvidenceKind(("docx",), OFFICE + "wordprocessingml.document")
XLSX = EvidenceKind(("xlsx",), OFFICE + "spreadsheetml.sheet")
PPTX = EvidenceKind(("pptx",), OFFICE + "presentationml.presentation")
OFD = EvidenceKind(("ofd",), "application/ofd")  # GB/T 33190, the national layout format
PNG = EvidenceKind(("png",), "image/png")
JPEG = EvidenceKind(("jpg", "jpeg"), "image/jpeg")
WEBP = EvidenceKind(("webp",), "image/webp")
MP4 = EvidenceKind(("mp4",), "video/mp4")
TEXT = EvidenceKind(("txt", "csv"), "text/plain")
KINDS = (PDF, DOCX, XLSX, PPTX, OFD, PNG, JPEG, WEBP, MP4, TEXT)
BY_EXTENSION = {extension: kind for kind in KINDS for extension in kind.extensions}


@dataclass(frozen=True)
class EvidenceLimits:
    """How much one act may bring: octets of one file, and number of files."""

    file_bytes: int = 200 * MEGABYTE
    files: int = 20

    def check_size(self, size: int) -> None:
        """RefusedError when a file of `size` octets is empty or too large."""
        if size == 0:
            raise RefusedError("The file is empty.")
        if size > self.file_bytes:
            raise RefusedError("A file has at most %(most)s MB.", most=f"{self.file_bytes / MEGABYTE:g}")

    def check_count(self, count: int) -> None:
        """RefusedError when one act brings `count` files and that is too many."""
        if count > self.files:
            raise RefusedError(
                "At most %(most)s files may be handed in at once, not %(count)s.",
                most=self.files,
                count=count,
            )


def safe_file_name(name: str) -> str:
    """`name` as it came, when it may be shown and sent back; RefusedError when not. Never use it for a path."""
    if not name.strip(" .") or len(name) > LONGEST_NAME:
        raise RefusedError("A file name has between 1 and %(most)s characters.", most=LONGEST_NAME)
    if has_hidden_character(name):
        raise RefusedError("A file name may not hold control characters or marks that turn the text around.")
    if "/" in name or "\\" in name:
        raise RefusedError("A file name may not hold a path.")
    return name


def kind_of_name(name: str) -> EvidenceKind:
    """The kind that the last extension of `name` promises; RefusedError for a bad name or no allowed kind."""
    _, dot, extension = safe_file_name(name).rpartition(".")
    kind = BY_EXTENSION.get(extension.lower()) if dot else None
    if kind is None:
        raise RefusedError(
            "%(name)s is not a kind of file that can be taken as evidence (%(kinds)s).",
            name=name,
            kinds=", ".join(BY_EXTENSION),
        )
    return kind


def require_content(kind: EvidenceKind, found: str) -> None:
    """RefusedError unless the media type `found` in the content is the one that the name promised."""
    if found != kind.media_type:
        raise RefusedError(
            "The name says %(expected)s, but the content is %(found)s.", expected=kind.media_type, found=found
        )
