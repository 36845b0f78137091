"""The rules of the house that would otherwise decay."""

from __future__ import annotations

import ast
import asyncio
import importlib
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLScalarType,
)

from models import FACTS, OUTBOXES, TIERS
from models.base import TENANT_KEY, Base
from models.upgrades import alembic_config
from schema.build import build, sdl
from tests.guard import TENANTS, WITHOUT_TENANT

ROOT = Path(__file__).parents[1]
FLOORS = ("gateway", "schema", "resolvers", "models")
LONGEST_FILE = 400
TABLES = Base.metadata.tables
HEAPS = {outbox.name for outbox in OUTBOXES.values()}


# Tables: what must hold for the same models to run on SQLite, PostgreSQL and Citus.


def test_every_tenants_table_names_its_organization_first_in_every_key() -> None:
    for name in TENANTS:
        table = TABLES[name]
        assert not table.c[TENANT_KEY].nullable, name
        keys = [
            constraint
            for constraint in table.constraints
            if isinstance(constraint, sa.PrimaryKeyConstraint | sa.UniqueConstraint) and constraint.columns
        ]
        assert bool(keys) != (name in HEAPS), f"{name}: an outbox is a heap, everything else has a key"
        for key in keys:
            assert next(iter(key.columns)).name == TENANT_KEY, f"{name}: {[c.name for c in key.columns]}"


def test_shared_tables_are_few_and_known() -> None:
    assert {name for name in TABLES if TENANT_KEY not in TABLES[name].c} <= WITHOUT_TENANT
    assert set(TABLES) >= WITHOUT_TENANT


def test_no_column_of_a_rollup_may_be_null() -> None:
    for table in [tier.table for fact in FACTS for tier in TIERS[fact]] + list(OUTBOXES.values()):
        assert [column.name for column in table.columns if column.nullable] == []


def test_a_tier_keeps_every_sum_of_its_fact_and_only_its_own_dimensions() -> None:
    for fact in FACTS:
        sums, dimensions = {s.name for s in fact.sums}, {d.name for d in fact.dimensions}
        assert not sums & dimensions
        for tier in TIERS[fact]:
            columns = set(tier.table.c.keys())
            assert columns == {TENANT_KEY, "clock", "slot"} | sums | {d.name for d in tier.dimensions}


def test_no_shared_table_points_at_a_tenants_and_no_tenants_key_crosses_tenants() -> None:
    for name, table in TABLES.items():
        for key in table.foreign_key_constraints:
            if key.referred_table.name in WITHOUT_TENANT:
                continue
            assert name in TENANTS, f"{name} is on every node, {key.referred_table.name} is not"
            assert TENANT_KEY in [column.name for column in key.columns], key
            assert key.ondelete != "SET NULL"


async def test_the_models_are_what_the_migrations_make(store_url: str) -> None:
    await asyncio.to_thread(command.check, alembic_config(store_url))


# Source: what may stand where.


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of the product, parsed."""
    files = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in files}


def calls(tree: ast.Module) -> Iterator[str]:
    """The names of everything that is called: 'datetime.now', 'commit'."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def is_migration(path: str) -> bool:
    return path.startswith("models/migrations/")


def test_only_the_unit_begins_and_commits() -> None:
    words = {"begin", "begin_nested", "commit", "rollback"}
    found = {
        (path, call.rpartition(".")[2])
        for path, tree in trees().items()
        for call in calls(tree)
        if call.rpartition(".")[2] in words and not is_migration(path)
    }
    assert found - {("gateway/simulate/stream.py", "begin")} == {("gateway/unit.py", "begin")}


def test_clocks_are_passed_in() -> None:
    clocks = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns")
    found = {
        path
        for path, tree in trees().items()
        for call in calls(tree)
        if call.endswith(clocks) and not is_migration(path)
    }
    assert found <= {"gateway/app.py"}
    for path, tree in trees().items():
        names = {
            n.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "time"
            for n in node.names
        }
        assert names <= {"monotonic", "perf_counter"}, path


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        path: lines
        for path in trees()
        if (lines := len((ROOT / path).read_text().splitlines())) > LONGEST_FILE
        and not path.startswith("models/migrations/versions/")
    }
    assert long == {}


def test_every_floor_and_every_library_has_a_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    contracts = {contract["id"]: contract for contract in settings["contracts"]}

    assert tuple(settings["root_packages"]) == FLOORS
    assert tuple(contracts["floors"]["layers"]) == FLOORS
    for library in ("strawberry", "sqlalchemy", "starlette"):
        assert library in contracts[library]["forbidden_modules"]


@pytest.mark.parametrize("name", FLOORS)
def test_the_packages_are_those_of_this_repository(name: str) -> None:
    # PyPI has other packages called `schema` and `models`.
    assert Path(next(iter(importlib.import_module(name).__path__))).resolve() == ROOT / name


# Words: everything that can be asked for says what it is.


def test_every_fact_measure_and_dimension_is_described() -> None:
    for fact in FACTS:
        told = [fact, *fact.measures.values(), *fact.dimensions]
        assert [one.name for one in told if not is_sentence(one.about)] == []
        assert all(measure.unit for measure in fact.measures.values())
        for ratio in fact.ratios:
            names = {s.name for s in fact.sums}
            assert ratio.parts <= names


def is_sentence(text: str | None) -> bool:
    return bool(text) and len(text or "") > len("Cents.") and str(text).strip()[-1] in ".?…"


def test_every_type_field_argument_and_value_of_the_schema_is_described() -> None:
    bare: list[str] = []
    for name, kind in build()._schema.type_map.items():
        if name.startswith("__") or name in {"String", "Int", "Float", "Boolean", "ID"}:
            continue
        parts = {name: kind.description}
        if isinstance(kind, GraphQLEnumType):
            parts |= {f"{name}.{value}": one.description for value, one in kind.values.items()}
        elif not isinstance(kind, GraphQLScalarType):
            fields: Any = getattr(kind, "fields", {})
            parts |= {f"{name}.{field}": one.description for field, one in fields.items()}
            if not isinstance(kind, GraphQLInputObjectType):
                parts |= {
                    f"{name}.{field}({argument})": told.description
                    for field, one in fields.items()
                    for argument, told in one.args.items()
                }
        bare += [part for part, text in parts.items() if not is_sentence(text)]
    assert bare == []


def test_the_committed_schema_is_current() -> None:
    assert (ROOT / "schema" / "schema.graphql").read_text() == sdl()
