"""Document files: what comes out of TXT and DOCX, and what is refused before it does harm."""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.section import WD_SECTION
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from domain.errors import InvalidInputError
from domain.reading import read_document
from intake.document import MOST_BYTES, read_file
from intake.docx_numbers import numeral

NOTICE = "柳湾市人民政府关于修补道路的通知\n一、修补路面。（市交通运输局负责）\n"


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def saved(folder: Path, document: Any) -> Path:
    path = folder / "paper.docx"
    document.save(str(path))
    return path


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (NOTICE.encode("utf-8"), "utf-8"),
        (b"\xef\xbb\xbf" + NOTICE.encode("utf-8"), "utf-8"),
        (NOTICE.encode("gb18030"), "gb18030"),
    ],
    ids=["utf-8", "utf-8 with mark", "gb18030"],
)
def test_a_text_is_read_in_either_encoding(data: bytes, encoding: str, tmp_path: Path) -> None:
    source = read_file(written(tmp_path, "a.txt", data))

    assert [p.text for p in source.paragraphs] == NOTICE.splitlines()
    assert source.encoding == encoding
    assert source.title == "柳湾市人民政府关于修补道路的通知"
    assert source.sha256 == hashlib.sha256(data).hexdigest()


def test_the_caption_of_a_file_is_dropped_and_stays_out_of_the_hash_of_nothing(tmp_path: Path) -> None:
    data = ("# TITLE: 某文 | full text\n" + NOTICE).encode()
    source = read_file(written(tmp_path, "a.txt", data))

    assert source.paragraphs[0].text == NOTICE.splitlines()[0]
    assert source.sha256 == hashlib.sha256(data).hexdigest()


def test_a_text_without_a_title_bears_the_name_of_its_file(tmp_path: Path) -> None:
    assert read_file(written(tmp_path, "座椅.txt", "今天有雨。".encode())).title == "座椅"


