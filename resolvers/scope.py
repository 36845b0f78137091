"""The tenant in every statement: one guard, and one ugly name for the few that go without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa

from models.base import TENANT_KEY

Whose: TypeAlias = int | sa.BindParameter[Any]  # an organization, or the place where it will be told
Statement = TypeVar("Statement", bound=sa.Select[*tuple[Any, ...]] | sa.Update | sa.Delete)


WHOSE = sa.bindparam(TENANT_KEY, type_=sa.BigInteger)  # for statements that are built once


def mine(statement: Statement, organization_id: Whose) -> Statement:
    """The statement held to one organization, in every tenant's table it names; it must name one."""
    tables = statement.get_final_froms() if isinstance(statement, sa.Select) else [statement.table]
    guards = [own(table, organization_id) for table in _joined(tables) if TENANT_KEY in table.c]
    if not guards:
        raise ValueError("there is no tenant's table in this statement to guard")
    return statement.where(*guards)


def own(table: sa.FromClause, organization_id: Whose) -> sa.ColumnElement[bool]:
    """The guard itself, for a table at hand: `mine` finds the tables by compiling the statement."""
    return table.c[TENANT_KEY] == organization_id


def _joined(tables: Any) -> Iterator[Any]:
    """The tables, those of joins one by one: a join knows their columns by other names."""
    for table in tables:
        if isinstance(table, sa.Join):
            yield from _joined((table.left, table.right))
        else:
            yield table


def unscoped_for_worker(statement: Any, why: str) -> Any:
    """A statement that works on every organization at once; `why` says for whom."""
    return statement.execution_options(unscoped=why)
