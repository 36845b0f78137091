"""Raw messages that were created in a window, oldest first; test messages never count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import MESSAGES, Message
from resolvers.caller import Caller
from resolvers.exports.selected import streamed
from resolvers.exports.source import Asking, Params, Rows, Source, home_of
from resolvers.formats.columns import Column, Kind, moment, text
from resolvers.kept import Kept, Layer, expired
from resolvers.messages import status
from resolvers.periods import Window
from resolvers.scope import mine

_LABELS: dict[str, Any] = {
    "message_id": Message.id,
    "campaign_id": Message.campaign_id,
    "contact_id": Message.contact_id,
    "sender_id": Message.sender_id,
    "channel": Message.channel,
    "direction": Message.direction,
    "status": status(),
    "content_type": Message.content_type,
    "source": Message.source,
    "error_code": Message.error_code,
    "bounce_reason": Message.bounce_reason,
}
_AMOUNTS = {"segments": "segments", "credits": "credits", "cost_micros": "micros"}
_MOMENTS = tuple(column.name for column in Message.__table__.columns if column.name.endswith("_at"))
COLUMNS = (
    *map(text, _LABELS),
    *(Column(name, Kind.WHOLE, unit) for name, unit in _AMOUNTS.items()),
    *map(moment, _MOMENTS),
)


class MessagesParams(Params):
    """Which messages."""

    window: Window
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    statuses: tuple[str, ...] = ()


def _columns(_: MessagesParams) -> tuple[Column, ...]:
    return COLUMNS


def select(asking: Asking, params: MessagesParams) -> sa.Select[Any]:
    """The messages as one statement. Raises Expired when some that were created in the window are gone."""
    check_kept(asking.home.kept, params.window)
    table = Message.__table__
    cells = [expression.label(name) for name, expression in _LABELS.items()]
    found = mine(
        sa.select(*cells, *(table.c[name] for name in (*_AMOUNTS, *_MOMENTS))), asking.organization.id
    )
    end = max(min(params.window.end, asking.as_of), params.window.start)
    found = found.where(Message.created_at >= params.window.start, Message.created_at < end, MESSAGES.where)
    found = found.where(*(MESSAGES.splits[name].column.in_(values) for name, values in params.where))
    if params.statuses:
        found = found.where(status().in_(params.statuses))
    return found.order_by(Message.created_at, Message.id)


def check_kept(kept: Kept, window: Window) -> None:
    """Raises Expired for a window of which retention has taken messages."""
    if not kept.holds(MESSAGES, None, window):
        raise expired(window, [Layer(None, kept.since(MESSAGES, None), lambda span: span)], ())


async def _check(db: AsyncConnection, caller: Caller, params: MessagesParams) -> None:
    check_kept((await home_of(db, caller.organization)).kept, params.window)


def _rows(asking: Asking, params: MessagesParams) -> Rows:
    return streamed(asking.db, select(asking, params))


RAW_MESSAGES = Source(
    "messages",
    "Raw messages that were created in a window, oldest first, with the moment each thing happened to them.",
    MESSAGES,
    MessagesParams,
    _columns,
    _rows,
    _check,
    select,
    takes=timedelta(minutes=1),
)
