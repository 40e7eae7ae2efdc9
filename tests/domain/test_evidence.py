"""Which files may prove that work was done."""

import pytest

from domain.errors import RefusedError
from domain.evidence import (
    BY_EXTENSION,
    DOCX,
    JPEG,
    KINDS,
    MEGABYTE,
    PDF,
    TEXT,
    EvidenceKind,
    EvidenceLimits,
    kind_of_name,
    require_content,
    safe_file_name,
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("会议纪要.pdf", PDF),
        ("会议纪要（终稿）.v2.PDF", PDF),
        ("照片 1.jpg", JPEG),
        ("照片 1.JPEG", JPEG),
        ("报告.docx", DOCX),
        ("名单.csv", TEXT),
        ("a.exe.pdf", PDF),
    ],
)
def test_the_last_extension_tells_the_kind(name: str, kind: EvidenceKind) -> None:
    assert kind_of_name(name) is kind


@pytest.mark.parametrize(
    "extension",
    [
        "exe",
        "zip",
        "svg",
        "html",
        "htm",
        "xml",
        "eml",
        "doc",
        "xls",
        "docm",
        "js",
        "php",
        "pdf ",
        "pdf.",
        "ｐｄｆ",
        "",
        "p\u200edf",
    ],
)
def test_any_other_extension_is_refused(extension: str) -> None:
    with pytest.raises(RefusedError):
        kind_of_name(f"report.pdf.{extension}")


@pytest.mark.parametrize("name", ["pdf", "docx", "报告"])
def test_a_name_without_a_dot_has_no_kind(name: str) -> None:
    with pytest.raises(RefusedError):
        kind_of_name(name)


def test_a_name_that_is_only_an_extension_still_has_a_kind() -> None:
    assert kind_of_name(".pdf") is PDF


@pytest.mark.parametrize("name", ["会议纪要.pdf", "a" * 200, "CON", "a b.c", "Über.pdf"])
def test_an_ordinary_name_passes_unchanged(name: str) -> None:
    assert safe_file_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".",
        "..",
        " . ",
        "a" * 201,
        "../../etc/passwd.pdf",
        "C:\\temp\\a.pdf",
        "a\0.pdf",
        "a\r\nSet-Cookie: x.pdf",
        "a\u202efdp.exe",
        "a\u2028.pdf",
        "a\ud800.pdf",
        "a\x7f.pdf",
    ],
)
def test_a_name_that_hides_something_is_refused(name: str) -> None:
    with pytest.raises(RefusedError):
        safe_file_name(name)


def test_every_extension_belongs_to_one_kind() -> None:
    assert len(BY_EXTENSION) == sum(len(kind.extensions) for kind in KINDS)
    assert {"zip", "svg", "html", "xml", "eml", "doc", "xls"}.isdisjoint(BY_EXTENSION)


def test_content_must_be_what_the_name_says() -> None:
    require_content(PDF, "application/pdf")

    with pytest.raises(RefusedError, match="application/x-msdownload"):
        require_content(PDF, "application/x-msdownload")


def test_a_file_may_be_as_large_as_the_limit_and_no_larger() -> None:
    limits = EvidenceLimits()

    limits.check_size(1)
    limits.check_size(200 * MEGABYTE)
    with pytest.raises(RefusedError, match="200 MB"):
        limits.check_size(200 * MEGABYTE + 1)
    with pytest.raises(RefusedError, match="empty"):
        limits.check_size(0)


def test_an_act_brings_at_most_twenty_files() -> None:
    limits = EvidenceLimits()

    limits.check_count(0)
    limits.check_count(20)
    with pytest.raises(RefusedError, match="21"):
        limits.check_count(21)
