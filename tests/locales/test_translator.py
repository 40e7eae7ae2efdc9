import pytest

from config.load import load_settings
from domain.errors import DubanError, InvalidInputError, WrongStateError
from domain.unit_task import Act, State
from locales.translator import LANGUAGES, translator


def test_an_error_is_said_in_chinese_with_its_places_filled() -> None:
    error = InvalidInputError("%(variable)s must be HOST:PORT.", variable="DUBAN_TEMPORAL_ADDRESS")

    assert translator("zh_CN").render(error) == "DUBAN_TEMPORAL_ADDRESS 应为“主机:端口”。"


def test_an_error_is_said_in_english_as_it_stands_in_the_code() -> None:
    error = InvalidInputError("%(variable)s must be HOST:PORT.", variable="X")

    assert translator("en").render(error) == str(error) == "X must be HOST:PORT."


def test_a_state_within_a_sentence_is_a_word_of_the_reader() -> None:
    error = WrongStateError(
        "A unit task that is %(state)s cannot %(act)s.", state=State.ASSIGNED, act=Act.ACCEPT
    )

    assert "已交办" in translator("zh_CN").render(error)
    assert translator("en").render(error) == "A unit task that is assigned cannot accept."


def test_a_word_in_english_has_blanks_for_underscores() -> None:
    assert translator("en").word(Act.ASK_EXTENSION) == "ask extension"


def test_problems_of_an_error_follow_it_one_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_WEB_PORT", "x")
    monkeypatch.setenv("DUBAN_TEMPORAL_ADDRESS", "x")
    with pytest.raises(InvalidInputError) as caught:
        load_settings(lambda warning: pytest.fail(str(warning)))

    assert translator("zh_CN").render(caught.value).splitlines() == [
        "有 2 项设置需要改正。",
        "  DUBAN_WEB_PORT 应为 0 至 65535 的整数。",
        "  DUBAN_TEMPORAL_ADDRESS 应为“主机:端口”。",
    ]


def test_a_sentence_without_places_may_hold_a_percent_sign() -> None:
    for language in LANGUAGES:
        assert translator(language).render(DubanError("100 % of nothing.")) == "100 % of nothing."


def test_an_error_in_the_place_of_another_is_said_too() -> None:
    inner = InvalidInputError("%(variable)s must be HOST:PORT.", variable="X")

    assert translator("zh_CN").render(DubanError("Line 3: %(fault)s", fault=inner)) == (
        "Line 3: X 应为“主机:端口”。"
    )
