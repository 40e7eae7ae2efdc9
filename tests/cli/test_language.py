import pytest

from cli.language import choose


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_TW.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh_CN"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh_CN"),
    ],
)
def test_the_locale_of_the_shell_chooses_the_language(environ: dict[str, str], language: str) -> None:
    assert choose("", environ) == language


def test_the_setting_wins_over_the_locale() -> None:
    assert choose("en", {"LANG": "zh_CN.UTF-8"}) == "en"
    assert choose("zh_CN", {"LC_ALL": "C"}) == "zh_CN"
