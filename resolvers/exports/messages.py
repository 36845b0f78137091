"""Raw messages that were created in a window, oldest first; test messages never count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import MESSAGES, Message
from models.messages import STATUS
from resolvers.caller import Caller
from resolvers.exports.selected import streamed
from resolvers.exports.source import Asking, Params, Rows, Source, home_of
from resolvers.filters import Where, kept
from resolvers.formats.columns import Column, Kind, moment, text
from resolvers.kept import Layer, expired
from resolvers.periods import Window
from resolvers.question import Home
from resolvers.scope import mine

_LABELS: dict[str, Any] = {
    "message_id": Message.id,
    "campaign_id": Message.campaign_id,
    "contact_id": Message.contact_id,
    "sender_id": Message.sender_id,
    "channel": Message.channel,
    "direction": Message.direction,
    "status": STATUS,
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
    where: Where = ()
    statuses: tuple[str, ...] = ()


def _columns(_: MessagesParams) -> tuple[Column, ...]:
    return COLUMNS


def select(asking: Asking, params: MessagesParams) -> sa.Select[Any]:
    """The messages as one statement. Raises Expired when some that were created in the window are gone."""
    check_kept(asking.home, params.window)
    table = Message.__table__
    cells = [expression.label(name) for name, expression in _LABELS.items()]
    found = mine(
        sa.select(*cells, *(table.c[name] for name in (*_AMOUNTS, *_MOMENTS))), asking.organization.id
    )
    end = max(min(params.window.end, asking.as_of), params.window.start)
    found = found.where(Message.created_at >= params.window.start, Message.created_at < end, MESSAGES.where)
    columns = lambda name: MESSAGES.split(name).column  # noqa: E731
    found = found.where(*kept(MESSAGES, asking.organization.id, params.where, columns))
    if params.statuses:
        found = found.where(STATUS.in_(params.statuses))
    return found.order_by(Message.created_at, Message.id)


def check_kept(home: Home, window: Window) -> None:
    """Raises Expired for a window of which retention has taken messages."""
    if not home.kept.holds(MESSAGES, None, window):
        raise expired(window, [Layer(None, home.kept.since(MESSAGES, None), lambda span: span)], ())


async def _check(db: AsyncConnection, caller: Caller, params: MessagesParams) -> None:
    check_kept(await home_of(db, caller.organization), params.window)


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
