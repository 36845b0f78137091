"""API keys: 256 random bits behind a readable prefix, of which only a keyed hash is stored."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import ApiKey, Instance, Organization
from models.errors import InvalidInput, NotFound
from resolvers.caller import SCOPES, Caller

BRAND = "hg_live"
MAX_LENGTH = 200
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY, _SHOWN = 43, 6  # 43 letters of 62 are 256 bits; the first 6 name the key in lists


@dataclass(frozen=True)
class NewKey:
    """A key and what is stored of it. The key itself is never seen again."""

    key: str
    prefix: str


async def instance_secret(db: AsyncConnection) -> str:
    """The secret made when this store was set up."""
    return (await db.execute(sa.select(Instance.secret))).scalar_one()


def key_hash(secret: str, key: str) -> str:
    """What is stored instead of the key."""
    return hmac.new(secret.encode(), key.encode(), sha256).hexdigest()


def random_key(brand: str = BRAND) -> str:
    """A new key, such as hg_live_3kTMd…"""
    return f"{brand}_{random_letters(_BODY)}"


def random_letters(count: int) -> str:
    """So many random letters of 62; 22 of them are 130 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(count))


def shown(key: str) -> str:
    """The part of a key that may be shown: its brand and six letters."""
    brand, _, body = key.rpartition("_")
    return f"{brand}_{body[:_SHOWN]}"


async def store_key(  # noqa: PLR0913, PLR0917
    db: AsyncConnection,
    secret: str,
    organization: Organization,
    key: str,
    scopes: tuple[str, ...],
    label: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> NewKey:
    """Let this key in. Storing the same key again changes nothing but its scopes. Raises InvalidInput."""
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise InvalidInput(f"A key needs scopes out of: {', '.join(SCOPES)}.")
    hashed = key_hash(secret, key)
    held = (await db.execute(sa.select(ApiKey.hash).where(ApiKey.hash == hashed))).scalar_one_or_none()
    if held is not None:
        await db.execute(sa.update(ApiKey).where(ApiKey.hash == hashed).values(scopes=" ".join(scopes)))
    else:
        row = {
            "hash": hashed,
            "organization_id": organization.id,
            "prefix": shown(key),
            "label": label,
            "scopes": " ".join(scopes),
            "created_at": now,
            "expires_at": expires_at,
        }
        await db.execute(sa.insert(ApiKey).values(row))
    return NewKey(key, shown(key))


async def caller_of(db: AsyncConnection, secret: str, key: str, now: datetime) -> Caller | None:
    """Whoever this key lets in; None when it is unknown, expired or revoked."""
    if not key or len(key) > MAX_LENGTH:
        return None
    select = (
        sa.select(ApiKey.__table__.c.scopes, ApiKey.__table__.c.prefix, Organization.__table__)
        .join(Organization.__table__, Organization.__table__.c.id == ApiKey.__table__.c.organization_id)
        .where(
            ApiKey.__table__.c.hash == key_hash(secret, key),
            ApiKey.__table__.c.revoked_at.is_(None),
            sa.or_(ApiKey.__table__.c.expires_at.is_(None), ApiKey.__table__.c.expires_at > now),
        )
    )
    row = (await db.execute(select)).mappings().one_or_none()
    if row is None:
        return None
    columns = {c.name: row[c.name] for c in Organization.__table__.columns}
    return Caller(Organization(**columns), frozenset(row["scopes"].split()), row["prefix"])


async def list_keys(db: AsyncConnection) -> list[dict[str, Any]]:
    """Every key with its organization's slug, newest first; nothing that would let anyone in."""
    keys = ApiKey.__table__
    columns = [
        keys.c[n]
        for n in ("prefix", "label", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at")
    ]
    select = sa.select(Organization.slug, *columns).join(keys, keys.c.organization_id == Organization.id)
    return [dict(row) for row in (await db.execute(select.order_by(keys.c.created_at.desc()))).mappings()]


async def revoke_key(db: AsyncConnection, prefix: str, now: datetime) -> None:
    """Let the key of this prefix in no more. Raises NotFound."""
    gone = (
        sa.update(ApiKey).where(ApiKey.prefix == prefix, ApiKey.revoked_at.is_(None)).values(revoked_at=now)
    )
    if (await db.execute(gone)).rowcount == 0:
        raise NotFound(f"There is no live key that begins with '{prefix}'.")


async def mark_used(db: AsyncConnection, used: dict[str, datetime]) -> None:
    """Note when keys were last used, by their prefix."""
    for prefix, at in used.items():
        await db.execute(sa.update(ApiKey).where(ApiKey.prefix == prefix).values(last_used_at=at))
