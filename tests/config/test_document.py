import re

from config.document import PAGE, page
from config.settings import Settings, variable


def test_the_page_of_settings_is_the_one_written_from_the_settings() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make settings-doc`"


def test_the_page_has_one_line_for_each_setting_and_no_other() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert listed == [variable(field) for field in Settings.model_fields]


def test_every_setting_is_described_in_a_sentence() -> None:
    short = [name for name, field in Settings.model_fields.items() if len(field.description or "") < 15]

    assert short == []
