"""Finds statements that touch a tenant's table without saying whose rows they mean."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.visitors import iterate

from models import SHARED_TABLES, RefreshLock
from models.base import TENANT_KEY, Base
from models.engine import Store
from tests.worlds import direct_reads

WITHOUT_TENANT = SHARED_TABLES | {RefreshLock.__tablename__}
TENANTS = {name for name in Base.metadata.tables if name not in WITHOUT_TENANT}


def unguarded(statement: Any) -> list[str]:
    """The tenants' tables that a statement touches, in any of its parts, without naming an organization."""
    found: list[str] = []
    for part in iterate(statement):
        if isinstance(part, sa.Select):
            froms = part.get_final_froms()
            guards = guarded_tables([*part._where_criteria, *_ons(froms)])
            found += [table.name for table in _tables(froms) if table not in guards]
        elif isinstance(part, sa.Update | sa.Delete):
            guards = guarded_tables(part._where_criteria)
            found += [table.name for table in _tables([part.table]) if table not in guards]
        elif isinstance(part, sa.Insert) and part.table.name in TENANTS:
            found += [] if TENANT_KEY in _given(part) else [part.table.name]
    return found


def _given(insert: sa.Insert) -> list[Any]:
    """The columns that an INSERT fills; the tenant's when the values come with the execution: it has no default."""
    if insert._select_names is not None:
        return list(insert._select_names)
    values = insert._values or (insert._multi_values[0][0] if insert._multi_values else None)
    return [TENANT_KEY] if values is None else [getattr(key, "name", key) for key in values]


def _tables(froms: Any) -> Iterator[Any]:
    for one in froms:
        if isinstance(one, sa.Join):
            yield from _tables((one.left, one.right))
        elif isinstance(one, sa.Table) and one.name in TENANTS:
            yield one


def _ons(froms: Any) -> Iterator[Any]:
    for one in froms:
        if isinstance(one, sa.Join):
            yield one.onclause
            yield from _ons((one.left, one.right))


def guarded_tables(criteria: Any) -> set[Any]:
    """The tables whose organization_id must equal something, whatever else may hold."""
    found: set[Any] = set()
    for one in criteria:
        if isinstance(one, sa.sql.elements.BooleanClauseList) and one.operator is sa.sql.operators.and_:
            found |= guarded_tables(one.clauses)
        elif isinstance(one, sa.BinaryExpression) and one.operator in (
            sa.sql.operators.eq,
            sa.sql.operators.in_op,
        ):
            sides = (one.left, one.right)
            found |= {s.table for s in sides if isinstance(s, sa.Column) and s.name == TENANT_KEY}
    return found


class Guard:
    """Watches the statements of a store and collects those that could reach another tenant's rows."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.seen = 0
        self.unscoped: set[str] = set()
        self.everyones: set[str] = set()
        self._shapes: set[Any] = set()

    def before_execute(self, _: Any, statement: Any, __: Any, ___: Any, options: Any) -> None:
        """Every statement that is built."""
        self.seen += 1
        if everyones := options.get("everyones"):
            self.everyones.add(everyones)
        if why := options.get("unscoped"):
            self.unscoped.add(why)
        elif isinstance(statement, sa.TextClause):
            self._written(statement.text)
        elif isinstance(statement, sa.sql.ClauseElement):
            key = statement._generate_cache_key()  # of its shape: the same whatever its parameters are
            if key is not None and key.key in self._shapes:
                return
            self._shapes.add(key and key.key)
            if tables := unguarded(statement):
                self.faults.append(f"{tables} in: {statement}")

    def before_cursor_execute(self, _: Any, __: Any, text: str, ___: Any, context: Any, ____: Any) -> None:
        """Every statement that is written by hand: an INSERT that names the column, an UPDATE held to one."""
        if context is None or context.compiled is None:
            self._written(text)

    def _read(self, statement: Any) -> None:
        self.before_execute(None, statement, None, None, statement.get_execution_options())

    def _written(self, text: str) -> None:
        words = text.replace('"', " ").replace("(", " ").replace(",", " ").split()
        inserts = words[:2] == ["INSERT", "INTO"] and TENANT_KEY in words
        held = text.partition(" WHERE ")[2].startswith(f"{TENANT_KEY} = ")
        fine = inserts or (words[0] == "UPDATE" and held and " OR " not in text)
        fine = fine or words[0] == "ANALYZE" or words[:3] == ["CREATE", "TEMP", "TABLE"]
        if TENANTS & set(words) and not fine:
            self.faults.append(f"raw SQL: {text}")

    @contextmanager
    def over(self, store: Store) -> Generator[Guard]:
        """Watch every pool of a store."""
        engines = tuple(one.sync_engine for one in (store.writer, store.reader, store.streamer))
        names = ("before_execute", "before_cursor_execute")
        for engine in engines:
            for name in names:
                sa.event.listen(engine, name, getattr(self, name))
        try:
            with direct_reads(store, self._read):
                yield self
        finally:
            for engine in engines:
                for name in names:
                    sa.event.remove(engine, name, getattr(self, name))
