"""The one metadata, its moments, and the few SQL words that the stores spell differently."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970, exact. Naive moments are refused."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime {moment!r}: give it a timezone")
    return (moment - EPOCH) // _MICROSECOND


class Utc(sa.TypeDecorator[datetime]):
    """A moment to the microsecond: timestamptz on PostgreSQL, epoch microseconds on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        kind = sa.BigInteger() if dialect.name == "sqlite" else sa.DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        exact = micros(value)  # refuses naive moments, which astimezone takes for the machine's own time
        return exact if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return EPOCH + value * _MICROSECOND if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The one metadata. A column in `TENANT_KEY` marks its table as a tenant's."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


TENANT_KEY = "organization_id"
BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite numbers rows only for INTEGER keys


def some_index(columns: tuple[str, ...], where: str) -> sa.Index:
    """An index over the rows that it can serve."""
    return sa.Index(None, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


class epoch_minute(sa.sql.functions.GenericFunction[int]):  # noqa: N801  it is called like a function
    """The whole minutes since 1970 of a moment column."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(epoch_minute, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} / 60000000)"


@compiles(epoch_minute, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"CAST(floor(date_part('epoch', {compiler.process(element.clauses, **kw)}) / 60) AS BIGINT)"


class month_of_day(sa.sql.functions.GenericFunction[int]):  # noqa: N801  it is called like a function
    """Months since year 0 of a day counted from 1970-01-01: `year * 12 + month - 1`."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(month_of_day, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    day = compiler.process(element.clauses, **kw)
    parts = (
        f"strftime('%Y', ({day}) * 86400, 'unixepoch') * 12 + strftime('%m', ({day}) * 86400, 'unixepoch')"
    )
    return f"({parts} - 1)"


@compiles(month_of_day, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    date = f"(DATE '1970-01-01' + CAST({compiler.process(element.clauses, **kw)} AS INTEGER))"
    return f"CAST(date_part('year', {date}) * 12 + date_part('month', {date}) - 1 AS BIGINT)"


class iso_second(sa.sql.functions.GenericFunction[str]):  # noqa: N801  it is called like a function
    """A moment column as text, cut to the second: '2026-05-05T08:00:00Z'; '' for none."""

    type = sa.String()
    inherit_cache = True


@compiles(iso_second, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    moment = compiler.process(element.clauses, **kw)
    return f"coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', {moment} / 1000000, 'unixepoch'), '')"


@compiles(iso_second, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    moment = f"date_trunc('second', {compiler.process(element.clauses, **kw)} AT TIME ZONE 'UTC')"
    return f"coalesce(to_char({moment}, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '')"


class millis_between(sa.sql.functions.GenericFunction[int]):  # noqa: N801  it is called like a function
    """The whole milliseconds from one moment column to another."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(millis_between, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    start, end = (compiler.process(one, **kw) for one in element.clauses)
    return f"(({end} - {start}) / 1000)"


@compiles(millis_between, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    start, end = (compiler.process(one, **kw) for one in element.clauses)
    return f"CAST(trunc(extract(epoch from {end} - {start}) * 1000) AS BIGINT)"


class minus_seconds(sa.sql.functions.GenericFunction[datetime]):  # noqa: N801  it is called like a function
    """The moment so many seconds before a moment column, to the microsecond."""

    type = Utc()
    inherit_cache = True


@compiles(minus_seconds, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    moment, seconds = (compiler.process(one, **kw) for one in element.clauses)
    return f"({moment} - {seconds} * 1000000)"


@compiles(minus_seconds, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    moment, seconds = (compiler.process(one, **kw) for one in element.clauses)
    return f"({moment} - make_interval(secs => {seconds}))"


class one_of(sa.sql.functions.GenericFunction[bool]):  # noqa: N801  it is called like a function
    """Whether a column is one of the texts in a JSON list: a single parameter, however many they are."""

    type = sa.Boolean()
    inherit_cache = True


@compiles(one_of, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    column, texts = (compiler.process(one, **kw) for one in element.clauses)
    listed = f"SELECT value FROM json_each({texts})"  # noqa: S608
    return f"({column} IN ({listed}))"


@compiles(one_of, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    column, texts = (compiler.process(one, **kw) for one in element.clauses)
    listed = f"SELECT jsonb_array_elements_text(CAST({texts} AS JSONB))"
    return f"({column} IN ({listed}))"


class json_text(sa.sql.functions.GenericFunction[str]):  # noqa: N801  it is called like a function
    """A field of a column that holds a flat JSON object, as text; '' when it has none."""

    type = sa.String()
    inherit_cache = True


@compiles(json_text, "sqlite")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    column, field = (compiler.process(one, **kw) for one in element.clauses)
    found = f"SELECT CAST(atom AS TEXT) FROM json_each({column}) WHERE key = {field}"  # noqa: S608
    return f"coalesce(({found}), '')"


@compiles(json_text, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    column, field = (compiler.process(one, **kw) for one in element.clauses)
    return f"coalesce(CAST({column} AS JSONB) ->> {field}, '')"
