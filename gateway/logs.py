"""Lines about what happened: JSON for machines, columns on a terminal, and never a secret.

event → level, time, request id → exception as text → redaction → one line on stderr.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import nullcontext
from contextvars import ContextVar
from functools import lru_cache
from random import getrandbits
from time import perf_counter
from typing import Any, TextIO

import orjson
import structlog
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.stdlib import ProcessorFormatter
from ulid import ULID

from gateway.headers import EVERYWHERE

REQUEST_ID_HEADER = b"x-request-id"
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
BEGINNINGS = frozenset({"http.response.start", "websocket.http.response.start", "websocket.accept"})
QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
CHATTY_LOGGERS = ("aiosqlite", "alembic", "asyncio", "httpcore2", "httpx2", "multipart")
REDACTED = "[redacted]"
SECRET_NAMES = re.compile(
    r"authorization|cookie|credential|password|secret|signature|token|api[_-]?key|^(key|query_string|variables)$",
    re.IGNORECASE,
)
SECRET_TEXTS = (
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1 {REDACTED}"),
    (re.compile(r"(://[^\s/:@]*):[^\s/@]+@"), rf"\1:{REDACTED}@"),
    (re.compile(r"\b[a-z]{2,16}_(?:live|test)_[\w-]{8,}"), REDACTED),
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*"), REDACTED),  # a JSON Web Token; eyJ is {" in base64
    (
        re.compile(r"([?&][\w-]*(?:key|token|sig|signature|secret|password)=)[^&\s]+", re.IGNORECASE),
        rf"\1{REDACTED}",
    ),
)
# signed links carry their token as a segment of the path
LONG_SEGMENT = re.compile(r"(?<=/)[^/]{41,}")

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's, which a ULID is spelled in
ANY_LETTER = LETTERS.encode() * 8  # one for each byte, each as often as any other
LEVELS = {logging.DEBUG: "debug", logging.INFO: "info"}
SHORT = 300  # characters of a text whose clean form is remembered

_current: ContextVar[str | None] = ContextVar("request_id", default=None)
_stamped = structlog.processors.TimeStamper(fmt="iso", utc=True)
_BEGAN = perf_counter() - ULID().timestamp  # 1970, by the clock that never goes back
_root, _logger = logging.getLogger(), logging.getLogger("heliograph")
log = structlog.stdlib.get_logger("heliograph")


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Send our lines and those of every library through one handler; calling again replaces it."""
    stream = stream or sys.stderr
    chain = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _stamped,
        add_request_id,
    )
    finish = (ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info, redact)
    handler = _Handler(stream)
    handler.is_json = not stream.isatty()
    handler.setFormatter(ProcessorFormatter(foreign_pre_chain=chain, processors=(*finish, _renderer(stream))))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *chain, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    _attach(handler, level)


def request_id() -> str | None:
    """The id of the request being answered, the one in its X-Request-Id header; None outside of one."""
    return _current.get()


def new_request_id() -> str:
    """A fresh ULID: 26 characters that sort by time; the library takes four times as long."""
    chance = getrandbits(128).to_bytes(16, "big").translate(ANY_LETTER).decode()
    return _spelled(int((perf_counter() - _BEGAN) * 1000)) + chance


@lru_cache(maxsize=2)
def _spelled(milliseconds: int) -> str:
    return "".join([LETTERS[milliseconds >> shift & 31] for shift in range(45, -1, -5)])


def is_sane_id(value: str) -> bool:
    """Whether a caller's own request id may be used as it is."""
    return REQUEST_ID.fullmatch(value) is not None


