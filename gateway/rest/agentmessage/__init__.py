"""AgentMessage: 'Outbound message counts and cost' and its two siblings, read on 2026-05-05.

A bucket is null until its end is counted, which is not zero. What their document leaves open, and we
chose, carries `CHOICE` and is listed in docs/vendors/agentmessage.md.
"""

from __future__ import annotations

from gateway.auth import VARY
from gateway.rest.agentmessage.answers import Answer, Failure
from gateway.rest.agentmessage.errors import envelope
from gateway.rest.agentmessage.paging import understand
from gateway.rest.agentmessage.params import InboundParams, MessagesParams, WebhooksParams
from gateway.rest.agentmessage.shape import shape, variables
from gateway.rest.vendor import Endpoint, Vendor
from models.errors import (
    Expired,
    GranularityNotAvailable,
    HeliographError,
    InvalidCursor,
    InvalidInput,
    MethodNotAllowed,
    MissingScope,
    NotFound,
    TookTooLong,
    TooManyGroups,
    Unauthenticated,
    Unavailable,
    WindowTooLarge,
)


def _document(name: str, family: str, wanted: str = "") -> str:
    """The GraphQL document of an endpoint: the window, and when it is compared the one before."""
    arguments = (
        'granularity: $granularity, timezone: "UTC", groupBy: $groupBy, clock: HAPPENED, asOf: $asOf' + wanted
    )
    field, kind = f"{family.lower()}Buckets", f"{family}Buckets"
    return (
        f"query {name}($metric: {family}Metric!, $window: WindowInput!, $prior: WindowInput, "
        f"$granularity: Granularity!, $groupBy: [{family}Dimension!], $asOf: DateTime, "
        "$grouped: Boolean!, $compared: Boolean!) { "
        f"series: {field}(metric: $metric, window: $window, {arguments}) {{ ...page }} "
        f"prior: {field}(metric: $metric, window: $prior, {arguments}) @include(if: $compared) {{ ...page }} "
        f"}} fragment page on {kind} {{ as_of: asOf columns {{ bucket_start: start "
        "value @skip(if: $grouped) groups @include(if: $grouped) { key value } } }"
    )


ABOUT = (
    "Buckets are half-open, in UTC, ascending and without a gap; one that is not yet wholly counted is null, "
    "which is not zero. Needs the scope metrics:read. At most 10,000 buckets; minute and hour buckets as the "
    "plan allows. Each thing is counted where it happened (our choice)."
)
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "/v1/metrics/messages",
        "Outbound message counts and cost",
        f"{ABOUT} sent by when it was handed over, delivered and failed (undelivered included) by when they "
        "were, cost_cents by when it was charged, rounded half up for each bucket.",
        MessagesParams,
        Answer,
        _document("AgentMessageMessages", "Message", ', filter: {direction: ["outbound"]}'),
        understand,
        variables,
        shape,
        example="metric=delivered&granularity=day&group_by=channel",
    ),
    Endpoint(
        "/v1/metrics/inbound",
        "Inbound message counts and cost",
        f"{ABOUT} received by when it came in, cost_cents by when it was charged, rounded half up for each "
        "bucket.",
        InboundParams,
        Answer,
        _document("AgentMessageInbound", "Message", ', filter: {direction: ["inbound"]}'),
        understand,
        variables,
        shape,
        example="metric=received&granularity=day",
    ),
    Endpoint(
        "/v1/metrics/webhooks",
        "Webhook delivery counts",
        f"{ABOUT} delivered: accepted; retried: failed and to be tried again; failed: given up.",
        WebhooksParams,
        Answer,
        _document("AgentMessageWebhooks", "Webhook"),
        understand,
        variables,
        shape,
        example="metric=delivered&granularity=day&group_by=http_status_class",
    ),
)

AGENTMESSAGE = Vendor(
    name="agentmessage",
    title="AgentMessage metrics",
    about="The metrics API of AgentMessage, answered by Heliograph. What their document leaves open and we "
    "chose is marked `x-heliograph-choice`.",
    endpoints=ENDPOINTS,
    envelope=envelope,
    error=Failure,
    refusals=(
        Unauthenticated(),
        MissingScope(),
        NotFound(),
        MethodNotAllowed(),
        InvalidInput(fields={"limit": "must be at most 5000"}),
        GranularityNotAvailable(max_granularity="day"),
        WindowTooLarge(bucket_count=10_080, max_buckets=10_000),
        InvalidCursor(fields={"granularity": "disagrees with the cursor"}),
        TooManyGroups(),
        Expired(earliest="2026-04-05T00:00:00Z", granularity="DAY"),
        HeliographError(),
        TookTooLong(),
        Unavailable(),
    ),
    paths=("/v1/metrics",),
    ours=(MethodNotAllowed, TooManyGroups, Expired, HeliographError, TookTooLong, Unavailable),
    headers={"Cache-Control": "private, max-age=30", "Vary": VARY},
)
