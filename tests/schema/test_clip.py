"""The argument `clip`: buckets that end where the window does; and clocks that a fact does not know."""

from __future__ import annotations

import pytest

from tests.house import House, message

# Ten minutes past ten and a half, to ten past twelve: 10:20:30, 11:00, 12:00.
RAGGED = 'window: {between: {start: "2026-05-05T10:20:30Z", end: "2026-05-05T12:10:00Z"}}'
ROWS = "total bucketCount window { start end } buckets { start end value }"


async def some(house: House) -> None:
    """Messages around the ends of the window."""
    moments = ("10:20:29.999999", "10:20:30", "10:59:59", "11:00:00", "12:09:59.999999", "12:10:00")
    await house.take(*(message(at, f"2026-05-05T{at}Z") for at in moments))


async def test_the_first_and_the_last_bucket_end_where_the_window_does(house: House, key: str) -> None:
    await some(house)
    asked = f"messageBuckets(granularity: HOUR, {RAGGED}"

    found = await house.ask(key, f"{{ cut: {asked}, clip: true) {{ {ROWS} }} whole: {asked}) {{ {ROWS} }} }}")

    assert found["cut"] == {
        "total": 4,
        "bucketCount": 3,
        "window": {"start": "2026-05-05T10:20:30Z", "end": "2026-05-05T12:10:00Z"},
        "buckets": [
            {"start": "2026-05-05T10:20:30Z", "end": "2026-05-05T11:00:00Z", "value": 2},
            {"start": "2026-05-05T11:00:00Z", "end": "2026-05-05T12:00:00Z", "value": 1},
            {"start": "2026-05-05T12:00:00Z", "end": "2026-05-05T12:10:00Z", "value": 1},
        ],
    }
    assert [bucket["value"] for bucket in found["whole"]["buckets"]] == [3, 1, 2]
    assert found["whole"]["window"] == {"start": "2026-05-05T10:00:00Z", "end": "2026-05-05T13:00:00Z"}


async def test_pages_of_a_clipped_series_put_together_are_the_whole(house: House, key: str) -> None:
    await some(house)
    ask = (
        "query ($after: String, $first: Int, $clip: Boolean!) {"
        f" messageBuckets({RAGGED}, granularity: QUARTER_HOUR, first: $first, after: $after, clip: $clip)"
        " { total buckets { start end value } pageInfo { hasNextPage endCursor } } }"
    )
    whole = (await house.ask(key, ask, clip=True))["messageBuckets"]

    first = (await house.ask(key, ask, first=5, clip=True))["messageBuckets"]
    after = first["pageInfo"]["endCursor"]
    second = (await house.ask(key, ask, first=5, after=after, clip=True))["messageBuckets"]
    other = await house.post(key, ask, first=5, after=after, clip=False)

    # 10:20:30, 10:30, 10:45, 11:00, … 12:00: eight of them
    assert first["buckets"] + second["buckets"] == whole["buckets"]
    assert (len(whole["buckets"]), whole["total"], second["total"]) == (8, 4, 4)
    assert second["pageInfo"]["hasNextPage"] is False
    assert other.json()["errors"][0]["extensions"]["code"] == "INVALID_CURSOR"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{ webhookBuckets(clock: SENT) { total } }", "messages only"),
        ("{ engagementBuckets(clock: SENT) { total } }", "messages only"),
        ("{ trends { contacts(clock: SENT) { total } } }", "messages only"),
        ("{ overview { campaigns(clock: SENT) { total } } }", "messages only"),
        ("{ contacts { counts(clock: SENT) { total } } }", "messages only"),
    ],
)
async def test_what_makes_no_sense_is_refused(house: House, key: str, document: str, said: str) -> None:
    (error,) = (await house.post(key, document)).json()["errors"]

    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert said in error["message"]


async def test_messages_can_be_put_where_they_left(house: House, key: str) -> None:
    await house.take(
        message(
            "a", "2026-05-04T10:00:00Z", sent_at="2026-05-05T01:00:00Z", delivered_at="2026-05-06T00:00:00Z"
        ),
        message("b", "2026-05-05T10:00:00Z"),  # it never left
        message("c", "2026-05-04T10:00:00Z", hard_bounced_at="2026-05-04T11:00:00Z"),
    )
    days = 'window: {days: {first: "2026-05-04", last: "2026-05-05"}}'
    columns = f"messageBuckets(metric: %s, {days}, clock: SENT) {{ columns {{ value }} }}"

    found = await house.ask(key, f"{{ logged: {columns % 'LOGGED'} delivered: {columns % 'DELIVERED'} }}")

    assert found["logged"]["columns"]["value"] == [1, 1]  # c on the 4th, a on the 5th
    assert found["delivered"]["columns"]["value"] == [0, 1]  # on the 5th a was sent
