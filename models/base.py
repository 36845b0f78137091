"""The one metadata, its moments, and the few SQL words that the stores spell differently."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
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


def _spelled(word: type[sa.sql.functions.FunctionElement[Any]], sqlite: str, postgresql: str) -> None:
    """How each store spells an SQL word of ours; {0} is its first argument."""
    for dialect, spelling in (("sqlite", sqlite), ("postgresql", postgresql)):

        def compiled(element: Any, compiler: Any, spelling: str = spelling, **kw: Any) -> str:
            return spelling.format(*(compiler.process(one, **kw) for one in element.clauses))

        compiles(word, dialect)(compiled)


class epoch_minute(sa.sql.functions.GenericFunction[int]):  # noqa: N801  it is called like a function
    """The whole minutes since 1970 of a moment column."""

    type = sa.BigInteger()
    inherit_cache = True


_spelled(
    epoch_minute,
    sqlite="({0} / 60000000)",
    postgresql="CAST(floor(date_part('epoch', {0}) / 60) AS BIGINT)",
)


class month_of_day(sa.sql.functions.GenericFunction[int]):  # noqa: N801  it is called like a function
    """Months since year 0 of a day counted from 1970-01-01: `year * 12 + month - 1`."""

    type = sa.BigInteger()
    inherit_cache = True


_PART = "strftime('{part}', ({{0}}) * 86400, 'unixepoch')"
_DATE = "(DATE '1970-01-01' + CAST({0} AS INTEGER))"
_spelled(
    month_of_day,
    sqlite=f"({_PART.format(part='%Y')} * 12 + {_PART.format(part='%m')} - 1)",
    postgresql=f"CAST(date_part('year', {_DATE}) * 12 + date_part('month', {_DATE}) - 1 AS BIGINT)",
)


class iso_second(sa.sql.functions.GenericFunction[str]):  # noqa: N801  it is called like a function
    """A moment column as text, cut to the second: '2026-05-05T08:00:00Z'; '' for none."""

    type = sa.String()
    inherit_cache = True


_SECOND = "date_trunc('second', {0} AT TIME ZONE 'UTC')"
_spelled(
    iso_second,
    sqlite="coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', {0} / 1000000, 'unixepoch'), '')",
    postgresql=f"coalesce(to_char({_SECOND}, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '')",
)


class millis_between(sa.sql.functions.GenericFunction[int]):  # noqa: N801  it is called like a function
    """The whole milliseconds from one moment column to another."""

    type = sa.BigInteger()
    inherit_cache = True


_spelled(
    millis_between,
    sqlite="(({1} - {0}) / 1000)",
    postgresql="CAST(trunc(extract(epoch from {1} - {0}) * 1000) AS BIGINT)",
)


class minus_seconds(sa.sql.functions.GenericFunction[datetime]):  # noqa: N801  it is called like a function
    """The moment so many seconds before a moment column, to the microsecond."""

    type = Utc()
    inherit_cache = True


_spelled(
    minus_seconds,
    sqlite="({0} - {1} * 1000000)",
    postgresql="({0} - make_interval(secs => {1}))",
)


class Texts(sa.types.TypeDecorator[tuple[str, ...]]):
    """Some texts as one parameter, however many they are: an array on PostgreSQL, JSON on SQLite."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.String() if dialect.name == "sqlite" else sa.ARRAY(sa.String))

    def process_bind_param(self, value: Sequence[str] | None, dialect: sa.Dialect) -> Any:
        assert value is not None
        return orjson.dumps(value).decode() if dialect.name == "sqlite" else list(value)


class one_of(sa.sql.functions.GenericFunction[bool]):  # noqa: N801  it is called like a function
    """Whether a column is one of `Texts`."""

    type = sa.Boolean()
    inherit_cache = True


_spelled(
    one_of,
    sqlite="({0} IN (SELECT value FROM json_each({1})))",
    postgresql="({0} = ANY ({1}))",
)


class _Packed(sa.types.TypeDecorator[list[int]]):
    """A list of whole numbers: an array on PostgreSQL, JSON on SQLite."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.String() if dialect.name == "sqlite" else sa.ARRAY(sa.BigInteger))

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        return orjson.loads if dialect.name == "sqlite" else None


class packed(sa.sql.functions.GenericFunction[list[int]]):  # noqa: N801  it is called like a function
    """A column of numbers in a group of rows as one list, those of other columns in the same order."""

    type = _Packed()
    inherit_cache = True


_spelled(packed, sqlite="json_group_array({0})", postgresql="array_agg({0})")


class json_text(sa.sql.functions.GenericFunction[str]):  # noqa: N801  it is called like a function
    """A field of a column that holds a flat JSON object, as text; '' when it has none."""

    type = sa.String()
    inherit_cache = True


_spelled(
    json_text,
    sqlite="coalesce((SELECT CAST(atom AS TEXT) FROM json_each({0}) WHERE key = {1}), '')",
    postgresql="coalesce(CAST({0} AS JSONB) ->> {1}, '')",
)
