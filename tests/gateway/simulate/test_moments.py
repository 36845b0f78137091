"""Moments as text."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.simulate import moments
from gateway.simulate.moments import HOUR, MINUTE


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-10T15:22:07.000Z",
        "1999-12-31T23:59:59.999Z",
        "2024-02-29T00:00:00.001Z",
        "2026-01-01T09:05:03.040Z",
    ],
)
def test_text_and_moment_are_the_same(text: str) -> None:
    at = moments.of(datetime.fromisoformat(text))

    assert moments.text(at) == text


def test_the_kept_hours_are_thrown_away_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "KEPT_HOURS", 3)

    texts = [moments.text(hour * HOUR) for hour in range(9)]

    assert texts[8] == "1970-01-01T08:00:00.000Z"


def test_offsets_follow_the_seasons() -> None:
    winter, summer = (moments.of(datetime(2026, month, 1, tzinfo=UTC)) for month in (1, 7))

    assert moments.offset(winter, ZoneInfo("Australia/Adelaide")) == 10 * HOUR + 30 * MINUTE
    assert moments.offset(summer, ZoneInfo("Australia/Adelaide")) == 9 * HOUR + 30 * MINUTE
