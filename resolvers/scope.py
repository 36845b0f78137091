"""The tenant in every statement: one guard, and one ugly name for the few that go without."""

from __future__ import annotations

from typing import Any, TypeVar

import sqlalchemy as sa

from models.base import TENANT_KEY

Statement = TypeVar("Statement", sa.Select[Any], sa.Update, sa.Delete)


def mine(statement: Statement, organization_id: int) -> Statement:
    """The statement held to one organization, in every tenant's table it names."""
    tables = statement.get_final_froms() if isinstance(statement, sa.Select) else [statement.table]
    for table in tables:
        if TENANT_KEY in table.c:
            statement = statement.where(table.c[TENANT_KEY] == organization_id)
    return statement


def unscoped_for_worker(statement: Any, why: str) -> Any:
    """A statement that works on every organization at once; `why` says for whom."""
    return statement.execution_options(unscoped=why)
