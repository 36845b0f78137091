"""Settings come from plain environment names, and what is wrong is said without showing it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from gateway.settings import ORDERS_LOOK_BACK, Settings, SettingsError, async_url, describe, read_settings
from models.orders import CLICK_REACHES

SECRET = "a-secret-that-is-long-enough-to-be-taken"


def test_without_any_variable_the_defaults_serve_a_sqlite_file_on_port_8000() -> None:
    settings = read_settings()

    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.database_url == "sqlite+aiosqlite:///data/heliograph.db"
    assert settings.secret_key is None
    assert settings.embedded_worker is True


def test_every_setting_is_read_from_a_variable_of_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "0.0.0.0")
    monkeypatch.setenv("PORT", "9001")
    monkeypatch.setenv("GRAPHIQL", "false")
    monkeypatch.setenv("LOG_LEVEL", "WARNING")
    monkeypatch.setenv("CORS_ORIGINS", "https://a.example, https://b.example,")

    settings = read_settings()

    assert (settings.host, settings.port, settings.graphiql) == ("0.0.0.0", 9001, False)
    assert settings.log_level == "warning"
    assert settings.cors_origins == ("https://a.example", "https://b.example")


def test_tokens_are_set_up_by_variables_and_nothing_is_trusted_until_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = read_settings()
    url = "https://project.supabase.co/auth/v1/.well-known/jwks.json"
    monkeypatch.setenv("JWT_JWKS_URL", url)
    monkeypatch.setenv("JWT_SECRET", SECRET)

    settings = read_settings()

    assert (before.jwt_jwks_url, before.jwt_secret) == (None, None)
    assert settings.jwt_jwks_url == url
    assert settings.jwt_secret is not None
    assert settings.jwt_secret.get_secret_value() == SECRET
    assert (settings.jwt_organizations_claim, settings.jwt_realm) == (
        "app_metadata.organizations",
        "messagesender",
    )


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "")
    monkeypatch.setenv("PORT", "")

    settings = read_settings()

    assert (settings.secret_key, settings.port) == (None, 8000)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgres://u:p@h:5432/d", "postgresql+asyncpg://u:p@h:5432/d"),
        ("postgresql://h/d?sslmode=require", "postgresql+asyncpg://h/d?ssl=require"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
        ("sqlite:///data/x.db", "sqlite+aiosqlite:///data/x.db"),
        ("sqlite:////data/x.db", "sqlite+aiosqlite:////data/x.db"),
        (" sqlite+aiosqlite:///x.db ", "sqlite+aiosqlite:///x.db"),
    ],
)
def test_common_spellings_of_a_database_become_the_driver_we_speak(given: str, meant: str) -> None:
    assert async_url(given) == meant


@pytest.mark.parametrize("given", ["mysql://h/d", "data/x.db", "postgresql", "", "postgresql+psycopg://h/d"])
def test_another_database_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="must begin with postgresql:// or sqlite://"):
        async_url(given)


def test_an_error_names_the_variable_and_the_reason_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eight thousand")
    monkeypatch.setenv("REFRESH_SECONDS", "nan")

    with pytest.raises(SettingsError) as caught:
        read_settings()

    message = str(caught.value)
    assert message.startswith("PORT: Input should be a valid integer")
    assert "; REFRESH_SECONDS: Input should be a finite number" in message
    assert "eight" not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PORT", "65536", "less than or equal to 65535"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x", "DATABASE_URL: It must begin with"),
        ("SECRET_KEY", "hunter2", "SECRET_KEY: It must have 32 characters or more"),
        ("JWT_SECRET", "hunter2", "JWT_SECRET: It must have 32 characters or more"),
        ("JWT_JWKS_URL", "file:///hunter2", "JWT_JWKS_URL: It must be an address that begins with http"),
        ("JWT_JWKS_URL", "hunter2.example/jwks.json", "JWT_JWKS_URL: It must be an address"),
        ("JWT_JWKS_URL", "https:///hunter2", "JWT_JWKS_URL: It must be an address"),
        ("JWT_JWKS_URL", "https://h:hunter2/", "JWT_JWKS_URL: It must be an address"),
        ("JWT_JWKS_URL", "https://h:99999/", "JWT_JWKS_URL: It must be an address"),
        ("JWT_JWKS_URL", "https://[hunter2/", "JWT_JWKS_URL: It must be an address"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL: Input should be 'debug'"),
        ("GRAPHIQL", "perhaps", "GRAPHIQL: Input should be a valid boolean"),
        ("MAX_BODY_BYTES", "0", "MAX_BODY_BYTES: Input should be greater than"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as caught:
        read_settings()

    assert reason in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None  # a traceback would print what pydantic saw


def test_settings_printed_by_accident_hold_no_secret() -> None:
    settings = Settings(secret_key=SECRET, jwt_secret=SECRET, database_url="postgresql://u:hunter2@h/d")

    assert SECRET not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_settings_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read_settings().port = 1  # ty: ignore[invalid-assignment]


def test_every_setting_is_described_with_its_default() -> None:
    rows = {row.name: row for row in describe()}

    assert len(rows) == len(Settings.model_fields)
    assert all(row.description.endswith(".") for row in rows.values())
    assert rows["PORT"].default == "8000"
    assert rows["GRAPHIQL"].default == "true"
    assert rows["SECRET_KEY"].default == ""
    assert rows["CORS_ORIGINS"].default == ""


@pytest.mark.parametrize("days", ["1", "14"])
def test_details_are_kept_longer_than_orders_look_back(monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    monkeypatch.setenv("RETENTION_DETAILED_DAYS", days)

    with pytest.raises(SettingsError, match=r"RETENTION_DETAILED_DAYS: .*more than 14"):
        read_settings()
    assert timedelta(days=ORDERS_LOOK_BACK) == CLICK_REACHES
