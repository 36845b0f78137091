"""Connections with limits from their first byte: uvicorn sets none before a request's head is whole.

Without them a head may be a megabyte, or come a byte a minute for ever.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, cast

import orjson
import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from gateway.headers import EVERYWHERE
from gateway.logs import HUNG_UP, REQUEST_ID_HEADER, TASK, new_request_id
from gateway.problem import MEDIA_TYPE, told

MAX_HEAD = 64 * 1024
HEAD_TIMEOUT_S = 10.0
MOST_WAITING = 100  # requests behind the one that is answered; then no more are listened to
NOT_HTTP = HTTPStatus.BAD_REQUEST, "BAD_REQUEST", "This is not HTTP as it is understood here."
TOO_LARGE = (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "HEAD_TOO_LARGE",
    f"The address and the headers of a request may have {MAX_HEAD} bytes together.",
)
TOO_LATE = (
    HTTPStatus.REQUEST_TIMEOUT,
    "HEAD_TOO_LATE",
    f"The headers of the request took longer than {HEAD_TIMEOUT_S:g} seconds to arrive.",
)

log = structlog.stdlib.get_logger("heliograph")


class Connection(HttpToolsProtocol):
    """uvicorn's own, with a limit and a time for the head of a request, and refusals in JSON."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected, and has so long to say what for."""
        super().connection_made(transport)
        self._head, self._is_in_head, self._is_in_body, self._may_be_too_large = 0, False, False, False
        self._has_had_a_head = self._is_upgraded = self._is_deaf = False
        self._refusal = NOT_HTTP
        self._patience: asyncio.TimerHandle | None = None
        self._answered: RequestResponseCycle | None = None
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever it was is gone: what is being worked out for them is given up."""
        self._wait_no_more()
        super().connection_lost(exc)
        self.pipeline.clear()
        cycle = self._answered
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
            scope = cast(dict[str, Any], cycle.scope)
            scope[HUNG_UP] = True
            task: asyncio.Task[Any] | None = scope.get(TASK)
            if task is not None:
                task.cancel()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """One at a time is answered, in the order they came in."""
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def data_received(self, data: bytes) -> None:
        """Some bytes: of a head that is not whole yet there may be only so many."""
        if self._is_deaf:
            return
        before = 0 if self._is_in_body else self._head + len(data)
        self._may_be_too_large, self._has_had_a_head = max(before, len(data)) > MAX_HEAD, False
        super().data_received(data)
        self._head = before if self._is_in_head and not self._has_had_a_head else 0
        if self._head > MAX_HEAD:
            self._refuse(TOO_LARGE)
        elif self._is_in_head or self._is_idle:
            self._wait()

    def on_message_begin(self) -> None:
        """A head begins."""
        if len(self.pipeline) >= MOST_WAITING:
            raise ValueError  # the parser stops, and its owner asks for a refusal
        self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A head is whole."""
        self._is_in_head, self._has_had_a_head = False, True
        if self._patience is not None:
            self._wait_no_more()
        if (
            self._may_be_too_large
            and len(self.url) + sum(len(a) + len(b) for a, b in self.headers) > MAX_HEAD
        ):
            self._refusal = TOO_LARGE
            raise ValueError  # the parser stops, and its owner asks for a refusal
        super().on_headers_complete()
        self._is_in_body = True
        if self.pipeline:
            self.flow.resume_reading()  # else nobody would hear that they hang up

    def on_message_complete(self) -> None:
        """A request is whole."""
        self._is_in_body = False
        super().on_message_complete()

    @property
    def _is_idle(self) -> bool:
        """Whether nothing is under way, and uvicorn does not count the seconds itself."""
        if self._is_upgraded or self.timeout_keep_alive_task is not None:
            return False
        return not self._is_in_body if self.cycle is None else self.cycle.response_complete

    def handle_websocket_upgrade(self) -> None:
        """Another protocol goes on from here."""
        self._is_upgraded = True
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """What cannot be understood is refused."""
        self._refuse(self._refusal)

    def _wait(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(HEAD_TIMEOUT_S, self._too_late)

    def _wait_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _too_late(self) -> None:
        self._patience = None
        if self._is_in_head:
            self._refuse(TOO_LATE)
        else:
            self.transport.close()  # not a word was said

    def _refuse(self, refusal: tuple[HTTPStatus, str, str]) -> None:
        """Answer, unless answers to earlier requests are under way, and hang up."""
        self._wait_no_more()
        if self._leaves_others():
            return
        is_begun = self.cycle is not None and not self.cycle.response_complete and self.cycle.response_started
        if not is_begun and not self.transport.is_closing():
            status, code, title = refusal
            id = new_request_id()
            log.info("refused before it was a request", status=int(status), code=code, request_id=id)
            self.transport.write(_response(status, told(status, title, code, id), id))
        self.transport.close()

    def _leaves_others(self) -> bool:
        """Whether requests that came whole are not answered yet: they are, then we hang up, and until then
        nothing more is listened to."""
        whole = [cycle for cycle, _ in self.pipeline]  # the last that came first
        if self._answered is not None and not self._answered.response_complete:
            whole.append(self._answered)
        if whole and self._is_in_body:  # the last is what is refused
            whole.pop(0)
            if self.pipeline:
                self.pipeline.popleft()
        if whole:
            self._is_deaf, whole[0].keep_alive = True, False
        return self._is_deaf


class Upgraded(WebSocketsSansIOProtocol):
    """uvicorn's own for WebSockets, which complains of a refusal with a body as of no answer at all, and
    answers pings, and waits, for ever, for who does not read."""

    def pause_writing(self) -> None:
        """They do not read: what they say is left unread, too."""
        super().pause_writing()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """They read again."""
        super().resume_writing()
        if not self.read_paused:
            self.transport.resume_reading()

    async def receive(self) -> Any:
        """The next message; uvicorn goes on reading when it was the last that had come."""
        message = await super().receive()
        if not self.writable.is_set() and not self.transport.is_closing():
            self.transport.pause_reading()
        return message

    def keepalive_timeout(self) -> None:
        """They have not said for long that they are there: they need not read what is left for them."""
        super().keepalive_timeout()
        self.transport.abort()

    async def send(self, message: Any) -> None:
        """Send one message of ours; a refusal is whole with its body."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True


def _response(status: HTTPStatus, told: dict[str, Any], id: str) -> bytes:
    body = orjson.dumps(told)
    headers = (
        b"content-type: " + MEDIA_TYPE.encode(),
        b"content-length: %d" % len(body),
        *(name + b": " + value for name, value in EVERYWHERE),
        REQUEST_ID_HEADER + b": " + id.encode(),
        b"connection: close",
    )
    return STATUS_LINE[status] + b"\r\n".join(headers) + b"\r\n\r\n" + body
