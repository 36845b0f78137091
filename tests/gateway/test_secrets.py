"""Keys, signatures and what people ask for: in no log line and in no row, after everything was tried."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from gateway.cli.commands import COMMANDS
from gateway.settings import Settings
from resolvers.keys import random_key, random_letters
from tests.gateway.exports.asking import made
from tests.gateway.graphql.wire import listening
from tests.gateway.test_backup import contents
from tests.gateway.test_cli import heliograph
from tests.gateway.test_logs import written  # noqa: F401  the fixture
from tests.house import ACME, House, bearer, event, message, open_house

MARK = "asked-for-by-somebody"
SECRET = "the secret of this installation, forty-two"
SHOWN = len("hg_live_") + 6  # what lists of keys show
BY_ID = "query ($id: ID!) { campaign(id: $id) { name } }"


async def everything_was_tried(house: House, key: str) -> str:
    """A busy while, what is refused included; the signature of a link."""
    headers, wrong = bearer(key), bearer(key[:-1] + ("a" if key[-1] != "a" else "b"))
    ask: Any = {"query": BY_ID, "variables": {"id": MARK}}
    client = house.client
    for sent in (headers, wrong, {"Authorization": f"Basic {key}"}, {"Authorization": key}):
        await client.post("/graphql", json=ask, headers=sent)
        await client.get("/v1/metrics/messages?metric=sent&granularity=day", headers=sent)
        await client.post("/v1/events", content=b"{", headers=sent)
    await client.get(
        "/graphql", params={"query": BY_ID, "variables": json.dumps({"id": MARK})}, headers=headers
    )
    await client.post("/graphql", json={"query": "{ nothing }"}, headers=headers)
    await client.post("/graphql", json={**ask, "variables": {"id": {"wrong": MARK}}}, headers=headers)
    await client.get(f"/v1/metrics/messages?metric={MARK}&api_key={key}", headers=headers)
    await client.get(f"/nowhere/{key}?token={key}")
    await client.post(
        "/v1/explain-url",
        json={"text": f"curl -H 'Authorization: Bearer {key}' /v1/x?a={MARK}"},
        headers=headers,
    )
    lines = orjson.dumps({"type": "message", "id": "x", "created_at": MARK})
    await client.post(
        "/v1/events", content=lines, headers={**headers, "content-type": "application/x-ndjson"}
    )
    link = (await made(house, key, messages={}))["downloadUrl"]
    signature = parse_qs(urlsplit(link).query)["signature"][0]
    assert (await client.get(link)).status_code == 200
    assert (await client.get(link[:-1] + ("0" if link[-1] != "0" else "1"))).status_code == 404
    async with (
        listening(house) as address,
        connect(f"ws://{address}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]) as socket,
    ):
        await socket.send(orjson.dumps({"type": "connection_init", "payload": headers}).decode())
        await socket.recv()
        await socket.send(orjson.dumps({"type": "subscribe", "id": "1", "payload": ask}).decode())
        await socket.recv()
    await house.gateway.auth.note()
    return signature


async def test_no_secret_is_in_the_log_or_in_the_store_after_a_busy_while(
    store_url: str,
    written: io.StringIO,  # noqa: F811
) -> None:
    logging.getLogger().setLevel("DEBUG")
    async with open_house(store_url, secret_key=SECRET) as house:
        await house.take(
            ACME, message("a", "2026-05-05T10:00:00Z"), event("a", "opened", "2026-05-05T11:00:00Z")
        )
        key = await house.key("acme")
        signature = await everything_was_tried(house, key)
        rows = repr(await contents(house.gateway.store))
        path = Path(house.gateway.store.url.database or "")
        files = (
            b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*")) if path.is_file() else b""
        )
    log = written.getvalue()
    lines = [json.loads(line) for line in log.splitlines()]

    assert len(lines) > 25 and {line["status"] for line in lines if "status" in line} >= {
        200,
        400,
        401,
        404,
        422,
    }
    for secret in (key[SHOWN:], signature, SECRET, MARK):
        assert secret not in log, secret
        assert secret not in rows and secret.encode() not in files, secret
    assert key[:SHOWN] in rows, "the prefix is kept, to be shown"
    # what a client got wrong is no fault of ours
    assert "Traceback" not in log
    assert [line for line in lines if line["level"] not in ("debug", "info")] == []


def test_keys_and_ids_of_exports_are_too_many_to_guess() -> None:
    keys = {random_key() for _ in range(200)}

    # log2 62 is 5.95: 43 letters are 256 bits, the 22 of an export's id 131
    assert len(keys) == 200 and {len(key) for key in keys} == {len("hg_live_") + 43}
    letters = "".join(random_letters(22) for _ in range(1_000))
    assert len(set(letters)) == 62
    # each letter is expected 22,000 / 62 = 355 times, with a deviation of 19
    assert all(355 - 6 * 19 < letters.count(letter) < 355 + 6 * 19 for letter in set(letters))


@pytest.mark.parametrize("command", [*COMMANDS])
def test_no_command_takes_a_secret_on_its_command_line(command: str) -> None:
    """Everybody on a machine sees the command lines of everybody."""
    told = heliograph(command, "--help").stdout.decode().lower()

    secret = [
        name.replace("_", "-") for name in Settings.model_fields if "secret" in name or name.endswith("_url")
    ]
    assert [
        name for name in (*secret, "password", "token", "--key ") if f"--{name.strip('-')} " in told
    ] == []
