"""What becomes an item, who is named for it, and what stays out."""

import pytest

from domain.reading import Paragraph, read_document
from tests.domain.reading.papers import (
    BRACKETS,
    ENGLISH,
    LABELS,
    NOTICE,
    REGULATION,
    TABLE_ROWS,
    TWO_LEVELS,
    items,
    paper,
    reading,
    rows,
)


def test_the_leaves_with_a_division_of_work_are_the_items() -> None:
    read = reading(BRACKETS)

    assert [item.number for item in read.items] == ["（三）", "（四）", "（五）", "（六）"]
    assert [leaf.number for leaf in read.non_task_leaves] == ["（一）", "（二）"]
    assert read.items[0].heading_path == ("二、主要任务",)
    assert read.items[0].text == "增设公园饮水点。在30个公园安装饮水点，2026年6月底前完成。"


def test_the_head_of_a_paper_is_read() -> None:
    read = reading(BRACKETS)

    assert read.title == "柳湾市人民政府办公室关于改善公园和道路服务的通知"
    assert read.number == "柳政办发〔2026〕7号"
    assert read.issuer == "柳湾市人民政府办公室"
    assert read.secrecy_mark is None
    assert read.lead_rule == "列第一位者为牵头单位"


def test_a_paper_that_only_issues_a_plan_bears_the_name_of_the_plan() -> None:
    assert reading("柳湾市人民政府关于印发《座椅更新方案》的通知\n一、更新座椅。").title == "座椅更新方案"


def test_the_rule_of_the_document_names_the_lead_from_there_on() -> None:
    third = items(BRACKETS)["（三）"]

    assert third.role_mode == "first_is_lead"
    assert third.lead_units == ("市园林局",)
    assert third.cooperating_units == ("市水务局", "市财政局")


def test_without_a_rule_nobody_is_made_the_lead() -> None:
    text = "一、任务\n1.修路灯。（市城市管理局、市供电公司负责）"

    assert items(text)["1."].role_mode == "joint"
    assert items(text)["1."].lead_units == ("市城市管理局", "市供电公司")
    assert "no_lead_marked" in items(text)["1."].reasons


def test_a_rule_does_not_reach_back_to_earlier_items() -> None:
    text = "1.修路。（甲市交通局、甲市财政局负责）\n2.种树。（甲市园林局、甲市水务局负责。列第一位的为牵头单位，下同）"

    assert [item.role_mode for item in reading(text).items] == ["joint", "first_is_lead"]


def test_a_rule_in_a_note_holds_for_all() -> None:
    text = "1.修路。（甲市交通局、甲市财政局负责）\n注：排在第一位的部门为牵头部门。"

    assert reading(text).items[0].lead_units == ("甲市交通局",)


def test_the_word_for_lead_names_the_lead_and_the_others_take_part() -> None:
    fifth = items(BRACKETS)["（五）"]

    assert fifth.role_mode == "explicit_lead"
    assert fifth.lead_units == ("市城市管理局",)
    assert fifth.cooperating_units == ("市供电公司",)


def test_a_class_of_addressees_is_a_collective_and_a_name_with_and_stays_whole() -> None:
    fourth, sixth = items(BRACKETS)["（四）"], items(BRACKETS)["（六）"]

    assert fourth.units_all == ("市住房和城乡建设局", "市交通运输局", "有关部门", "各区人民政府")
    assert fourth.collectives == ("有关部门", "各区人民政府")
    assert sixth.units_all == sixth.collectives == ("各区、县级市",)
    assert sixth.role_mode == "single"


def test_labels_on_lines_of_their_own_belong_to_the_item_above() -> None:
    found = items(LABELS)

    assert list(found) == ["1.", "2.", "3."]
    assert found["1."].lead_units == ("市图书馆",)
    assert found["2."].lead_units == ("市图书馆",)
    assert found["2."].cooperating_units == ("市邮政管理局", "各区政府")
    assert found["2."].deadlines == ("2026年9月30日",)
    assert found["3."].role_mode == "joint"
    assert found["3."].deadlines == ("每季度",)


