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
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from models import FACTS, OUTBOXES, TIERS, Message, RefreshLock
from models.base import TENANT_KEY, Base
from models.engine import Store, alembic_config
from resolvers.scope import mine, unscoped_for_worker
from schema.build import build, sdl
from tests.guard import TENANTS, WITHOUT_TENANT, Guard, unguarded
from tests.house import House, event, message, open_house

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


# Statements: each one that touches a tenant's table says whose rows it means.


async def test_every_statement_says_whose_rows_it_means(store_url: str) -> None:
    async with open_house(store_url) as house:
        with Guard().over(house.gateway.store) as guard:
            await a_small_day(house)
            key = await house.key("acme")
            for document in documents():
                await house.ask(key, document)
            response = await house.client.get("/metrics")

    assert response.status_code == 200
    assert guard.faults == []
    assert guard.seen > 100
    assert len(guard.unscoped) == 4, guard.unscoped  # the refresh, its first one, the lag and the backlog


async def a_small_day(house: House) -> None:
    """Records of every kind, counted, told again differently, and the organization moved to another zone."""
    moment = "2026-05-05T10:00:00Z"
    records = [
        {"type": "organization", "id": "acme", "aliases": {"slicktext": "7"}},
        message("a", moment, campaign_id="spring", sent_at=moment),
        event("a", "opened", moment),
        event("b", "clicked", moment, link="https://x.example"),
        {
            "type": "campaign",
            "organization": "acme",
            "id": "spring",
            "created_at": moment,
            "status": "sending",
        },
        {"type": "contact", "organization": "acme", "id": "1", "created_at": moment},
        {
            "type": "webhook_delivery",
            "organization": "acme",
            "id": "w",
            "endpoint_id": "crm",
            "kind": "message.sent",
            "outcome": "success",
            "at": moment,
        },
        *(
            {"organization": "acme", "id": "1", "updated_at": moment, **told}
            for told in (
                {"type": "billing_account", "pricing_model": "full_service"},
                {"type": "subscription"},
                {"type": "credit_product", "credits": 10, "price_cents": 1},
                {"type": "credit_entry", "kind": "grant", "credits": 10, "at": moment},
            )
        ),
    ]
    await house.take(*records)
    await house.take(message("b", moment, campaign_id="spring"), event("a", "failed", moment))
    await house.take({"type": "organization", "id": "acme", "timezone": "Asia/Kolkata"})
    await house.take(*records)


# Arguments that a root field cannot do without, and a few that lead to other statements.
NEEDED = {"id": '"Campaign:spring"', "vendor": '"slicktext"'}
MORE = (
    "{ campaigns(first: 1) { totalCount edges { cursor } } }",
    '{ campaigns(filter: {statuses: [SENDING], channels: ["sms"], created: {last: {count: 9, unit: DAY}}}) '
    "{ totalCount edges { node { name summary { logged } } } } }",
    "{ messageBuckets(granularity: HOUR, groupBy: [CAMPAIGN], compareTo: WEEK) { total columns { value } } }",
    '{ messageBuckets(filter: {campaign: ["spring"]}, clock: HAPPENED) { total } }',
    "{ messageBuckets(granularity: MINUTE, groupBy: [SENDER], window: {last: {count: 9, unit: MINUTE}}) "
    "{ total buckets { groups { key } } } }",
    '{ heatmap(timezone: "Asia/Kathmandu") { total } }',
    "{ campaigns { edges { node { timeSeries(granularity: HOUR) { total } summary { delivered } } } } }",
    "{ topCampaigns(metric: SENT, filter: {statuses: [SENDING]}, messages: {channel: []}) { value } }",
    "{ messageBuckets(granularity: HOUR, clock: SENT) { total } }",
    '{ messageBuckets(clip: true, window: {between: {start: "2026-05-01T00:00:01Z", end: "2026-05-05T10:00:01Z"}}) '
    "{ total } }",
)


def documents() -> list[str]:
    """A document for every root field with everything below it, and some more."""
    query = build()._schema.query_type
    assert query is not None
    found = []
    for name, one in query.fields.items():
        found.append(f"{{ {name}{needed(one)} {selection(one.type, 5)} }}")
    return [*found, *MORE]


def needed(one: Any) -> str:
    """The arguments that a field cannot do without."""
    given = [f"{name}: {NEEDED[name]}" for name, kind in one.args.items() if is_required_argument(kind)]
    return f"({', '.join(given)})" if given else ""


def selection(kind: Any, depth: int) -> str:
    """Everything that can be selected of a type without arguments."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    if not isinstance(named, GraphQLObjectType):
        return "{ __typename id }"  # an interface
    parts = [
        f"{name}{needed(one)} {selection(one.type, depth - 1)}"
        for name, one in named.fields.items()
        if depth > 1 or is_leaf_type(get_named_type(one.type))
    ]
    return f"{{ {' '.join(parts)} }}"


@pytest.mark.parametrize(
    ("statement", "faults"),
    [
        (sa.select(Message.id), ["messages"]),
        (sa.select(Message.id).where(Message.organization_id == 1), []),
        (sa.select(Message.id).where(Message.organization_id.in_([1, 2]), Message.channel == "sms"), []),
        (
            sa.select(Message.id).where(sa.or_(Message.organization_id == 1, Message.channel == "sms")),
            ["messages"],
        ),
        (sa.select(Message.id).where(Message.organization_id != 1), ["messages"]),
        (sa.select(sa.select(Message.__table__).subquery("all").c.id), ["messages"]),
        (sa.select(sa.func.count()).select_from(Message.__table__), ["messages"]),
        (sa.update(Message).values(channel="sms"), ["messages"]),
        (sa.delete(Message).where(Message.id == "a"), ["messages"]),
        (sa.insert(Message).values(id="a"), ["messages"]),
        (sa.insert(Message).from_select(["id"], sa.select(Message.id)), ["messages", "messages"]),
        (sa.delete(RefreshLock), []),
    ],
)
def test_a_statement_that_names_no_organization_is_caught(statement: Any, faults: list[str]) -> None:
    assert unguarded(statement) == faults


async def test_the_guard_notices_what_a_store_really_runs(store_url: str) -> None:
    store = Store(store_url)
    with Guard().over(store) as guard:
        async with store.reading() as db:
            await db.execute(sa.select(Message.id))
            await db.exec_driver_sql("SELECT id FROM messages")
            await db.execute(sa.text("SELECT id FROM messages"))
            await db.execute(unscoped_for_worker(sa.select(Message.id), "the test may"))
            await db.execute(mine(sa.select(Message.id), 1))
    await store.close()

    assert len(guard.faults) == 3
    assert guard.unscoped == {"the test may"}


def test_the_guard_of_the_house_holds_every_table_of_a_join_and_refuses_to_hold_none() -> None:
    other = sa.orm.aliased(Message)
    joined = sa.select(Message.id).join(other, other.id == Message.id)

    assert unguarded(mine(joined, 1)) == []
    assert str(mine(joined, 1)).count("organization_id = ") == 2
    with pytest.raises(ValueError, match="no tenant's table"):
        mine(sa.select(RefreshLock.id), 1)


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
            assert {*ratio.top, ratio.bottom} <= names


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
