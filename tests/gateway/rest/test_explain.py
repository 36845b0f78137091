"""Vendors' URLs explained: the very question that a real request asks, and sentences for what asks none."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from graphql import parse, validate

from gateway.demo import DEMO_KEYS
from gateway.rest import VENDORS
from gateway.rest.examples import example, shelves
from gateway.rest.explain import explain_url, stranger
from gateway.rest.vendor import CsvEndpoint, Endpoint, Vendor
from models.errors import HeliographError
from resolvers.documents import document_id
from schema.build import build
from tests.gateway.rest.twins import question_of
from tests.house import House, bearer, message, open_house

NOW = datetime(2026, 5, 6, 10, tzinfo=UTC)
ASKER = stranger("Europe/Madrid", NOW)
ENDPOINTS = [(vendor, endpoint) for vendor in VENDORS for endpoint in vendor.endpoints]
IDS = [f"{vendor.name} {endpoint.path}" for vendor, endpoint in ENDPOINTS]
AMPLIFI = "5b0c6f1e-8f5e-4f0b-9a57-2d3f6f1c7a10"
SCHEMA = build(True)._schema
DOCS = Path(__file__).parents[3] / "docs" / "vendors"


async def furnished(house: House) -> str:
    """An organization that every vendor knows, with the things that the examples name; its key."""
    names = {"messagesender": AMPLIFI, "penguinmails": "ws_penguin", "slicktext": "26136"}
    acme: dict[str, Any] = {"type": "organization", "id": "acme", "plan": "scale", "aliases": names}
    of_acme = {"organization": "acme", "created_at": "2026-04-20T10:00:00Z"}
    examples = {vendor.name: vendor.examples for vendor in VENDORS}
    mails = [examples["penguinmails"]["{campaignId}"], "cmp_5d9b6a24"]
    await house.take(
        acme,
        *(
            {"type": "campaign", "id": id, "status": "completed", "name": id, "channel": "email", **of_acme}
            for id in (*mails, "41001")
        ),
        {"type": "workflow", "id": "341", "name": "Welcome", **of_acme},
        {"type": "user", "id": examples["whatomate"]["{id}"], "name": "Asha", **of_acme},
        {"type": "contact", "id": "p1", "source": "import", **of_acme},
        *(
            message(
                f"m{number}",
                "2026-04-21T10:00:00Z",
                campaign_id=id,
                channel="email",
                sent_at="2026-04-21T10:00:00Z",
            )
            for number, id in enumerate((*mails, "41001", mails[0]))
        ),
    )
    return await house.key("acme")


async def test_every_example_runs_and_is_what_a_real_request_asks(store_url: str) -> None:
    async with open_house(store_url, NOW) as house:
        key = await furnished(house)
        for vendor, endpoint in ENDPOINTS:
            told = await explained(house, key, dated(example(vendor, endpoint).request))

            assert (told["vendor"], told["path"]) == (vendor.name, endpoint.path)
            assert await house.ask(key, told["document"], **told["variables"])
            if endpoint.method == "GET":
                assert await linked(house, key, vendor, endpoint) == (told["documentId"], told["variables"])


def dated(text: str) -> str:
    """An example as the page shows it on 2026-05-06."""
    return text.replace("{90 days ago}", "2026-02-05")


async def explained(house: House, key: str, request: str) -> dict[str, Any]:
    answer = await house.client.post("/v1/explain-url", json={"request": request}, headers=bearer(key))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def linked(
    house: House, key: str, vendor: Vendor, endpoint: Endpoint | CsvEndpoint
) -> tuple[str, dict[str, Any]]:
    """The document and the variables that the answer to the example links to."""
    headers = {**bearer(key), "X-Organization-Id": AMPLIFI if vendor.name == "messagesender" else ""}
    address = dated(example(vendor, endpoint).address)
    if "exports" in address:
        return document_id(endpoint.document), {
            "export": "exp_1"
        }  # there is none, and a refusal links nowhere
    answer = await house.client.get(address, headers=headers)
    assert answer.status_code == 200, answer.text
    document, variables = question_of(answer)
    return document_id(document), variables


@pytest.mark.parametrize(("vendor", "endpoint"), ENDPOINTS, ids=IDS)
def test_every_example_fits_the_schema_and_its_endpoint(
    vendor: Vendor, endpoint: Endpoint | CsvEndpoint
) -> None:
    url = example(vendor, endpoint)

    found = explain_url(dated(url.request), ASKER)

    assert (found.vendor, found.endpoint) == (vendor, endpoint)
    assert validate(SCHEMA, parse(found.document)) == []
    assert "{" not in dated(url.address)


def test_the_gallery_lists_every_url_of_every_vendor() -> None:
    listed = [(shelf.name, len(shelf.urls)) for shelf in shelves()]

    assert listed == [(vendor.name, len(vendor.endpoints)) for vendor in VENDORS]


def test_the_examples_name_what_the_demo_has() -> None:
    ids = {key.vendor: key.ids for key in DEMO_KEYS}
    examples = {vendor.name: vendor.examples for vendor in VENDORS}

    assert examples["penguinmails"]["{workspaceId}"] == ids["penguinmails"]["workspace"]
    assert examples["penguinmails"]["{campaignId}"] == ids["penguinmails"]["campaign"]
    assert examples["slicktext"] == {
        "{brand_id}": ids["slicktext"]["brand"],
        "campaigns/{id}": f"campaigns/{ids['slicktext']['campaigns'][0]}",
        "workflows/{id}": f"workflows/{ids['slicktext']['workflow']}",
    }
    assert examples["whatomate"] == {"{id}": ids["whatomate"]["agent"]}
    compared = next(url for shelf in shelves() for url in shelf.urls if url.address.endswith("/compare"))
    assert set(json.loads(compared.body)["campaign_ids"]) < set(ids["penguinmails"]["campaigns"])


@pytest.mark.parametrize(
    ("request_", "vendor", "path"),
    [
        ("/api/analytics/trends", "messagesender", "/api/analytics/trends"),
        ("/messagesender/api/analytics/trends", "messagesender", "/api/analytics/trends"),
        ("/api/analytics/messages", "whatomate", "/api/analytics/messages"),
        ("/api/analytics/agents/comparison", "whatomate", "/api/analytics/agents/comparison"),
        ("/api/analytics/agents/7", "whatomate", "/api/analytics/agents/{id}"),
        ("HEAD /v1/metrics/inbound?metric=received", "agentmessage", "/v1/metrics/inbound"),
        # another path to the same, told by the one that is documented
        (
            "/slicktext/v1/brands/7/analytics/inbox-tags",
            "slicktext",
            "/v1/brands/{brand_id}/analytics/inbox/tags",
        ),
        # as documentation writes it
        (
            "GET https://api.penguin.example/api/v1/tenant/workspaces/{workspaceId}/analytics/overview",
            "penguinmails",
            "/api/v1/workspaces/{workspaceId}/analytics/overview",
        ),
    ],
)
def test_a_url_is_found_as_a_request_would_find_it(request_: str, vendor: str, path: str) -> None:
    told = explain_url(request_, ASKER).told

    assert (told["vendor"], told["path"]) == (vendor, path)


def test_defaults_are_filled_in_from_the_moment_the_zone_and_the_options_of_the_asker() -> None:
    trends = explain_url("/api/analytics/trends?endDate=2026-05-05&metric=campaigns", ASKER)
    shown = explain_url("/v1/brands/7/analytics/messages?start=2026-05-01&group=status", ASKER)
    inclusive = ["messagesender.inclusive-end-date", "slicktext.click-rate-unique"]

    assert trends.variables == {
        "window": {"between": {"start": "2026-04-05T00:00:00Z", "end": "2026-05-05T00:00:00Z"}},
        "some": True,
        "messages": False,
        "campaigns": True,
    }
    # midnight of the first in Madrid is ten in the evening before, UTC
    assert shown.variables == {
        "window": {"between": {"start": "2026-04-30T22:00:00Z", "end": "2026-05-06T10:00:00Z"}},
        "timezone": "Europe/Madrid",
        "granularity": "DAY",
        "clip": True,
        "groupBy": ["STATUS"],
    }
    asked = explain_url("/api/analytics/trends?endDate=2026-05-05", ASKER, inclusive)
    assert asked.variables["window"]["between"]["end"] == "2026-05-06T00:00:00Z"


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (
            "GET /api/analytics/trend?metric=campaigns",
            "No vendor has this URL. The nearest are GET /api/analytics/trends, GET /api/analytics/agents "
            "and GET /api/analytics/agents/{id}.",
        ),
        (
            "/v1/brands/7/analytics/contact/growth",
            "No vendor has this URL. The nearest are GET /v1/brands/{brand_id}/analytics/contacts/growth, "
            "GET /v1/brands/{brand_id}/analytics/contacts and "
            "GET /v1/brands/{brand_id}/analytics/contacts/events.",
        ),
        ("POST /api/analytics/trends", "/api/analytics/trends takes GET, not POST."),
        (
            "curl https://v.example/api/v1/workspaces/w/analytics/compare",
            "/api/v1/workspaces/{workspaceId}/analytics/compare takes POST, not GET.",
        ),
        (
            "/api/v1/workspaces/w/analytics/compare",
            "POST /api/v1/workspaces/{workspaceId}/analytics/compare takes a JSON body: write it behind the "
            "address, or paste a curl line with -d.",
        ),
        (
            'POST /api/v1/workspaces/w/analytics/compare {"campaign_ids": ["a"]}',
            "campaign_ids must have at least 2 items.",
        ),
        ("POST /api/v1/workspaces/w/analytics/compare [1]", "The body must be a JSON object."),
        ("/api/analytics/trends?metric=money", "metric must be 'messages' or 'campaigns'."),
        (
            "/v1/metrics/messages?limit=0&metric=sent&metric=sent",
            "limit must be at least 1; metric must be given once.",
        ),
        (
            "/v1/brands/7/analytics/messages?timezone=Mars",
            "'Mars' is not an IANA time zone, such as Europe/Madrid or UTC.",
        ),
        (
            "/api/analytics/trends?startDate=2026-05-05&endDate=2026-05-01",
            "startDate must not be later than endDate.",
        ),
        (
            "/api/analytics/export?startDate=2026-05-05&endDate=2026-05-05",
            "Nothing lies in this range, so GET /api/analytics/export answers without asking anything.",
        ),
    ],
)
def test_what_asks_nothing_is_told_in_a_sentence(request_: str, sentence: str) -> None:
    with pytest.raises(HeliographError) as refused:
        explain_url(request_, ASKER)

    assert refused.value.message == sentence


def test_every_curl_line_of_our_vendors_pages_is_explained_or_refused_as_documented() -> None:
    refused, lines = [], []
    for page in sorted(DOCS.glob("*.md")):
        lines += re.findall(r"^curl (?:.*\\\n)*.*\$URL.*$", page.read_text(encoding="utf-8"), re.MULTILINE)
    for line in lines:
        try:
            explain_url(line, ASKER)
        except HeliographError as error:
            refused.append(error.message)

    assert len(lines) > 40
    assert refused == [
        "The cursor does not belong to this question; start again without it.",  # $CURSOR
        "The window holds more buckets than an answer carries; ask for a shorter one or for coarser buckets.",
        "metric must be 'messages' or 'campaigns'.",
        "timeRange must be '7d', '30d', '90d' or 'custom'.",
        "frequency must be 'hour', 'day', 'month' or 'year'.",
    ]
