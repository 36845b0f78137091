"""What reaches the log, and above all what never does."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from gateway import logs
from tests.gateway.graphql.test_socket import talking
from tests.house import open_house

KEY = "hg_live_9f8e7d6c5b4a39281706f5e4d3c2b1a0"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything logged during the test; logging is as it was afterwards."""
    root = logging.getLogger()
    before, level, told = list(root.handlers), root.level, structlog.get_config()
    stream = io.StringIO()
    logs.configure("info", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.configure(**told)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def hello(request: Request) -> Response:
    request.state.organization = "acme"
    return PlainTextResponse(logs.request_id() or "")


async def broken(_: Request) -> Response:
    raise LookupError(f"no such thing as {KEY}")


async def never(_: Request) -> Response:
    await asyncio.sleep(60)
    return Response()


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("five!")
    await socket.close()


APP = Starlette(
    routes=[
        Route("/hello/{name:path}", hello),
        Route("/healthz", hello),
        Route("/broken", broken),
        Route("/never", never),
        WebSocketRoute("/talk", talk),
    ],
    middleware=list(logs.MIDDLEWARE),
)


def client() -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(APP, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://test")


async def test_a_request_leaves_one_line_with_path_status_time_bytes_and_organization(
    written: io.StringIO,
) -> None:
    async with client() as http:
        answer = await http.get("/hello/you?api_key=abc", headers={"authorization": f"Bearer {KEY}"})

    [line] = lines(written)
    assert line.pop("duration_ms") >= 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "heliograph",
        "method": "GET",
        "path": "/hello/you",
        "status": 200,
        "bytes": 26,
        "organization": "acme",
        "request_id": answer.headers["x-request-id"],
    }


async def test_a_request_without_an_id_is_given_a_ulid_that_the_code_sees_too(written: io.StringIO) -> None:
    async with client() as http:
        answer = await http.get("/hello/you")

    assert len(answer.headers["x-request-id"]) == 26
    assert answer.text == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("given", "kept"), [("trace-7_A", True), ("a" * 64, True), ("a" * 65, False), ("a b", False)]
)
async def test_an_id_of_the_callers_own_is_kept_only_when_it_is_sane(
    written: io.StringIO, given: str, kept: bool
) -> None:
    async with client() as http:
        answer = await http.get("/hello/you", headers={"X-Request-Id": given})

    assert (answer.headers["x-request-id"] == given) is kept
    assert len(lines(written)) == 1


async def test_the_path_of_a_signed_link_is_written_without_its_token(written: io.StringIO) -> None:
    token = "eyJleHBvcnQiOiI3In0.aRdK8w.3vJ2bX1c0kVtq9sYw4mZ7pQeHhU"

    async with client() as http:
        await http.get(f"/hello/downloads/{token}/file.csv")

    assert lines(written)[0]["path"] == "/hello/downloads/[redacted]/file.csv"


async def test_a_line_break_in_a_path_does_not_make_a_second_line(written: io.StringIO) -> None:
    async with client() as http:
        await http.get("/hello/you%0A%7B%22event%22%3A%22forged%22%7D")

    assert len(lines(written)) == 1


async def test_asking_for_health_is_not_worth_a_line(written: io.StringIO) -> None:
    async with client() as http:
        await http.get("/healthz")

    assert lines(written) == []


async def test_a_request_that_breaks_is_logged_as_500(written: io.StringIO) -> None:
    async with client() as http:
        await http.get("/broken")

    assert [line["status"] for line in lines(written) if line["event"] == "request"] == [500]


async def test_a_caller_who_hangs_up_is_logged_as_499(written: io.StringIO) -> None:
    async with client() as http:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(http.get("/never"), 0.05)

    assert [line["status"] for line in lines(written)] == [499]


