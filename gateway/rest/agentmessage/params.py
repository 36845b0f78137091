"""What may be asked of AgentMessage's three endpoints."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import ConfigDict, Field

from gateway.rest.read import Moment, Whole
from gateway.rest.typed import Asked
from gateway.rest.vendor import CHOICE


class Params(Asked):
    """What the three endpoints have in common."""

    model_config = ConfigDict(frozen=True)  # said again for the type checker
    family: ClassVar[str]

    metric: str
    start: Moment | None = Field(
        None,
        alias="from",
        description="First moment of the window, RFC 3339 with its offset; moved down to the start of its "
        "bucket. Our choice: 24 hours before `to`, 30 days for day buckets.",
        json_schema_extra=CHOICE,
    )
    end: Moment | None = Field(
        None,
        alias="to",
        description="End of the window, exclusive; a bucket that it cuts is shown whole. Our choice: now, in "
        "whole seconds.",
        json_schema_extra=CHOICE,
    )
    granularity: Literal["minute", "hour", "day"] | None = Field(
        None,
        description="Width of the buckets, as fine as the plan allows. Our choice: hour where the plan has "
        "it, else day.",
        json_schema_extra=CHOICE,
    )
    group_by: str | None
    cursor: str | None = Field(
        None,
        description="`meta.next_cursor` of the page before. It pins everything but `limit`; what is left out "
        "(our choice) is as it was on the first page.",
    )
    limit: Whole = Field(1000, ge=1, le=5000, description="Buckets on a page; may change from page to page.")
    compare_to: Literal["prior_period"] | None = Field(
        None, description="Put the same number of buckets right before the window beside each bucket."
    )


class MessagesParams(Params):
    """`/v1/metrics/messages`."""

    family = "messages.outbound"
    metric: Literal["sent", "delivered", "failed", "cost_cents"] = Field(description="What to count.")
    group_by: Literal["channel", "error_code"] | None = Field(None, description="What to split by.")


class InboundParams(Params):
    """`/v1/metrics/inbound`."""

    family = "messages.inbound"
    metric: Literal["received", "cost_cents"] = Field(description="What to count.")
    group_by: Literal["channel"] | None = Field(None, description="What to split by.")


class WebhooksParams(Params):
    """`/v1/metrics/webhooks`."""

    family = "webhooks"
    metric: Literal["delivered", "failed", "retried"] = Field(description="What to count.")
    group_by: Literal["endpoint_id", "kind", "http_status_class"] | None = Field(
        None, description="What to split by."
    )
