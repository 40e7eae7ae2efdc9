"""All commands put together, run once, in the language of whoever started the process."""

import os
from collections.abc import Sequence

import typer
from typer.main import get_command

from cli import (
    accounts,
    demo,
    directives,
    documents,
    exports,
    letters,
    office_acts,
    rectifications,
    running,
    setting_up,
    trail,
    unit_tasks,
    upkeep,
)
from cli.faults import REFUSED, tell_fault, tell_refusal, tell_usage
from cli.help import in_language
from cli.language import choose, translator
from cli.site import Site
from cli.speech import Speech, _
from domain.errors import DubanError, InvalidInputError

LANGUAGES = ("zh_CN", "en")
GROUPS = (
    demo,
    setting_up,
    accounts,
    running,
    documents,
    directives,
    unit_tasks,
    office_acts,
    letters,
    rectifications,
    exports,
    trail,
    upkeep,
)


def build() -> typer.Typer:
    """The whole tree of commands, its help in English."""
    app = typer.Typer(
        name="duban",
        help=_("Turn a directive into work that gets done: tasks, reminders, numbered letters, proof."),
        epilog="duban init && duban org import town.csv",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for group in GROUPS:
        group.add_to(app)
    return app


def language_of_process() -> str:
    """The language before anything is read: the setting where one is given, else the locale."""
    asked = os.environ.get("DUBAN_LANGUAGE", "")
    if not asked and os.environ.get("DUBAN_SETTINGS_FILE"):
        from config.load import file_values

        try:
            asked = str(file_values(os.environ["DUBAN_SETTINGS_FILE"]).get("language", ""))
        except DubanError:
            asked = ""  # the command itself will say what is wrong with the file
    return choose(asked if asked in LANGUAGES else "", os.environ)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; its exit code."""
    speech = Speech(translator(language_of_process()))
    site = Site(speech)
    command = get_command(build())
    in_language(command, speech.translator)
    try:
        code = command.main(args=list(arguments), prog_name="duban", standalone_mode=False, obj=site)
    except DubanError as error:
        return tell_refusal(speech, error)
    except typer.TyperException as error:
        tell_usage(speech, error)
        return REFUSED
    except OverflowError:
        return tell_refusal(speech, InvalidInputError("A number is larger than this office keeps."))
    except (PermissionError, FileExistsError, IsADirectoryError, NotADirectoryError) as error:
        where, why = str(error.filename or ""), error.strerror or type(error).__name__
        return tell_refusal(
            speech, InvalidInputError("%(file)s: the system refuses it (%(why)s).", file=where, why=why)
        )
    except Exception as error:  # noqa: BLE001 -- the last place where a fault can be told to a person
        return tell_fault(site, error)
    finally:
        site.close()
    return code if isinstance(code, int) else 0
