import json
from pathlib import Path

import pytest

from config.load import load_settings
from config.settings import Settings
from domain.errors import InvalidInputError


def load() -> Settings:
    """The settings, where no warning is expected."""
    warnings: list[InvalidInputError] = []
    settings = load_settings(warnings.append)

    assert warnings == []
    return settings


def refusal() -> list[str]:
    """The sentences said about settings that are wrong."""
    with pytest.raises(InvalidInputError) as caught:
        load_settings(lambda warning: pytest.fail(str(warning)))
    return [str(problem) for problem in caught.value.problems] or [str(caught.value)]


@pytest.fixture
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "duban.toml"
    monkeypatch.setenv("DUBAN_SETTINGS_FILE", str(path))
    return path


def test_defaults_need_no_variable_and_stay_in_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    settings = load()

    assert settings.data_dir == tmp_path / ".local/share/duban"
    assert settings.database_url.get_secret_value() == f"sqlite:///{settings.data_dir}/duban.sqlite"
    assert settings.evidence_url == f"file://{settings.data_dir}/evidence"
    assert settings.audit_key_file == tmp_path / ".config/duban/audit.key"
    assert settings.web_url == "http://127.0.0.1:8080"
    assert settings.temporal_address == ""
    assert settings.smtp_url.get_secret_value() == ""


def test_another_data_folder_takes_the_database_along_and_keeps_the_key_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_DATA_DIR", str(tmp_path / "office"))

    settings = load()

    assert settings.database_url.get_secret_value() == f"sqlite:///{tmp_path}/office/duban.sqlite"
    assert settings.evidence_url == f"file://{tmp_path}/office/evidence"
    assert settings.audit_key_file == tmp_path / "office-keys/audit.key"


