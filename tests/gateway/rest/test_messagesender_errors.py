"""Who may ask MessageSender's URLs, and how it says no."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.app import create_app
from gateway.rest.messagesender.answers import Failure
from resolvers.caller import EVENTS_WRITE
from tests.gateway.rest.sender import (
    EXPORT,
    JWT_SECRET,
    OVERVIEW,
    STATUS,
    TOP,
    TRENDS,
    URLS,
    Sender,
    delivered,
    enrolled,
)
from tests.house import bearer
from tests.worlds import bounded, reads_fail

NO_KEY = "No valid API key came with the request; send 'Authorization: Bearer <key>'."
NO_TOKEN = "The token has expired or is not one that is taken here."
NO_UUID = "The header x-organization-id must name the organization by its UUID."
NO_MEMBER = "That organization is not one of yours."
DATE = "must be an ISO 8601 date, such as 2026-05-05 or 2026-05-05T08:00:00Z"
REACH = "must lie between 1970-01-08 and 2100-01-01"


def told(answer: httpx2.Response) -> tuple[int, str]:
    """Status and sentence of a refusal."""
    body = answer.json()
    Failure.model_validate(body)
    assert list(body) == ["error", "statusCode"]
    assert body["statusCode"] == answer.status_code
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, body["error"]


def token(sender: Sender, *organizations: str, secret: str = JWT_SECRET, **claims: Any) -> str:
    """A token as Supabase would sign it, for the organization or for others; good for an hour."""
    listed = list(organizations) or [sender.uuid]
    expires = sender.house.now + timedelta(hours=1)
    payload = {"sub": "user-1", "exp": expires, "app_metadata": {"organizations": listed}, **claims}
    return jwt.encode(payload, secret, "HS256")


async def test_a_token_reads_all_seven_urls(sender: Sender) -> None:
    await sender.take(delivered("m1", "2026-05-05T10:00:00Z"))
    await sender.count_until("2026-05-06T00:00:00Z")
    other = await enrolled(sender.house)
    both = token(sender, other.uuid, sender.uuid)

    for url in URLS:
        by_key, by_token = await sender.get(url), await sender.get(url, token(sender))
        assert (by_key.status_code, by_key.content) == (200, by_token.content), url
    # one token may list several organizations; the header says which is meant
    for one, count in ((sender, 1), (other, 0)):
        answer = await one.get(OVERVIEW, both)
        assert answer.json()["messages"]["total"] == count


async def test_without_a_good_credential_nobody_is_let_in(sender: Sender) -> None:
    hour = timedelta(hours=1)
    tokens = (
        token(sender, exp=sender.house.now - hour),
        token(sender, nbf=sender.house.now + hour),
        token(sender, secret="another-secret-that-is-long-enough-to-sign"),
        jwt.encode({"sub": "user-1", "app_metadata": {"organizations": [sender.uuid]}}, JWT_SECRET, "HS256"),
        jwt.encode({"sub": "user-1", "exp": sender.house.now + hour}, "", "none"),
        token(sender)[:-2],
        "a.b.c",
    )
    headers: tuple[Mapping[str, str], ...] = (
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {sender.key}"},
        {"X-API-Key": sender.key},
        bearer("hg_live_unknown"),
    )

    for one in headers:
        answer = await sender.http.get(OVERVIEW, headers={"x-organization-id": sender.uuid, **one})
        assert told(answer) == (401, NO_KEY)
        assert answer.headers["www-authenticate"] == "Bearer"
    for one in tokens:
        answer = await sender.get(OVERVIEW, one)
        assert told(answer) == (401, NO_TOKEN)
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_ends_when_its_time_is_over(sender: Sender) -> None:
    one = token(sender)
    assert (await sender.get(OVERVIEW, one)).status_code == 200

    sender.house.now += timedelta(hours=2)

    assert told(await sender.get(OVERVIEW, one)) == (401, NO_TOKEN)


async def test_the_organization_must_be_named_by_its_uuid(sender: Sender) -> None:
    for credential in (sender.key, token(sender)):
        missing = await sender.http.get(OVERVIEW, headers=bearer(credential))
        assert told(missing) == (400, NO_UUID)
        for name in (
            "",
            sender.slug,
            sender.uuid[:-1],
            sender.uuid + "0",
            f"{{{sender.uuid}}}",
            sender.uuid.replace("-", ""),
        ):
            headers = {**bearer(credential), "x-organization-id": name}
            assert told(await sender.http.get(OVERVIEW, headers=headers)) == (400, NO_UUID)


async def test_a_uuid_is_the_same_in_any_case_wherever_it_stands(sender: Sender) -> None:
    loud, shouted = sender.uuid.upper(), f" {sender.uuid.upper()} "
    await sender.take(
        {"type": "organization", "id": sender.slug, "aliases": {"messagesender": loud}},  # told once more
        delivered("m1", "2026-05-05T10:00:00Z"),
    )
    await sender.count_until("2026-05-06T00:00:00Z")

    for credential in (sender.key, token(sender), token(sender, loud)):
        for name, spelled in (("X-Organization-ID", shouted), ("x-organization-id", sender.uuid)):
            headers = {name: spelled, **bearer(credential)}
            told = await sender.http.get(OVERVIEW, headers=headers)
            assert (told.status_code, told.json()["messages"]["total"]) == (200, 1)
            # it is answered as it was asked
            status = await sender.http.get(STATUS, headers=headers)
            assert status.json()["organization_id"] == spelled.strip()
    asked = {"query": "{ organization { slug } }"}
    headers = {"X-Organization-Id": loud, **bearer(token(sender))}
    answer = await sender.http.post("/graphql", json=asked, headers=headers)
    assert answer.json()["data"]["organization"]["slug"] == sender.slug


async def test_only_ones_own_organization_is_open(sender: Sender) -> None:
    other = await enrolled(sender.house)
    stranger = str(UUID(int=7))

    for uuid in (other.uuid, stranger):
        for credential in (
            sender.key,
            token(sender),
            token(sender, stranger),
            token(sender, app_metadata={}),
        ):
            headers = {**bearer(credential), "x-organization-id": uuid}
            answer = await sender.http.get(OVERVIEW, headers=headers)
            assert told(answer) == (403, NO_MEMBER)  # whether it exists or not
    # an organization that MessageSender has no name for cannot be named
    await sender.take({"type": "organization", "id": "nameless"})
    key = await sender.house.key("nameless")
    assert told(await sender.get(OVERVIEW, key)) == (403, NO_MEMBER)


async def test_a_key_must_be_allowed_to_read(sender: Sender) -> None:
    key = await sender.house.key(sender.slug, (EVENTS_WRITE,))

    for url in URLS:
        assert told(await sender.get(url, key))[0] == 403


async def test_of_several_errors_the_first_is_told(sender: Sender) -> None:
    other = await enrolled(sender.house)
    writer = await sender.house.key(sender.slug, (EVENTS_WRITE,))
    steps = (
        ("nobody", "x", 401),
        (sender.key, "x", 400),
        (sender.key, other.uuid, 403),
        (writer, sender.uuid, 403),
        (sender.key, sender.uuid, 400),
    )
    for key, name, status in steps:
        headers = {**bearer(key), "x-organization-id": name}
        answer = await sender.http.get(f"{TRENDS}?metric=x", headers=headers)
        assert told(answer)[0] == status


REFUSED: tuple[tuple[str, str], ...] = (
    *(
        (f"{OVERVIEW}?startDate={text}", f"startDate {DATE}.")
        for text in (
            *("", "today", "2026-5-5", "20260505", "2026-02-30", "05/05/2026", "1777939200", "2026-W19"),
            *(
                "2026-05-05 08:00:00",
                "2026-05-05T08:00",
                "2026-05-05T24:00:00Z",
                "2026-05-05T08:00:00%2B25:00",
            ),
            *("٢٠٢٦-05-05", "2026-05-05%00", "%202026-05-05", "9" * 4000, "0001-01-01T00:00:00%2B01:00"),
        )
    ),
    (f"{OVERVIEW}?endDate=1970-01-07", f"endDate {REACH}."),
    (f"{OVERVIEW}?endDate=2100-01-02", f"endDate {REACH}."),
    (f"{OVERVIEW}?startDate=x&endDate=y", f"startDate {DATE}; endDate {DATE}."),
    (f"{OVERVIEW}?startDate=2026-05-01&startDate=2026-05-02", "startDate must be given once."),
    (f"{OVERVIEW}?startDate=2026-05-06&endDate=2026-05-05", "startDate must not be later than endDate."),
    (f"{OVERVIEW}?startDate=2030-01-01", "startDate must not be later than endDate."),  # later than now
    *(
        (f"{TRENDS}?metric={text}", "metric must be 'messages' or 'campaigns'.")
        for text in ("", "x", "Messages")
    ),
    *((f"{EXPORT}?type={text}", "type must be 'campaigns'.") for text in ("", "messages", "CAMPAIGNS")),
    *(
        (f"{TOP}?limit={text}", "limit must be a whole number.")
        for text in ("", "ten", "1.5", "1e3", "%2B5", "٥")
    ),
)


async def test_every_bad_parameter_is_named_with_its_reason(sender: Sender) -> None:
    for url, sentence in REFUSED:
        answer = await sender.http.get(url, headers=sender.headers())
        assert (url, *told(answer)) == (url, 400, sentence)


async def test_more_days_than_an_answer_carries_are_refused(sender: Sender) -> None:
    ages = {"startDate": "1970-01-08", "endDate": "2100-01-01"}

    for metric in ("messages", "campaigns"):
        status, sentence = told(await sender.get(TRENDS, metric=metric, **ages))
        assert status == 400
        assert "The window holds" in sentence
    assert (await sender.get(OVERVIEW, **ages)).status_code == 200


async def test_what_is_not_there_is_not_found_in_its_words(sender: Sender) -> None:
    for url in (
        *(
            "/messagesender",
            "/messagesender/",
            "/messagesender/api/analytics",
            "/messagesender/api/campaigns",
        ),
        *("/messagesender/api/analytics/overview/", "/messagesender/v1/metrics/messages"),
        *("/api/billing", "/api/billing/usage", "/api/credits/balance/x"),
    ):
        assert told(await sender.get(url)) == (404, "There is no such thing here.")
    # others answer below /api/analytics too: what is not there is nobody's
    answer = await sender.get("/api/analytics/nothing")
    assert (answer.status_code, answer.json()["title"]) == (404, "There is nothing at this address.")


async def test_other_methods_are_refused_with_those_allowed(sender: Sender) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        for url in (OVERVIEW, EXPORT, f"/messagesender{OVERVIEW}"):
            answer = await sender.http.request(method, url)
            assert told(answer) == (405, "This address does not take that method.")
            assert answer.headers["allow"] == "GET, HEAD"


async def test_what_nobody_foresaw_says_nothing_more(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = LookupError("SELECT secret FROM instance")

    away = ConnectionRefusedError("postgresql://user:hunter2@db.internal")

    transport = httpx2.ASGITransport(create_app(sender.house.gateway), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:
        for url in URLS:
            assert (await http.get(url, headers=sender.headers())).status_code == 200
            with monkeypatch.context() as patch, capture_logs():
                reads_fail(patch, broken)
                internal = await http.get(url, headers=sender.headers())
                reads_fail(patch, away)
                absent = await http.get(url, headers=sender.headers())

            assert told(internal) == (
                500,
                "Something went wrong on our side; it is logged under the request id.",
            )
            assert told(absent) == (503, "The store does not answer right now; try again in a moment.")
            assert absent.headers["retry-after"] == "1"


NAMES = st.sampled_from(["startDate", "endDate", "metric", "limit", "type", "other"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
CLOSE = st.sampled_from(
    ["messages", "campaigns", "1", "-1", "", "null", "\0", "2026-05-05", "1970-01-08", "2100-01-01"]
)
MOMENTS = st.datetimes().map(lambda moment: moment.isoformat()) | st.dates().map(str)


@bounded(20)
@given(st.sampled_from(URLS), st.lists(st.tuples(NAMES, CLOSE | MOMENTS | TEXTS), max_size=4))
async def test_nothing_a_caller_sends_breaks_it(
    sender: Sender, url: str, drawn: list[tuple[str, str]]
) -> None:
    params: Any = drawn

    answer = await sender.http.get(url, params=params, headers=sender.headers())

    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 400:
        told(answer)
