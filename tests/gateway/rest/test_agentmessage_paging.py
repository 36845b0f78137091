"""Pages of AgentMessage: together one answer, and nothing but `limit` may change."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.gateway.rest.world import World, at, sent

URL = "/v1/metrics/messages"
DAY = {"from_": "2026-05-05T00:00:00Z", "to": "2026-05-06T00:00:00Z", "granularity": "hour"}


def cursor(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["meta"]["next_cursor"]


def refused(answer: httpx2.Response) -> tuple[int, str, Any]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("details")


async def test_all_pages_together_are_the_one_long_page(world: World) -> None:
    await world.take(*(sent(f"m{i}", f"2026-05-0{4 + i % 2}T{i * 5 % 24:02}:00:00Z") for i in range(40)))
    await world.count_until("2026-05-05T21:00:00Z")

    for more in ({}, {"group_by": "channel", "compare_to": "prior_period"}):
        whole = (await world.get(URL, metric="sent", **DAY, **more)).json()
        buckets, after, limits = [], {}, [1, 7, 3, 9, 5]
        while True:
            limit = limits.pop(0)
            page = await world.get(URL, metric="sent", limit=limit, **DAY, **more, **after)
            body = page.json()
            buckets += body["data"].pop("buckets")
            assert body["meta"].pop("limit") == limit
            assert body["data"] == {name: whole["data"][name] for name in body["data"]}
            assert body["meta"]["as_of"] == whole["meta"]["as_of"]
            if cursor(page) is None:
                break
            after = {"cursor": cursor(page)}
        assert buckets == whole["data"]["buckets"]  # 1 + 7 + 3 + 9 + 4 = 24
        assert limits == []


async def test_a_full_last_page_has_no_next_one(world: World) -> None:
    exact = await world.get(URL, metric="sent", limit=24, **DAY)
    one_less = await world.get(URL, metric="sent", limit=23, **DAY)
    cut = await world.get(URL, metric="sent", limit=23, **{**DAY, "to": "2026-05-05T22:00:01Z"})

    assert cursor(exact) is None
    assert cursor(one_less) is not None
    assert cursor(cut) is None


async def test_the_second_page_needs_only_metric_and_cursor(world: World) -> None:
    asked: dict[str, Any] = {
        "metric": "sent",
        "group_by": "channel",
        "compare_to": "prior_period",
        "limit": 4,
    }
    first = await world.get(URL, **asked)  # from and to come from the clock
    world.house.now = at("2026-05-06T03:00:00Z")

    second = await world.get(URL, metric="sent", cursor=cursor(first))

    one, two = first.json()["data"], second.json()["data"]
    assert [two[name] for name in ("from", "to", "prior_from", "prior_to", "granularity")] == [
        one[name] for name in ("from", "to", "prior_from", "prior_to", "granularity")
    ]
    assert two["buckets"][0]["bucket_start"] == "2026-05-05T04:00:00Z"
    assert "prior_groups" in two["buckets"][0]
    assert len(two["buckets"]) == 20


async def test_counting_that_goes_on_does_not_change_what_the_pages_know(world: World) -> None:
    await world.take(sent("m1", "2026-05-05T10:00:00Z"))
    await world.count_until("2026-05-05T10:30:00Z")
    first = await world.get(URL, metric="sent", limit=2, **DAY)
    await world.count_until("2026-05-05T23:00:00Z")

    second = await world.get(URL, metric="sent", cursor=cursor(first))
    fresh = await world.get(URL, metric="sent", **DAY)

    assert second.json()["meta"]["as_of"] == first.json()["meta"]["as_of"] == "2026-05-05T10:30:00Z"
    # hours 2 to 9 are known zeros, 10 is not over
    assert [b["value"] for b in second.json()["data"]["buckets"]] == [0] * 8 + [None] * 14
    assert [b["value"] for b in fresh.json()["data"]["buckets"]] == [0] * 10 + [1] + [0] * 12 + [None]


async def test_repeating_the_first_request_with_its_cursor_agrees(world: World) -> None:
    # from is moved down to 08:00 and said in another offset; both meet what the cursor holds
    asked = {**DAY, "from_": "2026-05-05T08:40:00Z"}
    first = await world.get(URL, metric="sent", limit=2, **asked)
    moved = {**asked, "from_": "2026-05-05T10:59:59+02:00"}

    for again in (asked, moved):
        second = await world.get(URL, metric="sent", limit=3, cursor=cursor(first), **again)
        starts = [b["bucket_start"][11:13] for b in second.json()["data"]["buckets"]]
        assert starts == ["10", "11", "12"]


async def test_whatever_disagrees_with_the_cursor_is_named(world: World) -> None:
    after = cursor(await world.get(URL, metric="sent", limit=1, **DAY))
    for changed, names in (
        ({"metric": "failed"}, ["metric"]),
        ({"from_": "2026-05-05T01:00:00Z"}, ["from"]),
        ({"to": "2026-05-06T00:00:01Z"}, ["to"]),
        ({"to": "2026-05-01T00:00:00Z"}, ["to"]),
        ({"granularity": "day"}, ["granularity"]),
        ({"granularity": "day", **{k: v for k, v in DAY.items() if k != "granularity"}}, ["granularity"]),
        ({"group_by": "channel"}, ["group_by"]),
        ({"compare_to": "prior_period"}, ["compare_to"]),
        ({"metric": "failed", "group_by": "channel"}, ["group_by", "metric"]),
    ):
        answer = await world.get(URL, **{"metric": "sent", "cursor": after, **changed})
        wanted = dict.fromkeys(names, "disagrees with the cursor")
        assert refused(answer) == (422, "INVALID_INPUT", wanted)

    assert answer.json()["error"]["message"] == "cursor does not belong to this query"


async def test_repeating_everything_but_the_granularity_names_only_that(world: World) -> None:
    asked = {**DAY, "from_": "2026-05-05T08:40:00Z"}
    after = cursor(await world.get(URL, metric="sent", limit=1, **asked))

    answer = await world.get(URL, metric="sent", cursor=after, **{**asked, "granularity": "day"})

    assert refused(answer) == (422, "INVALID_INPUT", {"granularity": "disagrees with the cursor"})


async def test_a_cursor_does_not_outlive_the_plan_that_allowed_it(world: World) -> None:
    after = cursor(await world.get(URL, metric="sent", limit=1, **DAY))
    downgraded = await world.enroll(world.slug, "payg")

    answer = await world.get(URL, key=downgraded, metric="sent", cursor=after)

    assert refused(answer) == (422, "GRANULARITY_NOT_AVAILABLE", {"max_granularity": "day"})


async def test_a_cursor_that_is_not_ours_is_refused(world: World) -> None:
    good = cursor(await world.get(URL, metric="sent", limit=1, **DAY))
    middle = len(good) // 2
    other = "A" if good[middle] != "A" else "B"
    graphql = await world.graphql(
        'query { messageBuckets(granularity: DAY, timezone: "UTC", first: 2) { pageInfo { endCursor } } }'
    )
    bad = (
        "",
        "x",
        "null",
        "%00",
        "é.ü",
        "a" * 10_000,
        good[:-1],
        good[:middle] + other + good[middle + 1 :],
        graphql["messageBuckets"]["pageInfo"]["endCursor"],
    )
    for text in bad:
        assert refused(await world.get(URL, metric="sent", cursor=text)) == (422, "INVALID_INPUT", None)


async def test_a_cursor_belongs_to_its_endpoint(world: World) -> None:
    after = cursor(await world.get(URL, metric="delivered", limit=1, **DAY))

    elsewhere = await world.get("/v1/metrics/webhooks", metric="delivered", cursor=after)
    under = await world.get("/agentmessage" + URL, metric="delivered", cursor=after)

    assert refused(elsewhere) == (422, "INVALID_INPUT", None)
    assert under.status_code == 200


async def test_neither_key_nor_cursor_shows_another_organization_anything(world: World) -> None:
    other = f"not-{world.slug}"
    rival = await world.enroll(other, "scale")
    await world.take(sent("m1", "2026-05-05T10:00:00Z"))
    await world.take(
        sent("m1", "2026-05-05T11:00:00Z"), sent("m2", "2026-05-05T11:00:00Z"), organization=other
    )
    await world.count_until("2026-05-06T00:00:00Z")

    ours = await world.get(URL, metric="sent", limit=23, **DAY)
    theirs = await world.get(URL, key=rival, metric="sent", limit=23, **DAY)
    crossed = await world.get(URL, key=rival, metric="sent", cursor=cursor(ours))

    assert [b["value"] for b in ours.json()["data"]["buckets"]] == [0] * 10 + [1] + [0] * 12
    assert [b["value"] for b in theirs.json()["data"]["buckets"]] == [0] * 11 + [2] + [0] * 11
    assert refused(crossed) == (422, "INVALID_INPUT", None)
