"""Answers that their asker holds already: a tag, and 304 instead of the same once more."""

from __future__ import annotations

from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response

ANEW = ("no-cache", "no-store")
NAMED = "if-none-match"
SIZE = 15  # bytes of a tag, and of what it is made of


def print_of(body: bytes) -> bytes:
    """What stands for an answer in its tag."""
    return blake2b(body, digest_size=SIZE).digest()


def tag_of(told: bytes, organization_id: int, request: Request) -> str:
    """A weak tag of an answer, by its print: what says the same in another form has the same, but only at
    the same address and for the same organization."""
    asked = b"%d %b?%b" % (organization_id, request.scope["path"].encode(), request.scope["query_string"])
    return f'W/"{blake2b(asked, digest_size=SIZE, key=told).hexdigest()}"'


def wants_anew(request: Request) -> bool:
    """Whether nothing kept will do."""
    said = request.headers.get("cache-control")
    return said is not None and any(word in said.lower() for word in ANEW)


def is_held(request: Request, etag: str) -> bool:
    """Whether If-None-Match names this answer, or any, in as many fields as it likes; weakly, as it must."""
    if request.headers.get(NAMED) is None:
        return False
    opaque, named = etag.removeprefix("W/"), ",".join(request.headers.getlist(NAMED))
    return any(one.strip().removeprefix("W/") in (opaque, "*") for one in named.split(","))


def tagged(request: Request, response: Response, organization_id: int) -> Response:
    """The response with its tag; without its body, when the organization holds that already."""
    etag = tag_of(print_of(bytes(response.body)), organization_id, request)
    response.headers["ETag"] = etag
    if not is_held(request, etag):
        return response
    told = Response(None, 304)
    told.headers.update({k: v for k, v in response.headers.items() if not k.startswith("content-")})
    return told
