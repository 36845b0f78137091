"""All of the college messages, taken in and asked for: each number equals a count made from the file itself."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.house import House, open_house

FILE = os.environ.get("COLLEGE_MESSAGES", "")
CONVERTER = Path(__file__).parents[2] / "examples" / "college_messages.py"
WINDOW = 'window: {days: {first: "2004-04-01", last: "2004-11-01"}}'
ASK = """query ($timezone: String!) {
  days: messageBuckets(metric: DELIVERED, timezone: $timezone, WINDOW) { buckets { start value } }
  hours: messageBuckets(metric: DELIVERED, granularity: HOUR, timezone: $timezone, WINDOW) { buckets { start value } }
  heatmap(metric: DELIVERED, timezone: $timezone, WINDOW) { total cells { weekday hour value } }
}""".replace("WINDOW", WINDOW)

pytestmark = pytest.mark.skipif(
    not FILE, reason="COLLEGE_MESSAGES does not name the file; see examples/README.md"
)


@pytest.fixture
def records() -> list[bytes]:
    """The file as the example converts it."""
    return subprocess.run(
        [sys.executable, CONVERTER, FILE], capture_output=True, check=True
    ).stdout.splitlines()


@pytest.fixture
def moments() -> list[int]:
    """When each message was sent, straight from the file."""
    lines = gzip.decompress(Path(FILE).read_bytes()).decode().splitlines()[1:]
    return [int(line.split()[2]) for line in lines]


async def test_days_hours_and_heatmap_equal_the_file_in_every_zone(
    store_url: str, records: list[bytes], moments: list[int]
) -> None:
    async with open_house(store_url, now=datetime.fromisoformat("2026-01-01T00:00:00Z")) as house:
        report = await house.gateway.intake.take_any(enumerate(records, 1))
        await house.gateway.worker.refresh()
        assert (len(moments), report.refused) == (59_835, [])

        for timezone in ("UTC", "America/Los_Angeles", "Asia/Kolkata"):
            await _compare(house, timezone, moments)


async def _compare(house: House, timezone: str, moments: list[int]) -> None:
    found = await house.ask(await house.key("college"), ASK, timezone=timezone)
    local = [datetime.fromtimestamp(at, ZoneInfo(timezone)) for at in moments]

    days = {start.date(): value for start, value in _starts(found["days"], timezone)}
    assert days == dict(Counter(moment.date() for moment in local))
    hours = dict(_starts(found["hours"], timezone))
    assert hours == dict(Counter(moment.replace(minute=0, second=0) for moment in local))
    cells = {
        (cell["weekday"], cell["hour"]): cell["value"] for cell in found["heatmap"]["cells"] if cell["value"]
    }
    assert cells == dict(Counter((moment.weekday(), moment.hour) for moment in local))
    assert sum(days.values()) == sum(hours.values()) == found["heatmap"]["total"] == len(moments)


def _starts(series: dict[str, Any], timezone: str) -> list[tuple[datetime, int]]:
    """Where each bucket that is not empty starts, in local time, and its value."""
    zone = ZoneInfo(timezone)
    buckets = series["buckets"]
    return [(datetime.fromisoformat(b["start"]).astimezone(zone), b["value"]) for b in buckets if b["value"]]
