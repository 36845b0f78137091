"""Records over HTTP."""

from __future__ import annotations

import gzip
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

import orjson

from gateway.unit import work
from models.records import MessageRecord
from resolvers.intake.absorb import absorb
from tests.house import ACME, House, bearer, open_house
from tests.worlds import at, opened

NDJSON = {"Content-Type": "application/x-ndjson"}
SENT = {
    "type": "message",
    "id": "m1",
    "created_at": "2026-05-05T10:00:00Z",
    "sent_at": "2026-05-05T10:00:01Z",
}
DELIVERED = {"type": "event", "message_id": "m1", "event": "delivered", "at": "2026-05-05T10:00:04Z"}
NOON = at("2026-05-05 12:00")
TOTALS = '{ messageBuckets(metric: DELIVERED, window: {days: {first: "2026-05-05", last: "2026-05-05"}}) { total } }'


class Undone(Exception):
    """Nothing of what was done is to stay."""


def ndjson(*records: Any) -> bytes:
    return b"\n".join(map(orjson.dumps, records))


async def test_what_is_acknowledged_is_counted(house: House, key: str) -> None:
    response = await house.client.post(
        "/v1/events", content=ndjson(SENT, DELIVERED), headers={**bearer(key), **NDJSON}
    )
    await house.gateway.worker.refresh()

    assert response.status_code == 200
    assert (response.json()["accepted"], response.json()["changed"]) == (
        2,
        1,
    )  # both records are about one row
    assert (await house.ask(key, TOTALS))["messageBuckets"]["total"] == 1


async def test_a_json_array_and_gzip_are_taken_too(house: House, key: str) -> None:
    packed = gzip.compress(orjson.dumps([SENT, DELIVERED]))

    response = await house.client.post(
        "/v1/events",
        content=packed,
        headers={**bearer(key), "Content-Type": "application/json", "Content-Encoding": "gzip"},
    )

    assert response.json()["accepted"] == 2


async def test_sending_twice_changes_nothing(house: House, key: str) -> None:
    for changed in (1, 0):
        response = await house.client.post(
            "/v1/events", content=ndjson(SENT, DELIVERED), headers={**bearer(key), **NDJSON}
        )
        assert response.json()["changed"] == changed


async def test_a_bad_record_is_named_and_the_good_ones_are_taken(house: House, key: str) -> None:
    body = ndjson(
        SENT, {"type": "event", "message_id": "m1", "event": "sent"}, {"type": "nonsense"}, DELIVERED
    )

    response = await house.client.post("/v1/events", content=body, headers={**bearer(key), **NDJSON})

    told = response.json()
    assert (response.status_code, told["accepted"], told["refused_count"]) == (200, 2, 2)
    assert told["refused"][0] == {"line": 2, "reason": "at: Field required"}
    assert told["refused"][1]["line"] == 3


async def test_an_atomic_batch_is_taken_whole_or_not_at_all(house: House, key: str) -> None:
    body = ndjson(SENT, {"type": "nonsense"})

    refused = await house.client.post(
        "/v1/events", params={"atomic": "true"}, content=body, headers={**bearer(key), **NDJSON}
    )
    taken = await house.client.post("/v1/events", content=ndjson(SENT), headers={**bearer(key), **NDJSON})

    assert refused.status_code == 422
    assert refused.json()["code"] == "NOTHING_ACCEPTED"
    assert taken.json()["changed"] == 1  # the first attempt left nothing behind


async def test_a_tenant_cannot_write_into_another_organization(house: House, key: str) -> None:
    await house.take({"type": "organization", "id": "rival"})
    body = ndjson({**SENT, "organization": "rival"}, {"type": "organization", "id": "new"})

    response = await house.client.post("/v1/events", content=body, headers={**bearer(key), **NDJSON})

    assert response.status_code == 422
    assert "another organization" in response.json()["refused"][0]["reason"]
    assert "operator" in response.json()["refused"][1]["reason"]


