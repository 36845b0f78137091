"""Whatever goes wrong, AgentMessage says it in its own envelope."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from gateway.app import create_app
from gateway.rest.agentmessage.answers import Failure
from resolvers.caller import EVENTS_WRITE
from tests.gateway.rest.world import World
from tests.house import bearer
from tests.worlds import reads_fail

URL = "/v1/metrics/messages"
DAY = {"from_": "2026-05-05T00:00:00Z", "to": "2026-05-06T00:00:00Z"}
ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
MOMENT = "must be an RFC 3339 date-time with its offset, such as 2026-05-05T00:00:00Z"


def problem(answer: httpx2.Response) -> tuple[int, dict[str, Any]]:
    """Status and error, its id taken out after a look at it."""
    body = answer.json()
    Failure.model_validate(body)
    assert list(body) == ["success", "error"]
    assert body["success"] is False
    assert answer.headers["content-type"] == "application/json"
    told = body["error"].pop("request_id")
    assert ULID.fullmatch(told)
    assert answer.headers["x-request-id"] == told
    return answer.status_code, body["error"]


async def test_without_a_good_key_authentication_fails(world: World) -> None:
    wanted = (401, {"code": "UNAUTHORIZED", "message": "authentication failed"})
    headers = (
        httpx2.Headers(),
        httpx2.Headers({"Authorization": "Basic abc"}),
        httpx2.Headers({"Authorization": "Bearer "}),
        httpx2.Headers({b"Authorization": "Bearer ключ".encode()}),
        httpx2.Headers({"X-API-Key": world.key}),
    )
    for sent in headers:
        answer = await world.http.get(URL, params={"metric": "sent"}, headers=sent)
        assert problem(answer) == wanted
        assert answer.headers["www-authenticate"] == "Bearer"

    for key in ("am_live_unknown", world.key + "x", "x" * 5000):
        assert problem(await world.get(URL, key=key, metric="sent")) == wanted


async def test_a_key_without_the_scope_is_forbidden(world: World) -> None:
    key = await world.enroll("writer", "scale", (EVENTS_WRITE,))

    answer = await world.get(URL, key=key, metric="sent")

    assert problem(answer) == (403, {"code": "FORBIDDEN", "message": "missing required scope"})


@pytest.mark.parametrize(
    ("plan", "finest", "refused"),
    [("payg", "day", "hour"), ("starter", "day", "minute"), ("growth", "hour", "minute")],
)
async def test_buckets_finer_than_the_plan_are_refused(
    world: World, plan: str, finest: str, refused: str
) -> None:
    key = await world.enroll(plan, plan)

    allowed = await world.get(URL, key=key, metric="sent", granularity=finest)
    answer = await world.get(URL, key=key, metric="sent", granularity=refused)

    assert allowed.status_code == 200
    assert problem(answer) == (
        422,
        {
            "code": "GRANULARITY_NOT_AVAILABLE",
            "message": "granularity not available at this plan tier",
            "details": {"max_granularity": finest},
        },
    )


async def test_a_week_of_minutes_is_too_large(world: World) -> None:
    answer = await world.get(
        URL, metric="sent", granularity="minute", from_="2026-04-29T00:00:00Z", to="2026-05-06T00:00:00Z"
    )

    assert problem(answer) == (
        422,
        {
            "code": "WINDOW_TOO_LARGE",
            "message": "window holds more buckets than a response may carry",
            "details": {"bucket_count": 10_080, "max_buckets": 10_000},
        },
    )


REFUSED: tuple[tuple[str, dict[str, str]], ...] = (
    ("", {"metric": "is required"}),
    ("metric=", {"metric": "must be 'sent', 'delivered', 'failed' or 'cost_cents'"}),
    ("metric=received", {"metric": "must be 'sent', 'delivered', 'failed' or 'cost_cents'"}),
    ("metric=SENT", {"metric": "must be 'sent', 'delivered', 'failed' or 'cost_cents'"}),
    ("metric=sent&metric=sent", {"metric": "must be given once"}),
    ("metric=sent&granularity=week", {"granularity": "must be 'minute', 'hour' or 'day'"}),
    ("metric=sent&group_by=kind", {"group_by": "must be 'channel' or 'error_code'"}),
    ("metric=sent&group_by=", {"group_by": "must be 'channel' or 'error_code'"}),
    ("metric=sent&compare_to=year", {"compare_to": "must be 'prior_period'"}),
    ("metric=sent&limit=0", {"limit": "must be at least 1"}),
    ("metric=sent&limit=5001", {"limit": "must be at most 5000"}),
    ("metric=sent&limit=999999999999999", {"limit": "must be at most 5000"}),
    *(
        (f"metric=sent&limit={text}", {"limit": "must be a whole number in plain digits"})
        for text in (
            "",
            "+5",
            "%2B5",
            "-5",
            "5.0",
            "1_000",
            "%205",
            "5%20",
            "1e3",
            "٥",
            "0x5",
            "9" * 5000,
            "%00",
        )
    ),
    *(
        (f"metric=sent&from={text}", {"from": MOMENT})
        for text in (
            "",
            "2026-05-05",
            "2026-05-05T00:00:00",
            "2026-05-05 00:00:00Z",
            "20260505T000000Z",
            "2026-W19-2T00:00:00Z",
            "2026-05-05T00:00Z",
            "2026-05-05T24:00:00Z",
            "2026-05-05T00:00:60Z",
            "2026-02-30T00:00:00Z",
            "2026-05-05T00:00:00%2B25:00",
            "0001-01-01T00:00:00%2B01:00",
            "9999-12-31T23:59:59-01:00",
            "٢٠٢٦-05-05T00:00:00Z",
            "1777939200",
            "now",
        )
    ),
    ("metric=sent&from=2026-05-05T00:00:00+02:00", {"from": f"{MOMENT} (write + as %2B)"}),
    ("metric=sent&to=1969-12-31T23:59:59Z", {"to": "must lie between 1970-01-08 and 2100-01-01"}),
    ("metric=sent&to=2100-01-01T00:00:01Z", {"to": "must lie between 1970-01-08 and 2100-01-01"}),
    ("metric=sent&to=1970-01-08T00:00:00Z", {"from": "must not be earlier than 1970-01-08"}),
    (
        "metric=sent&from=2026-05-05T00:00:00Z&to=2026-05-05T00:00:00Z",
        {"from": "must be earlier than 'to'"},
    ),
    ("metric=sent&from=2030-05-05T00:00:00Z", {"from": "must be earlier than 'to'"}),
    (
        "metric=sent&from=1970-01-08T00:00:00Z&to=1970-01-09T00:00:00Z&compare_to=prior_period",
        {"compare_to": "the prior period would begin before 1970-01-08"},
    ),
    (
        "metric=x&limit=x&to=x&compare_to=x",
        {
            "metric": "must be 'sent', 'delivered', 'failed' or 'cost_cents'",
            "limit": "must be a whole number in plain digits",
            "to": MOMENT,
            "compare_to": "must be 'prior_period'",
        },
    ),
)


async def test_every_bad_parameter_is_named_with_its_reason(world: World) -> None:
    for query, details in REFUSED:
        status, error = problem(await world.get(f"{URL}?{query}"))
        assert (query, status, error) == (
            query,
            422,
            {"code": "VALIDATION_FAILED", "message": "validation failed", "details": details},
        )


async def test_the_bounds_of_each_parameter_are_accepted(world: World) -> None:
    for query in (
        "limit=1",
        "limit=5000",
        "limit=0005",
        "from=2026-05-05t00:00:00z&to=2026-05-05T23:59:59.123456789-00:00",
        "from=1970-01-08T00:00:00Z&to=1970-01-08T00:00:01Z",
        "from=2099-12-31T00:00:00Z&to=2100-01-01T00:00:00Z",
    ):
        answer = await world.get(f"{URL}?metric=sent&{query}")
        assert answer.status_code == 200, query


async def test_each_endpoint_takes_its_own_metrics_and_groups_only(world: World) -> None:
    taken = {
        "messages": (("sent", "delivered", "failed", "cost_cents"), ("channel", "error_code")),
        "inbound": (("received", "cost_cents"), ("channel",)),
        "webhooks": (("delivered", "failed", "retried"), ("endpoint_id", "kind", "http_status_class")),
    }
    every = {name for names, _ in taken.values() for name in names}
    groups = {name for _, names in taken.values() for name in names}

    for endpoint, (metrics, splits) in taken.items():
        for metric in every:
            answer = await world.get(f"/v1/metrics/{endpoint}", metric=metric)
            assert answer.status_code == (200 if metric in metrics else 422), (endpoint, metric)
        for group in groups:
            answer = await world.get(f"/v1/metrics/{endpoint}", metric=metrics[0], group_by=group)
            assert answer.status_code == (200 if group in splits else 422), (endpoint, group)


async def test_of_several_errors_the_first_of_the_documented_order_is_told(world: World) -> None:
    frugal = await world.enroll("frugal", "payg")
    writer = await world.enroll("writer", "payg", (EVENTS_WRITE,))
    wrong: dict[str, Any] = {
        "limit": "0",
        "granularity": "minute",
        "cursor": "x",
        "from_": "2025-01-01T00:00:00Z",
    }
    steps = (
        ("nobody", {"metric": "sent", **wrong}, "UNAUTHORIZED"),
        (writer, {"metric": "sent", **wrong}, "FORBIDDEN"),
        (frugal, {"metric": "sent", **wrong}, "VALIDATION_FAILED"),
        (frugal, {"metric": "sent", **wrong, "limit": "1"}, "GRANULARITY_NOT_AVAILABLE"),
        (world.key, {"metric": "sent", **wrong, "limit": "1"}, "WINDOW_TOO_LARGE"),
        (world.key, {"metric": "sent", "cursor": "x"}, "INVALID_INPUT"),
    )
    for key, params, code in steps:
        _, error = problem(await world.get(URL, key=key, **params))
        assert error["code"] == code


async def test_other_methods_are_refused_with_those_allowed(world: World) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"):
        for url in (URL, "/agentmessage" + URL):
            answer = await world.http.request(method, url)
            wanted = (405, {"code": "METHOD_NOT_ALLOWED", "message": "method not allowed"})
            assert problem(answer) == wanted
            assert answer.headers["allow"] == "GET, HEAD"


async def test_what_is_not_there_is_not_found_in_its_envelope(world: World) -> None:
    for url in (
        "/v1/metrics",
        "/v1/metrics/",
        "/v1/metrics/campaigns",
        "/v1/metrics/messages/",
        "/v1/metrics/messages/sent",
        "/agentmessage",
        "/agentmessage/",
        "/agentmessage/v1/messages",
        "/agentmessage/docs/..%2f..%2fpyproject.toml",
        "/agentmessage/docs/url.json",
    ):
        assert problem(await world.get(url)) == (404, {"code": "NOT_FOUND", "message": "not found"})


async def test_elsewhere_not_found_is_our_own(world: World) -> None:
    answer = await world.get("/v1/metric")

    assert answer.status_code == 404
    assert answer.json()["title"] == "There is nothing at this address."


async def test_a_caller_may_name_the_request(world: World) -> None:
    answer = await world.http.get(URL, headers={"X-Request-Id": "my-own-1"})

    assert answer.json()["error"]["request_id"] == answer.headers["x-request-id"] == "my-own-1"


async def test_a_store_that_is_away_is_unavailable_and_says_nothing_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm = await world.get(URL, metric="sent")  # the key is remembered: only the numbers cannot be read

    away = ConnectionRefusedError("postgresql://user:hunter2@db.internal")

    with monkeypatch.context() as patch, capture_logs():
        reads_fail(patch, away)
        known = await world.get(URL, metric="sent")
        unknown = await world.get(URL, key="am_live_never_seen", metric="sent")
    again = await world.get(URL, metric="sent")

    wanted = (503, {"code": "UNAVAILABLE", "message": "temporarily unavailable"})
    assert problem(known) == problem(unknown) == wanted
    assert known.headers["retry-after"] == "1"
    assert "cache-control" in known.headers
    assert known.headers["cache-control"] == "no-store"
    assert warm.status_code == again.status_code == 200


async def test_what_nobody_foresaw_is_internal_and_says_nothing_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = LookupError("SELECT secret FROM instance")

    # what was not foreseen is raised again once it is answered, for the server to log
    transport = httpx2.ASGITransport(create_app(world.house.gateway), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:
        await world.get(URL, metric="sent")
        with monkeypatch.context() as patch, capture_logs():
            reads_fail(patch, broken)
            below = await http.get(URL, params={"metric": "sent"}, headers=bearer(world.key))
            before = await http.get(URL, headers=bearer("am_live_never_seen"))

    assert problem(below) == problem(before) == (500, {"code": "INTERNAL", "message": "internal error"})


async def test_what_nobody_foresaw_reaches_the_servers_log(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = LookupError("a bug")

    reads_fail(monkeypatch, broken)

    with pytest.raises(LookupError, match="a bug"):
        await world.get(URL, key="am_live_never_seen", metric="sent")