def test_of_two_levels_with_organs_the_lower_is_the_tasks() -> None:
    read = reading(TWO_LEVELS)

    assert [item.number for item in read.items] == ["1．", "2．", "", "（三）"]
    assert read.items[0].heading_path == ("一、把苗圃管好", "（一）改进苗圃浇水。")
    assert read.items[2].heading_path == ("一、把苗圃管好", "（二）办好苗木交换会。")
    assert read.items[2].text.startswith("在春季举办交换会")
    assert read.items[0].collectives == ("各区", "相关单位")
    assert [(p.number, p.units_all) for p in read.parents] == [
        ("（一）", ("市园林局", "市水务局")),
        ("（二）", ("市园林局", "各区", "各部门")),
    ]


def test_a_table_is_read_by_its_header_and_an_empty_cell_takes_the_organ_above() -> None:
    found = read_document(rows(TABLE_ROWS)).items

    assert [item.number for item in found] == ["1", "2", "3"]
    assert found[0].lead_units == ("市市场监管局",)
    assert found[0].cooperating_units == ("市住建局", "各区政府")
    assert found[0].deadlines == ("2026年5月31日前",)
    assert found[1].deadlines == ("长期坚持",)
    assert found[2].lead_units == ("市民政局",)
    assert found[2].reasons == ("carried_down",)


def test_a_table_without_a_unit_column_takes_the_organ_that_heads_the_row() -> None:
    table = (
        ("序号", "项目", "分值", "内容", "标准"),
        ("1", "县水务局", "20", "清理水渠", "全部清理得20分"),
        ("15", "检查水闸", "每月一次得15分"),
        ("2", "县林业局", "30", "补种行道树", "补齐得30分"),
    )
    found = read_document(rows(table)).items

    assert [(i.number, i.units_all) for i in found] == [
        ("1", ("县水务局",)),
        ("1", ("县水务局",)),
        ("2", ("县林业局",)),
    ]
    assert found[1].text == "检查水闸\n每月一次得15分"


def test_a_plain_notice_gives_an_item_for_every_organ_with_a_deadline() -> None:
    found = items(NOTICE)

    assert list(found) == ["一、", "二、"]
    assert found["一、"].units_all == ("各区",)
    assert found["一、"].deadlines == ("5月20日17：30前",)
    assert found["二、"].lead_units == ("市园林局", "市统计局")
    assert found["二、"].cooperating_units == ("其他有关部门",)
    assert found["二、"].confidence < 0.7


def test_a_regulation_has_no_items() -> None:
    assert reading(REGULATION).items == ()


def test_a_remark_in_the_middle_of_a_sentence_is_no_division_of_work() -> None:
    text = "1.培训讲解员，考核（街道内由市文化局负责）按原规定，由各馆自办。\n2.整理（市、区）两级书目。"

    assert reading(text).items == ()


def test_broken_lines_are_mended_even_inside_a_label() -> None:
    text = "1.擦亮路牌。把全市路牌擦亮，公布清洗日\n期，方便居民查看。（牵头部\n门：市民政局、市城市管理局）\n2.数清路灯。（牵头部门：市供电公司）"
    found = reading(text).items

    assert [i.lead_units for i in found] == [("市民政局", "市城市管理局"), ("市供电公司",)]
    assert found[0].text == "擦亮路牌。把全市路牌擦亮，公布清洗日期，方便居民查看。"
    assert found[0].reasons == ("mended_breaks",)


def test_several_brackets_of_one_paragraph_are_one_item_with_all_their_organs() -> None:
    text = "1.种树。春天种。（市园林局负责）秋天补。（市水务局、市园林局负责）"
    found = reading(text).items

    assert len(found) == 1
    assert found[0].units_all == ("市园林局", "市水务局")
    assert "several_brackets" in found[0].reasons


def test_an_organ_said_once_for_all_later_items_is_added_to_them() -> None:
    text = "1.定方案。（市园林局指导，试点城区政府负责落实。以下均需试点城区政府落实，不再列出）\n2.种花。（市水务局指导）"
    second = items(text)["2."]

    assert second.units_all == ("市水务局", "试点城区政府")
    assert second.collectives == ("试点城区政府",)
    assert "inherited" in second.reasons


