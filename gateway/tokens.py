"""JSON Web Tokens of the operator's own issuer, such as Supabase.

token ──header──▶ shared secret or published key ──signature, issuer, audience, clock──▶ claims
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from jwt import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAlgorithmError,
    InvalidKeyError,
    InvalidTokenError,
    PyJWK,
    PyJWTError,
    decode,
    get_unverified_header,
)
from jwt.types import Options

from gateway.claims import NOT_TAKEN, Claims
from gateway.jwks import ASYMMETRIC, Jwks
from models.errors import Unauthenticated

SYMMETRIC = ("HS256",)
MAX_LENGTH = 8 * 1024
LEEWAY_S = 30  # how far the issuer's clock may be from ours

log = structlog.stdlib.get_logger("heliograph")


class Tokens:
    """Verifies tokens: HS256 with the secret, asymmetric ones with published keys; without either, none."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        organizations_claim: str,
        secret: str | None = None,
        jwks: Jwks | None = None,
        issuer: str | None = None,
        audience: str | None = None,
    ) -> None:
        self._clock, self._organizations_claim = clock, organizations_claim
        self._secret, self._jwks = secret, jwks
        self._issuer, self._audience = issuer, audience
        self._options: Options = {
            "require": ["exp", "sub"],
            "enforce_minimum_key_length": True,
            "verify_aud": audience is not None,
            # by the clock of the wall; `_check_time` goes by ours
            "verify_exp": False,
            "verify_nbf": False,
            "verify_iat": False,
        }

    async def claims(self, token: str) -> Claims:
        """What a valid token says. Raises Unauthenticated, Unavailable."""
        try:
            payload = await self._verified(token)
        except PyJWTError as error:
            log.debug("a JWT was refused", reason=type(error).__name__)
            raise Unauthenticated(NOT_TAKEN) from error
        return Claims(payload["sub"], _texts(_at(payload, self._organizations_claim)))

    async def close(self) -> None:
        """Give the connection to the issuer back."""
        if self._jwks is not None:
            await self._jwks.close()

    async def _verified(self, token: str) -> dict[str, Any]:
        if len(token) > MAX_LENGTH or not token.isascii():
            raise PyJWTError("too long, or no base64")
        header = get_unverified_header(token)
        key, algorithms = await self._key(header.get("alg"), header.get("kid"))
        payload = decode(token, key, algorithms, self._options, audience=self._audience, issuer=self._issuer)
        _check_time(payload, self._clock().timestamp())
        return payload

    async def _key(self, algorithm: object, kid: str | None) -> tuple[str | PyJWK, tuple[str, ...]]:
        """What verifies such a token, and the only algorithms it may be used with."""
        if algorithm in SYMMETRIC and self._secret is not None:
            return self._secret, SYMMETRIC
        if algorithm in ASYMMETRIC and self._jwks is not None:
            key = await self._jwks.key(kid)
            if key is None:
                raise InvalidKeyError("not published")
            return key, ASYMMETRIC
        raise InvalidAlgorithmError("not taken")


def _check_time(payload: dict[str, Any], now: float) -> None:
    starts, ends = payload.get("nbf", now), payload["exp"]
    for moment in (starts, ends):
        if not isinstance(moment, int | float):
            raise InvalidTokenError("not a moment")
    # said so that NaN, which is neither before nor after, is refused
    if not starts <= now + LEEWAY_S:
        raise ImmatureSignatureError("not yet valid")
    if not now - LEEWAY_S < ends:
        raise ExpiredSignatureError("expired")


def _at(payload: dict[str, Any], path: str) -> Any:
    """What stands under that name, be it one name with dots in it or a path of several."""
    if path in payload:
        return payload[path]
    found: Any = payload
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _texts(value: Any) -> tuple[str, ...]:
    """A text or the texts of a list, once each, without those that no database can hold."""
    listed = value if isinstance(value, list) else [value]
    texts = (text for text in listed if isinstance(text, str) and text and text.isprintable())
    return tuple(dict.fromkeys(texts))
