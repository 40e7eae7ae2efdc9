"""What a site may set: one field a variable `DUBAN_<NAME>`, or a line `<name> = ...` in a TOML file.

The page `docs/settings.md` is written from this class, so a description here is what an administrator
reads. Secrets are `SecretStr`: whatever prints a settings object prints stars.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.values import (
    address_with,
    database_address,
    evidence_address,
    existing,
    expanded,
    host_and_port,
    host_list,
    issuer_address,
    known_time_zone,
    local_address,
    mail_address,
    public_address,
)

PREFIX = "DUBAN_"
FILE_VARIABLE = "DUBAN_SETTINGS_FILE"


def default_data_dir() -> Path:
    """The data folder of the person who runs the process, for a site that names none."""
    return Path("~/.local/share/duban").expanduser()


def default_audit_key(data_dir: Path) -> Path:
    """Where the audit key lies: never in the data folder, so a copy of the data does not hold it."""
    if data_dir == default_data_dir():
        return Path("~/.config/duban/audit.key").expanduser()
    return data_dir.with_name(f"{data_dir.name}-keys") / "audit.key"


Folder = Annotated[Path, AfterValidator(expanded)]
File = Annotated[Path, AfterValidator(existing)]


class Settings(BaseSettings):
    """Every setting of a site, checked one by one; `config.load` checks those that depend on another."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    site_name: str = Field("督办", description="Name of the office, on every page and in every mail.")
    data_dir: Folder = Field(
        default_factory=default_data_dir,
        description="Folder for everything the embedded defaults write: database, Temporal's file, evidence.",
        json_schema_extra={"default_text": "`~/.local/share/duban`"},
    )
    database_url: Annotated[SecretStr, AfterValidator(database_address)] = Field(
        default_factory=lambda data: SecretStr(f"sqlite:///{data['data_dir'] / 'duban.sqlite'}"),
        description="Database: `sqlite:///file` or `postgresql+psycopg://user:password@host/name`.",
        json_schema_extra={"default_text": "`duban.sqlite` in the data folder"},
    )
    evidence_url: Annotated[str, AfterValidator(evidence_address)] = Field(
        default_factory=lambda data: (data["data_dir"] / "evidence").as_uri(),
        description="Where the bytes of evidence lie: a folder, as a path or a `file:` address.",
        json_schema_extra={"default_text": "`evidence` in the data folder"},
    )
    audit_key_file: Folder = Field(
        default_factory=lambda data: default_audit_key(data["data_dir"]),
        description="Key that seals the audit record; made at first use. It must lie outside the data folder "
        "and outside its backup, or whoever holds the copy can seal a forged record.",
        json_schema_extra={
            "default_text": "`~/.config/duban/audit.key`; with a data folder of your own, "
            "`audit.key` in the folder `<data folder>-keys` beside it"
        },
    )

    time_zone: Annotated[str, AfterValidator(known_time_zone)] = Field(
        "Asia/Shanghai", description="Time zone in which the office counts days and hours."
    )
    language: Literal["", "zh_CN", "en"] = Field(
        "",
        description="Language of the command line and of pages before anybody signs in: `zh_CN` or `en`. "
        "Empty: taken from `LC_ALL`, `LC_MESSAGES` or `LANG`.",
    )

    web_host: str = Field("127.0.0.1", description="Address the web server listens on.")
    web_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        8080, description="Port the web server listens on; 0 takes any free one."
    )
    web_url: Annotated[str, AfterValidator(public_address)] = Field(
        default_factory=lambda data: local_address(data["web_host"], data["web_port"]),
        description="Address people reach the site by, for links in mails; with `https` cookies are marked secure.",
        json_schema_extra={"default_text": "made from the host and the port"},
    )

    temporal_address: Annotated[str, AfterValidator(host_and_port)] = Field(
        "",
        description="`host:port` of the Temporal server. Empty: `duban up` runs its own, embedded one.",
    )
    temporal_namespace: str = Field("default", description="Temporal namespace.")
    temporal_api_key: SecretStr = Field(
        SecretStr(""), description="API key for Temporal Cloud (secret); it switches TLS on."
    )
    temporal_tls_cert: File | None = Field(
        None, description="File with the client certificate (PEM) shown to the Temporal server."
    )
    temporal_tls_key: File | None = Field(None, description="File with the key of that certificate (PEM).")
    temporal_tls_ca: File | None = Field(
        None,
        description="File with the certificates (PEM) that sign the Temporal server's own, when not public.",
    )
    activity_threads: Annotated[int, Field(ge=1, le=256)] = Field(
        8, description="Threads of one worker that carry out activities; each may hold a database connection."
    )

    smtp_url: Annotated[SecretStr, address_with("smtp", "smtps")] = Field(
        SecretStr(""),
        description="Mail server: `smtp://user:password@host:port`, or `smtps://` for TLS from the first byte "
        "(secret). Empty: no mail leaves, people read the in-app inbox.",
    )
    mail_from: Annotated[str, AfterValidator(mail_address)] = Field(
        "", description="Sender of every mail; needed once a mail server is set."
    )
    mail_rate: Annotated[float, Field(gt=0, le=1000)] = Field(
        10.0, description="Most mails a second that all workers together hand to the mail server."
    )

    webhook_hosts: Annotated[str, AfterValidator(host_list)] = Field(
        "",
        description="Hosts that webhooks may tell of events, with commas between: `oa.example.org`, or `host:port` for "
        "a port that is not the usual one. A machine inside is listed by its address (`10.2.3.4:9000`). Empty: none.",
    )

    oidc_issuer: Annotated[str, AfterValidator(issuer_address)] = Field(
        "",
        description="Issuer of the identity provider (OpenID Connect) through which people may sign in as well, an "
        "`https` address. It is told the address `/sign-in/oidc/back` of this site. Empty: none.",
    )
    oidc_client_id: str = Field("", description="Name under which the identity provider knows this site.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""),
        description="What this site shows the identity provider (secret); empty for a public client.",
    )
    oidc_claim: Annotated[str, Field(pattern=r"^\S+$")] = Field(
        "preferred_username",
        description="Claim of the identity provider that holds the login of an account here. It must be one that "
        "people cannot change themselves.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the base class fixes these parameters
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no second file that nobody named
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Variables win over the file, whose values `config.load` hands to the constructor."""
        return env_settings, init_settings


def variable(field: str) -> str:
    """The name of the variable that sets `field`."""
    return f"{PREFIX}{field.upper()}"
