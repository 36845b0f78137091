"""The GraphQL twin that an answer's Link names."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import orjson

from gateway.rest import VENDORS
from resolvers.documents import document_id
from tests.house import bearer

DOCUMENTS = {document_id(one.document): one.document for vendor in VENDORS for one in vendor.endpoints}


def link_of(answer: httpx2.Response) -> str:
    """Where the link of an answer leads."""
    target, _, kind = answer.headers["link"].partition(">; ")
    assert kind == 'rel="alternate"; type="application/graphql-response+json"'
    return target.strip("<")


def question_of(answer: httpx2.Response) -> tuple[str, dict[str, Any]]:
    """The document and the variables that the link names."""
    asked = parse_qs(urlsplit(link_of(answer)).query)
    assert asked.keys() == {"documentId", "variables"}
    return DOCUMENTS[asked["documentId"][0]], orjson.loads(asked["variables"][0])


async def twin_of(http: httpx2.AsyncClient, key: str, answer: httpx2.Response) -> dict[str, Any]:
    """The data that the link leads to."""
    question_of(answer)
    twin = await http.get(link_of(answer), headers=bearer(key))
    assert (twin.status_code, twin.json().keys()) == (200, {"data", "extensions"}), twin.text
    return twin.json()["data"]
