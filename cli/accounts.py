"""`duban account link`: a one-time link for an account whose password or link was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.acting import operator
from cli.site import site_of
from cli.speech import _

if TYPE_CHECKING:
    from collections.abc import Callable

Login = Annotated[str, typer.Argument(metavar="LOGIN", help=_("The account's login."))]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help=_("The accounts of the site."), epilog="duban account link administrator")
    group.command(
        "link",
        help=_("Make a link with which an account sets its password, once; older links no longer work."),
        epilog="duban account link administrator",
    )(link)
    app.add_typer(group, name="account", no_args_is_help=True)


def link(context: typer.Context, login: Login) -> None:
    """See `add_to`."""
    from cli.first_start import link_address
    from services.accounts import actor_by_login
    from services.one_time_links import make_link

    site = site_of(context)
    account = actor_by_login(site.office, login)
    assert account.account_id is not None
    token = make_link(site.office, operator(), site.now(), account.account_id)
    say_link(site.speech.say, login, link_address(site.settings.web_url, token))


def say_link(say: Callable[..., None], login: str, address: str) -> None:
    """Say where an account sets its password."""
    say(
        _("Set the password of %(login)s here, once, within seven days: %(address)s"),
        login=login,
        address=address,
    )