def test_points_under_a_mere_title_take_the_organs_of_the_title() -> None:
    text = "一、整理书架（牵头单位：市图书馆，配合单位：市文化馆）\n1.按类排好。2026年3月底前完成。\n2.贴上标签。"
    found = items(text)

    assert list(found) == ["1.", "2."]
    assert found["2."].lead_units == ("市图书馆",)
    assert found["1."].deadlines == ("2026年3月底前",)


def test_points_under_a_title_with_labels_take_the_organs_of_the_labels() -> None:
    text = "（一）节水。\n责任单位：市水务局、各区政府\n主要任务：\n1.换水表。\n2.修水管。"

    assert [(i.number, i.units_all) for i in reading(text).items] == [
        ("1.", ("市水务局", "各区政府")),
        ("2.", ("市水务局", "各区政府")),
    ]


def test_a_time_inside_a_bracket_with_verbs_is_kept() -> None:
    text = "1.疏通水沟。（2026年5月底前完成，市水务局，各区政府按职责分工负责）\n2.装护栏。（市交通局牵头，持续推进）"
    found = items(text)

    assert found["1."].deadlines == ("2026年5月底前",)
    assert found["1."].units_all == ("市水务局", "各区政府")
    assert found["2."].deadlines == ("持续推进",)


def test_items_run_together_in_one_paragraph_are_cut_apart() -> None:
    found = reading("（一）种树。（市园林局负责）（二）修路。（市交通局负责）").items

    assert [(i.number, i.text, i.units_all) for i in found] == [
        ("（一）", "种树。", ("市园林局",)),
        ("（二）", "修路。", ("市交通局",)),
    ]


def test_square_brackets_serve_as_well() -> None:
    assert reading("1.种树。［责任单位：市园林局］\n2.修路。【市交通局负责】").items[1].units_all == (
        "市交通局",
    )


def test_a_sentence_that_is_nothing_but_a_division_of_work_counts_in_a_plain_notice() -> None:
    found = items("（一）检查校车。市交通局负责，市公安局配合。\n（二）提高认识，负责到底。")

    assert list(found) == ["（一）"]
    assert found["（一）"].lead_units == ("市交通局",)
    assert found["（一）"].cooperating_units == ("市公安局",)


def test_a_figure_at_the_head_of_a_line_is_no_number_unless_it_is_next() -> None:
    text = "1.修路。（甲局负责）\n2.30棵树。（乙局负责）\n1.5万盏灯装完。（丙局负责）"
    found = reading(text).items

    assert [(i.number, i.text) for i in found][:2] == [("1.", "修路。"), ("2.", "30棵树。")]
    assert all(i.number != "1." or i.text == "修路。" for i in found)


def test_an_english_paper_is_read_by_its_labels() -> None:
    read = reading(ENGLISH)

    assert read.title == "Harbour Library Plan 2026"
    assert [i.number for i in read.items] == ["1.1", "1.2"]
    assert read.items[0].lead_units == ("Building Services",)
    assert read.items[0].cooperating_units == ("Reading Room Desk", "Stores")
    assert read.items[0].deadlines == ("30 June 2026",)
    assert read.items[0].heading_path == ("1. Reading rooms",)
    assert read.items[1].role_mode == "single"


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("机密★5年", "机密"),
        ("绝 密", "绝密"),
        ("000012 秘密★1年 特急", "秘密"),
        ("密级：秘密", "秘密"),
        ("保守商业秘密", None),
        ("秘密花园开放", None),
    ],
)
def test_a_secrecy_mark_is_found_only_as_a_line_of_its_own(line: str, mark: str | None) -> None:
    assert reading(f"{line}\n关于修路的通知\n一、修路。（甲局负责）").secrecy_mark == mark


def test_a_heading_style_without_a_number_is_part_of_the_path() -> None:
    paragraphs = [Paragraph("借阅服务", "Heading 1", 1), *paper("1.开夜场。（市图书馆负责）")]

    assert read_document(paragraphs).items[0].heading_path == ("借阅服务",)


def test_what_is_to_be_handed_in_is_hinted_at() -> None:
    found = reading("1.制定座椅更新方案，分批更换。（市园林局负责）").items

    assert found[0].evidence_hint == "制定座椅更新方案"