def test_a_variable_wins_over_the_file_and_an_empty_one_leaves_it(
    settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_file.write_text('web_port = 81\nsite_name = "市政府督查室"\nmail_rate = 2.5\n', encoding="utf-8")
    monkeypatch.setenv("DUBAN_WEB_PORT", "82")
    monkeypatch.setenv("DUBAN_SITE_NAME", "")

    settings = load()

    assert (settings.web_port, settings.site_name, settings.mail_rate) == (82, "市政府督查室", 2.5)


@pytest.mark.parametrize(
    ("variable", "value", "right"),
    [
        ("DUBAN_DATABASE_URL", "mysql://root:canary@h/d", "must be sqlite:///FILE or postgresql+psycopg"),
        ("DUBAN_EVIDENCE_URL", "ftp://h/evidence", "must be a folder"),
        ("DUBAN_TIME_ZONE", "Asia/Canary", "must be a time zone"),
        ("DUBAN_TIME_ZONE", "../etc", "must be a time zone"),
        ("DUBAN_LANGUAGE", "fr", "must be zh_CN, en or empty"),
        ("DUBAN_WEB_PORT", "65536", "from 0 to 65535"),
        ("DUBAN_WEB_PORT", "eighty", "from 0 to 65535"),
        ("DUBAN_WEB_URL", "duban.example.org", "http:// or https://"),
        ("DUBAN_TEMPORAL_ADDRESS", "temporal.example.org", "must be HOST:PORT"),
        ("DUBAN_TEMPORAL_ADDRESS", "temporal.example.org:99999", "must be HOST:PORT"),
        ("DUBAN_TEMPORAL_TLS_CA", "/nowhere/ca.pem", "must name a file that is there"),
        ("DUBAN_ACTIVITY_THREADS", "0", "from 1 to 256"),
        ("DUBAN_SMTP_URL", "http://user:canary@h", "must be smtp://"),
        ("DUBAN_SMTP_URL", "smtp://user:canary@h:port", "must be smtp://"),
        ("DUBAN_MAIL_FROM", "the office", "must be a mail address"),
        ("DUBAN_MAIL_FROM", "a@b.example\nBcc: c@d.example", "must be a mail address"),
        ("DUBAN_MAIL_RATE", "0", "above 0"),
        ("DUBAN_MAIL_RATE", "nan", "above 0"),
        ("DUBAN_WEBHOOK_HOSTS", "https://oa.example.org", "must be hosts"),
        ("DUBAN_WEBHOOK_HOSTS", "oa.example.org/canary", "must be hosts"),
        ("DUBAN_WEBHOOK_HOSTS", "canary@oa.example.org", "must be hosts"),
        ("DUBAN_WEBHOOK_HOSTS", "oa.example.org:99999", "must be hosts"),
        ("DUBAN_OIDC_ISSUER", "http://id.example.org", "must be an https address"),
        ("DUBAN_OIDC_ISSUER", "https://id.example.org/?canary", "must be an https address"),
        ("DUBAN_OIDC_CLAIM", " ", "must name a claim"),
    ],
)
def test_a_wrong_value_is_refused_by_name_with_what_is_right_and_without_the_value(
    variable: str, value: str, right: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    (said,) = refusal()

    assert said.startswith(f"{variable} must")
    assert right in said
    assert "canary" not in said


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_WEB_PORT", "x")
    monkeypatch.setenv("DUBAN_MAIL_RATE", "-1")

    said = refusal()

    assert [line.split()[0] for line in said] == ["DUBAN_WEB_PORT", "DUBAN_MAIL_RATE"]


def test_a_line_of_the_file_that_is_no_text_is_refused_by_the_name_of_its_variable(
    settings_file: Path,
) -> None:
    settings_file.write_text("site_name = 5\n", encoding="utf-8")

    assert refusal() == ["DUBAN_SITE_NAME must be a text."]


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read"), (b"web_port = = 1", "is not TOML"), (b'site_name = "\xff"', "is not TOML")],
)
def test_a_settings_file_that_cannot_be_read_is_refused(
    content: bytes | None, said: str, settings_file: Path
) -> None:
    if content is not None:
        settings_file.write_bytes(content)

    (sentence,) = refusal()

    assert sentence.startswith(f"DUBAN_SETTINGS_FILE names {settings_file}, which")
    assert said in sentence


def test_a_name_that_is_no_setting_is_reported_with_the_nearest_one(
    settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_file.write_text("webport = 81\n", encoding="utf-8")
    monkeypatch.setenv("DUBAN_SMTP_ULR", "smtp://mail.example.org")
    monkeypatch.setenv("DUBAN_QQQQQQQQ", "1")
    warnings: list[InvalidInputError] = []

    settings = load_settings(warnings.append)

    assert [str(warning) for warning in warnings] == [
        "DUBAN_SMTP_ULR is no setting and changes nothing; did you mean DUBAN_SMTP_URL?",
        "DUBAN_QQQQQQQQ is no setting and changes nothing.",
        "webport is no setting and changes nothing; did you mean web_port?",
    ]
    assert settings.web_port == 8080


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SMTP_URL": "smtp://mail.example.org"}, "DUBAN_MAIL_FROM must name the sender"),
        (
            {"TEMPORAL_TLS_CERT": __file__, "TEMPORAL_ADDRESS": "temporal.example.org:7233"},
            "DUBAN_TEMPORAL_TLS_CERT and DUBAN_TEMPORAL_TLS_KEY must be set together",
        ),
        ({"TEMPORAL_API_KEY": "canary"}, "DUBAN_TEMPORAL_ADDRESS must be set"),
        ({"OIDC_ISSUER": "https://id.example.org"}, "DUBAN_OIDC_ISSUER and DUBAN_OIDC_CLIENT_ID must be set"),
        ({"OIDC_CLIENT_ID": "duban"}, "DUBAN_OIDC_ISSUER and DUBAN_OIDC_CLIENT_ID must be set together"),
        ({"DATA_DIR": "/office", "AUDIT_KEY_FILE": "/office/k"}, "DUBAN_AUDIT_KEY_FILE must lie outside"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    variables: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"DUBAN_{name}", value)

    (sentence,) = refusal()

    assert sentence.startswith(said)


def test_secrets_are_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", "postgresql+psycopg://duban:canary@db.example.org/duban")
    monkeypatch.setenv("DUBAN_SMTP_URL", "smtp://duban:canary@mail.example.org")
    monkeypatch.setenv("DUBAN_MAIL_FROM", "Office <office@example.org>")
    monkeypatch.setenv("DUBAN_TEMPORAL_API_KEY", "canary")
    monkeypatch.setenv("DUBAN_TEMPORAL_ADDRESS", "temporal.example.org:7233")

    settings = load()

    shown = f"{settings} {settings!r} {json.dumps(settings.model_dump(mode='json'))}"
    assert "canary" not in shown
    assert settings.temporal_api_key.get_secret_value() == "canary"


@pytest.mark.parametrize(
    ("given", "address"),
    [("/proof of work", "file:///proof%20of%20work"), ("file:///proof", "file:///proof")],
)
def test_the_folder_of_evidence_is_a_path_or_an_address(
    given: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_EVIDENCE_URL", given)

    assert load().evidence_url == address


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://localhost:90"), ("::1", "http://[::1]:90"), ("h.example", "http://h.example:90")],
)
def test_the_site_is_reached_by_host_and_port_until_it_has_an_address(
    host: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_WEB_HOST", host)
    monkeypatch.setenv("DUBAN_WEB_PORT", "90")

    assert load().web_url == url

    monkeypatch.setenv("DUBAN_WEB_URL", "https://duban.example.org/")
    assert load().web_url == "https://duban.example.org"
