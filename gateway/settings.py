"""What an operator can set, read once from the environment: the field `port` is the variable `PORT`."""

from __future__ import annotations

import re
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DRIVERS = {
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}
SHORTEST_SECRET = 32

Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]


class SettingsError(ValueError):
    """A setting cannot be used; the message names it and never shows its value."""


class Setting(NamedTuple):
    """One row of the settings table."""

    name: str
    default: str
    description: str


ORDERS_LOOK_BACK = 14  # days; a test holds it equal to `models/orders.py: CLICK_REACHES`


class Settings(BaseSettings):
    """Every setting, its default and what it is for; frozen, so that it can be handed around."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    host: str = Field("127.0.0.1", description="The address to listen on; 0.0.0.0 for every interface.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    database_url: str = Field(
        "sqlite+aiosqlite:///data/heliograph.db",
        repr=False,
        description="Where the data is: sqlite:///file.db or postgresql://user:password@host/database.",
    )
    secret_key: SecretStr | None = Field(
        None,
        description="Hashes API keys and signs cursors, the same for every process and command; "
        f"{SHORTEST_SECRET} characters or more. Set it before the first key: a change ends all keys. "
        "Without it the store's own secret serves.",
    )
    jwt_secret: SecretStr | None = Field(
        None,
        description="Lets JSON Web Tokens in beside API keys: the secret that signs HS256 tokens, "
        f"{SHORTEST_SECRET} characters or more. Supabase calls it the legacy JWT secret.",
    )
    jwt_jwks_url: str | None = Field(
        None,
        description="Lets in tokens that are signed with RS256, ES256 or EdDSA: where their issuer publishes "
        "its keys, such as https://project.supabase.co/auth/v1/.well-known/jwks.json. It may be set beside "
        "JWT_SECRET; a token's algorithm decides.",
    )
    jwt_issuer: str | None = Field(
        None, description="The `iss` that tokens must carry, letter for letter. Without it any will do."
    )
    jwt_audience: str | None = Field(
        None,
        description="The `aud` that tokens must carry or list; Supabase says authenticated. "
        "Without it any will do, so set it when the issuer signs tokens for others too.",
    )
    jwt_organizations_claim: str = Field(
        "app_metadata.organizations",
        description="Where in a token the organizations stand that it may read: a path with dots to a text "
        "or a list of texts. Choose a claim that people cannot change themselves.",
    )
    jwt_realm: str = Field(
        "messagesender",
        description="Whose names for organizations that claim holds: a vendor among the aliases of our "
        "organizations, or heliograph for our own slugs.",
    )
    refresh_seconds: Seconds = Field(1.0, description="How often the worker counts what came in.")
    watermark_delay_seconds: float = Field(
        5.0, ge=0, le=3600, allow_inf_nan=False, description="How far behind now counting stays."
    )
    minute_tier_days: int = Field(8, ge=1, le=366, description="How many days one-minute buckets are kept.")
    retention_detailed_days: int = Field(
        0,
        ge=0,
        le=18_250,
        description="How many days messages, their events and webhook deliveries are kept row by row, and in "
        "buckets finer than a day; 0 for ever. 30 is a good number. See docs/retention.md.",
    )
    retention_daily_days: int = Field(
        0,
        ge=0,
        le=18_250,
        description="How many days their daily numbers are kept, in whole months; 0 for ever. 365 is a good "
        "number. Monthly ones stay for ever.",
    )
    pool_size: int = Field(
        5,
        ge=1,
        le=1000,
        description="Database connections per pool and process: two pools read, one writes, one streams "
        "exports. PostgreSQL has one more connection, which listens, and for a moment another one when a "
        "request has taken nearly all of its time.",
    )
    rate_limit_url: str | None = Field(
        None,
        repr=False,
        description="Where requests are counted for the vendors' rate limits: redis://host:6379/0, or "
        "valkey://. Without it in the store when that is PostgreSQL, else in the memory of the process.",
    )
    rate_limits: bool = Field(True, description="Hold clients to the rate limits that vendors document.")
    statement_timeout_seconds: Seconds = Field(4.0, description="How long one SQL statement may run.")
    request_timeout_seconds: Seconds = Field(
        4.5,
        description="How long one request may take in all, and each 2,000 records that are sent.",
    )
    questions_at_once: int = Field(
        300,
        ge=1,
        description="How many questions a process answers at once, half as many of one organization; "
        "one more gets 503 without waiting.",
    )
    max_body_bytes: int = Field(8 * 2**20, ge=1024, description="The largest request body that is taken.")
    answer_cache_mb: int = Field(
        32,
        ge=0,
        le=100_000,
        description="Megabytes of answers that each process keeps, to give them again for as long as nothing "
        "has moved that they were made of; 0 keeps none.",
    )
    graphiql: bool = Field(True, description="Serve GraphiQL, the page to explore the schema with.")
    documents_folder: str | None = Field(
        None,
        description="A folder of manifests (*.json) of GraphQL documents that clients may ask for by their "
        "`documentId`: what graphql-codegen, Relay or Apollo write. More can be registered with "
        "`heliograph documents`.",
    )
    documents_only: bool = Field(
        False,
        description="Run registered documents only; whoever sends another text is refused. Questions of "
        "GraphiQL's gallery and the REST URLs are registered.",
    )
    introspection: bool = Field(True, description="Answer questions about the schema itself.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important lines to write: debug, info, warning or error."
    )
    embedded_worker: bool = Field(
        True, description="Count inside the serving process; false when a worker runs beside it."
    )
    export_folder: str = Field(
        "data/exports",
        description="Where the files of exports are: a folder that all processes see, or s3://bucket/prefix, "
        "where AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL say how to get in.",
    )
    export_lease_seconds: float = Field(
        30.0,
        ge=1,
        le=3600,
        allow_inf_nan=False,
        description="How long a worker may be silent before another takes its export over.",
    )
    export_keep_seconds: float = Field(
        3600.0,
        ge=1,
        le=366 * 86400,
        allow_inf_nan=False,
        description="How long the file of an export is kept, and links to it work.",
    )
    export_workers: int = Field(
        1,
        ge=1,
        le=64,
        description="How many exports a process that counts writes at a time, POOL_SIZE at most.",
    )
    public_url: str | None = Field(
        None,
        description="The address that clients reach us under, such as https://metrics.example.com; links to "
        "exports begin with it. Without it they begin with a slash, but for clients on this machine.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins whose pages may call us, separated by commas; * for any."
    )
    vendor_options: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Choices about vendors' answers, separated by commas, such as "
        "messagesender.inclusive-end-date; docs/vendors lists them.",
    )

    @field_validator("retention_detailed_days")
    @classmethod
    def _longer_than_orders_look_back(cls, days: int) -> int:
        if 0 < days <= ORDERS_LOOK_BACK:
            raise ValueError(f"It must be 0 or more than {ORDERS_LOOK_BACK}: orders look so many days back")
        return days

    @field_validator("retention_daily_days")
    @classmethod
    def _longer_than_detailed(cls, days: int, told: ValidationInfo) -> int:
        detailed = told.data.get("retention_detailed_days", 0)
        if days and not 0 < detailed <= days:
            raise ValueError("It must not be smaller than RETENTION_DETAILED_DAYS, which must be set with it")
        return days

    @field_validator("database_url")
    @classmethod
    def _with_driver(cls, url: str) -> str:
        return async_url(url)

    @field_validator("secret_key", "jwt_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"It must have {SHORTEST_SECRET} characters or more")
        return secret

    @field_validator("jwt_jwks_url", "public_url")
    @classmethod
    def _of_the_web(cls, url: str | None) -> str | None:
        if url is not None and not _is_of_the_web(url):
            raise ValueError("It must be an address that begins with http:// or https://")
        return url

    @field_validator("rate_limit_url")
    @classmethod
    def _of_redis(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("redis://", "rediss://", "valkey://", "valkeys://")):
            raise ValueError("It must begin with redis:// or valkey://")
        return url

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, level: object) -> object:
        return level.lower() if isinstance(level, str) else level

    @field_validator("cors_origins", "vendor_options", mode="before")
    @classmethod
    def _split(cls, listed: object) -> object:
        if isinstance(listed, str):
            return tuple(one.strip() for one in listed.split(",") if one.strip())
        return listed


def read_settings() -> Settings:
    """The settings of this process. Raises SettingsError, one line for everything that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        problems = [f"{str(found['loc'][0]).upper()}: {_reason(found['msg'])}" for found in error.errors()]
    raise SettingsError("; ".join(problems))


def describe() -> list[Setting]:
    """One row per setting, in the order they are declared, for --help and the docs."""
    return [
        Setting(name.upper(), _shown(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def async_url(url: str) -> str:
    """The same store with the driver we speak, whichever common spelling the URL came in."""
    scheme, mark, rest = url.strip().partition("://")
    driver = DRIVERS.get(scheme.lower())
    if not mark or driver is None:
        raise ValueError("It must begin with postgresql:// or sqlite:///")
    # libpq says sslmode where asyncpg says ssl; hosting companies hand out the former
    return f"{driver}://{re.sub(r'(?<=[?&])sslmode=', 'ssl=', rest)}"


def _is_of_the_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets or a port that make no sense
        return False


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")


def _shown(default: object) -> str:
    if default is None or default == ():
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)
