"""Registered documents: kept, found and forgotten by the hash of their text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import PersistedDocument
from models.errors import UnknownDocument

KIND = "sha256:"


@dataclass(frozen=True)
class Registered:
    """One document in the list of all."""

    id: str
    label: str
    created_at: datetime


@lru_cache(maxsize=512)
def document_id(text: str) -> str:
    """The id of a document: 'sha256:' and the hash of exactly this text, in hex."""
    return KIND + hashlib.sha256(text.encode()).hexdigest()


async def find_document(db: AsyncConnection, id: str) -> str | None:
    """The text of a registered document; None when there is none of this id."""
    select = sa.select(PersistedDocument.text).where(PersistedDocument.id == id)
    return (await db.execute(select)).scalar_one_or_none()


async def register(db: AsyncConnection, texts: Mapping[str, str], label: str, now: datetime) -> int:
    """Keep documents by their ids, and say how many were not here yet."""
    held = set((await db.execute(sa.select(PersistedDocument.id))).scalars())
    rows = [
        {"id": id, "text": text, "label": label, "created_at": now}
        for id, text in texts.items()
        if id not in held
    ]
    if rows:
        await db.execute(sa.insert(PersistedDocument), rows)
    return len(rows)


async def registered(db: AsyncConnection) -> list[Registered]:
    """Every registered document, the newest first."""
    table = PersistedDocument.__table__
    select = sa.select(table.c.id, table.c.label, table.c.created_at)
    rows = await db.execute(select.order_by(table.c.created_at.desc(), table.c.id))
    return [Registered(row.id, row.label, row.created_at) for row in rows]


async def forget(db: AsyncConnection, id: str) -> None:
    """Run the document no more. Raises UnknownDocument."""
    gone = sa.delete(PersistedDocument).where(PersistedDocument.id == id)
    if (await db.execute(gone)).rowcount == 0:
        raise UnknownDocument(f"There is no registered document '{id}'.")
