"""Write `docs/settings.md` from the settings themselves: `python -m config.document`."""

from pathlib import Path

from pydantic.fields import FieldInfo

from config.settings import FILE_VARIABLE, Settings, variable

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
HEAD = f"""# Settings

Every setting is an environment variable. A TOML file may hold them too, under the same names in small
letters without `DUBAN_` (`web_port = 8080`); the variable `{FILE_VARIABLE}` names that file. A variable wins
over the file, and an empty variable counts as not set. A name that is no setting is reported when a process
starts, with the nearest one there is.

`make settings-doc` writes this page from `config/settings.py`; change it there.

| variable | default | what it is |
|---|---|---|
"""


def page() -> str:
    """The whole page as Markdown."""
    return HEAD + "".join(row(name, field) for name, field in Settings.model_fields.items())


def row(name: str, field: FieldInfo) -> str:
    """One line of the table."""
    return f"| `{variable(name)}` | {default(field)} | {field.description} |\n"


def default(field: FieldInfo) -> str:
    """The default as a person reads it; one that follows from another setting says how."""
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "default_text" in extra:
        return str(extra["default_text"])
    value = field.default
    shown = value.get_secret_value() if hasattr(value, "get_secret_value") else value
    return "empty" if shown in ("", None) else f"`{shown}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
