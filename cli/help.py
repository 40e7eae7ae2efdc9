"""The help pages in the language of whoever reads them. In the code they stand in English."""

import inspect
from typing import Any

import typer

from cli.language import Translator
from cli.speech import _

EXAMPLE = _("Example:")


def in_language(command: Any, translator: Translator) -> None:
    """Translate the help of a command and of all below it, in place, and put its example at the end.

    The command's `epilog` holds its example, which is the same in every language.
    """
    into = translator.gettext
    for path in _walk(command):
        path.help = into(inspect.cleandoc(path.help)) if path.help else path.help
        path.short_help = into(path.short_help) if path.short_help else path.short_help
        if path.epilog:
            path.epilog = f"{into(EXAMPLE)} {path.epilog}"
        for parameter in (*path.params, path.get_help_option(typer.Context(path))):
            if getattr(parameter, "help", None):
                parameter.help = into(parameter.help)
    if translator.language != "en":
        _translate_frames(translator)


def _walk(command: Any) -> list[Any]:
    below = getattr(command, "commands", {}).values()
    return [command, *(found for one in below for found in _walk(one))]


def _translate_frames(translator: Translator) -> None:
    """What the library itself writes around the help."""
    from typer import rich_utils

    into = translator.gettext
    rich_utils.ARGUMENTS_PANEL_TITLE = into(_("Arguments"))
    rich_utils.OPTIONS_PANEL_TITLE = into(_("Options"))
    rich_utils.COMMANDS_PANEL_TITLE = into(_("Commands"))
    rich_utils.DEFAULT_STRING = into(_("[default: {}]"))
    rich_utils.REQUIRED_LONG_STRING = into(_("[required]"))


SHOW_HELP = _("Show this message and exit.")
"""The library's own sentence, kept in the catalogue."""
