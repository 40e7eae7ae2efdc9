"""Read the settings of this process, once, at its start."""

import difflib
import os
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.faults import wrong_value
from config.settings import FILE_VARIABLE, PREFIX, Settings, variable
from domain.errors import InvalidInputError

Warn = Callable[[InvalidInputError], None]


def load_settings(warn: Warn) -> Settings:
    """The settings from `DUBAN_*` variables over the file that `DUBAN_SETTINGS_FILE` names over the defaults.

    An empty variable counts as not set. `warn` is told each name that means nothing (a misspelt one
    would otherwise change nothing in silence). Raises InvalidInputError naming every variable that is
    wrong; a variable is named for a line of the file too, since the two have one list of names.
    """
    from_file = file_values(os.environ.get(FILE_VARIABLE, ""))
    for unknown in (*unknown_variables(os.environ), *unknown_lines(from_file)):
        warn(unknown)
    try:
        settings = Settings(**from_file)
    except ValidationError as error:
        raise together([wrong_value(field, variable(field)) for field in wrong_fields(error)]) from None
    problems = list(contradictions(settings))
    if problems:
        raise together(problems)
    return settings


def file_values(name: str) -> dict[str, Any]:
    """The lines of the settings file; none when no file is named."""
    if not name:
        return {}
    try:
        text = Path(name).expanduser().read_text(encoding="utf-8")
        return tomllib.loads(text)
    except OSError as error:
        raise InvalidInputError(
            "%(variable)s names %(file)s, which cannot be read: %(reason)s.",
            variable=FILE_VARIABLE,
            file=name,
            reason=error.strerror,
        ) from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise InvalidInputError(
            "%(variable)s names %(file)s, which is not TOML: %(reason)s.",
            variable=FILE_VARIABLE,
            file=name,
            reason=error,
        ) from error


def unknown_variables(names: Iterable[str]) -> list[InvalidInputError]:
    """A sentence for each name of an environment variable that looks like a setting and is none."""
    known = [variable(field) for field in Settings.model_fields] + [FILE_VARIABLE]
    ours = [name for name in names if name.upper().startswith(PREFIX)]
    return [unknown(name, name.upper(), known) for name in ours if name.upper() not in known]


def unknown_lines(values: dict[str, Any]) -> list[InvalidInputError]:
    """The same for the lines of the settings file."""
    known = list(Settings.model_fields)
    return [unknown(name, name.lower(), known) for name in values if name not in known]


def unknown(name: str, sought: str, known: list[str]) -> InvalidInputError:
    """One sentence, with the known name that is nearest where one is near."""
    near = difflib.get_close_matches(sought, known, n=1)
    if near:
        return InvalidInputError(
            "%(name)s is no setting and changes nothing; did you mean %(nearest)s?",
            name=name,
            nearest=near[0],
        )
    return InvalidInputError("%(name)s is no setting and changes nothing.", name=name)


def wrong_fields(error: ValidationError) -> list[str]:
    """The fields that are wrong in themselves, not because a field they follow from is."""
    return [
        str(fault["loc"][0])
        for fault in error.errors(include_input=False, include_url=False)
        if fault["type"] != "default_factory_not_called"
    ]


def contradictions(settings: Settings) -> Iterable[InvalidInputError]:
    """Settings that are right one by one and wrong together."""
    if settings.smtp_url.get_secret_value() and not settings.mail_from:
        yield InvalidInputError("DUBAN_MAIL_FROM must name the sender, since DUBAN_SMTP_URL is set.")
    if (settings.temporal_tls_cert is None) != (settings.temporal_tls_key is None):
        yield InvalidInputError("DUBAN_TEMPORAL_TLS_CERT and DUBAN_TEMPORAL_TLS_KEY must be set together.")
    secured = settings.temporal_api_key.get_secret_value() or settings.temporal_tls_cert
    if (secured or settings.temporal_tls_ca) and not settings.temporal_address:
        yield InvalidInputError(
            "DUBAN_TEMPORAL_ADDRESS must be set: a key or a certificate for Temporal is, "
            "and the embedded server takes none."
        )
    if bool(settings.oidc_issuer) != bool(settings.oidc_client_id):
        yield InvalidInputError("DUBAN_OIDC_ISSUER and DUBAN_OIDC_CLIENT_ID must be set together.")
    if settings.audit_key_file.is_relative_to(settings.data_dir):
        yield InvalidInputError(
            "DUBAN_AUDIT_KEY_FILE must lie outside DUBAN_DATA_DIR, or every copy of the data holds the key."
        )


def together(problems: list[InvalidInputError]) -> InvalidInputError:
    """One error for all problems; a single problem is its own error."""
    if len(problems) == 1:
        return problems[0]
    return InvalidInputError(
        "Settings to put right: %(count)s.", problems=tuple(problems), count=len(problems)
    )
