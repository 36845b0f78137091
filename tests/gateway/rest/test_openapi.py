"""OpenAPI documents are complete and true, and the page that shows them needs no other host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.headers import PAGE_POLICY
from gateway.rest import VENDORS
from gateway.rest.agentmessage import AGENTMESSAGE
from gateway.rest.messagesender import HEADER, MESSAGESENDER
from gateway.rest.openapi import EXAMPLE_ID, openapi
from gateway.rest.pages import ASSETS, SWAGGER
from gateway.rest.penguinmails import PENGUINMAILS
from gateway.rest.vendor import Vendor
from tests.gateway.rest.world import World

CHOICE = "x-heliograph-choice"


def inside(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(part)


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
def test_every_endpoint_is_described_and_every_reference_leads_somewhere(vendor: Vendor) -> None:
    document = openapi(vendor)

    assert list(document["paths"]) == [endpoint.path for endpoint in vendor.endpoints]
    for one in inside(document):
        if reference := one.get("$ref"):
            assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]
    operations = [document["paths"][endpoint.path][endpoint.method.lower()] for endpoint in vendor.endpoints]
    for endpoint, operation in zip(vendor.endpoints, operations, strict=True):
        assert operation["summary"]
        assert operation["description"]
        assert all(parameter["description"] for parameter in operation["parameters"])
        refused = {"401", "403", "404", "405", "500", "503"}
        assert {str(endpoint.status), *refused} <= operation["responses"].keys()
        assert ("requestBody" in operation) == (endpoint.method == "POST")
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)


def test_parameters_are_those_that_are_validated() -> None:
    parameters = openapi(AGENTMESSAGE)["paths"]["/v1/metrics/inbound"]["get"]["parameters"]

    told = {one["name"]: (one["required"], one["schema"]) for one in parameters}
    moment = {"type": "string", "format": "date-time"}
    assert told == {
        "metric": (True, {"type": "string", "enum": ["received", "cost_cents"]}),
        "from": (False, moment),
        "to": (False, moment),
        "granularity": (False, {"type": "string", "enum": ["minute", "hour", "day"]}),
        "group_by": (False, {"type": "string", "const": "channel"}),
        "cursor": (False, {"type": "string"}),
        "limit": (False, {"type": "integer", "minimum": 1, "maximum": 5000, "default": 1000}),
        "compare_to": (False, {"type": "string", "const": "prior_period"}),
    }


def test_what_we_chose_is_marked() -> None:
    document = openapi(AGENTMESSAGE)
    operation = document["paths"]["/v1/metrics/messages"]["get"]
    bucket = document["components"]["schemas"]["Bucket"]["properties"]

    assert {one["name"] for one in operation["parameters"] if CHOICE in one} == {"from", "to", "granularity"}
    assert {name for name, one in bucket.items() if CHOICE in one} == {
        "groups",
        "prior_value",
        "prior_groups",
    }
    refused = operation["responses"]
    examples = {
        one["value"]["error"]["code"]: CHOICE in one
        for status, response in refused.items()
        if status != "200"
        for one in response["content"]["application/json"]["examples"].values()
    }
    ours = {"METHOD_NOT_ALLOWED", "TOO_MANY_GROUPS", "EXPIRED", "INTERNAL", "TOOK_TOO_LONG", "UNAVAILABLE"}
    theirs = {"UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "VALIDATION_FAILED", "INVALID_INPUT"}
    theirs |= {"GRANULARITY_NOT_AVAILABLE", "WINDOW_TOO_LARGE"}
    assert examples == dict.fromkeys(ours, True) | dict.fromkeys(theirs, False)


def test_the_examples_of_errors_are_what_the_envelope_says() -> None:
    responses = openapi(AGENTMESSAGE)["paths"]["/v1/metrics/messages"]["get"]["responses"]

    example = responses["422"]["content"]["application/json"]["examples"]["GRANULARITY_NOT_AVAILABLE"]
    assert example["value"] == {
        "success": False,
        "error": {
            "code": "GRANULARITY_NOT_AVAILABLE",
            "message": "granularity not available at this plan tier",
            "request_id": EXAMPLE_ID,
            "details": {"max_granularity": "day"},
        },
    }


def test_messagesenders_parameters_and_choices() -> None:
    paths = openapi(MESSAGESENDER)["paths"]

    told = {
        path.rpartition("/")[2]: {one["name"]: CHOICE in one for one in paths[path]["get"]["parameters"]}
        for path in paths
    }
    dates = {"startDate": True, "endDate": True}
    assert told == {
        "overview": dates,
        "trends": {**dates, "metric": False},
        "top-campaigns": {**dates, "limit": True},
        "best-send-times": dates,
        "status": {},
        "balance": {},
        "export": {**dates, "type": True},
    }
    by_name = {one["name"]: one for one in paths["/api/analytics/trends"]["get"]["parameters"]}
    assert by_name["startDate"]["schema"]["type"] == "string"
    assert not any(one["required"] for one in by_name.values())
    refused = paths["/api/billing/status"]["get"]["responses"]
    examples = {
        (status, name): CHOICE in one
        for status, response in refused.items()
        if status != "200"
        for name, one in response["content"]["application/json"]["examples"].items()
    }
    assert [key for key, is_ours in examples.items() if not is_ours] == [("401", "UNAUTHENTICATED")]
    # both reasons for 403 are there
    assert [name for status, name in examples if status == "403"] == ["FORBIDDEN", "FORBIDDEN_2"]


def test_penguinmails_parts_of_paths_and_bodies() -> None:
    document = openapi(PENGUINMAILS)
    workspace = "/api/v1/workspaces/{workspaceId}"
    campaign = document["paths"][f"{workspace}/campaigns/{{campaignId}}/analytics"]["get"]["parameters"]
    compare = document["paths"][f"{workspace}/analytics/compare"]["post"]

    assert [(one["name"], one["in"], one["required"], CHOICE in one) for one in campaign] == [
        ("workspaceId", "path", True, False),
        ("campaignId", "path", True, False),
        ("timeRange", "query", False, False),
        ("startDate", "query", False, True),
        ("endDate", "query", False, True),
        ("groupBy", "query", False, False),
    ]
    body = compare["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["campaign_ids"]
    limits = {name: body["properties"]["campaign_ids"][name] for name in ("minItems", "maxItems")}
    assert limits == {"minItems": 2, "maxItems": 5}
    assert CHOICE in body["properties"]["metrics"]
    codes = {
        one["value"]["error"]["code"]
        for status, response in compare["responses"].items()
        if status != "200"
        for one in response["content"]["application/json"]["examples"].values()
    }
    assert {"CAMPAIGN_NOT_FOUND", "INVALID_TIME_RANGE", "RATE_LIMIT_EXCEEDED"} <= codes


def test_a_file_is_described_by_its_first_line() -> None:
    content = openapi(MESSAGESENDER)["paths"]["/api/analytics/export"]["get"]["responses"]["200"]["content"]

    assert content == {"text/csv": {"schema": {"type": "string"}, "example": ",".join(HEADER) + "\r\n"}}


def test_a_vendor_says_how_to_present_oneself() -> None:
    document = openapi(MESSAGESENDER)

    # both at once: one requirement that names two schemes
    assert document["security"] == [{"token": [], "organization": []}]
    assert document["components"]["securitySchemes"] == {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "organization": {"type": "apiKey", "in": "header", "name": "x-organization-id"},
    }


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
async def test_document_and_page_are_open_to_everybody_and_come_from_us_alone(
    world: World, vendor: Vendor
) -> None:
    document = await world.http.get(f"/{vendor.name}/openapi.json")
    page = await world.http.get(f"/{vendor.name}/docs/")

    assert document.json() == openapi(vendor)
    assert page.status_code == 200
    assert page.headers["content-security-policy"] == PAGE_POLICY
    assert "//" not in page.text
    for name in re.findall(r'(?:src|href)="([^":,]+)"', page.text):
        asset = await world.http.get(f"/{vendor.name}/docs/{name}")
        assert (asset.status_code, len(asset.content) > 100) == (200, True)


def test_swagger_comes_with_the_package_we_pin() -> None:
    assert all((ASSETS / name).is_file() for name in SWAGGER)
