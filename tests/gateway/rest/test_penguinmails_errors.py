"""Who may ask PenguinMails' URLs, and how they say no."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.app import create_app
from gateway.rest.penguinmails import PENGUINMAILS
from gateway.rest.penguinmails.answers import Failure
from models.errors import HeliographError
from resolvers.caller import EVENTS_WRITE
from tests.gateway.rest.penguin import (
    COMPARE,
    DELIVERABILITY,
    HEATMAP,
    OVERVIEW,
    READING,
    Penguin,
    mailing,
    opened,
)
from tests.gateway.rest.sender import JWT_SECRET
from tests.house import bearer
from tests.worlds import bounded, reads_fail

CAMPAIGN = "campaigns/cmp_1/analytics"
PAIR = {"campaign_ids": ["cmp_1", "cmp_2"]}
DATE = "must be an ISO 8601 date, such as 2026-05-05 or 2026-05-05T08:00:00Z"
PERIODS = "must be '7d', '30d', '90d' or 'custom'"
RATES = (
    "must be 'delivery_rate', 'open_rate', 'click_rate', 'click_to_open_rate', 'reply_rate', 'bounce_rate', "
    "'spam_rate' or 'unsubscribe_rate'"
)


def told(answer: httpx2.Response) -> tuple[int, str, str]:
    """Status, code and sentence of a refusal."""
    body = answer.json()
    Failure.model_validate(body)
    assert list(body) == ["success", "error", "timestamp"]
    assert list(body["error"]) == ["code", "message", "details", "request_id"]
    assert body["error"]["request_id"] == f"req_{answer.headers['x-request-id']}"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, body["error"]["code"], body["error"]["message"]


async def test_without_a_good_credential_nobody_is_let_in(penguin: Penguin) -> None:
    for headers in (
        {},
        {"Authorization": f"Basic {penguin.key}"},
        bearer("pm_live_unknown"),
        bearer("a.b.c"),
    ):
        for tail in READING:
            answer = await penguin.http.get(penguin.url(tail), headers=headers)
            assert told(answer)[:2] == (401, "AUTHENTICATION_REQUIRED")
            assert answer.headers["www-authenticate"] == "Bearer"
        answer = await penguin.http.post(penguin.url(COMPARE), json=PAIR, headers=headers)
        assert told(answer)[:2] == (401, "AUTHENTICATION_REQUIRED")


async def test_a_key_must_be_allowed_to_read(penguin: Penguin) -> None:
    key = await penguin.house.key(penguin.slug, (EVENTS_WRITE,))

    for answer in (*[await penguin.ask(tail, key) for tail in READING], await penguin.post(PAIR, key)):
        assert told(answer) == (
            403,
            "INSUFFICIENT_PERMISSIONS",
            "This key does not carry the scope 'metrics:read'.",
        )
        assert answer.json()["error"]["details"] == [{"required_scope": "metrics:read"}]


async def test_other_workspaces_do_not_exist(penguin: Penguin) -> None:
    other = await opened(penguin.house)

    for name in (other.workspace, other.slug, "ws_nobody", "%00", "a" * 300):
        for tail in READING:
            answer = await penguin.get(penguin.url(tail, name))
            shown = "\0" if name == "%00" else name[:64]
            assert told(answer) == (404, "RESOURCE_NOT_FOUND", f"Workspace with ID {shown} not found")
    # a workspace is told apart by its own name, not by another vendor's
    await penguin.take({"type": "organization", "id": penguin.slug, "aliases": {"slicktext": "77001"}})
    assert told(await penguin.get(penguin.url(OVERVIEW, "77001")))[0] == 404


async def test_a_token_reads_the_workspaces_it_lists(penguin: Penguin) -> None:
    other = await opened(penguin.house)
    uuid = "5b0c6f1e-8f5e-4f0b-9a57-00000000beef"
    await penguin.take({"type": "organization", "id": penguin.slug, "aliases": {"messagesender": uuid}})
    claims = {"sub": "u", "exp": penguin.house.now + timedelta(hours=1)}
    token = jwt.encode({**claims, "app_metadata": {"organizations": [uuid]}}, JWT_SECRET, "HS256")

    for name in (penguin.workspace, penguin.slug):
        assert (await penguin.get(penguin.url(OVERVIEW, name), token)).status_code == 200
    assert told(await penguin.get(penguin.url(OVERVIEW, other.workspace), token))[0] == 404


async def test_a_campaign_that_is_not_there_is_named_with_its_workspace(penguin: Penguin) -> None:
    other = await opened(penguin.house)
    await penguin.take(mailing("cmp_1"))
    await other.take(mailing("theirs"))

    def sentence(id: str) -> tuple[int, str, str]:
        text = f"Campaign with ID {id} not found in workspace {penguin.workspace}"
        return 404, "CAMPAIGN_NOT_FOUND", text

    for id in ("cmp_abc123", "theirs"):
        for answer in (
            await penguin.ask(f"campaigns/{id}/analytics"),
            await penguin.ask(DELIVERABILITY, campaignId=id),
            await penguin.ask(HEATMAP, campaignId=id),
            await penguin.post({"campaign_ids": ["cmp_1", id]}),
        ):
            assert told(answer) == sentence(id)
    for tail in (DELIVERABILITY, HEATMAP):
        assert told(await penguin.ask(tail, campaignId="")) == sentence("")


async def test_a_domain_that_is_not_there(penguin: Penguin) -> None:
    for id in ("dom_1", ""):
        answer = await penguin.ask(DELIVERABILITY, domainId=id)
        assert told(answer) == (404, "RESOURCE_NOT_FOUND", f"There is no domain '{id}'.")


async def test_what_no_store_can_hold_is_refused(penguin: Penguin) -> None:
    for answer in (
        await penguin.ask("campaigns/a%00b/analytics"),
        await penguin.ask(DELIVERABILITY, campaignId="a\0b"),
        await penguin.ask(DELIVERABILITY, domainId="a\0b"),
        await penguin.ask(HEATMAP, campaignId="a\0b"),
        await penguin.post({"campaign_ids": ["cmp_1", "a\0b"]}),
    ):
        assert told(answer)[:2] == (400, "VALIDATION_ERROR")


REFUSED: tuple[tuple[str, dict[str, str], str, str], ...] = (
    (OVERVIEW, {"timeRange": "14d"}, "timeRange", PERIODS),
    (OVERVIEW, {"timeRange": ""}, "timeRange", PERIODS),
    *(
        (OVERVIEW, {"startDate": text}, "startDate", DATE)
        for text in ("", "soon", "2026-02-30", "05/05/2026")
    ),
    (OVERVIEW, {"endDate": "2100-01-02"}, "endDate", "must lie between 1970-01-08 and 2100-01-01"),
    (CAMPAIGN, {"groupBy": "hour"}, "groupBy", "must be 'day', 'week' or 'month'"),
    (DELIVERABILITY, {"timeRange": "custom"}, "timeRange", "must be '7d', '30d' or '90d'"),
    (HEATMAP, {"timeRange": "7d"}, "timeRange", "must be '30d' or '90d'"),
    (HEATMAP, {"timeRange": "custom"}, "timeRange", "must be '30d' or '90d'"),
)


async def test_every_bad_parameter_is_named_with_its_reason(penguin: Penguin) -> None:
    for tail, params, field, reason in REFUSED:
        answer = await penguin.ask(tail, **params)
        assert (params, *told(answer)) == (params, 400, "VALIDATION_ERROR", f"{field} {reason}")
        assert answer.json()["error"]["details"] == [{"field": field, "message": reason}]
    twice = await penguin.get(f"{penguin.url(OVERVIEW)}?timeRange=7d&timeRange=30d")
    assert told(twice) == (400, "VALIDATION_ERROR", "timeRange must be given once")


async def test_a_zone_that_there_is_not(penguin: Penguin) -> None:
    for name in ("Mars/Phobos", "../UTC", "a\0b"):
        answer = await penguin.ask(HEATMAP, timezone=name)
        assert (name, *told(answer)[:2]) == (name, 400, "VALIDATION_ERROR")


BODIES: tuple[tuple[Any, str, str], ...] = (
    ({}, "MISSING_REQUIRED_FIELD", "campaign_ids is required"),
    ({"campaign_ids": ["cmp_1"]}, "VALIDATION_ERROR", "campaign_ids must have at least 2 items"),
    ({"campaign_ids": list("abcdef")}, "VALIDATION_ERROR", "campaign_ids must have at most 5 items"),
    ({"campaign_ids": "cmp_1"}, "VALIDATION_ERROR", "campaign_ids must be a list"),
    ({"campaign_ids": [1, 2]}, "VALIDATION_ERROR", "campaign_ids must be a text"),
    ({"campaign_ids": ["cmp_1", ""]}, "VALIDATION_ERROR", "campaign_ids must have at least 1 character"),
    ({**PAIR, "metrics": ["health"]}, "VALIDATION_ERROR", f"metrics {RATES}"),
    ({**PAIR, "metrics": []}, "VALIDATION_ERROR", "metrics must have at least 1 item"),
    ({**PAIR, "time_range": 30}, "VALIDATION_ERROR", f"time_range {PERIODS}"),
    ({**PAIR, "start_date": 20260505, "end_date": None}, "VALIDATION_ERROR", f"start_date {DATE}"),
    ([], "VALIDATION_ERROR", "The body must be a JSON object."),
)


async def test_every_bad_body_is_refused_with_its_reason(penguin: Penguin) -> None:
    await penguin.take(mailing("cmp_1"), mailing("cmp_2"))

    for body, code, sentence in BODIES:
        answer = await penguin.post(body)
        assert (body, *told(answer)) == (body, 400, code, sentence)
    for raw, sentence in (
        (b"", "The body must be JSON."),
        (b"{", "The body must be JSON."),
        (b"null", "The body must be a JSON object."),
        (b"[" * 60_000, "The body must be JSON."),
        (b" " * 70_000, "The body is larger than this endpoint takes; send it in smaller parts."),
    ):
        answer = await penguin.http.post(penguin.url(COMPARE), content=raw, headers=bearer(penguin.key))
        assert told(answer) == (400, "VALIDATION_ERROR", sentence)
    same = await penguin.post({"campaign_ids": ["cmp_1", "cmp_1"]})
    assert told(same) == (400, "VALIDATION_ERROR", "Between 2 and 20 different campaigns can be compared.")


async def test_what_is_not_there_is_not_found_in_its_words(penguin: Penguin) -> None:
    for url in (
        *("/penguinmails", "/penguinmails/", "/penguinmails/v1/metrics/messages", "/api/v1/tenant/campaigns"),
        *(
            "/api/v1/workspaces",
            penguin.url(""),
            penguin.url("analytics"),
            penguin.url("analytics/overview/"),
        ),
        *(penguin.url("campaigns//analytics"), penguin.url("campaigns/a/b/analytics")),
    ):
        answer = await penguin.get(url)
        assert (url, *told(answer)) == (url, 404, "RESOURCE_NOT_FOUND", "There is no such thing here.")


async def test_other_methods_are_refused_with_those_allowed(penguin: Penguin) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        for tail in READING:
            answer = await penguin.http.request(method, penguin.url(tail))
            assert told(answer) == (405, "METHOD_NOT_ALLOWED", "This address does not take that method.")
            assert answer.headers["allow"] == "GET, HEAD"
    for method in ("GET", "PUT", "DELETE"):
        answer = await penguin.http.request(method, penguin.url(COMPARE))
        assert (told(answer)[0], answer.headers["allow"]) == (405, "POST")


async def test_of_several_errors_the_first_is_told(penguin: Penguin) -> None:
    other = await opened(penguin.house)
    writer = await penguin.house.key(penguin.slug, (EVENTS_WRITE,))
    steps = (
        ("nobody", other.workspace, 401),
        (writer, other.workspace, 404),
        (writer, penguin.workspace, 403),
        (penguin.key, penguin.workspace, 400),
    )
    for key, workspace, status in steps:
        answer = await penguin.get(f"{penguin.url(DELIVERABILITY, workspace)}?timeRange=x&domainId=x", key)
        assert told(answer)[0] == status


async def test_what_nobody_foresaw_says_nothing_more(
    penguin: Penguin, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = LookupError("SELECT secret FROM instance")

    away = ConnectionRefusedError("postgresql://user:hunter2@db.internal")

    await penguin.take(mailing("cmp_1"), mailing("cmp_2"))
    transport = httpx2.ASGITransport(create_app(penguin.house.gateway), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:

        async def ask(tail: str) -> httpx2.Response:
            body = PAIR if tail == COMPARE else None
            method = "GET" if body is None else "POST"
            return await http.request(method, penguin.url(tail), json=body, headers=bearer(penguin.key))

        for tail in (*READING, COMPARE):
            assert (await ask(tail)).status_code == 200
            with monkeypatch.context() as patch, capture_logs():
                reads_fail(patch, broken)
                internal = await ask(tail)
                reads_fail(patch, away)
                absent = await ask(tail)

            assert told(internal) == (500, "INTERNAL_SERVER_ERROR", HeliographError().message)
            assert told(absent)[:2] == (503, "SERVICE_UNAVAILABLE")
            assert absent.headers["retry-after"] == "1"


def test_every_error_of_ours_has_a_place_in_theirs() -> None:
    kinds = {type(error) for error in PENGUINMAILS.refusals}
    for error in PENGUINMAILS.refusals:
        refusal = PENGUINMAILS.envelope(error, "01JTBQH2FZ8K1RXC0WJ4Z9P3VM")
        assert Failure.model_validate(refusal.body).error.code.isupper()
        assert refusal.body["timestamp"] == "2025-05-03T18:46:21Z"  # the id begins with its moment
    assert HeliographError in kinds


NAMES = st.sampled_from(
    ["timeRange", "startDate", "end_date", "groupBy", "campaignId", "domainId", "timezone"]
)
CLOSE = st.sampled_from(
    ["7d", "30d", "custom", "week", "", "null", "\0", "2026-05-05", "1970-01-08", "2100-01-01"]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MOMENTS = st.datetimes().map(lambda moment: moment.isoformat()) | st.dates().map(str)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | CLOSE
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(["campaign_ids", "metrics", "time_range", "startDate", "end_date", "other"])
MINUTE = timedelta(seconds=61)  # so that nobody asks too often


@bounded(20)
@given(st.sampled_from(READING), st.lists(st.tuples(NAMES, CLOSE | MOMENTS | TEXTS), max_size=4))
async def test_nothing_a_caller_sends_breaks_it(
    penguin: Penguin, tail: str, drawn: list[tuple[str, str]]
) -> None:
    params: Any = drawn
    penguin.house.now += MINUTE

    answer = await penguin.http.get(penguin.url(tail), params=params, headers=bearer(penguin.key))

    assert answer.status_code in (200, 400, 404), answer.text
    if answer.status_code != 200:
        told(answer)


@bounded(20)
@given(st.dictionaries(FIELDS, JSON, max_size=4), st.booleans())
async def test_no_body_breaks_it(penguin: Penguin, body: dict[str, Any], named: bool) -> None:
    penguin.house.now += MINUTE

    answer = await penguin.post({**body, **PAIR} if named else body)

    assert answer.status_code in (400, 404), answer.text
    told(answer)
