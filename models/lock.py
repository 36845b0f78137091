"""The second lock: PostgreSQL shows a transaction the rows of the organization it is for, whatever it asks.

Policies on tenants' tables (`models/migrations/lock.py`) compare each row with a setting that ends with the
transaction, its reach: the number of an organization, or EVERYONE. SQLite has no such lock; there the guard
in every statement stands alone.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

SETTING = "heliograph.organization"
EVERYONE = -1  # no organization's number
REACH = "reach"  # the execution option by which a connection knows for whom it is
# the tables that hold rows of organizations, and whether policies hold their owner, too
TENANTS = (
    "SELECT relname, relrowsecurity AND relforcerowsecurity AS is_locked "
    "FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid "
    "WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') "
    "AND attname = 'organization_id' AND NOT attisdropped"
)
HELD = (
    "SELECT NOT (rolsuper OR rolbypassrls) AND (SELECT bool_and(is_locked) FROM "  # noqa: S608  no input
    f"({TENANTS}) AS tenants) FROM pg_roles WHERE rolname = current_user"
)


def gated(text: str, taken: int) -> str:
    """A SELECT that sets its reach before it looks at a table, in the same round trip.

    A condition without columns is a gate above everything else: PostgreSQL tries it first, and only once.
    The reach is told, as text, as one parameter more than the `taken` ones.
    """
    turned = f"set_config('{SETTING}', ${taken + 1}, true)"
    return f"SELECT * FROM ({text}) AS told WHERE (SELECT {turned}) IS NOT NULL"  # noqa: S608  ours


def gate_reads(engine: sa.Engine) -> None:
    """Every statement of these connections sets its reach: each is a transaction of its own."""

    @sa.event.listens_for(engine, "before_cursor_execute", retval=True)
    def _gate(connection: sa.Connection, _: Any, text: str, values: Any, *__: Any) -> tuple[str, Any]:
        reach = connection.get_execution_options().get(REACH)
        return (text, values) if reach is None else (gated(text, len(values)), (*values, str(reach)))


def open_transactions(engine: sa.Engine) -> None:
    """Every transaction of these connections begins by setting its reach."""

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if (reach := connection.get_execution_options().get(REACH)) is not None:
            turn(connection, reach)


def turn(connection: sa.Connection, reach: int) -> None:
    """What a transaction that has begun may touch from here on.

    SET takes no snapshot, as a SELECT would: `rollup.hold` waits for its turn before there is one.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL {SETTING} = '{reach:d}'")


async def holds(db: Any) -> bool | None:
    """Whether the lock holds this role: None on SQLite, which has none; False for a superuser, a role with
    BYPASSRLS, and where a tenant's table has no policy."""
    if db.dialect.name == "sqlite":
        return None
    return bool((await db.exec_driver_sql(HELD)).scalar_one())
