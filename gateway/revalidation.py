"""Answers that their asker holds already: a tag, and 304 instead of the same once more."""

from __future__ import annotations

from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response

ANEW = ("no-cache", "no-store")


def tag_of(body: bytes) -> str:
    """A weak tag: what says the same in another form has the same."""
    return f'W/"{blake2b(body, digest_size=15).hexdigest()}"'


def wants_anew(request: Request) -> bool:
    """Whether nothing kept will do."""
    said = request.headers.get("cache-control")
    return said is not None and any(word in said.lower() for word in ANEW)


def is_held(request: Request, etag: str) -> bool:
    """Whether If-None-Match names this answer, or any; weakly, as it must."""
    named = request.headers.get("if-none-match")
    if named is None:
        return False
    opaque = etag.removeprefix("W/")
    return any(one.strip().removeprefix("W/") in (opaque, "*") for one in named.split(","))


def tagged(request: Request, response: Response) -> Response:
    """The response with its tag; without its body, when that is held already."""
    etag = tag_of(bytes(response.body))
    response.headers["ETag"] = etag
    if not is_held(request, etag):
        return response
    told = Response(None, 304)
    told.headers.update({k: v for k, v in response.headers.items() if not k.startswith("content-")})
    return told
