"""The public keys that tokens are signed with, as an issuer publishes them: a JSON Web Key Set (RFC 7517)."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

import httpx2
import orjson
import structlog
from jwt import PyJWK, PyJWTError

from models.errors import Unavailable

ASYMMETRIC = ("RS256", "ES256", "EdDSA")
KINDS = ("RSA", "EC", "OKP")
FRESH_S, LASTING_S = 600.0, 3600.0  # fetched anew after the first; not trusted after the second
AGAIN_S, RETRY_S = 30.0, 5.0  # between two attempts, when keys are known and when none are
TIMEOUT_S = 5.0

log = structlog.stdlib.get_logger("heliograph")


class Jwks:
    """The keys behind a URL: fetched when one is missed or they have grown old, but not again and again."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = httpx2.AsyncClient(timeout=TIMEOUT_S)
        self._keys: dict[str | None, PyJWK] | None = None
        self._fetched = self._tried = float("-inf")
        self._fetching = asyncio.Lock()

    async def key(self, kid: str | None) -> PyJWK | None:
        """The key of that id, None when the issuer does not publish it. Raises Unavailable."""
        age = monotonic() - self._fetched
        if age > LASTING_S:
            self._keys = None
        is_missed = self._keys is None or kid not in self._keys
        if is_missed or (age > FRESH_S and not self._fetching.locked()):
            await self._refresh()
        if self._keys is None:
            raise Unavailable("The keys that sign tokens cannot be fetched right now; try again in a moment.")
        return self._keys.get(kid)

    async def close(self) -> None:
        """Give the connection back."""
        await self._http.aclose()

    async def _refresh(self) -> None:
        async with self._fetching:
            if monotonic() - self._tried < (RETRY_S if self._keys is None else AGAIN_S):
                return  # perhaps by whoever held the lock before
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    self._keys = await self._fetch()
                self._fetched = monotonic()
            except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError) as error:
                log.warning("the keys that sign tokens cannot be fetched", error=type(error).__name__)
            finally:
                self._tried = monotonic()

    async def _fetch(self) -> dict[str | None, PyJWK]:
        response = await self._http.get(self._url)
        response.raise_for_status()
        return _usable(orjson.loads(response.content))


def _usable(published: Any) -> dict[str | None, PyJWK]:
    """The keys that verify what we take, by their id. Raises ValueError when it is no set of keys."""
    listed = published.get("keys") if isinstance(published, dict) else None
    if not isinstance(listed, list):
        raise ValueError("not a set of keys")
    found: dict[str | None, PyJWK] = {}
    for item in listed:
        key = _public(item) if isinstance(item, dict) else None
        if key is not None:
            found.setdefault(key.key_id, key)
    return found


def _public(item: dict[str, Any]) -> PyJWK | None:
    signs = item.get("use") in ("sig", None) and item.get("alg") in (*ASYMMETRIC, None)
    if not signs or item.get("kty") not in KINDS or not isinstance(item.get("kid"), str | None):
        return None
    try:
        key = PyJWK(item)
    except PyJWTError:
        return None
    return key if key.algorithm_name in ASYMMETRIC else None
