"""What stands on every answer, whatever it is about: its request id, and what browsers may do with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from gateway.graphql.requests import MAX_BODY
from gateway.headers import PAGE_POLICY
from gateway.rest import VENDORS
from tests.gateway.graphql.wire import listening
from tests.house import ACME, House, bearer, message, open_house
from tests.worlds import PATIENCE_S

ID = "of-the-caller_1"
PAGES = ("/graphql", *(f"/{vendor.name}/docs/" for vendor in VENDORS))


async def broken(_: Request) -> Response:
    raise LookupError("a secret of ours")


@asynccontextmanager
async def asking(sqlite_store_url: str) -> AsyncGenerator[tuple[House, httpx2.AsyncClient, dict[str, str]]]:
    """A house with one route that breaks, a client that bears it, and the headers of a key."""
    async with open_house(sqlite_store_url, max_body_bytes=2_000) as house:
        await house.take(ACME, message("a", "2026-05-05T10:00:00Z"))
        transport: Any = house.client._transport
        transport.app.router.routes.append(Route("/broken", broken))
        quiet = httpx2.ASGITransport(transport.app, raise_app_exceptions=False)
        key = bearer(await house.key("acme"))
        async with httpx2.AsyncClient(transport=quiet, base_url="http://gateway") as client:
            yield house, client, key


def ids_in(body: Any) -> set[str]:
    """Every request id that an answer tells, however its vendor spells it."""
    if isinstance(body, dict):
        told = {value for name, value in body.items() if name in ("request_id", "requestId") and value}
        return told.union(*map(ids_in, body.values()))
    return set().union(*map(ids_in, body)) if isinstance(body, list) else set()


async def test_every_answer_has_its_id_and_is_taken_for_what_it_is(sqlite_store_url: str) -> None:
    big = b"x" * 3_000
    asked: list[tuple[int, bool, str, str, dict[str, Any]]] = [
        # status, whether the body tells the id as well, method, path
        (200, False, "GET", "/healthz", {}),
        (200, False, "GET", "/metrics", {}),
        (307, False, "GET", "/", {}),
        (404, True, "GET", "/nowhere", {}),
        (405, True, "DELETE", "/v1/events", {}),
        (401, True, "POST", "/v1/events", {}),
        (413, True, "POST", "/v1/events", {"content": big}),
        (415, True, "POST", "/v1/events", {"content": b"a"}),
        (500, True, "GET", "/broken", {}),
        (404, True, "GET", "/exports/exp_1.csv", {}),
        (404, False, "GET", "/static/none.js", {}),
        (200, False, "GET", "/static/icon.svg", {}),
        (200, False, "GET", "/graphql", {"headers": {"Accept": "text/html"}}),
        (
            401,
            True,
            "POST",
            "/graphql",
            {"json": {"query": "{ organization { slug } }"}, "headers": {"Authorization": ""}},
        ),
        (400, True, "POST", "/graphql", {"content": b"{", "headers": {"Content-Type": "application/json"}}),
        (
            413,
            True,
            "POST",
            "/graphql",
            {"content": b" " * (MAX_BODY + 1), "headers": {"Content-Type": "application/json"}},
        ),
        (200, False, "POST", "/graphql", {"json": {"query": "{ organization { slug } }"}}),
        (
            200,
            True,
            "POST",
            "/graphql",
            {"json": {"query": '{ campaign(id: "none") { name } organization(x: 1) }'}},
        ),
        (401, True, "GET", "/v1/metrics/messages", {"headers": {"Authorization": ""}}),
        (422, True, "GET", "/v1/metrics/messages?metric=none", {}),
        *((200, False, "GET", f"/{vendor.name}/openapi.json", {}) for vendor in VENDORS),
        *((200, False, "GET", f"/{vendor.name}/docs/", {}) for vendor in VENDORS),
    ]
    async with asking(sqlite_store_url) as (_, client, key):
        for status, tells, method, path, more in asked:
            headers: Any = {**({} if "events" in path and status == 401 else key), "X-Request-Id": ID}
            headers |= more.get("headers", {})
            rest: Any = {name: value for name, value in more.items() if name != "headers"}
            response = await client.request(method, path, headers=headers, **rest)
            what = f"{method} {path}: {response.status_code} {response.text[:200]}"
            assert response.status_code == status, what
            assert response.headers.get_list("x-request-id") == [ID], what
            assert response.headers.get_list("x-content-type-options") == ["nosniff"], what
            assert response.headers.get_list("referrer-policy") == ["no-referrer"], what
            assert "secret of ours" not in response.text
            if tells:
                assert ids_in(response.json()) == {ID}, what


async def test_pages_may_load_from_us_alone_and_nobody_may_frame_them(sqlite_store_url: str) -> None:
    async with asking(sqlite_store_url) as (_, client, __):
        for path in PAGES:
            response = await client.get(path, headers={"Accept": "text/html"})
            assert response.headers["content-security-policy"] == PAGE_POLICY
            assert (
                "http://" not in response.text.replace("http://www.w3.org", "")
                and "https://" not in response.text
            )


async def test_a_connection_has_its_id_from_the_handshake_to_its_errors(sqlite_store_url: str) -> None:
    async with asking(sqlite_store_url) as (house, _, key), listening(house) as address:
        spoken = [Subprotocol("graphql-transport-ws")]
        where = f"ws://{address}/graphql"
        async with connect(where, subprotocols=spoken, additional_headers={"X-Request-Id": ID}) as connection:
            assert connection.response is not None
            shown = connection.response.headers["x-request-id"]
            await connection.send(orjson.dumps({"type": "connection_init", "payload": key}).decode())
            await connection.recv()
            asked = {"type": "subscribe", "id": "1", "payload": {"query": "{ nothing }"}}
            await connection.send(orjson.dumps(asked).decode())
            async with asyncio.timeout(PATIENCE_S):
                told = orjson.loads(await connection.recv())

    assert (shown, told["type"], ids_in(told)) == (ID, "error", {ID})


NOT_SANE = ("", "a b", "a" * 65, "ü", "a\tb", "<script>", "a,b", "../x", "{}")


async def test_an_id_that_is_not_sane_is_replaced(sqlite_store_url: str) -> None:
    async with asking(sqlite_store_url) as (_, client, __):
        for given in NOT_SANE:
            response = await client.get("/nowhere", headers=[(b"X-Request-Id", given.encode())])

            [id] = ids_in(response.json())
            assert id != given and len(id) == 26, given
            assert response.headers["x-request-id"] == id, given
