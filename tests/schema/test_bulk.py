"""What is completed in bulk is what the ordinary executor answers, errors included."""

from __future__ import annotations

from random import Random
from typing import Any

import orjson
import pytest
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    OperationType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.door import Document
from schema import pages, running
from schema.asking import Asking
from schema.build import build
from tests.house import House, event, message

DAYS = "window: {last: {count: 12, unit: DAY}}"
ROOTS = {
    "messageBuckets": f"({DAYS}, groupBy: [CHANNEL], compareTo: PRIOR_PERIOD)",
    "engagementBuckets": f"({DAYS}, groupBy: [WEEKDAY, HOUR])",
    "campaigns": "(first: 9)",
    "overview": f"({DAYS})",
    "trends": f"({DAYS})",
    "topCampaigns": "(metric: LOGGED)",
    "heatmap": f"({DAYS})",
    "breakdown": f"({DAYS})",
    "bestSendTimes": "",
    "contacts": "",
    "metrics": "",
    "freshness": "",
    "exports": "",
}
GIVEN = {
    "window": ["{last: {count: 5, unit: DAY}}", "{last: {count: 30, unit: HOUR}}"],
    "granularity": ["HOUR", "DAY", "WEEK", "MONTH"],
    "timezone": ['"Asia/Kolkata"', '"America/New_York"'],
    "groupBy": ["[WEEKDAY]", "[HOUR, WEEKDAY]", "[]"],
    "compareTo": ["PRIOR_PERIOD"],
    "first": ["2", "7"],
    "clip": ["true"],
    "asOf": ['"2026-05-03T12:00:00Z"'],
}
USES = "yes: __typename @include(if: $yes) no: __typename @include(if: $no)"


def document(random: Random) -> str:
    """A question of a few roots, each with a random choice of what it has."""
    root = build()._schema.get_root_type(OperationType.QUERY)
    assert root is not None
    parts = []
    for place, name in enumerate(random.sample(sorted(ROOTS), 2)):
        kind = get_named_type(root.fields[name].type)
        assert isinstance(kind, GraphQLObjectType)
        parts.append(f"r{place}: {name}{ROOTS[name]} {selection(kind, random, 5)}")
    return f"query ($yes: Boolean = true, $no: Boolean = false) {{ {USES} {' '.join(parts)} }}"


def selection(kind: GraphQLObjectType, random: Random, levels: int) -> str:
    """Some fields of a type: under other names, in fragments, left out or not, twice."""
    fields = [(name, one) for name, one in kind.fields.items() if not asks(one) and (levels > 0 or leaf(one))]
    chosen = random.sample(fields, min(len(fields), random.randint(1, 4)))
    told = ["__typename"] if random.random() < 0.3 or not chosen else []
    for name, one in chosen:
        inner = get_named_type(one.type)
        below = selection(inner, random, levels - 1) if isinstance(inner, GraphQLObjectType) else ""
        alias = (
            f"{name}{random.randint(1, 2)}{levels}_{random.randint(0, 10**6)}: "
            if random.random() < 0.3
            else ""
        )
        flag = random.choice(["", "", "", "@include(if: $yes)", "@skip(if: $no)", "@skip(if: $yes)"])
        text = f"{alias}{name}{arguments(one, random) if alias else ''} {flag} {below}"
        told.append(
            random.choice(
                [text, text, f"... on {kind.name} {{ {text} }}", f"... @include(if: $yes) {{ {text} }}"]
            )
        )
    return f"{{ {' '.join(told)} }}"


def arguments(field: GraphQLField, random: Random) -> str:
    """Some of the arguments that a field takes. All are good: which of a list's items fails first is chance."""
    told = {name: random.choice(values) for name, values in GIVEN.items() if name in field.args}
    kept = random.sample(sorted(told), random.randint(0, min(3, len(told))))
    return f"({', '.join(f'{name}: {told[name]}' for name in kept)})" if kept else ""


def asks(field: GraphQLField) -> bool:
    return any(is_required_argument(one) for one in field.args.values())


def leaf(field: GraphQLField) -> bool:
    return is_leaf_type(get_named_type(field.type))


@pytest.fixture
async def busy(house: House) -> House:
    """A week of messages over channels and campaigns, some with and some without what can be null."""
    records: list[dict[str, Any]] = [
        {
            "type": "campaign",
            "organization": "acme",
            "id": f"c{n}",
            "name": f"C{n}",
            "created_at": f"2026-05-0{1 + n % 5}T08:00:00Z",
        }
        for n in range(6)
    ]
    for n in range(60):
        at = f"2026-05-0{1 + n % 5}T{n % 24:02}:00:00Z"
        records += [message(f"m{n}", at, channel=["sms", "mms", "email"][n % 3], campaign_id=f"c{n % 7}")]
        records += [event(f"m{n}", kind, at) for kind in ("sent", "delivered", "opened", "clicked")[: n % 5]]
    await house.take(*records)
    return house


