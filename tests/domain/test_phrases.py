"""Date phrases: which are found, what they mean, when they fall due."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.phrases import due_date, find_phrases, label_phrases, parse_phrase
from domain.recurrence import Recurrence, recurrence
from domain.workdays import Calendar

PUBLISHED = date(2026, 1, 20)
PLAIN = Calendar()


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("2026年底前完成，2027年3月底前检查。", ("2026年底前", "2027年3月底前")),
        ("12月底前办好", ("12月底前",)),
        ("于6月20日18：00前报送", ("6月20日18：00前",)),
        ("2026年8月31日之前交付", ("2026年8月31日之前",)),
        ("２０２６年６月底前", ("２０２６年６月底前",)),
        ("二〇二六年六月底前", ("二〇二六年六月底前",)),
        ("2026年上半年，印发方案", ("2026年上半年",)),
        ("上半年完成配备", ("上半年",)),
        ("一季度末前建成", ("一季度末前",)),
        ("今年年底前", ("今年年底前",)),
        ("年底前装完", ("年底前",)),
        ("自印发之日起30日内报送", ("自印发之日起30日内",)),
        ("收到本通知后5个工作日内", ("收到本通知后5个工作日内",)),
        ("Repair it by 30 June 2026.", ("by 30 June 2026",)),
        ("5年内培训1万人，到2027年建成，每年评一次", ()),
        ("每月25日前报送，每年3月底前公布", ()),
        ("2026年前三季度增长，前期准备，目前6月前后", ()),
        ("3周以内，5个工作日以内办结，去年增长6%", ()),
    ],
)
def test_phrases_are_found_as_printed(text: str, phrases: tuple[str, ...]) -> None:
    assert find_phrases(text) == phrases


@pytest.mark.parametrize(
    ("phrase", "due"),
    [
        ("2026年2月底前", date(2026, 2, 28)),
        ("2028年2月底前", date(2028, 2, 29)),
        ("3月15日前", date(2026, 3, 15)),
        ("6月20日18：00前", date(2026, 6, 20)),
        ("年底前", date(2026, 12, 31)),
        ("2027年底前", date(2027, 12, 31)),
        ("今年年底前", date(2026, 12, 31)),
        ("明年3月底前", date(2027, 3, 31)),
        ("上半年", date(2026, 6, 30)),
        ("2027年上半年", date(2027, 6, 30)),
        ("一季度末前", date(2026, 3, 31)),
        ("下月底前", date(2026, 2, 28)),
        ("月底前", date(2026, 1, 31)),
        ("5月中旬前", date(2026, 5, 20)),
        ("2026年6月", date(2026, 6, 30)),
        ("2026年6月30日", date(2026, 6, 30)),
        ("2026-06-30", date(2026, 6, 30)),
        ("30 June 2026", date(2026, 6, 30)),
        ("June 30, 2026", date(2026, 6, 30)),
        ("30日内", date(2026, 2, 19)),
        ("印发之日起20个工作日内", date(2026, 2, 17)),
        ("六月底前", date(2026, 6, 30)),
        ("1月5日前", date(2026, 1, 5)),  # before publication: shown, not moved to the next year
        ("2月30日前", None),
        ("尽快", None),
    ],
)
def test_a_phrase_falls_due_on_its_last_day(phrase: str, due: date | None) -> None:
    assert due_date((phrase,), PUBLISHED, PLAIN) == due


@pytest.mark.parametrize(
    ("phrase", "due"),
    [
        ("3月15日前", date(2026, 3, 14)),
        ("3月1日前", date(2026, 2, 28)),
        ("6月前", date(2026, 5, 31)),
        ("6月底前", date(2026, 6, 30)),
        ("6月20日18：00前", date(2026, 6, 20)),
    ],
)
def test_a_site_may_exclude_the_day_named_but_never_the_last_day_of_a_month(phrase: str, due: date) -> None:
    assert due_date((phrase,), PUBLISHED, PLAIN, inclusive=False) == due


def test_working_days_follow_the_calendar() -> None:
    closed = Calendar({date(2026, 1, 21): True})

    assert due_date(("印发后1个工作日内",), PUBLISHED, closed) == date(2026, 1, 22)


def test_of_several_phrases_the_latest_counts_and_a_year_left_out_is_that_of_the_one_before() -> None:
    assert due_date(("2027年6月底前", "12月底前"), PUBLISHED, PLAIN) == date(2027, 12, 31)
    assert due_date((), PUBLISHED, PLAIN) is None


@pytest.mark.parametrize(
    ("phrase", "hour"),
    [
        ("6月20日18：00前", time(18)),
        ("5月3日下午3时前", time(15)),
        ("5月3日24:00前", time(23, 59)),
        ("5月3日9点半前", time(9, 30)),
        ("5月3日前", None),
    ],
)
def test_an_hour_is_kept(phrase: str, hour: time | None) -> None:
    assert parse_phrase(phrase).at == hour


@pytest.mark.parametrize(
    ("cell", "phrases"),
    [
        ("2026年6月", ("2026年6月",)),
        ("长期坚持", ("长期坚持",)),
        ("每月25日前；2026年12月", ("每月25日前", "2026年12月")),
        ("与工程同步", ("与工程同步",)),
    ],
)
def test_a_cell_for_the_time_is_kept_as_printed(cell: str, phrases: tuple[str, ...]) -> None:
    assert label_phrases(cell) == phrases


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("每月25日前报送进展", Recurrence("monthly", 25)),
        ("每月底前汇总", Recurrence("monthly", None)),
        ("每月", Recurrence("monthly", None)),
        ("按月调度", Recurrence("monthly", None)),
        ("每季度首月20日前公布", Recurrence("quarterly", 20)),
        ("每季度末月底前", Recurrence("quarterly", None)),
        ("每季度末月20日前报送", Recurrence("quarterly", None)),
        ("每半年检查一遍", Recurrence("half_yearly", None)),
        ("每年3月1日前报送", Recurrence("yearly", 60)),
        ("每年12月底前公布", Recurrence("yearly", None)),
        ("每年对学校进行检查", Recurrence("yearly", None)),
        ("长期坚持", Recurrence("ongoing", None)),
        ("免费开放，持续推进。", Recurrence("ongoing", None)),
        ("every month by the 25th", Recurrence("monthly", 25)),
        ("quarterly", Recurrence("quarterly", None)),
        ("ongoing", Recurrence("ongoing", None)),
        ("每年招收学员100名", None),
        ("持续推进道路改造", None),
        ("2026年底前", None),
    ],
)
def test_recurrence_is_read_where_a_day_a_report_or_a_check_goes_with_it(
    text: str, again: Recurrence | None
) -> None:
    assert recurrence(text) == again


@given(st.text(max_size=80), st.dates(), st.booleans())
def test_any_text_is_reckoned_without_an_error(text: str, published: date, inclusive: bool) -> None:
    phrases = (*find_phrases(text), *label_phrases(text), text)
    due_date(phrases, published, PLAIN, inclusive=inclusive)
    recurrence(text)


@given(st.dates(date(2020, 1, 1), date(2089, 12, 31)))
def test_a_full_date_is_read_back_from_its_phrase(day: date) -> None:
    phrase = f"{day.year}年{day.month}月{day.day}日前"

    assert find_phrases(f"请于{phrase}报送。") == (phrase,)
    assert due_date((phrase,), PUBLISHED, PLAIN) == day
