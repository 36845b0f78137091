"""SlickText's numbers are GraphQL's numbers, and fit together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rest.slicktext import SLICKTEXT
from gateway.rest.vendor import Endpoint
from tests.gateway.rest.penguin import happened
from tests.gateway.rest.slick import (
    CONTACTS,
    EVENTS,
    GROWTH,
    MESSAGES,
    READING,
    SERIES,
    Slick,
    opt_in,
    order,
    person,
)
from tests.gateway.rest.twins import twin_of
from tests.gateway.rest.world import at, sent
from tests.resolvers.truth import ZONES
from tests.worlds import bounded

FIRST, DAYS = at("2024-11-01T00:00:00Z"), 40
SOURCES = ("import", "form", "keyword")
GROUPS = {
    GROWTH: ("contact_source",),
    EVENTS: ("contact_source", "type"),
    "contacts/opt-in-status": ("contact_source", "contact_unsubscribe_source", "opt_in_status"),
    "campaigns": ("contact_source",),
    MESSAGES: ("source", "status", "direction", "weekday"),
    "messages/credits": ("source", "status"),
}
STEP = timedelta(seconds=1)  # between requests, so that nobody asks too often


def moment(number: int) -> datetime:
    """A moment of the forty days that no rollup could cut at."""
    return FIRST + timedelta(microseconds=number * 7_654_321_987 % (DAYS * 86_400_000_000))


@pytest.fixture
async def made(slick: Slick) -> Slick:
    """A brand with everything, all over forty days."""
    people = [
        person(
            f"{i}",
            moment(i).isoformat(),
            source=SOURCES[i % 3],
            **({"deleted_at": moment(i + 500).isoformat()} if i % 7 == 0 else {}),
        )
        for i in range(60)
        if i % 7 or moment(i + 500) > moment(i)
    ]
    wants = ("subscribed", "unsubscribed", "pending")
    await slick.take(
        *people,
        *(
            opt_in(f"{i}", f"{i}", wants[i % 3], moment(i).isoformat(), source=SOURCES[i % 2])
            for i in range(50)
        ),
        *(
            {"type": "campaign", "id": f"12{i}", "created_at": moment(i).isoformat()}
            | {"started_at": (moment(i) + timedelta(hours=9)).isoformat()}
            for i in range(6)
        ),
        {"type": "workflow", "id": "2222", "created_at": FIRST.isoformat()},
        {"type": "user", "id": "1", "name": "Ann", "created_at": FIRST.isoformat()},
        *(
            sent(
                f"m{i}",
                moment(i).isoformat(),
                campaign_id=f"12{i % 6}",
                contact_id=f"{i % 60}",
                source=("campaign", "workflow")[i % 2],
                credits=i % 4,
                delivered_at=(moment(i) + timedelta(minutes=i)).isoformat(),
                **({"failed_at": (moment(i) + timedelta(minutes=i)).isoformat()} if i % 9 == 0 else {}),
            )
            for i in range(120)
        ),
        *(
            happened(f"m{i}", "clicked", (moment(i) + timedelta(hours=i)).isoformat())
            for i in range(0, 120, 3)
        ),
        *(order(f"{i}", f"{i}", i, (moment(i) + timedelta(hours=i)).isoformat()) for i in range(0, 60, 2)),
    )
    await slick.count_until("2024-12-18T10:00:00Z")
    return slick


async def told(slick: Slick, tail: str, **asked: str) -> Any:
    slick.house.now += STEP
    return await slick.told(tail, **asked)


@st.composite
def ranges(draw: st.DrawFn) -> dict[str, str]:
    """A range whose ends cut days, and how it is divided."""
    start = FIRST + timedelta(seconds=draw(st.integers(0, (DAYS - 2) * 86_400)))
    length = timedelta(seconds=draw(st.integers(0, 86_400 * 12)))
    return {
        "start": start.strftime("%Y-%m-%d %H:%M:%S"),
        "end": (start + length).strftime("%Y-%m-%d %H:%M:%S"),
        "frequency": draw(st.sampled_from(["hour", "day", "month", "year"])),
        "timezone": draw(st.sampled_from(ZONES)),
    }


@bounded(examples=5)
@given(data=st.data())
async def test_groups_sum_to_totals_and_averages_are_over_groups_and_periods(
    made: Slick, data: st.DataObject
) -> None:
    tail = data.draw(st.sampled_from(SERIES))
    asked = data.draw(ranges())
    chosen = data.draw(st.lists(st.sampled_from(GROUPS[tail]), max_size=2, unique=True))
    compare = data.draw(st.sampled_from(["", "YoY", "QoQ", "MoM", "WoW", "DoD", "PoP"]))

    found = await told(made, tail, group=",".join(chosen), compare=compare, **asked)
    whole = await told(made, tail, **asked)

    for part, key in ((found, None), (found, "compare")):
        if key is not None and not compare:
            continue
        totals = part["totals"] if key is None else part["totals"][key]
        groups = [group if key is None else group[key] for group in part["groups"]]
        cells = sum(len(group["period"]) for group in groups)
        assert totals["total"] == sum(group["total"] for group in groups)
        assert totals["average"] == pytest.approx(totals["total"] / cells if cells else 0)
        for group in groups:
            values = list(group["period"].values())
            assert group["average"] == pytest.approx(group["total"] / len(values))
            assert group["total"] == (values[-1] - values[0] if tail == GROWTH else sum(values))
            assert list(group["period"]) == sorted(group["period"])
    assert found["totals"]["total"] == whole["totals"]["total"]


@bounded(examples=5)
@given(asked=ranges())
async def test_growth_moves_by_what_was_added_and_deleted(made: Slick, asked: dict[str, str]) -> None:
    growth = (await told(made, GROWTH, group="contact_source", **asked))["groups"]
    events = (await told(made, EVENTS, group="contact_source,type", **asked))["groups"]

    changes: dict[tuple[str, str], int] = {}
    for group in events:
        source, kind = group["name"].split(" / ")
        for key, number in group["period"].items():
            changes[source, key] = changes.get((source, key), 0) + (number if kind == "Creation" else -number)
    for group in growth:
        held = list(group["period"].items())
        for (_, before), (key, after) in pairwise(held):
            assert after - before == changes.get((group["name"], key), 0)


@bounded(examples=4)
@given(asked=ranges())
async def test_messages_are_those_of_their_own_moments(made: Slick, asked: dict[str, str]) -> None:
    zone = ZoneInfo(asked["timezone"])
    first, last = (
        datetime.fromisoformat(asked[name]).replace(tzinfo=zone).astimezone(UTC) for name in ("start", "end")
    )
    last = last.replace(microsecond=0) + timedelta(seconds=1)

    found = await told(made, MESSAGES, **asked)

    assert found["totals"]["total"] == sum(first <= moment(i) < last for i in range(120))


@pytest.mark.parametrize("tail", [name.replace("campaigns/123", "campaigns/121") for name in READING])
async def test_every_answer_names_a_graphql_question_with_the_same_numbers(made: Slick, tail: str) -> None:
    answer = await made.ask(tail, frequency="month")

    data = await twin_of(made.http, made.key, answer)
    endpoint = next(
        one
        for one in SLICKTEXT.endpoints
        if one.path.endswith(f"/analytics/{tail}") or ("{id}" in one.path and one.path.split("/")[-2] in tail)
    )
    body = answer.json()
    match tail.split("/", maxsplit=1)[0]:
        case "contacts" if tail == CONTACTS:
            assert data["breakdown"]["contacts"]["total"] == body["totals"]["total"]
        case "campaigns" if tail != "campaigns":
            assert data["campaign"]["engagement"]["total"]["clicks"] == body["totals"]["clicks"]
        case "workflows":
            assert data["workflow"]["engagement"]["total"]["orders"] == body["totals"]["orders"]
        case "inbox":
            assert len(data["inbox"]["items"]) == len(body["data"])
        case _:
            totals = [group["total"] for group in body["groups"]]
            assert totals == [total_of(tail, data)]
    assert isinstance(endpoint, Endpoint)
    endpoint.answer.model_validate(body)


def total_of(tail: str, data: dict[str, Any]) -> int:
    """The total of a series, from GraphQL's own columns."""
    if tail == GROWTH:
        return data["contacts"]["growth"]["change"]
    inner = data.get("contacts") or data
    return sum(value or 0 for series in inner.values() for value in series["columns"]["value"])
