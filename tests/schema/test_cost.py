"""What a document costs, worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLList, GraphQLObjectType, get_introspection_query, get_nullable_type

from schema.build import build
from schema.sizes import PER_BUCKET
from tests.house import ACME, House, message

DAYS = "window: {last: {count: 30, unit: DAY}}"


async def cost(house: House, key: str, query: str, **variables: Any) -> int:
    """What an answer says it cost."""
    body = (await house.post(key, query, **variables)).json()
    assert "errors" not in body, body
    return body["extensions"]["cost"]["requested"]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("{ organization { slug name } }", 2),
        ("{ __typename }", 1),
        # working 30 numbers out, at a quarter: 7.5, rounded up at the end; and the total
        (f"{{ messageBuckets({DAYS}) {{ total }} }}", 9),
        # 7.5, 30 buckets × 2 fields, and the total
        (f"{{ messageBuckets({DAYS}) {{ total buckets {{ start value }} }} }}", 69),
        # a page of 7 of them: 1.75 + 7 × 2
        (f"{{ messageBuckets({DAYS}, first: 7) {{ buckets {{ start value }} }} }}", 16),
        # 30 × (start + 4 groups × (key + value)); a key is a list of plain values: 10 at a quarter are 2.5;
        # and 30 × 4 numbers to work out, at a quarter
        (
            f"{{ messageBuckets({DAYS}, groupBy: [CHANNEL]) {{ buckets {{ start groups {{ key value }} }} }} }}",
            30 * (1 + 4 * 3.5) + 30,
        ),
        # two columns of 30, and working them out, all at a quarter: 22.5
        (f"{{ messageBuckets({DAYS}) {{ columns {{ start value }} }} }}", 23),
        # 29 days of quarters and the first quarter of the day that has just begun: 2,785, and a quarter of that
        (f"{{ messageBuckets({DAYS}, granularity: QUARTER_HOUR) {{ buckets {{ value }} }} }}", 2785 + 697),
        # 50 campaigns × (name + 30 × 1 + 7.5)
        (
            f"{{ campaigns(first: 50) {{ edges {{ node {{ name timeSeries({DAYS}) {{ buckets {{ value }} }} }} }} }} }}",
            50 * 38.5,
        ),
        # 20 is the default of a page
        ("{ campaigns { edges { node { name } } } }", 20),
        # under a parent that names window and width
        (
            f"{{ overview({DAYS}) {{ messages {{ logged }} }} trends({DAYS}) {{ messages {{ buckets {{ start }} }} }} }}",
            1 + 30 + 8,
        ),
        ("{ heatmap { total } }", 5_001),
        ("{ organization @skip(if: true) { slug } __typename @include(if: true) }", 1),
        ("{ ...A ...A } fragment A on Query { organization { slug } }", 2),
    ],
)
async def test_a_cost_is_buckets_times_groups_times_fields(
    house: House, key: str, query: str, number: int
) -> None:
    assert await cost(house, key, query) == number


async def test_variables_decide_what_is_asked(house: House, key: str) -> None:
    query = (
        "query ($last: Int!, $some: Boolean!) { messageBuckets(window: {last: {count: $last, unit: DAY}})"
        " { buckets { start value @include(if: $some) } } }"
    )

    assert await cost(house, key, query, last=10, some=True) == 23  # 20 + 2.5
    assert await cost(house, key, query, last=100, some=False) == 125  # 100 + 25


async def test_a_question_beyond_the_plan_is_refused_with_one_that_fits(house: House, key: str) -> None:
    # 6 days of minutes, and the quarter that runs: 8,655 × 25 values
    query = (
        "{ messageBuckets(window: {last: {count: 7, unit: DAY}}, granularity: MINUTE)"
        " { buckets { start end state value priorStart priorValue groups { key value priorValue } metrics {"
        " logged handedOff confirmed failed opened clicked replied received complained credits segments read sent delivered attempted bounced } } } }"
    )
    response = await house.post(key, query)
    told = response.json()["errors"][0]

    assert told["extensions"]["code"] == "TOO_MUCH_AT_ONCE"
    assert (told["extensions"]["limit"], told["extensions"]["max"]) == ("cost", 200_000)
    cheaper = told["extensions"]["cheaper"]
    assert (cheaper["field"], cheaper["argument"], cheaper["value"]) == (
        "messageBuckets",
        "granularity",
        "QUARTER_HOUR",
    )
    assert "messageBuckets" in told["message"] and "QUARTER_HOUR" in told["message"]
    fits = query.replace("MINUTE", "QUARTER_HOUR")
    assert await cost(house, key, fits) == cheaper["cost"]


async def test_a_smaller_page_is_advised_where_there_is_no_width(house: House, key: str) -> None:
    field = "timeSeries(window: {last: {count: 365, unit: DAY}}) { buckets { start end value state metrics { logged } } }"
    response = await house.post(key, f"{{ campaigns(first: 100) {{ edges {{ node {{ name {field} }} }} }} }}")
    # 100 × (1 + 365 × (5 + a quarter)) = 191,725 fits; twice of it does not
    assert "errors" not in response.json()

    response = await house.post(
        key, f"{{ campaigns(first: 100) {{ edges {{ node {{ name a: {field} b: {field} }} }} }} }}"
    )
    assert response.json()["errors"][0]["extensions"]["cheaper"] == {
        "field": "campaigns",
        "argument": "first",
        "value": 50,
        "cost": 50 * (1 + 2 * 365 * 5.25),
    }


async def test_an_introspection_costs_less_than_the_smallest_plan_and_twenty_do_not(
    house: House, key: str
) -> None:
    whole = get_introspection_query()
    assert await cost(house, key, whole) <= 100_000

    types = "types { fields { type { name fields { name args { name } } } } }"
    twenty = await house.post(key, f"{{ __schema {{ {' '.join(f'a{n}: {types}' for n in range(20))} }} }}")
    assert twenty.json()["errors"][0]["extensions"]["code"] == "TOO_MUCH_AT_ONCE"


async def test_nonsense_costs_nothing_and_is_told_by_the_field_itself(house: House, key: str) -> None:
    for query in (
        '{ messageBuckets(timezone: "Mars/Phobos") { buckets { start } } }',
        "{ messageBuckets(window: {last: {count: -5, unit: DAY}}) { buckets { start } } }",
        "{ campaigns(first: -3) { edges { cursor } } }",
    ):
        told = (await house.post(key, query)).json()["errors"][0]["extensions"]
        assert told["code"] in ("UNKNOWN_TIMEZONE", "INVALID_INPUT")


def test_every_list_of_buckets_says_that_it_is_one() -> None:
    bare = []
    for kind in build()._schema.type_map.values():
        if not isinstance(kind, GraphQLObjectType) or kind.name.startswith("__"):
            continue
        for name, one in kind.fields.items():
            if name == "buckets" and isinstance(get_nullable_type(one.type), GraphQLList):
                metadata = one.extensions["strawberry-definition"].metadata
                if metadata.get("size") != PER_BUCKET["size"]:
                    bare.append(f"{kind.name}.{name}")
    assert bare == []


@pytest.mark.parametrize(
    "query",
    [
        "query ($f: Int) { campaigns(first: $f) { totalCount } }",
        "query ($f: Granularity) { messageBuckets(granularity: $f) { total } }",
        "query ($f: Boolean) { __typename @include(if: $f) }",
    ],
)
async def test_a_null_where_there_must_be_a_value_is_the_callers_fault(
    house: House, key: str, query: str
) -> None:
    told = (await house.post(key, query, f=None)).json()["errors"]

    assert {error["extensions"]["code"] for error in told} <= {"BAD_REQUEST", "GRAPHQL_VALIDATION_FAILED"}


async def test_several_dear_series_get_one_width_that_fits_them_all(house: House, key: str) -> None:
    year = 'window: {days: {first: "2025-05-06", last: "2026-05-05"}}'
    field = f"messageBuckets({year}, granularity: HOUR) {{ buckets {{ start end state value }} }}"
    query = f"{{ {' '.join(f'a{n}: {field}' for n in range(6))} }}"
    # 6 × 8,760 × 4.25 = 223,380; by day 6 × 365 × 4.25 = 9,307.5
    cheaper = (await house.post(key, query)).json()["errors"][0]["extensions"]["cheaper"]

    assert (cheaper["argument"], cheaper["value"], cheaper["cost"]) == ("granularity", "DAY", 9_308)
    assert await cost(house, key, query.replace("HOUR", "DAY")) == 9_308


async def test_what_is_only_added_up_still_costs(house: House, key: str) -> None:
    field = "messageBuckets(window: {last: {count: 400, unit: DAY}}, granularity: HOUR) { total }"
    await house.take(ACME | {"plan": "growth"})
    # 60 × 9,577 ÷ 4 = 143,655
    told = await house.post(key, f"{{ {' '.join(f'a{n}: {field}' for n in range(60))} }}")

    assert told.json()["errors"][0]["extensions"]["code"] == "TOO_MUCH_AT_ONCE"


async def test_groups_are_counted_again_when_they_are_known(house: House, key: str) -> None:
    await house.take(
        ACME | {"plan": "growth"},
        *(message(f"m{n}", "2026-05-05T10:00:00Z", contact_id=f"p{n}") for n in range(300)),
    )
    # 697 hours × 301 ÷ 4, twice for columns, are 104,898; four groups were guessed: 697 × (4 + 4) ÷ 4
    query = f"{{ messageBuckets({DAYS}, granularity: HOUR, groupBy: [CONTACT]) {{ columns {{ groups {{ value }} }} }} }}"
    told = (await house.post(key, query)).json()["errors"][0]["extensions"]

    assert (told["code"], told["limit"], told["max"]) == ("TOO_MUCH_AT_ONCE", "cost", 100_000)
