"""Each statement that touches a tenant's table says whose rows it means."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from graphql import (
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from gateway.door import Document
from gateway.rest import VENDORS
from gateway.unit import run
from models import FACTS, VIEWS, Message, OrganizationAlias, RefreshLock
from models.base import TENANT_KEY
from models.engine import Store
from models.lock import SETTING, gated
from probe.rest import everything_plain
from probe.tenants import OWN
from probe.tries import whose
from resolvers.caller import SCOPES
from resolvers.question import Home, Question
from resolvers.scope import mine, unscoped_for_worker
from resolvers.tables import answer, first_moment
from schema.build import build
from tests.guard import Guard, unguarded
from tests.house import House, bearer, open_house
from tests.outward import calls, strangers
from tests.small_day import a_small_day
from tests.worlds import TESTS

# Why a statement names no organization, and why a transaction may touch everyone's rows: all there is.
UNSCOPED = {
    "the refresh counts every organization at once",
    "a new release counts every organization anew",
    "workers look for the exports of every organization",
    "operators watch the lag of the whole installation",
    "operators watch the backlog of the whole installation",
}
EVERYONES = {
    "the refresh counts every organization at once",
    "workers look for the exports of every organization",
    "whose a key or a name is, only its row tells",
    "the operator enrolls organizations",
    "operators watch every organization at once",
}


BEFORE, AFTER = gated("|", 0).split("|")[0], ") AS told WHERE"


async def test_every_statement_says_whose_rows_it_means(store_url: str) -> None:
    async with open_house(store_url) as house:
        with (
            Guard().over(house.gateway.store) as guard,
            sent_by(house.gateway.store) as sent,
            calls() as called,
        ):
            await a_small_day(house)
            key = await house.key("acme", SCOPES)
            for document in documents():
                await house.ask(key, document)
            await every_split(house)
            await every_export(house, key)
            await every_url(house, key)
            await every_subscription(house, key)
            response = await house.client.get("/metrics")

    assert response.status_code == 200
    assert guard.faults == []
    assert guard.seen > 100
    assert guard.unscoped == UNSCOPED
    assert strangers(called, store_url) == set(), "the gateway calls nobody but its database"
    if house.gateway.store.is_sqlite:
        return
    # that which on SQLite nobody need say
    assert guard.everyones - {TESTS} == EVERYONES
    await every_gate_holds(store_url, sent)


@contextmanager
def sent_by(store: Store) -> Generator[dict[str, tuple[Any, ...]]]:
    """The gated statements that PostgreSQL is sent meanwhile, each with the values that it came with last."""
    sent: dict[str, tuple[Any, ...]] = {}
    found = store.direct._found

    async def noted(text: str, values: tuple[Any, ...]) -> Any:
        sent[text] = values
        return await found(text, values)

    def note(_: Any, __: Any, text: str, values: Any, *___: Any) -> None:
        sent[text] = tuple(values)

    engine = store.reader.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.direct, "_found", noted)
        yield sent
    sa.event.remove(engine, "before_cursor_execute", note)


async def every_gate_holds(url: str, sent: dict[str, tuple[Any, ...]]) -> None:
    """Each statement finds by its gate what it finds where the transaction has said whose it is; and for who is
    nobody what it finds where that has not been said, without the guards of its own it would be nothing."""
    db = await asyncpg.connect(url.replace("+asyncpg", ""), server_settings={"jit": "off", "TimeZone": "UTC"})
    differ, gated = 0, [text for text in sent if text.startswith(BEFORE)]
    try:
        for text in gated:
            plain, *values, reach = text[len(BEFORE) : text.rindex(AFTER)], *sent[text]
            by_gate = await db.fetch(text, *values, reach)
            async with db.transaction():
                await db.execute(f"SET LOCAL {SETTING} = '{reach}'")
                told = await db.fetch(plain, *values)
            nobodys, untold = await db.fetch(text, *values, "0"), await db.fetch(plain, *values)

            assert sorted(map(repr, by_gate)) == sorted(map(repr, told)), text
            assert sorted(map(repr, nobodys)) == sorted(map(repr, untold)), text
            differ += by_gate != nobodys
            explained = "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {text}", *values, reach))
            assert "One-Time Filter" in explained.splitlines()[1], explained
    finally:
        await db.close()
    assert len(gated) > 100 and differ > 50, (len(gated), differ)


async def every_url(house: House, key: str) -> None:
    """Every REST URL, its example asked of things of ours."""
    found = await house.organization("acme")
    names = [{TENANT_KEY: found.id, "realm": vendor.name, "external_id": OWN.alias} for vendor in VENDORS]
    here = [one for one in names if one["realm"] != "slicktext"]
    await run(house.store, lambda db: db.execute(sa.insert(OrganizationAlias), here))
    for ask in everything_plain():
        path = ask.path.replace(f"brands/{OWN.alias}", "brands/7")
        answer = await house.client.request(
            ask.method, path, params=ask.params, json=ask.body, headers={**bearer(key), **whose(OWN, key)}
        )
        assert answer.status_code < 500 and answer.status_code not in (401, 403, 422), (ask, answer.text)


async def every_subscription(house: House, key: str) -> None:
    """The first answer of each."""
    export = (await house.ask(key, "{ exports(first: 1) { edges { node { id } } } }"))["exports"]["edges"]
    for text in (
        f'subscription {{ exportUpdated(id: "{export[0]["node"]["id"]}") {{ status }} }}',
        "subscription { bucketsChanged(question: {messages: {granularity: HOUR, metric: SENT}}) { asOf } }",
    ):
        caller = await house.gateway.auth._of_key(key)
        answers = house.gateway.door.watch(caller, Document(text))
        answer = await anext(answers)
        assert not answer.errors, answer
        await answers.aclose()


async def every_split(house: House) -> None:
    """Every fact split by each of its dimensions, those that only the raw rows hold as well, and kept by
    everything that is known of the rows it leads to: not all of it is asked for by a field of ours."""
    organization = await house.organization("acme")
    home = Home(organization.timezone, 0)
    for fact in (*FACTS, *VIEWS):
        asked = Question(fact, organization.id, (fact.sums[0].name,))
        related = [
            f"{name}.{inner}"
            for name, dimension in fact.splits.items()
            if dimension.of is not None
            for inner in (*dimension.of.splits, *(["custom.a"] if dimension.of.custom is not None else []))
        ]
        where = tuple((name, ("x",)) for name in (*fact.splits, *related))
        async with house.store.reading() as db:
            for question in (replace(asked, by=tuple(fact.splits)), replace(asked, where=where)):
                await answer(db, question, home)
            await first_moment(db, fact, organization.id, home)


async def every_export(house: House, key: str) -> None:
    """An export of everything that can be exported, made, downloaded and thrown away."""
    sources = build()._schema.type_map["ExportSourceInput"]
    assert isinstance(sources, GraphQLInputObjectType)
    for name in sources.fields:
        for format in ("CSV", "NDJSON"):
            asked = f"{{source: {{{name}: {{}}}}, format: {format}}}"
            await house.ask(key, f"mutation {{ createExport(input: {asked}) {{ status }} }}")
        while await house.gateway.exporter.make_one():
            pass
    page = await house.ask(
        key, "{ exports(statuses: [COMPLETED], first: 100) { edges { node { downloadUrl } } } }"
    )
    links = [edge["node"]["downloadUrl"] for edge in page["exports"]["edges"]]
    assert len(links) == 2 * len(sources.fields)
    assert (await house.client.get(links[0])).status_code == 200
    house.now += timedelta(hours=2)
    while await house.gateway.exporter.tidy():
        pass
    assert (await house.client.get(links[0])).status_code == 410


NEEDED = {"id": '"Campaign:spring"', "vendor": '"slicktext"', "campaigns": '["spring", "summer"]'}
MORE = (
    "{ campaigns(first: 1) { totalCount edges { cursor } } }",
    '{ campaigns(filter: {statuses: [SENDING], channels: ["sms"], created: {last: {count: 9, unit: DAY}}}) '
    "{ totalCount edges { node { name summary { logged } } } } }",
    "{ messageBuckets(granularity: HOUR, groupBy: [CAMPAIGN], compareTo: WEEK) { total columns { value } } }",
    '{ messageBuckets(filter: {campaign: ["spring"]}, clock: HAPPENED) { total } }',
    "{ messageBuckets(granularity: MINUTE, groupBy: [SENDER], window: {last: {count: 9, unit: MINUTE}}) "
    "{ total buckets { groups { key } } } }",
    '{ heatmap(timezone: "Asia/Kathmandu") { total } }',
    '{ deliverability(domain: "d", campaign: "spring") { healthScore reputation { score } } }',
    "{ heatmap(resolution: DAY_PART, clock: SENT) { best { weekday } } }",
    "{ campaigns { edges { node { timeSeries(granularity: HOUR) { total } summary { delivered } } } } }",
    "{ topCampaigns(metric: SENT, filter: {statuses: [SENDING]}, messages: {channel: []}) { value } }",
    "{ messageBuckets(granularity: HOUR, clock: SENT) { total } }",
    "{ messageBuckets(groupBy: [STATUS, CONTACT_SOURCE], window: {lifetime: {}}) { total buckets { groups { key } } } }",
    '{ messageBuckets(filter: {ofContact: {city: ["Lyon"], custom: [{name: "a.b", values: ["x"]}], ofCampaign: '
    '{name: ["Spring"], contactSource: ["form"]}}, ofCampaign: {status: ["sending"]}}) { total } }',
    "{ messageBuckets(groupBy: [TO_ADDRESS, CREATED_AT]) { total buckets { groups { key } } } }",
    "{ campaignBuckets(groupBy: [CONTACT_SOURCE]) { total buckets { groups { key } } } }",
    '{ contactBuckets(groupBy: [CITY], filter: {custom: [{name: "a", values: [""]}]}) { total } }',
    '{ engagementBuckets(groupBy: [LINK], filter: {ofContact: {source: ["form"]}}) { total } }',
    '{ messageReport(account: "main") { summary { total } byType { contentType } timeline { total } } }',
    '{ chatbot(account: "main") { summary { messages transferred } flows { name } } }',
    '{ dashboard(account: "main", period: YEAR) { messages { total } sessions { started } } }',
    '{ recentMessages(account: "main") { status } agents(agent: "ada") { agents { messagesSent } } }',
    '{ agent(id: "ada") { name breaks { count } } sessionBuckets(groupBy: [OUTCOME, CONTACT]) { total } }',
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
