"""Policies on tenants' tables: a row is there for who is of its organization, or says to be of everyone."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

from models.lock import TENANTS

POLICY = "of_organization"
# The setting is read once for each statement, in a sub-select. CASE, because the planner takes half of the
# rows to be let through by what it cannot estimate: comparisons, on top of the statement's own guard, make
# it expect a hundredth of the rows that come.
TEST = (
    "CASE (SELECT nullif(current_setting('heliograph.organization', true), '')::bigint) "
    "WHEN organization_id THEN true WHEN -1 THEN true ELSE false END"
)


def tenants_tables() -> list[str]:
    """The tables that hold rows of organizations; none on SQLite, which has no policies."""
    db = op.get_bind()
    return [] if db.dialect.name == "sqlite" else sorted(db.scalars(sa.text(TENANTS)))


def lock(tables: Iterable[str]) -> None:
    """Hold these tables by the policy, their owner too."""
    for name in tables:
        op.execute(f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY')
        op.execute(f'CREATE POLICY {POLICY} ON "{name}" USING ({TEST})')


def unlock(tables: Iterable[str]) -> None:
    """As before `lock`."""
    for name in tables:
        op.execute(f'DROP POLICY {POLICY} ON "{name}"')
        op.execute(f'ALTER TABLE "{name}" NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY')