def test_a_line_with_tabs_is_a_row(tmp_path: Path) -> None:
    source = read_file(written(tmp_path, "a.txt", "序号\t任务\t责任单位\n1\t修路\t市交通局\n".encode()))

    assert source.paragraphs[1].cells == ("1", "修路", "市交通局")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t\n", "no text"),
        ("a.txt", b"\x00\x01\x02" * 50, "no text file"),
        ("a.txt", b"%PDF-1.7\nhello", "no text file"),
        ("a.txt", b"\xff\xff\xff\x80", "neither"),
        ("a.pdf", b"%PDF-1.7", "documents are read as"),
        ("a.doc", b"x", "documents are read as"),
        ("a", b"x", "documents are read as"),
        ("a.docx", b"not a zip", "damaged"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + bytes(100), "encrypted or in the old DOC form"),
        ("a.docx", NOTICE.encode(), "damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_name_and_the_reason(
    name: str, data: bytes, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        read_file(written(tmp_path, name, data))

    assert str(refusal.value).startswith(name)
    assert reason in str(refusal.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()

    for path in (tmp_path / "none.txt", tmp_path / "folder.txt"):
        with pytest.raises(InvalidInputError, match=r"no such file|it is a folder"):
            read_file(path)


def test_a_text_over_the_size_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="larger than"):
        read_file(written(tmp_path, "a.txt", b"a" * (MOST_BYTES + 1)))


def packed(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [packed({"word/document.xml": bytes(30_000_000)}), packed({f"{n}.xml": b"x" for n in range(2001)})],
    ids=["ratio", "entries"],
)
def test_a_packed_file_made_to_burst_is_refused_by_its_directory(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="far more than a document holds"):
        read_file(written(tmp_path, "a.docx", data))


def test_another_packed_file_is_no_word_document(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="damaged or no Word document"):
        read_file(written(tmp_path, "a.docx", packed({"hello.txt": b"hello"})))


def test_paragraphs_headings_and_tables_come_in_printed_order(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("座椅更新分工方案")
    document.add_heading("任务", level=1)
    table = document.add_table(rows=3, cols=3)
    for row, texts in zip(
        table.rows,
        [("序号", "工作任务", "责任单位"), ("1", "修好座椅", "市园林局"), ("2", "数清座椅", "")],
        strict=True,
    ):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 2).merge(table.cell(2, 2))
    document.add_paragraph("特此通知。")

    source = read_file(saved(tmp_path, document))
    items = read_document(source.paragraphs).items

    assert source.encoding == "docx"
    assert source.title == "座椅更新分工方案"
    assert [p.level for p in source.paragraphs[:2]] == [None, 1]
    assert source.paragraphs[3].cells == ("1", "修好座椅", "市园林局")
    assert source.paragraphs[3].text == "1\t修好座椅\t市园林局"
    assert [i.units_all for i in items] == [("市园林局",), ("市园林局",)]


def test_a_cell_merged_sideways_is_said_once(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=1, cols=3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "任务"
    table.cell(0, 2).text = "单位"

    assert read_file(saved(tmp_path, document)).paragraphs[-1].cells == ("任务", "", "单位")


def test_numbers_that_word_reckons_stand_before_the_text(tmp_path: Path) -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    numbering.insert(
        0,
        parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">'
            '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
            '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl>'
            "</w:abstractNum>"
        ),
    )
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    for level, text in [(0, "修路"), (1, "补坑。"), (1, "画线。"), (0, "种树"), (1, "挖坑。")]:
        properties = document.add_paragraph(text)._p.get_or_add_pPr()
        properties.append(
            parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="90"/></w:numPr>')
        )

    texts = [p.text for p in read_file(saved(tmp_path, document)).paragraphs]

    assert texts == ["一、修路", "1.补坑。", "2.画线。", "二、种树", "1.挖坑。"]


def test_a_list_style_is_numbered_and_a_bullet_is_not(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("修路", style="List Number")
    document.add_paragraph("种树", style="List Number")
    document.add_paragraph("浇水", style="List Bullet")

    assert [p.text for p in read_file(saved(tmp_path, document)).paragraphs] == ["1.修路", "2.种树", "浇水"]


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (1, "chineseCounting", "一"),
        (10, "chineseCountingThousand", "十"),
        (21, "japaneseCounting", "二十一"),
        (3, "lowerLetter", "c"),
        (4, "upperRoman", "IV"),
        (2, "decimalEnclosedCircle", "②"),
        (7, "unheardOf", "7"),
        (120, "chineseCounting", "120"),
    ],
)
def test_a_number_is_written_in_its_format(value: int, form: str, shown: str) -> None:
    assert numeral(value, form) == shown


def test_a_secrecy_mark_in_the_page_header_or_a_text_box_is_seen(tmp_path: Path) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "机密★1年"
    document.add_paragraph("关于修路的通知")

    assert read_document(read_file(saved(tmp_path, document)).paragraphs).secrecy_mark == "机密"

    boxed = docx.Document()
    boxed.add_paragraph("关于修路的通知")._p.append(
        parse_xml(
            f"<w:r {nsdecls('w')}><w:pict><w:txbxContent><w:p><w:r><w:t>秘密</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
        )
    )
    source = read_file(saved(tmp_path, boxed))
    assert [p.text for p in source.paragraphs] == ["秘密", "关于修路的通知"]
    assert read_document(source.paragraphs).secrecy_mark == "秘密"


def test_tracked_insertions_count_and_deletions_do_not(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("修")
    for xml in (
        f'<w:ins {nsdecls("w")} w:id="1" w:author="a"><w:r><w:t>路</w:t></w:r></w:ins>',
        f'<w:del {nsdecls("w")} w:id="2" w:author="a"><w:r><w:delText>桥</w:delText></w:r></w:del>',
    ):
        paragraph._p.append(parse_xml(xml))
    document.add_section(WD_SECTION.NEW_PAGE)

    assert read_file(saved(tmp_path, document)).paragraphs[0].text == "修路"
