"""The heatmap: hours and parts of days, their best, on every clock."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house import House, event, message

WINDOW = 'window: {days: {first: "2026-05-01", last: "2026-05-05"}}'
CELL = "weekday dayPart hour until value metrics { attempted opened }"


async def asked(house: House, key: str, arguments: str) -> Any:
    document = f"{{ heatmap({WINDOW}, {arguments}) {{ total cells {{ {CELL} }} best {{ {CELL} }} bestHour {{ {CELL} }} }} }}"
    return (await house.ask(key, document))["heatmap"]


def place(cell: Any) -> tuple[Any, ...] | None:
    return cell and (cell["weekday"], cell["dayPart"], cell["hour"], cell["until"], cell["value"])


async def a_day(house: House) -> None:
    """Monday, 4 May 2026: two sent at 10:30, one of them opened at 20:00; one at 16:59, and one at 17:00."""
    moments = ("10:30", "10:45", "16:59", "17:00")
    await house.take(
        *(
            message(f"m{i}", f"2026-05-04T{at}:00Z", sent_at=f"2026-05-04T{at}:00Z")
            for i, at in enumerate(moments)
        ),
        event("m0", "opened", "2026-05-04T20:00:00Z"),
        event("m2", "opened", "2026-05-05T08:00:00Z"),
        message("waits", "2026-05-04T10:00:00Z"),
    )


async def test_parts_of_days(house: House, key: str) -> None:
    await a_day(house)

    found = await asked(
        house, key, 'metric: ATTEMPTED_OPEN_RATE, clock: SENT, resolution: DAY_PART, timezone: "UTC"'
    )

    assert len(found["cells"]) == 28
    assert [place(cell) for cell in found["cells"][:5]] == [
        (0, "NIGHTTIME", 0, 6, None),  # a rate of nothing
        (0, "EARLY_MORNING", 6, 9, None),
        (0, "OFFICE_HOURS", 9, 17, 200 / 3),
        (0, "EVENING", 17, 24, 0),
        (1, "NIGHTTIME", 0, 6, None),
    ]
    assert place(found["best"]) == (0, "OFFICE_HOURS", 9, 17, 200 / 3)
    # the best hour lies inside the best part; 16 o'clock has one of one
    assert place(found["bestHour"]) == (0, None, 16, 17, 100)
    assert found["total"] == 50
    assert sum(cell["metrics"]["attempted"] for cell in found["cells"]) == 4


async def test_hours_are_their_own_best(house: House, key: str) -> None:
    await a_day(house)

    found = await asked(house, key, 'metric: ATTEMPTED_OPEN_RATE, clock: SENT, timezone: "UTC"')

    assert len(found["cells"]) == 168
    assert place(found["best"]) == place(found["bestHour"]) == (0, None, 16, 17, 100)


async def test_only_where_anything_left_us_can_be_best(house: House, key: str) -> None:
    await a_day(house)

    found = await asked(house, key, 'metric: OPENED, clock: HAPPENED, resolution: DAY_PART, timezone: "UTC"')

    # one was opened on Tuesday morning, when nothing was sent; on Monday evening one was, and one was sent
    assert place(found["best"]) == (0, "EVENING", 17, 24, 1)
    assert {place(cell) for cell in found["cells"] if cell["value"]} == {
        (0, "EVENING", 17, 24, 1),
        (1, "EARLY_MORNING", 6, 9, 1),
    }
    assert place(found["bestHour"]) == (0, None, 17, 18, 0)  # the only hour of it in which anything left


@pytest.mark.parametrize("resolution", ["HOUR", "DAY_PART"])
async def test_without_anything_sent_nothing_is_best(house: House, key: str, resolution: str) -> None:
    await house.take(message("waits", "2026-05-04T10:00:00Z"))

    found = await asked(house, key, f"metric: LOGGED, resolution: {resolution}")

    assert (found["best"], found["bestHour"], found["total"]) == (None, None, 1)


@pytest.mark.parametrize("clock", ["CREATED", "HAPPENED", "SENT"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/New_York"])
async def test_cells_add_up_to_the_total_on_every_clock(
    house: House, key: str, clock: str, zone: str
) -> None:
    await a_day(house)

    for resolution in ("HOUR", "DAY_PART"):
        found = await asked(
            house, key, f'metric: ATTEMPTED, clock: {clock}, resolution: {resolution}, timezone: "{zone}"'
        )
        assert sum(cell["value"] for cell in found["cells"]) == found["total"] == 4