async def both(house: House, key: str, text: str) -> list[bytes]:
    """The ordinary executor's answer and ours, without the ids of their requests."""
    caller, schema = await house.gateway.auth._of_key(key), house.gateway.door.schema
    told = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "execution_context_class", StrawberryGraphQLCoreExecutionContext)
        patch.setattr(running, "in_bulk", never)
        told.append(await house.gateway.door.ask(caller, Document(text)))
    told.append(await house.gateway.door.ask(caller, Document(text)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "in_bulk", never)
        told.append(await house.gateway.door.ask(caller, Document(text)))
    for answer in told:
        for error in answer.errors:
            error["extensions"].pop("requestId")
    whole, fields = (orjson.dumps(answer.body) for answer in told[1:])
    assert whole == fields, "what is written as a whole differs from what is written field by field"
    return [orjson.dumps(told[0].body), whole]


async def never(_: Asking) -> None:
    """The whole of a query is not written at once."""


async def test_random_questions_get_the_same_answer_byte_by_byte(busy: House, key: str) -> None:
    random = Random(0)
    for _ in range(24):
        text = document(random)
        ordinary, bulk = await both(busy, key, text)
        assert b'"data":' in ordinary, (text, ordinary[:500])
        assert bulk == ordinary, text


UNTOLD: dict[str, object] = {"start": None, "state": "NO_SUCH_STATE", "end": 7}


async def test_a_value_that_cannot_be_told_is_an_error_of_the_same_path(busy: House, key: str) -> None:
    text = f"{{ messageBuckets({DAYS}) {{ buckets {{ start end value state }} }} }}"
    for name, value in UNTOLD.items():
        column = pages._COLUMNS[name]
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(pages._COLUMNS, name, lambda page, c=column, v=value: [v, *c(page)[1:]])
            ordinary, bulk = await both(busy, key, text)

        assert bulk == ordinary, name
        path = orjson.loads(bulk)["errors"][0]["path"]
        assert [*path[:3], path[-1]] == ["messageBuckets", "buckets", 0, name]


WRONG = {
    "one root field of two": f"{{ fine: messageBuckets({DAYS}) {{ total }} messageBuckets(groupBy: [CHANNEL, "
    "STATUS, SOURCE]) { total } }",
    "a series of every campaign of a page": "{ campaigns(first: 3) { edges { node { name "
    "timeSeries(groupBy: [CAMPAIGN]) { total } } } } }",
    "some series of every campaign, of which another is fine": "{ campaigns(first: 3) { edges { node { "
    f"fine: timeSeries({DAYS}) {{ total }} timeSeries(first: 0) {{ total }} }} }} }} }}",
}


async def test_errors_of_resolvers_are_told_as_the_ordinary_executor_tells_them(
    busy: House, key: str
) -> None:
    for name, text in WRONG.items():
        ordinary, bulk = await both(busy, key, text)

        assert bulk == ordinary, name
        assert b'"errors"' in bulk, name


async def test_what_is_left_out_goes_by_the_variables_of_each_request(busy: House, key: str) -> None:
    text = (
        "query ($more: Boolean!) { heatmap(window: {last: {count: 7, unit: DAY}}) { total "
        "best @include(if: $more) { hour } cells @skip(if: $more) { hour } } }"
    )
    told = [await busy.ask(key, text, more=more) for more in (True, False, True)]

    assert [sorted(one["heatmap"]) for one in told] == [
        ["best", "total"],
        ["cells", "total"],
        ["best", "total"],
    ]


async def test_a_page_of_campaigns_takes_as_many_statements_as_one_campaign(busy: House, key: str) -> None:
    """The page, the summaries, the series; and how far counting has come."""
    text = (
        "query ($first: Int!) { campaigns(first: $first) { edges { node { externalId summary { logged } "
        f"timeSeries({DAYS}) {{ buckets {{ start metrics {{ logged }} }} }} }} }} }} }}"
    )
    asked: list[str] = []
    rows = busy.gateway.store.direct.rows

    async def noted(statement: Any, *given: Any) -> Any:
        asked.append(str(statement))
        return await rows(statement, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(busy.gateway.store.direct, "rows", noted)
        for first in (2, 6):
            asked.clear()
            found = await busy.ask(key, text, first=first)
            assert len(found["campaigns"]["edges"]) == first
            assert len(asked) <= 4


async def test_what_is_written_in_bulk_takes_no_executor(
    busy: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    completed: list[str] = []
    ordinary = StrawberryGraphQLCoreExecutionContext.execute_field

    def counted(self: Any, parent_type: Any, *args: Any) -> Any:
        completed.append(parent_type.name)
        return ordinary(self, parent_type, *args)

    monkeypatch.setattr(StrawberryGraphQLCoreExecutionContext, "execute_field", counted)
    text = (
        f"{{ messageBuckets({DAYS}, groupBy: [CHANNEL]) {{ __typename buckets {{ __typename start value state"
        " metrics { logged } groups { key value } } columns { start value groups { value } } } }"
    )
    await busy.ask(key, text)
    assert completed == []

    monkeypatch.setattr(running, "in_bulk", never)
    await busy.ask(key, f"{text} ")  # another text: the answer to the first is kept
    assert set(completed) == {"Query"}
