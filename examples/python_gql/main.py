"""gql for Python: queries over HTTP, subscriptions over WebSocket. Needs `gql[requests,websockets]`."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import requests
from gql import Client, gql
from gql.transport.requests import RequestsHTTPTransport
from gql.transport.websockets import WebsocketsTransport

BASE = os.environ.get("HELIOGRAPH_URL", "http://127.0.0.1:8000")
KEY = os.environ.get("HELIOGRAPH_KEY", "hg_live_DEMOseFnTkGh8bPCDAOmuJx4Vjxe84e0z2QZUhx0gbQ")
HEADERS = {"Authorization": f"Bearer {KEY}"}

DELIVERED = gql("""
  query Delivered($channel: String!) {
    messageBuckets(
      metric: DELIVERED
      window: { last: { count: 7, unit: DAY } }
      timezone: "UTC"
      filter: { channel: [$channel] }
    ) {
      total
      buckets { value }
    }
  }
""")

CAMPAIGN_PAGE = gql("""
  query CampaignPage($after: String) {
    campaigns(first: 2, after: $after) {
      edges { node { name } }
      pageInfo { endCursor }
    }
  }
""")

CREATE_EXPORT = gql("mutation { createExport(input: { source: { campaigns: {} } }) { id } }")
EXPORT_UPDATED = gql("subscription ($id: ID!) { exportUpdated(id: $id) { status rows } }")
BUCKETS_CHANGED = gql("""
  subscription {
    bucketsChanged(
      question: { messages: { granularity: HOUR, window: { last: { count: 3, unit: HOUR } } } }
    ) {
      total
      buckets { start state value }
    }
  }
""")


def http() -> Client:
    """A client for what is answered once; it holds each document against our schema before it is sent."""
    return Client(
        transport=RequestsHTTPTransport(f"{BASE}/graphql", headers=HEADERS), fetch_schema_from_transport=True
    )


def socket() -> Client:
    """A client for what is answered again and again; the key goes into its first message."""
    url = f"{BASE}/graphql".replace("http", "ws", 1)
    return Client(
        transport=WebsocketsTransport(url, init_payload=HEADERS, subprotocols=["graphql-transport-ws"])
    )


def delivered(client: Client) -> dict[str, Any]:
    """What was delivered in the last seven days: the total, and the days on which anything was."""
    series = client.execute(DELIVERED, variable_values={"channel": "sms"})["messageBuckets"]
    return {"total": series["total"], "days": [day["value"] for day in series["buckets"] if day["value"]]}


def pages(client: Client) -> list[list[str]]:
    """The names of the newest campaigns, on two pages."""
    found, after = [], None
    for _ in range(2):
        page = client.execute(CAMPAIGN_PAGE, variable_values={"after": after})["campaigns"]
        found.append([edge["node"]["name"] for edge in page["edges"]])
        after = page["pageInfo"]["endCursor"]
    return found


async def exported() -> dict[str, Any]:
    """How an export ended that was followed from its beginning."""
    async with socket() as session:
        made = await session.execute(CREATE_EXPORT)
        last: dict[str, Any] = {}
        async for told in session.subscribe(
            EXPORT_UPDATED, variable_values={"id": made["createExport"]["id"]}
        ):
            last = told["exportUpdated"]
        return last


async def grown() -> dict[str, int]:
    """By how much the messages of a day have grown after one was sent."""
    async with socket() as session:
        before: int | None = None
        async for told in session.subscribe(BUCKETS_CHANGED):
            total = told["bucketsChanged"]["total"] or 0
            if before is None:
                send_message()
            elif total > before:
                return {"grewBy": total - before}
            before = total
    raise EOFError("the subscription ended")


def send_message() -> None:
    """Tell of a message sent just now, as your own systems would."""
    now = datetime.now(UTC).isoformat()
    message = {"type": "message", "id": str(uuid4()), "channel": "chat", "created_at": now, "sent_at": now}
    headers = {**HEADERS, "Content-Type": "application/x-ndjson"}
    requests.post(f"{BASE}/v1/events", json.dumps(message), headers=headers).raise_for_status()


def tell(what: str, value: Any) -> None:
    """Print what was found out, as JSON behind its name."""
    print(what, json.dumps(value, separators=(",", ":")), flush=True)


if __name__ == "__main__":
    client = http()
    tell("query", delivered(client))
    tell("page", pages(client))
    tell("export", asyncio.run(exported()))
    tell("buckets", asyncio.run(grown()))