def test_a_websocket_leaves_one_line_when_it_closes(written: io.StringIO) -> None:
    with TestClient(APP).websocket_connect("/talk") as socket:
        socket.receive_text()

    [line] = [line for line in lines(written) if line["event"] == "request"]
    assert (line["method"], line["status"], line["bytes"]) == ("WEBSOCKET", 101, 5)


@pytest.mark.parametrize(
    "fields",
    [
        {"authorization": KEY},
        {"headers": {"Authorization": KEY, "Cookie": KEY}},
        {"headers": [("x", f"Bearer {KEY}")]},
        {"note": f"called with {KEY}, twice"},
        {"note": f"Authorization: Bearer {KEY}"},
        {"note": f"postgresql://user:{KEY}@host/db"},
        {"note": f"https://x.example/f?expires=1&signature={KEY}"},
        {"X-API-Key": KEY},
        {"variables": {"anything": KEY}},
        {"error": ValueError(KEY)},
    ],
)
def test_a_secret_reaches_no_line_wherever_it_stands(written: io.StringIO, fields: dict[str, Any]) -> None:
    logs.log.warning("something", **fields)

    assert KEY not in written.getvalue()
    assert logs.REDACTED in written.getvalue()


@pytest.mark.parametrize("around", ["{}", "refused {}, twice", "Bearer {}", "bearer%20{}", '{{"jwt":"{}"}}'])
def test_a_json_web_token_reaches_no_line_wherever_it_stands(written: io.StringIO, around: str) -> None:
    parts = ("eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJ1c2VyLTEifQ", "c2ln-bmF0_dXJl")

    logs.log.warning("something", note=around.format(".".join(parts)))

    assert logs.REDACTED in written.getvalue()
    assert [part for part in parts if part in written.getvalue()] == []


def test_a_secret_in_a_traceback_is_left_out_too(written: io.StringIO) -> None:
    try:
        raise LookupError(KEY)
    except LookupError:
        logs.log.exception("it broke")

    [line] = lines(written)
    assert "LookupError: [redacted]" in line["exception"]
    assert KEY not in written.getvalue()


def test_counts_whose_names_sound_like_secrets_stay_readable(written: io.StringIO) -> None:
    logs.log.info("parsed", tokens=12, path="/campaigns/01JC0000000000000000000000")

    [line] = lines(written)
    assert (line["tokens"], line["path"]) == (12, "/campaigns/01JC0000000000000000000000")


def test_libraries_speak_through_the_same_lines(written: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    logging.getLogger("uvicorn.access").info("not again")

    [line] = lines(written)
    assert (line["event"], line["logger"], line["level"]) == (
        "Started server process [7]",
        "uvicorn.error",
        "info",
    )


def test_lines_below_the_level_are_not_written(written: io.StringIO) -> None:
    logs.configure("error", written)

    logs.log.warning("too quiet")
    logs.log.error("heard")

    assert [line["event"] for line in lines(written)] == ["heard"]


async def test_a_connection_that_is_refused_stands_in_the_log_under_the_id_that_it_was_told(
    written: io.StringIO, sqlite_store_url: str
) -> None:
    async with open_house(sqlite_store_url) as house:
        with pytest.raises(InvalidStatus) as refused:
            async with talking(house, origin=Origin("https://evil.example")):
                pass

    told = {line["level"]: line for line in lines(written) if line.get("event") == "request"}
    assert told["info"]["status"] == 403
    assert told["info"]["request_id"] == json.loads(refused.value.response.body)["request_id"]
    assert [line for line in lines(written) if line["level"] in ("warning", "error")] == []


def test_text_that_json_cannot_hold_does_not_break_the_line(written: io.StringIO) -> None:
    logs.log.info("odd", text="\ud800", number=2**80)

    assert lines(written)[0]["number"] == 2**80


def test_on_a_terminal_the_lines_are_for_people() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    formatted = logs._renderer(Terminal())(None, "info", {"event": "hello", "level": "info", "status": 200})

    assert "hello" in formatted
    assert not formatted.startswith("{")
