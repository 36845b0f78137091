from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest

from gateway.connection import MAX_HEAD
from tests.gateway.abuse.raw import ASKING, JSON, connected, heard, request
from tests.gateway.graphql.test_socket import welcomed
from tests.gateway.graphql.wire import listening
from tests.house import ACME, House, open_house
from tests.worlds import PATIENCE_S

CHUNKED = JSON + b"Transfer-Encoding: chunked\r\n"
LARGE = b"X-Large: " + b"a" * MAX_HEAD + b"\r\n"
# what is sent, and the status it must get; those of 400 are told before any of our routes hears of them
UNDERSTOOD_BY_NOBODY = {
    "a method with a NUL": request(method=b"F\0OO"),
    "a method of 70,000 letters": request(method=b"A" * 70_000),
    "another version": request(version=b"HTTP/9.9"),
    "an address that is none": request(path=b"http://[::1/graphql"),
    "a tunnel": request(path=b"elsewhere:443", method=b"CONNECT"),
    "a path in another alphabet": request(path="/gräphql".encode(), method=b"GET"),
    "a space in the path": request(path=b"/a b", method=b"GET"),
    "a header without a colon": request(b"no colon here\r\n"),
    "a NUL in a header": request(b"X-A: a\0b\r\n"),
    "half a line end in a header": request(b"X-A: a\rb\r\n"),
    "a space before the colon": request(b"X-A : b\r\n"),
    "a folded header": request(b"X-A: b\r\n c\r\n", method=b"GET"),
    "two lengths": request(JSON + b"Content-Length: 3\r\n", ASKING),
    "a negative length": request(JSON + b"Content-Length: -1\r\n", length=False),
    "a length beyond any number": request(JSON + b"Content-Length: " + b"9" * 30 + b"\r\n", length=False),
    "a length in words": request(JSON + b"Content-Length: abc\r\n", length=False),
    "a length and chunks": request(CHUNKED, b"0\r\n\r\n"),
    "chunks twice": request(CHUNKED + b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", length=False),
    "another coding": request(JSON + b"Transfer-Encoding: gzip\r\n", length=False),
    "a chunk size in words": request(CHUNKED, b"zz\r\nabc\r\n0\r\n\r\n", length=False),
    "a chunk size of 100,000 digits": request(CHUNKED, b"1" * 100_000, length=False),
    "the hello of TLS": bytes.fromhex("16030100a5010000a10303") + bytes(100),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "noise": b"\xff" * 1000 + b"\r\n\r\n",
    "line feeds alone": b"GET /healthz HTTP/1.1\nHost: x\n\n",
}
TOO_LARGE = {
    "a path of 200,000 letters": request(path=b"/" + b"a" * 200_000, method=b"GET"),
    "a header of a megabyte": request(b"X-A: " + b"a" * 1_000_000 + b"\r\n", method=b"GET"),
    "a header that is just too large": request(LARGE, method=b"GET"),
    "5,000 headers": request(b"".join(b"X-%d: aaaaaaaa\r\n" % i for i in range(5_000)), method=b"GET"),
    "a header without an end": b"GET / HTTP/1.1\r\nX-A: " + b"a" * (MAX_HEAD + 1),
    "a path of 66,000 letters": request(
        path=b"/" + b"a" * (MAX_HEAD - 10), method=b"GET", headers=b"A: aaaa\r\n"
    ),
    "a key of 66,000 letters": request(b"Authorization: Bearer " + b"a" * MAX_HEAD + b"\r\n" + JSON, ASKING),
}
ANSWERED = {
    "an address with its host": (200, request(JSON, ASKING, path=b"http://elsewhere.example/graphql")),
    "no key is given by a host": (
        401,
        b"POST /graphql HTTP/1.1\r\nHost: [::1\r\n" + JSON + b"Content-Length: 0\r\n\r\n",
    ),
    "a star": (404, request(path=b"*", method=b"OPTIONS")),
    "a NUL in the path": (404, request(path=b"/a%00b", method=b"GET")),
    "percent signs in the path": (404, request(path=b"/%zz%ff", method=b"GET")),
    "a way up": (404, request(path=b"/../../etc/passwd", method=b"GET")),
    "a way up to our files": (404, request(path=b"/static/..%2f..%2f..%2fpyproject.toml", method=b"GET")),
    "a long path": (404, request(path=b"/" + b"a" * 60_000, method=b"GET")),
    "no host at all": (200, b"GET /healthz HTTP/1.1\r\n\r\n"),
    "a host in brackets that do not close": (
        200,
        b"POST /graphql HTTP/1.1\r\nHost: [::1\r\n" + JSON + b"KEY",
    ),
    "a host of bytes": (200, b"POST /graphql HTTP/1.1\r\nHost: \xff\xfe:99999999\r\n" + JSON + b"KEY"),
    "a body that is told to be large": (413, request(JSON + b"Content-Length: 999999999\r\n", length=False)),
    "a body that unpacks to 100 MB": (
        413,
        request(JSON + b"Content-Encoding: gzip\r\n", gzip.compress(bytes(100_000_000))),
    ),
    "a body that is not packed": (400, request(JSON + b"Content-Encoding: gzip\r\n", ASKING)),
    "a body packed in another way": (415, request(JSON + b"Content-Encoding: br\r\n", ASKING)),
    "a body in UTF-16": (400, request(JSON, ASKING.decode().encode("utf-16"))),
    "a chunk with 100,000 letters beside it": (
        400,
        request(CHUNKED, b"1;" + b"a" * 100_000 + b"\r\nx\r\n0\r\n\r\n", length=False),
    ),
    "a body byte by byte": (
        200,
        request(CHUNKED, b"".join(b"1\r\n%c\r\n" % byte for byte in ASKING) + b"0\r\n\r\n", length=False),
    ),
    "5,000 media types": (406, request(JSON + b"Accept: " + b"a/b;q=0.1," * 5_000 + b"\r\n", ASKING)),
    "a request id that is none": (200, request(JSON + b"X-Request-Id: a b\xff\r\n", ASKING)),
    "somebody else's address": (
        200,
        request(JSON + b"X-Forwarded-For: " + b"1.1.1.1," * 5_000 + b"\r\n", ASKING),
    ),
    "another protocol afterwards": (400, request(JSON + b"Connection: Upgrade\r\nUpgrade: h2c\r\n", ASKING)),
    "something is expected": (200, request(JSON + b"Expect: 100-continue\r\n", ASKING)),
    "a key that is bytes": (401, request(b"Authorization: Bearer \xff\xfe\r\n" + JSON, ASKING)),
    "a key for another door": (401, request(b"Authorization: Basic OjpP\r\n" + JSON, ASKING)),
    "a token that nobody signed": (
        401,
        request(b"Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.\r\n" + JSON, ASKING),
    ),
}


@pytest.fixture
async def house(sqlite_store_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_store_url) as opened:
        await opened.take(ACME, count=False)
        yield opened


async def test_what_is_no_request_is_refused_in_json_and_the_connection_ends(house: House) -> None:
    async with listening(house) as address:
        for name, sent in UNDERSTOOD_BY_NOBODY.items():
            found = await heard(address, sent)
            assert found is not None and found.status == 400, name
            assert found.told["request_id"] == found.headers["x-request-id"], name
            assert found.headers["connection"] == "close"
            assert "Traceback" not in found.body.decode()


async def test_a_head_may_have_64_kilobytes_and_not_a_byte_more(house: House) -> None:
    fits = request(b"X-A: " + b"a" * (MAX_HEAD - 1_000) + b"\r\n", path=b"/healthz", method=b"GET")
    async with listening(house) as address:
        for name, sent in TOO_LARGE.items():
            found = await heard(address, sent)
            assert found is not None and (found.status, found.told["code"]) == (431, "HEAD_TOO_LARGE"), name
        accepted = await heard(address, fits)

    assert accepted is not None and accepted.status == 200


async def test_every_other_request_is_answered_by_a_route_of_ours(house: House) -> None:
    key = (await house.key("acme")).encode()
    asks = b"Authorization: Bearer %b\r\n" % key
    async with listening(house) as address:
        for name, (status, sent) in ANSWERED.items():
            whole = sent.replace(b"KEY", asks + b"Content-Length: %d\r\n\r\n" % len(ASKING) + ASKING)
            if b"Authorization" not in whole and status != 401:
                whole = whole.replace(JSON, asks + JSON)
            found = await heard(address, whole)
            assert found is not None and found.status == status, (name, found)
            assert found.told, name


@pytest.mark.parametrize("begun", [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nX-A: ", b"\r\n"])
async def test_who_does_not_finish_a_head_is_not_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr("gateway.connection.HEAD_TIMEOUT_S", 0.1)
    async with listening(house) as address:
        found = await heard(address, begun)

    assert found is None if not begun.strip() else found is not None and found.status == 408


async def test_a_second_head_that_comes_slowly_is_not_waited_for_either(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.connection.HEAD_TIMEOUT_S", 0.2)
    async with listening(house) as address, connected(address) as (reader, writer):
        writer.write(request(path=b"/healthz", method=b"GET"))
        await reader.readuntil(b"alive")
        await asyncio.sleep(0.3)  # whoever asks nothing may stay
        writer.write(b"GET /healthz HTTP/1.1\r\nX-")
        rest = await asyncio.wait_for(reader.read(), PATIENCE_S)

    assert b"408" in rest.split(b"\r\n")[0].removeprefix(b'"}')


async def test_a_large_body_is_no_large_head(house: House) -> None:
    key = (await house.key("acme")).encode()
    body = b'{"query": "{ __typename }", "variables": {"a": "%b"}}' % (b"x" * (2 * MAX_HEAD))
    sent = request(b"Authorization: Bearer %b\r\n" % key + JSON, body)
    async with listening(house) as address:
        found = await heard(address, sent + sent)

    assert found is not None and found.status == 200


async def test_a_websocket_may_be_silent_for_longer_than_a_head(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.connection.HEAD_TIMEOUT_S", 0.1)
    async with welcomed(house, await house.key("acme")) as talk:
        await asyncio.sleep(0.3)
        await talk.say("ping")

        assert await talk.hear() == {"type": "pong"}


async def test_a_byte_after_the_answer_holds_no_connection(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.connection.HEAD_TIMEOUT_S", 0.2)
    async with listening(house) as address, connected(address) as (reader, writer):
        writer.write(request(JSON + b"Content-Length: 1000\r\n", length=False))
        await reader.readuntil(b"UNAUTHENTICATED")
        writer.write(b"x")

        await asyncio.wait_for(reader.read(), PATIENCE_S)


async def test_what_is_whole_is_answered_before_noise_ends_the_connection(house: House) -> None:
    asked = request(path=b"/healthz", method=b"GET")
    async with listening(house) as address:
        found = await heard(address, asked + b"\xff" * 100)

    assert found is not None and (found.status, found.told) == (200, {"status": "alive"})


async def test_many_small_requests_are_no_large_head(house: House) -> None:
    asked = request(path=b"/healthz", method=b"GET")
    async with listening(house) as address:
        found = await heard(address, asked * (MAX_HEAD // len(asked) + 1) + b"GET /hea")

    assert found is not None and found.status == 200