def add_request_id(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The line with the id of the request it belongs to."""
    if current := _current.get():
        event.setdefault("request_id", current)
    return event


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The line without keys, passwords and signatures, whatever they stand in."""
    return {name: _clean(name, value) for name, value in event.items()}


def shown_path(path: str) -> str:
    """The path as a log may hold it: segments long enough to be a signed token are left out."""
    return LONG_SEGMENT.sub(REDACTED, path)


TASK, HUNG_UP = "heliograph.task", "heliograph.hung_up"  # in a scope: who answers; that nobody listens


class AccessLog:
    """One line per request: method, path, status, how long, how many bytes, for which organization.

    Each has an id, its caller's own when that is sane, which goes into every line about it and back; so
    do the headers that every answer has.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and write its line when it is over, however it ends."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        seen = {"status": 500 if scope["type"] == "http" else 403, "bytes": 0}
        start, id = perf_counter(), _id_of(scope)
        _current.set(id)

        async def watch(message: Message) -> None:
            if message["type"] in BEGINNINGS:
                message["headers"] = [
                    *message.get("headers", ()),
                    *EVERYWHERE,
                    (REQUEST_ID_HEADER, id.encode()),
                ]
            _note(message, seen)
            await send(message)

        scope.setdefault("state", {})
        scope[TASK] = asyncio.current_task()
        try:
            await self.app(scope, receive, watch)
        except asyncio.CancelledError:
            seen["status"] = 499  # the caller hung up
            if not scope.get(HUNG_UP):
                raise
        finally:
            _write(scope, seen, perf_counter() - start)


MIDDLEWARE = (Middleware(AccessLog),)


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, told apart from handlers that others put on the root logger."""

    is_json = False

    def write(self, line: str) -> None:
        """A line that is ready as it is."""
        with self.lock or nullcontext():
            self.stream.write(line + self.terminator)
            self.stream.flush()


def _attach(handler: _Handler, level: str) -> None:
    root = logging.getLogger()
    for old in [known for known in root.handlers if isinstance(known, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"  # AccessLog says it, with more
    for name in CHATTY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def _renderer(stream: TextIO) -> Any:
    if stream.isatty():
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(serializer=_json)


def _json(event: Mapping[str, Any], **_: Any) -> str:
    try:
        return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # orjson refuses lone surrogates and integers over 64 bits; a log line must not fail
        return json.dumps(event, default=str)


def _clean(name: str, value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    if SECRET_NAMES.search(name):
        return REDACTED
    if isinstance(value, Mapping):
        return {str(inner): _clean(str(inner), part) for inner, part in value.items()}
    if isinstance(value, list | tuple):
        return [_clean("", part) for part in value]
    return _text(value if isinstance(value, str) else str(value))


def _text(text: str) -> str:
    """The text without what looks like a secret."""
    for pattern, replacement in SECRET_TEXTS:
        text = pattern.sub(replacement, text)
    return text


def _note(message: Message, seen: dict[str, int]) -> None:
    kind = message["type"]
    if kind in ("http.response.body", "websocket.http.response.body"):
        seen["bytes"] += len(message.get("body", b""))
    elif kind in ("http.response.start", "websocket.http.response.start"):
        seen["status"] = message["status"]
    elif kind == "websocket.accept":
        seen["status"] = 101
    elif kind == "websocket.send":
        seen["bytes"] += len(message.get("bytes") or (message.get("text") or "").encode())


def _write(scope: Scope, seen: Mapping[str, int], seconds: float) -> None:
    organization = scope["state"].get("organization")
    level = logging.DEBUG if scope["path"] in QUIET_PATHS else logging.INFO
    told = {
        "method": scope.get("method", "WEBSOCKET"),
        "path": shown_path(scope["path"]),
        "status": seen["status"],
        "duration_ms": round(seconds * 1000, 2),
        "bytes": seen["bytes"],
        **({"organization": str(organization)} if organization else {}),
    }
    handlers = _root.handlers
    if len(handlers) == 1 and isinstance(ours := handlers[0], _Handler) and ours.is_json:
        if _logger.isEnabledFor(level):
            ours.write(_line(told, level))
    else:  # on a terminal, or when others listen too
        log.log(level, "request", **told)


def _line(told: dict[str, Any], level: int) -> str:
    """The line as the chain of processors would make it, which takes ten times as long."""
    for name in ("method", "path", "organization"):
        if (text := told.get(name)) is not None:
            told[name] = (_remembered if len(text) <= SHORT else _text)(text)
    told["event"], told["level"], told["logger"] = "request", LEVELS[level], _logger.name
    _stamped(None, "", told)
    id = _current.get() or ""
    told["request_id"] = _text(id) if "_" in id else id  # ours has none, and is no secret
    return _json(told)


_remembered = lru_cache(maxsize=1_024)(_text)


def _id_of(scope: Scope) -> str:
    """The caller's own id when it may be used as it is, else a fresh one."""
    for name, value in scope["headers"]:
        if name == REQUEST_ID_HEADER and is_sane_id(given := value.decode("latin-1")):
            return str(given)
    return new_request_id()
