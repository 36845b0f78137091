"""What AgentMessage answers: for its OpenAPI document; tests hold real answers against it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from gateway.rest.typed import Told
from gateway.rest.vendor import CHOICE

Groups = dict[str, int]
_GROUPS = (
    "Group → number, groups of zero left out: null when not yet counted, `{}` for a known zero. Our choice"
)


class Bucket(Told):
    """One bucket: [bucket_start, bucket_start + granularity)."""

    bucket_start: datetime
    value: int | None = Field(None, description="Null when its end is later than `meta.as_of`.")
    groups: Groups | None = Field(None, description=f"{_GROUPS}.", json_schema_extra=CHOICE)
    prior_value: int | None = Field(
        None, description="The same of the bucket in the prior period. Our choice.", json_schema_extra=CHOICE
    )
    prior_groups: Groups | None = Field(None, description=f"{_GROUPS}.", json_schema_extra=CHOICE)


class Data(Told):
    """The series, or one page of it."""

    metric: str = Field(
        description="`messages.outbound.…`, `messages.inbound.…` or `webhooks.…`. Our choice: the document "
        "shows `messages.inbound.received` everywhere.",
        json_schema_extra=CHOICE,
    )
    granularity: Literal["minute", "hour", "day"]
    start: datetime = Field(alias="from")
    end: datetime = Field(alias="to")
    prior_from: datetime | None = Field(
        None, description="With `compare_to`. Our choice.", json_schema_extra=CHOICE
    )
    prior_to: datetime | None = Field(
        None, description="With `compare_to`. Our choice.", json_schema_extra=CHOICE
    )
    buckets: list[Bucket]


class Meta(Told):
    """How far counting has come, and where the next page is."""

    as_of: datetime = Field(description="Everything that came in by then is counted; the same on all pages.")
    limit: int
    next_cursor: str | None = Field(description="Null on the last page.")


class Answer(Told):
    """A successful response."""

    success: Literal[True]
    data: Data
    meta: Meta


class Problem(Told):
    """What was wrong."""

    code: str
    message: str
    request_id: str = Field(description="A ULID, also in the header X-Request-Id.")
    details: dict[str, Any] | None = None


class Failure(Told):
    """An error response."""

    success: Literal[False]
    error: Problem