UNTAKABLE = (
    (b"{}", {"Content-Type": "application/json"}, 400),
    (b"[1, 2]", {"Content-Type": "application/json"}, 422),
    (b"[", {"Content-Type": "application/json"}, 400),
    (b"a,b", {"Content-Type": "text/csv"}, 415),
    (b"x", {**NDJSON, "Content-Encoding": "br"}, 415),
    (b"x", {**NDJSON, "Content-Encoding": "gzip"}, 400),
    (gzip.compress(b"x" * 100, mtime=0)[:-9], {**NDJSON, "Content-Encoding": "gzip"}, 400),
    (gzip.compress(b" " * 9_000_000, mtime=0), {**NDJSON, "Content-Encoding": "gzip"}, 413),
    (b"\n" * 9_000_000, NDJSON, 413),
    (b"\n" * 60_000, NDJSON, 413),
    (b'{"type":"message","id":"m\\u0000","created_at":"2026-05-05T10:00:00Z"}', NDJSON, 422),
    (b'{"type":"message","id":"m","created_at":"2027-05-05T10:00:00Z"}', NDJSON, 422),
    (b'{"type":"message","id":"m","created_at":"2026-05-05T10:00:00"}', NDJSON, 422),
    (b"[" * 100_000, NDJSON, 422),
    (b"9" * 5_000, NDJSON, 422),
)


async def test_a_body_that_cannot_be_taken_is_a_problem_with_a_reason(house: House, key: str) -> None:
    for content, headers, status in UNTAKABLE:
        response = await house.client.post("/v1/events", content=content, headers={**bearer(key), **headers})

        assert response.status_code == status, (content[:40], response.text)
        assert response.headers["content-type"] == "application/problem+json", content[:40]
        assert response.json()["request_id"] == response.headers["x-request-id"], content[:40]


async def test_a_key_that_may_only_read_cannot_write(house: House) -> None:
    key = await house.key("acme", ["metrics:read"])

    response = await house.client.post("/v1/events", content=ndjson(SENT), headers={**bearer(key), **NDJSON})

    assert response.status_code == 403
    assert response.json()["required_scope"] == "events:write"


async def test_an_empty_batch_is_fine(house: House, key: str) -> None:
    response = await house.client.post("/v1/events", content=b"\n\n", headers={**bearer(key), **NDJSON})

    assert (response.status_code, response.json()["accepted"]) == (200, 0)


async def test_an_organization_keeps_what_a_later_record_does_not_name(house: House) -> None:
    await house.take({"type": "organization", "id": "o", "timezone": "America/New_York", "plan": "growth"})
    await house.take({"type": "organization", "id": "o", "name": "Other"})

    found = await house.organization("o")

    assert (found.name, found.timezone, found.plan) == ("Other", "America/New_York", "growth")


@asynccontextmanager
async def occupied(house: House) -> AsyncGenerator[None]:
    """Somebody else takes records of `acme` in meanwhile, and does not come to an end."""
    organization = await house.organization("acme")
    async with opened(house.gateway.settings.database_url) as store:
        with suppress(Undone):
            async with work(store) as db:
                await absorb(db, organization, [MessageRecord(type="message", id="m0", created_at=NOON)])
                yield
                raise Undone


async def test_a_batch_that_cannot_be_taken_in_time_is_refused_and_can_be_sent_again(store_url: str) -> None:
    async with open_house(store_url, request_timeout_seconds=2) as house:
        await house.take(ACME, count=False)
        headers = {**bearer(await house.key("acme")), **NDJSON}
        async with occupied(house):
            late = await house.client.post("/v1/events", content=ndjson(SENT), headers=headers)
        again = await house.client.post("/v1/events", content=ndjson(SENT), headers=headers)

    assert (late.status_code, late.json()["code"], late.headers["retry-after"]) == (503, "TOOK_TOO_LONG", "1")
    assert "none counts twice" in late.json()["title"]
    assert (again.status_code, again.json()["changed"]) == (200, 1)
