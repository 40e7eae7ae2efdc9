"""From settings to a client, a mail server, an office."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.service import TLSConfig

from config.settings import Settings
from dispatch.connect import connect, is_reachable, tls
from dispatch.embedded import EmbeddedServer
from dispatch.mailer import mail_server
from dispatch.office import open_office
from domain.errors import InvalidInputError, NotFoundError
from store.keys import make_key_file


def settings(**fields: Any) -> Settings:
    return Settings(**fields)


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("smtp://mail.example:2525", "office@yunxi.example"),
        ("smtp://mail.example:2525?starttls=never", "office@yunxi.example"),
        ("smtp://mail.example:2525?from=other@yunxi.example&connections=2", "other@yunxi.example"),
    ],
)
def test_the_sender_is_the_settings_own_unless_the_url_names_one(url: str, sender: str) -> None:
    found = mail_server(settings(smtp_url=SecretStr(url), mail_from="督办 <office@yunxi.example>"))

    assert found is not None
    assert (found.host, found.port, found.sender) == ("mail.example", 2525, sender)


def test_a_plus_in_the_senders_address_stays_one() -> None:
    found = mail_server(
        settings(smtp_url=SecretStr("smtp://mail.example"), mail_from="office+duban@yunxi.example")
    )

    assert found is not None
    assert found.sender == "office+duban@yunxi.example"


def test_without_a_mail_server_there_is_none() -> None:
    assert mail_server(settings()) is None


def test_a_key_or_a_certificate_switches_tls_on_and_nothing_leaves_it_off(tmp_path: Path) -> None:
    for name in ("ca", "cert", "key"):
        (tmp_path / name).write_text(name, encoding="ascii")
    files = {f"temporal_tls_{name}": tmp_path / name for name in ("ca", "cert", "key")}

    assert tls(settings()) is False
    assert tls(settings(temporal_api_key=SecretStr("secret"))) is True
    assert tls(settings(**files)) == TLSConfig(
        server_root_ca_cert=b"ca", client_cert=b"cert", client_private_key=b"key"
    )
    own_authority = tls(settings(temporal_tls_ca=tmp_path / "ca", temporal_api_key=SecretStr("secret")))
    assert own_authority == TLSConfig(server_root_ca_cert=b"ca")


async def test_a_client_reaches_the_server_and_namespace_of_the_settings(
    temporal_server: EmbeddedServer,
) -> None:
    client = await connect(settings(temporal_address=temporal_server.address, temporal_namespace="other"))

    assert client.namespace == "other"
    assert await is_reachable(client)


async def test_a_lazy_client_is_made_without_a_server_and_an_eager_one_is_not() -> None:
    nowhere = settings(temporal_address="127.0.0.1:1")

    assert not await is_reachable(await connect(nowhere, lazy=True))
    with pytest.raises(RuntimeError):
        await connect(nowhere)


async def test_settings_that_name_no_server_are_refused_with_the_variable() -> None:
    with pytest.raises(InvalidInputError, match="DUBAN_TEMPORAL_ADDRESS"):
        await connect(settings(), lazy=True)


def test_an_office_has_the_zone_the_keys_and_the_mail_host_of_the_settings(tmp_path: Path) -> None:
    fields = {
        "data_dir": tmp_path / "data",
        "time_zone": "Asia/Urumqi",
        "mail_from": "督办 <office@yunxi.example>",
    }
    own = settings(**fields, audit_key_file=tmp_path / "keys" / "audit.key")
    with pytest.raises(NotFoundError):
        open_office(own)
    ring = make_key_file(own.audit_key_file)

    office = open_office(own)

    assert office.keys == ring
    assert (str(office.tz), office.mail_host, office.language) == ("Asia/Urumqi", "yunxi.example", "zh_CN")
