"""AgentMessage's numbers are GraphQL's numbers, printed the vendor's way."""

from __future__ import annotations

import itertools
from typing import Any

from tests.gateway.rest.twins import twin_of
from tests.gateway.rest.world import World, sent

MESSAGES = "/v1/metrics/messages"
DAY = {"from_": "2026-05-05T00:00:00Z", "to": "2026-05-06T00:00:00Z"}


async def test_its_link_leads_to_a_graphql_query_with_the_same_numbers(world: World) -> None:
    await world.take(sent("m1", "2026-05-05T10:00:00Z"))
    await world.count_until("2026-05-06T00:00:00Z")
    answer = await world.get(MESSAGES, metric="sent", group_by="channel", granularity="hour", **DAY)

    data = await twin_of(world.http, world.key, answer)

    columns = data["series"]["columns"]
    assert columns["groups"][0]["value"][10] == 1


TWIN = """
query (
  $metric: MessageMetric!, $window: WindowInput!, $granularity: Granularity!, $groupBy: [MessageDimension!]
) {
  messageBuckets(
    metric: $metric, window: $window, granularity: $granularity, groupBy: $groupBy
    timezone: "UTC", clock: HAPPENED, filter: {direction: ["outbound"]}
  ) { buckets { start state value groups { key value } } }
}
"""


async def test_it_says_what_graphql_says(world: World) -> None:
    # 150 messages over five days, some delivered a day later, some failed, at odd prices
    await world.take(
        *(
            sent(
                f"m{i}",
                f"2026-05-0{1 + i % 5}T{i * 7 % 24:02}:{i * 13 % 60:02}:00Z",
                channel=("sms", "mms", "email")[i % 3],
                cost_micros=i * 997,
                **(
                    {"delivered_at": f"2026-05-0{1 + (i + 1) % 5}T{i * 11 % 24:02}:30:00Z"}
                    if i % 4
                    else {"failed_at": f"2026-05-0{1 + i % 5}T23:00:00Z", "error_code": str(i % 7)}
                ),
            )
            for i in range(150)
        )
    )
    await world.count_until("2026-05-05T20:20:20Z")
    metrics = {"sent": "SENT", "delivered": "DELIVERED", "failed": "FAILED", "cost_cents": "COST_MICROS"}
    grains, groups = ("hour", "day"), (None, "channel", "error_code")

    for metric, grain, group in itertools.product(metrics, grains, groups):

        async def ask(
            start: str, end: str, asked: tuple[str, str, str | None] = (metric, grain, group)
        ) -> Any:
            metric, grain, group = asked
            told = await world.graphql(
                TWIN,
                metric=metrics[metric],
                window={"between": {"start": start, "end": end}},
                granularity=grain.upper(),
                groupBy=[group.upper()] if group else None,
            )
            return [_as_told(bucket, metric, group) for bucket in told["messageBuckets"]["buckets"]]

        answer = await world.get(
            MESSAGES,
            metric=metric,
            granularity=grain,
            from_="2026-05-03T12:00:00Z",
            to="2026-05-06T00:00:00Z",
            compare_to="prior_period",
            **({"group_by": group} if group else {}),
        )
        data = answer.json()["data"]
        assert await ask(data["from"], data["to"]) == _cells(data, group, "")
        assert await ask(data["prior_from"], data["prior_to"]) == _cells(data, group, "prior_")


def _cells(data: dict[str, Any], group: str | None, prefix: str) -> list[Any]:
    return [bucket[f"{prefix}{'groups' if group else 'value'}"] for bucket in data["buckets"]]


def _as_told(bucket: dict[str, Any], metric: str, group: str | None) -> Any:
    """A bucket of GraphQL as AgentMessage would print it."""
    if bucket["state"] != "FINAL":
        return None
    divisor = 10_000 if metric == "cost_cents" else 1
    if group is None:
        return int(bucket["value"] / divisor + 0.5)
    found = {one["key"][0] or "none": int(one["value"] / divisor + 0.5) for one in bucket["groups"]}
    return {key: number for key, number in found.items() if number}
