"""In which language this process speaks to whoever started it."""

from collections.abc import Mapping

from locales.translator import Translator, translator

__all__ = ["Translator", "choose", "translator"]  # commands need the three together


def choose(settings_language: str, environ: Mapping[str, str]) -> str:
    """`zh_CN` or `en`: the setting where there is one, else the locale of the shell.

    As in POSIX, the first of LC_ALL, LC_MESSAGES and LANG that is not empty counts. Any Chinese locale is
    answered in zh_CN, and every other one in English.
    """
    if settings_language:
        return settings_language
    names = (environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next((name for name in names if name), "")
    return "zh_CN" if locale.lower().startswith("zh") else "en"
