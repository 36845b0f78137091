"""The argument `asOf` of buckets: several questions agree on what is counted."""

from __future__ import annotations

from tests.house import House, message

WINDOW = 'window: {between: {start: "2026-05-05T20:00:00Z", end: "2026-05-06T00:00:00Z"}}'


async def states(house: House, key: str, arguments: str) -> tuple[str, list[str]]:
    """The watermark, and the first letter of each bucket's state."""
    document = (
        f"{{ messageBuckets(granularity: HOUR, {WINDOW}, {arguments}) {{ asOf columns {{ state }} }} }}"
    )
    found = (await house.ask(key, document))["messageBuckets"]
    return found["asOf"], [state[:2] for state in found["columns"]["state"]]


async def test_nothing_after_it_is_taken_for_counted(house: House, key: str) -> None:
    await house.take(message("m1", "2026-05-05T20:30:00Z"))  # the watermark is at 23:59:55

    assert await states(house, key, "asOf: null") == ("2026-05-05T23:59:55Z", ["FI", "FI", "FI", "PR"])
    assert await states(house, key, 'asOf: "2026-05-05T21:30:00Z"') == (
        "2026-05-05T21:30:00Z",
        ["FI", "PR", "PE", "PE"],
    )
    assert (await states(house, key, 'asOf: "0001-01-01T00:00:00Z"'))[1] == ["PE"] * 4


async def test_it_cannot_be_later_than_the_watermark_or_than_the_cursor_says(house: House, key: str) -> None:
    await house.take(message("m1", "2026-05-05T20:30:00Z"))
    document = (
        "query ($asOf: DateTime, $after: String) {"
        f" messageBuckets(granularity: HOUR, {WINDOW}, first: 1, asOf: $asOf, after: $after)"
        " { asOf pageInfo { endCursor } } }"
    )

    future = await house.ask(key, document, asOf="2099-01-01T00:00:00Z")
    first = await house.ask(key, document, asOf="2026-05-05T22:00:00Z")
    cursor = first["messageBuckets"]["pageInfo"]["endCursor"]
    second = await house.ask(key, document, after=cursor)
    later = await house.ask(key, document, after=cursor, asOf="2026-05-05T23:00:00Z")
    earlier = await house.ask(key, document, after=cursor, asOf="2026-05-05T21:00:00Z")

    told = [found["messageBuckets"]["asOf"][11:16] for found in (future, first, second, later, earlier)]
    assert told == ["23:59", "22:00", "22:00", "22:00", "21:00"]
