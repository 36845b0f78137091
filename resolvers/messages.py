"""The messages that came last, with whom they were exchanged."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Contact, Message
from models.messages import STATUS
from resolvers.scope import own


async def recent_messages(
    db: AsyncConnection, organization_id: int, first: int, senders: tuple[str, ...] | None
) -> list[dict[str, Any]]:
    """The newest messages of both directions; of these senders only, when they are given."""
    message, contact = Message.__table__, Contact.__table__
    theirs = sa.and_(contact.c.id == message.c.contact_id, own(contact, organization_id))
    select = (
        sa.select(
            *(message.c.id, message.c.direction, message.c.content_type, message.c.body),
            *(message.c.created_at, message.c.contact_id, STATUS.label("status")),
            sa.func.coalesce(contact.c.name, "").label("contact_name"),
            sa.func.coalesce(contact.c.phone, "").label("contact_phone"),
        )
        .select_from(message.outerjoin(contact, theirs))
        .where(own(message, organization_id), message.c.is_test == sa.false())
        .order_by(message.c.created_at.desc(), message.c.id.desc())
        .limit(first)
    )
    if senders is not None:
        select = select.where(message.c.sender_id.in_(senders))
    return [dict(row) for row in (await db.execute(select)).mappings()]
