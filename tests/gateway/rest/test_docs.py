"""The examples in docs/vendors are what the gateway really answers, and their twins really their twins."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gateway.rest.messagesender import MESSAGESENDER
from tests.gateway.rest.sender import EXPORT, URLS, Sender, campaign, contact, delivered, failed
from tests.gateway.rest.world import World, attempt, received, sent

DOCS = Path(__file__).parents[3] / "docs" / "vendors"
EXAMPLE = re.compile(
    r"```sh\ncurl [^\n]*\$URL(?P<url>/[^\"]*)\"\n```\s+```(?:json|csv)\n(?P<answer>.*?)```"
    r"(?:\s+Its GraphQL twin:\s+```graphql\n(?P<document>.*?)```(?:\s+```json\n(?P<variables>.*?)```)?)?",
    re.DOTALL,
)


async def evening(world: World) -> None:
    """The hours before midnight on 2026-05-05, as the docs tell of them."""
    hour = "2026-05-05T{}:00Z".format
    await world.take(
        *(sent(f"s{i}", hour(f"20:{i:02}"), cost_micros=7900) for i in range(12)),
        *(sent(f"m{i}", hour(f"20:3{i}"), channel="mms", cost_micros=21_000) for i in range(2)),
        *(sent(f"l{i}", hour(f"21:{i:02}"), cost_micros=7900) for i in range(9)),
        sent("n1", hour("23:10"), cost_micros=7900),
        *(received(f"i{i}", hour(f"21:{i:02}")) for i in range(3)),
        received("j1", hour("21:40"), channel="mms"),
        *(attempt(f"a{i}", hour(f"20:0{i}"), "retry", http_status=503) for i in range(2)),
        attempt("b1", hour("22:15"), "retry", http_status=503),
        attempt("b2", hour("22:20"), "retry", http_status=0),
    )
    await world.count_until("2026-05-05T23:59:43Z")


async def first_days_of_may(sender: Sender) -> None:
    """The days before 2026-05-06 of a small organization in New York, as the docs tell of them."""
    blast, reminder = "b2c3d4e5-f6a7-8901-bcde-f23456789012", "c3d4e5f6-a7b8-4012-8def-345678901234"
    told = {"type": "organization", "id": sender.slug, "timezone": "America/New_York"}
    april, may, june = "2026-04-20T00:00:00Z", "2026-05-01T04:00:00Z", "2026-06-01T04:00:00Z"
    monday, tuesday = "2026-05-04T13:05:{:02}Z".format, "2026-05-05T14:10:{:02}Z".format
    await sender.take(
        told,
        campaign(
            blast,
            "2026-05-04T13:00:00Z",
            name="April Fundraiser Blast",
            audience_size=24,
            completed_at="2026-05-04T13:20:00Z",
        ),
        campaign(
            reminder,
            "2026-05-05T14:00:00Z",
            name="Volunteers, Saturday",
            audience_size=10,
            completed_at="2026-05-05T14:15:00Z",
        ),
        campaign("gala", "2026-05-05T16:00:00Z", "scheduled", name="Gala Invitation", audience_size=40),
        *(delivered(f"b{i}", monday(i), campaign_id=blast) for i in range(22)),
        sent("b22", monday(22), campaign_id=blast),
        failed("b23", monday(23), campaign_id=blast),
        *(delivered(f"r{i}", tuesday(i), campaign_id=reminder) for i in range(10)),
        *(delivered(f"s{i}", f"2026-05-05T17:3{i}:00Z") for i in range(5)),
        failed("s5", "2026-05-05T17:35:00Z"),
        *(contact(f"p{i}", is_textable=i > 0, is_opted_in=i < 10) for i in range(12)),
        {
            "type": "billing_account",
            "id": "acct_1",
            "brand": "amplifi",
            "pricing_model": "full_service",
            "customer_portal_url": "https://billing.example/portal",
            "updated_at": april,
        },
        {
            "type": "subscription",
            "id": "sub_abc123",
            "plan_type": "full_service",
            "paid_through": "2026-05-31",
            "current_period_end": june,
            "next_billing_date": "2026-06-01",
            "provider": "amplifi",
            "updated_at": april,
        },
        {
            "type": "credit_product",
            "id": "prod_xyz789",
            "name": "10,000 Credits",
            "credits": 10_000,
            "price_cents": 4_900,
            "updated_at": april,
        },
        {"type": "credit_entry", "id": "pur_1", "kind": "purchase", "credits": 24_500, "at": april},
        {
            "type": "credit_entry",
            "id": "grant_1",
            "kind": "grant",
            "credits": 10_000,
            "at": may,
            "expires_at": june,
        },
    )
    await sender.count_until("2026-05-06T00:00:00Z")


async def test_agentmessages_examples_are_real(world: World) -> None:
    await evening(world)

    examples = await _checked(world, "agentmessage")

    assert [bool(example["document"]) for example in examples] == [True, False, True, True, False]


async def test_messagesenders_examples_are_real(sender: Sender) -> None:
    await first_days_of_may(sender)

    examples = await _checked(sender, "messagesender")

    assert {example["url"].partition("?")[0] for example in examples if example["document"]} == set(URLS)


async def test_the_examples_of_graphql_run(world: World) -> None:
    page = (DOCS.parent / "graphql.md").read_text(encoding="utf-8")
    documents = re.findall(r"```graphql\n(.*?)```", page, re.DOTALL)

    for document in documents:
        assert await world.graphql(document)
    assert len(documents) == 7


def test_messagesenders_docs_name_every_option_and_url() -> None:
    docs = (DOCS / "messagesender.md").read_text(encoding="utf-8")

    for endpoint in MESSAGESENDER.endpoints:
        assert f"GET {endpoint.path}`" in docs
    for name in MESSAGESENDER.options:
        assert f"`{MESSAGESENDER.name}.{name}`" in docs


async def _checked(world: World, vendor: str) -> list[re.Match[str]]:
    """The examples of a vendor's page, each held against what the world answers."""
    examples = list(EXAMPLE.finditer((DOCS / f"{vendor}.md").read_text(encoding="utf-8")))
    for example in examples:
        answer = await world.get(example["url"])
        if EXPORT in example["url"]:
            assert answer.text.splitlines() == example["answer"].splitlines()
        else:
            assert _same(answer.json()) == _same(json.loads(example["answer"])), example["url"]
        if example["document"]:
            link = parse_qs(urlsplit(answer.headers["link"].partition(">")[0].strip("<")).query)
            assert _words(example["document"]) == _words(link["query"][0])
            assert json.loads(example["variables"] or "{}") == json.loads(link["variables"][0])
    return examples


def _same(body: Any) -> Any:
    """The body without what is another each time."""
    if isinstance(body, dict):
        if "success" in body and "error" in body:
            body["error"]["request_id"] = ""
        if "organization_id" in body:
            body["organization_id"] = ""
    return body


def _words(document: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s,]", document)
