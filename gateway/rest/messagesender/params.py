"""What may be asked of MessageSender's endpoints."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from gateway.rest.read import Iso
from gateway.rest.typed import Asked
from gateway.rest.vendor import CHOICE

MOST = 100
_WHOLE = re.compile(r"-?[0-9]{1,15}")


def _clamped(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError("must be a whole number")
    return min(max(int(text), 1), MOST)


class NoParams(Asked):
    """Nothing to say."""


class RangeParams(Asked):
    """A range of time, [startDate, endDate)."""

    start: Iso | None = Field(
        None,
        alias="startDate",
        description="Start of the date range, an ISO 8601 date or moment; without an offset it is UTC. "
        "30 days before the end (our choice) when absent.",
        json_schema_extra=CHOICE,
    )
    end: Iso | None = Field(
        None,
        alias="endDate",
        description="End of the date range, a date or a moment like its start. Our choice: exclusive, and a "
        "date is its midnight, UTC. Now when absent.",
        json_schema_extra=CHOICE,
    )


class TrendsParams(RangeParams):
    """`/api/analytics/trends`."""

    metric: Literal["messages", "campaigns"] = Field("messages", description="What to count day by day.")


class TopParams(RangeParams):
    """`/api/analytics/top-campaigns`."""

    limit: Annotated[int, BeforeValidator(_clamped)] = Field(
        10,
        description=f"How many campaigns. Our choice: brought between 1 and {MOST}.",
        json_schema_extra=CHOICE,
    )


class SendTimesParams(RangeParams):
    """`/api/analytics/best-send-times`."""

    start: Iso | None = Field(
        None,
        alias="startDate",
        description="Start of the analysis window, an ISO 8601 date or moment; without an offset it is UTC. "
        "90 days before the end (our choice) when absent.",
        json_schema_extra=CHOICE,
    )


class ExportParams(RangeParams):
    """`/api/analytics/export`."""

    type: Literal["campaigns"] = Field(
        "campaigns",
        description="What to export. Our choice: campaigns when absent.",
        json_schema_extra=CHOICE,
    )
