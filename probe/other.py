"""What neither OpenAPI nor the schema lists: headers, parameters, cursors, ETags, exports and WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson
from websockets.asyncio.client import connect

from probe.asking import Asker
from probe.rest import everything_plain
from probe.tenants import OTHER, UNKNOWN
from probe.tries import Ask, Try, twins

HEADERS = (
    *("X-Organization-Id", "X-Organization-ID", "X-Tenant-Id", "X-Tenant", "X-Workspace-Id", "X-Brand-Id"),
    *("X-Account-Id", "X-User-Id", "X-Forwarded-User", "X-Original-URL", "X-Forwarded-Host"),
)
PARAMETERS = (
    *(
        "organization",
        "organization_id",
        "organizationId",
        "org",
        "org_id",
        "tenant",
        "tenant_id",
        "tenantId",
    ),
    *("workspace", "workspace_id", "workspaceId", "brand_id", "account", "owner", "user_id"),
)
PAGE = (
    "query ($after: String) "
    "{ campaigns(first: 1, after: $after) { edges { node { name } } pageInfo { endCursor } } }"
)
EXPORT = "mutation { createExport(input: {source: {campaigns: {}}, format: CSV}) { id externalId } }"
STATE = "query ($id: ID!) { export(id: $id) { status downloadUrl } }"
EVERYTHING = Ask(
    "POST", "/graphql", body={"query": "{ organization { name } campaigns { edges { node { name } } } }"}
)


def as_another() -> list[Try]:
    """Headers and parameters by which others would let a caller say that it is somebody else."""
    asks = [EVERYTHING, *everything_plain()]
    found = []
    for ask in asks:
        for name in HEADERS:
            pair = (replace(ask, headers={name: tenant.alias}) for tenant in (OTHER, UNKNOWN))
            found.append(twins("headers", *pair, ([OTHER.alias], [UNKNOWN.alias])))
        for name in PARAMETERS:
            pair = (replace(ask, params=(*ask.params, (name, tenant.alias))) for tenant in (OTHER, UNKNOWN))
            found.append(twins("parameters", *pair, ([OTHER.alias], [UNKNOWN.alias])))
    return found


async def handed_over(own: Asker, other: Asker) -> AsyncIterator[Try]:
    """What the other has been given, in our hands: cursors, exports, links."""
    page = (await other.data(PAGE))["campaigns"]["pageInfo"]["endCursor"]
    broken = page[:-4] + "AAAA"
    asks = (
        Ask("POST", "/graphql", body={"query": PAGE, "variables": {"after": one}}) for one in (page, broken)
    )
    yield twins("cursors", *asks, ([page], [broken]))
    export = await _made(other)
    for id in (export["id"], export["externalId"]):
        unknown = id[:-4] + "0000"
        asks = (
            Ask("POST", "/graphql", body={"query": STATE, "variables": {"id": one}}) for one in (id, unknown)
        )
        yield twins("exports", *asks, ([id, export["externalId"]], [unknown, unknown.rpartition(":")[2]]))
    link = export["downloadUrl"].partition("/exports/")[2]
    mine = (await _made(own))["downloadUrl"].partition("/exports/")[2]
    await own.own("links", Ask("GET", f"/exports/{mine}"))
    (name, _, query), (my_name, _, my_query) = link.partition("?"), mine.partition("?")
    claim, signature = query.partition("&signature=")[0], my_query.partition("&signature=")[2]
    for path in (
        f"{name}?{claim}",
        f"{name}?{claim}&signature={signature}",
        f"{name}?{my_query}",
        f"{name}",
        f"{my_name}?{query}",
        f"..%2f{name}?{my_query}",
        f"{name}x?{query}",
    ):
        yield Try("links", Ask("GET", f"/exports/{path}"))


async def _made(asker: Asker) -> dict[str, Any]:
    export = (await asker.data(EXPORT))["createExport"]
    for _ in range(600):
        state = (await asker.data(STATE, id=export["id"]))["export"]
        if state["status"] == "COMPLETED":
            return {**export, **state}
        await asyncio.sleep(0.1)
    raise RuntimeError("an export was not made within a minute")


async def tags(own: Asker, other: Asker) -> AsyncIterator[tuple[Ask, bool]]:
    """Every URL with the ETag that the other was given for it; whether we were told 'not modified'."""
    read = Ask("GET", "/graphql", (("query", EVERYTHING.body["query"]),))
    for ask, theirs in zip([read, *everything_plain()], [read, *everything_plain(OTHER)], strict=True):
        if ask.method == "GET" and (tag := await other.tag(theirs)) is not None:
            mine = await own.tag(ask)
            own.found.owned["ETags"] += await _is_held(own, ask, mine or "")
            yield ask, await _is_held(own, ask, tag)


async def _is_held(asker: Asker, ask: Ask, tag: str) -> bool:
    return (await asker.answer(replace(ask, headers={"If-None-Match": tag}))).status == 304


async def heard(url: str, key: str, query: str, variables: dict[str, Any]) -> str:
    """Everything that a subscription is told within a second."""
    said: list[str] = []
    async with connect(f"{url}/graphql", subprotocols=["graphql-transport-ws"]) as socket:  # ty: ignore[invalid-argument-type]
        await socket.send(
            orjson.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {key}"}}).decode()
        )
        await socket.recv()
        asked = {"query": query, "variables": variables}
        await socket.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": asked}).decode())
        try:
            async with asyncio.timeout(1):
                async for part in socket:
                    said.append(str(part))
        except TimeoutError:
            pass
    return "".join(said)
