"""GraphQL over WebSockets: the protocol graphql-transport-ws, many operations on one connection.

The key comes in the Authorization header or, from browsers, which cannot set one, in the payload of
`connection_init`. Each operation goes through the door with a fresh context, and asks anew whether the key
still holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Any

import orjson
from starlette.requests import Request
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from gateway.answer import Answer, refused, unforeseen
from gateway.auth import ORGANIZATION_HEADER, Auth
from gateway.body import Unreadable
from gateway.door import Door
from gateway.graphql.requests import MAX_BODY, document_of
from gateway.graphql.welcome import while_welcome
from gateway.problem import problem
from models.errors import HeliographError, InvalidInput, TooManyOperations
from resolvers.caller import METRICS_READ, Caller

PROTOCOL = "graphql-transport-ws"
INIT_WITHIN_S = 10.0
MOST_OPERATIONS = 100
PASSED_ON = ("authorization", ORGANIZATION_HEADER.lower())
REASON_BYTES = 120  # a close frame holds no more
AGAIN = 1013  # what clients take as: try again later
GONE = WebSocketDisconnect, WebSocketDisconnected  # `serve` hears of it too, and stops what runs


class Closed(Exception):
    """The connection ends, with one of the protocol's codes and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class SocketEndpoint:
    """`/graphql` as a WebSocket. Pages of other origins than `origins` and our own are turned away."""

    def __init__(self, door: Door, auth: Auth, origins: tuple[str, ...] = ()) -> None:
        self._door, self._auth, self._origins = door, auth, origins

    async def __call__(self, socket: WebSocket) -> None:
        """Serve one connection until either side ends it."""
        if not self._is_welcome(socket):
            await _deny(socket, 403, "Pages of this origin may not connect; see CORS_ORIGINS.", "FORBIDDEN")
        elif PROTOCOL not in socket.scope.get("subprotocols", ()):
            await _deny(socket, 400, f"Subprotocol not acceptable: speak {PROTOCOL}.", "BAD_REQUEST")
        else:
            await socket.accept(PROTOCOL)
            await Connection(socket, self._door, self._auth).serve()

    def _is_welcome(self, socket: WebSocket) -> bool:
        origin = socket.headers.get("origin")
        if origin is None or "*" in self._origins or origin in self._origins:
            return True
        return origin.partition("://")[2] == socket.headers.get("host")


async def nowhere(socket: WebSocket) -> None:
    """What a WebSocket for any other address is told."""
    await _deny(socket, 404, "There is no WebSocket at this address; open it at /graphql.", "NOT_FOUND")


async def _deny(socket: WebSocket, status: int, title: str, code: str) -> None:
    await socket.send_denial_response(problem(status, title, code))


class Connection:
    """One accepted WebSocket."""

    def __init__(self, socket: WebSocket, door: Door, auth: Auth) -> None:
        self._socket, self._door, self._auth = socket, door, auth
        self._request = Request({**socket.scope, "type": "http", "method": "GET"})
        self._is_open = False
        self._running: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Take messages until the end, then stop what still runs."""
        try:
            async with asyncio.timeout(INIT_WITHIN_S):
                await self._take(await self._message())
                while not self._is_open:
                    await self._take(await self._message())
            while True:
                await self._take(await self._message())
        except TimeoutError:
            await self._close(4408, "Connection initialisation timeout")
        except Closed as end:
            await self._close(end.code, end.reason)
        except WebSocketDisconnect:
            pass
        finally:
            running = list(self._running.values())
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _message(self) -> dict[str, Any]:
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1000))
        text = received.get("text")
        if text is None or len(text) > MAX_BODY:
            raise Closed(4400, f"A message is a text of at most {MAX_BODY} characters.")
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise Closed(4400, "A message is JSON.") from error
        if not isinstance(message, dict):
            raise Closed(4400, "A message is a JSON object.")
        return message

    async def _take(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "connection_init":
                await self._begin(message.get("payload"))
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(_id(message), message.get("payload"))
            case "complete":
                if task := self._running.pop(_id(message), None):
                    task.cancel()
            case _:
                raise Closed(4400, "That is no message of this protocol.")

    async def _begin(self, payload: Any) -> None:
        if self._is_open:
            raise Closed(4429, "Too many initialisation requests")
        if not isinstance(payload, dict | None):
            raise Closed(4400, "The payload of connection_init is a JSON object.")
        self._request = _with_headers(self._socket, payload or {})
        try:
            await self._caller()
        except HeliographError as error:
            raise Closed(4403 if error.status < 500 else AGAIN, error.message) from error
        self._is_open = True
        await self._send({"type": "connection_ack"})

    async def _caller(self) -> Caller:
        return await self._door.in_time(self._auth.caller(self._request, METRICS_READ))

    async def _subscribe(self, id: str, payload: Any) -> None:
        if not self._is_open:
            raise Closed(4401, "Unauthorized")
        if not isinstance(payload, dict):
            raise Closed(4400, "The payload of subscribe is a JSON object.")
        if id in self._running:
            raise Closed(4409, f"Subscriber for {id} already exists")
        if len(self._running) < MOST_OPERATIONS:
            self._running[id] = asyncio.create_task(self._run(id, payload))
        else:  # here, not in a task: who does not read what they are told is not listened to either
            await self._tell(id, refused(TooManyOperations(max=MOST_OPERATIONS)))

    async def _run(self, id: str, payload: dict[str, Any]) -> None:
        try:
            document = document_of(payload, None)
            watched = self._door.watch(await self._caller(), document)
            async with aclosing(while_welcome(watched, self._caller)) as answers:
                async for answer in answers:
                    await self._tell(id, answer)
                    if answer.was_refused:
                        return
            await self._end(id, {"type": "complete"})
        except Unreadable as error:
            await self._tell(id, refused(InvalidInput(str(error))))
        except HeliographError as error:
            await self._tell(id, refused(error))
        except Exception as error:
            await self._tell(id, unforeseen(error))

    async def _tell(self, id: str, answer: Answer) -> None:
        if answer.was_refused:
            await self._end(id, {"type": "error", "payload": answer.errors})
        else:
            await self._send({"id": id, "type": "next", "payload": answer.body})

    async def _end(self, id: str, message: dict[str, Any]) -> None:
        """Send the last message of an operation, whose id is free from then on."""
        await self._send({"id": id, **message})
        self._running.pop(id, None)

    async def _send(self, message: dict[str, Any]) -> None:
        with suppress(*GONE):
            await self._socket.send_text(orjson.dumps(message).decode())

    async def _close(self, code: int, reason: str) -> None:
        with suppress(*GONE):
            await self._socket.close(code, reason.encode()[:REASON_BYTES].decode(errors="ignore"))


def _id(message: dict[str, Any]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not id:
        raise Closed(4400, "The id of an operation is a text.")
    return id


def _with_headers(socket: WebSocket, payload: Mapping[str, Any]) -> Request:
    """The request that asked for the connection, with the headers that the payload holds."""
    told = {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
    found = [(name, value) for name, value in socket.scope["headers"] if name.decode("latin-1") not in told]
    found += [(name.encode(), told[name].encode("latin-1", "replace")) for name in PASSED_ON if name in told]
    return Request({**socket.scope, "type": "http", "method": "GET", "headers": found})
