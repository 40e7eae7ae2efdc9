"""What goes wrong, said to a person: refusals, wrong command lines, and faults of our own."""

import os
import re
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import typer

from cli.site import Site
from cli.speech import Speech, _, plain
from domain.errors import DubanError

OURS = 1
"""Exit code of a fault that is nobody's doing but ours, or of a difference found."""
REFUSED = 2
"""Exit code of whatever the caller can put right."""

# How the parser words what is wrong with a command line, and how we do.
PARSER = (
    (r"No such command '(?P<name>.*)'", _("There is no command %(name)s.")),
    (r"No such option: (?P<name>\S+)", _("There is no option %(name)s.")),
    (r"Missing argument '(?P<name>[^']*)'", _("%(name)s is missing.")),
    (r"Missing option '(?P<name>[^']*)'", _("The option %(name)s is missing.")),
    (r"Missing command", _("The command is missing.")),
    (r"Got unexpected extra argument\S* \((?P<name>.*)\)", _("%(name)s: nothing more is expected here.")),
    (r"Option '(?P<name>[^']*)' requires .*argument", _("The option %(name)s needs a value.")),
    (r"Option '(?P<name>[^']*)' does not take a value", _("The option %(name)s takes no value.")),
    (r"Invalid value for '(?P<name>[^']*)'", _("The value given for %(name)s cannot be used.")),
)


def tell_usage(speech: Speech, error: typer.TyperException) -> None:
    """A command line that cannot be read: what is wrong with it, and where help is."""
    message = error.format_message()
    if not message.strip():  # no arguments at all: the help has been printed
        return
    for pattern, sentence in PARSER:
        found = re.search(pattern, message)
        if found:
            speech.remark(sentence, **found.groupdict())
            break
    else:
        typer.echo(plain(message), err=True)
    path = getattr(getattr(error, "ctx", None), "command_path", "duban")
    speech.remark(_("Help: %(command)s --help"), command=path)


def tell_refusal(speech: Speech, error: DubanError) -> int:
    """A refusal with its problems; the exit code it stands for."""
    speech.fault(error)
    return error.exit_code


def tell_fault(site: Site, error: Exception) -> int:
    """A fault of ours: one line, and the file that holds the whole of it."""
    log = _log(site, error)
    site.speech.remark(
        _("This went wrong and is not your doing: %(what)s. Details are in %(log)s."),
        what=f"{type(error).__name__}: {error}".splitlines()[0][:200],
        log=str(log),
    )
    return OURS


def _log(site: Site, error: Exception) -> Path:
    """Write the fault to the data folder's log, or to a file of its own where there is no such folder."""
    text = "".join(traceback.format_exception(error))
    for folder in _folders(site):
        if os.access(folder, os.W_OK):
            log = folder / "errors.log"
            with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"{site.now().isoformat()}\n{text}\n")
            return log
    with tempfile.NamedTemporaryFile(
        "w", prefix="duban-", suffix=".log", encoding="utf-8", errors="backslashreplace", delete=False
    ) as alone:
        alone.write(text)
    return Path(alone.name)


def _folders(site: Site) -> Iterator[Path]:
    """The data folder, when the settings can be read."""
    try:
        yield site.settings.data_dir
    except DubanError:
        return
