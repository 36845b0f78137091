"""Documents by their id: from the shims, from manifests, from the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.manifests import read_folder, read_manifest
from gateway.rest import VENDORS
from gateway.unit import run
from models.errors import InvalidInput
from resolvers.documents import document_id, forget, register
from tests.house import ACME, House, bearer, open_house

TEXT = "query Who { organization { slug } }"
ID = document_id(TEXT)


async def asked(house: House, key: str, **body: Any) -> tuple[int, dict[str, Any]]:
    """The status and the body of a POST that prefers GraphQL's own media type."""
    headers = {**bearer(key), "Accept": "application/graphql-response+json"}
    response = await house.client.post("/graphql", json=body, headers=headers)
    return response.status_code, response.json()


def code(body: dict[str, Any]) -> str:
    return body["errors"][0]["extensions"]["code"]


SPELLINGS = (
    {"documentId": ID},
    {"doc_id": ID.removeprefix("sha256:")},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": ID.removeprefix("sha256:")}}},
    {"documentId": ID, "query": TEXT},
)


async def test_a_registered_document_runs_by_every_spelling_of_its_id(house: House, key: str) -> None:
    await run(house.store, lambda db: register(db, {ID: TEXT}, "tests", house.now))

    for named in SPELLINGS:
        status, body = await asked(house, key, **named)

        assert (status, body["data"]) == (200, {"organization": {"slug": "acme"}}), named


async def test_a_get_names_a_document_and_its_variables(house: House, key: str) -> None:
    text = "query ($first: Int!) { campaigns(first: $first) { edges { cursor } } }"
    await run(house.store, lambda db: register(db, {document_id(text): text}, "", house.now))

    params = {"documentId": document_id(text), "variables": '{"first": 1}'}
    response = await house.client.get("/graphql", params=params, headers=bearer(key))

    assert response.json()["data"] == {"campaigns": {"edges": []}}


async def test_every_document_of_every_shim_is_a_persisted_one(house: House) -> None:
    for vendor in VENDORS:
        for endpoint in vendor.endpoints:
            found = await house.gateway.door.registry.text(document_id(endpoint.document), None)
            assert found == endpoint.document


async def test_an_unknown_or_a_wrong_id_is_told(house: House, key: str) -> None:
    assert code((await asked(house, key, documentId="sha256:" + "0" * 64))[1]) == "PERSISTED_QUERY_NOT_FOUND"
    assert (await asked(house, key, documentId="sha256:" + "0" * 64))[0] == 404
    for wrong in ("nonsense", ID.upper(), "md5:" + "0" * 32, "sha256:" + "0" * 63):
        assert (await asked(house, key, documentId=wrong))[0] == 400
    status, body = await asked(house, key, documentId=ID, query="{ __typename }")
    assert (status, code(body)) == (400, "INVALID_INPUT")
    assert (await asked(house, key, documentId=7))[0] == 400
    again = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    assert (await asked(house, key, query=TEXT, extensions=again))[0] == 200


async def test_a_forgotten_document_runs_no_more(house: House, key: str) -> None:
    await run(house.store, lambda db: register(db, {ID: TEXT}, "", house.now))
    assert (await asked(house, key, documentId=ID))[0] == 200

    await run(house.store, lambda db: forget(db, ID))
    house.gateway.door.registry._seen.clear()

    assert (await asked(house, key, documentId=ID))[0] == 404


async def test_where_only_registered_documents_run_others_are_refused_and_shims_are_not(
    store_url: str,
) -> None:
    async with open_house(store_url, documents_only=True) as closed:
        await closed.take(ACME, count=False)
        key = await closed.key("acme")
        await run(closed.gateway.store, lambda db: register(db, {ID: TEXT}, "", closed.now))

        status, body = await asked(closed, key, query="{ organization { slug } }")
        assert (status, code(body)) == (403, "PERSISTED_QUERY_REQUIRED")
        assert (await asked(closed, key, query=TEXT))[0] == 200  # its text is as good as its id
        assert (await asked(closed, key, documentId=ID))[0] == 200
        shim = await closed.client.get("/api/credits/balance", headers=bearer(key))
        assert shim.status_code != 403


MANIFESTS = {
    "codegen": {ID: TEXT},
    "relay": {ID.removeprefix("sha256:"): TEXT},
    "apollo": {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [
            {"id": ID.removeprefix("sha256:"), "name": "Who", "type": "query", "body": TEXT},
        ],
    },
}


@pytest.mark.parametrize("tool", MANIFESTS)
async def test_a_folder_of_manifests_is_read(sqlite_store_url: str, tmp_path: Path, tool: str) -> None:
    (tmp_path / "persisted.json").write_bytes(orjson.dumps(MANIFESTS[tool]))

    assert read_folder(tmp_path) == {ID: TEXT}
    async with open_house(sqlite_store_url, documents_folder=str(tmp_path)) as house:
        await house.take(ACME, count=False)
        assert (await asked(house, await house.key("acme"), documentId=ID))[0] == 200


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "not JSON"),
        (b"[]", "no manifest"),
        (b'{"a": 1}', "no manifest"),
        (b'{"operations": [1]}', "no manifest"),
        (b'{"d41d8cd98f00b204e9800998ecf8427e": "{ a }"}', "SHA-256"),
    ],
)
def test_a_file_that_is_no_manifest_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "persisted.json"
    path.write_bytes(content)

    with pytest.raises(InvalidInput, match=reason) as told:
        read_manifest(path)
    assert str(path) in told.value.message
    with pytest.raises(InvalidInput, match="no folder"):
        read_folder(tmp_path / "nowhere")
