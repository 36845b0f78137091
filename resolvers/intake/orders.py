"""Orders, each put down to the last message that its contact clicked or saw before.

Whatever is told, and in whatever order: whenever an order or anything it could be put down to changes, the
orders of that contact are looked at again; not those so old that retention may have taken what they are put
down to.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from models import ORDERS, Message, MessageEvent, Order, Organization
from models.base import TENANT_KEY, Utc, minus_seconds
from models.orders import CLICK_REACHES, VIEW_REACHES
from resolvers.bulk import keys_parameter
from resolvers.counting import among, whole
from resolvers.intake.fold import NO_TOUCH, Told, later
from resolvers.intake.messages import Touched
from resolvers.intake.rows import Row, merged, rows_of
from resolvers.periods import moment
from resolvers.scope import WHOSE, mine
from resolvers.watermarks import horizon_of

ORDER, MESSAGE, EVENT = Order.__table__, Message.__table__, MessageEvent.__table__
LABELS = ("campaign_id", "source", "source_id")
_ONE = mine(sa.select(ORDER.c.id).limit(1), WHOSE)


async def take_orders(
    db: AsyncConnection, organization: Organization, told: dict[str, Told], touched: Touched
) -> int:
    """Merge orders, and put those of these contacts down anew; says how many rows changed."""
    changed = await merged(db, organization, ORDER, told, _latest, ORDERS)
    theirs = await _of_contacts(db, organization.id, touched)
    since = moment((await horizon_of(db, organization.id)).detailed) + CLICK_REACHES
    places = {
        row["id"]: row
        for row in await rows_of(db, organization.id, ORDER, ORDER.c.id, {*told, *theirs})
        if row["at"] >= since
    }
    if not places:
        return 0
    touches = await _touches(db, organization.id, places)
    for key, row in places.items():
        row.update(touches.get(key, NO_TOUCH))
    return len(changed | await merged(db, organization, ORDER, places, lambda _, row: row, ORDERS))


def _latest(held: Row | None, news: Told) -> Row:
    """The order told last, still put down to what it was."""
    if held is None:
        return news
    known = {name: held[name] for name in NO_TOUCH}
    return {**later({**held, **NO_TOUCH}, news), **known}


async def _of_contacts(db: AsyncConnection, organization_id: int, touched: Touched) -> list[str]:
    """The ids of the orders that this can reach; most organizations have none, so that is asked first."""
    if not touched.contacts:
        return []
    if (await db.execute(_ONE, {TENANT_KEY: organization_id})).first() is None:
        return []
    select = mine(sa.select(ORDER.c.id), organization_id)
    select = select.where(
        among(ORDER.c.contact_id, db.dialect.name),
        ORDER.c.at >= touched.first,
        ORDER.c.at <= touched.last + CLICK_REACHES,
    )
    found = await db.execute(select, {"keys": keys_parameter(sorted(touched.contacts), db.dialect.name)})
    return list(found.scalars())


async def _touches(
    db: AsyncConnection, organization_id: int, orders: dict[str, Row]
) -> dict[str, dict[str, str]]:
    """What each order is put down to; without those that are put down to nothing."""
    select = mine(sa.select(ORDER.c.id, _last_click(), _last_view()), organization_id)
    select = select.where(among(ORDER.c.id, db.dialect.name))
    parameters = {"keys": keys_parameter(sorted(orders), db.dialect.name)}
    found = {row.id: row for row in await db.execute(select, parameters)}
    clicks = await _by_id(db, organization_id, EVENT, (row.click for row in found.values()))
    views = await _by_id(db, organization_id, MESSAGE, (row.view for row in found.values()))
    chosen: dict[str, dict[str, str]] = {}
    for key, row in found.items():
        click, view = clicks.get(row.click), views.get(row.view)
        if click is not None and (view is None or click["at"] >= _came(view)):
            chosen[key] = _put_down("click", click["message_id"], click)
        elif view is not None:
            chosen[key] = _put_down("view", view["id"], view)
    return chosen


def _put_down(touch: str, message_id: str, row: Row) -> dict[str, str]:
    return {"touch": touch, "message_id": message_id, **{name: row[name] for name in LABELS}}


def _came(message: Row) -> datetime:
    return message["delivered_at"] or message["read_at"]


def _last_click() -> Any:
    """The last human click of the order's contact within reach; of two at once the one whose id is last."""
    found = sa.select(EVENT.c.id).where(
        *_before_order(EVENT, EVENT.c.at, CLICK_REACHES),
        EVENT.c.kind == "clicked",
        EVENT.c.actor == "human",
    )
    return found.order_by(EVENT.c.at.desc(), EVENT.c.id.desc()).limit(1).scalar_subquery().label("click")


def _last_view() -> Any:
    """The last message that came to the order's contact within reach."""
    came = sa.func.coalesce(MESSAGE.c.delivered_at, MESSAGE.c.read_at, type_=Utc())
    found = sa.select(MESSAGE.c.id).where(
        *_before_order(MESSAGE, came, VIEW_REACHES), MESSAGE.c.direction != "inbound"
    )
    return found.order_by(came.desc(), MESSAGE.c.id.desc()).limit(1).scalar_subquery().label("view")


def _before_order(table: Any, at: Any, reach: timedelta) -> list[sa.ColumnElement[bool]]:
    """A row of the order's contact that lies so shortly before it; test messages never count."""
    return [
        table.c.organization_id == ORDER.c.organization_id,
        table.c.contact_id == ORDER.c.contact_id,
        table.c.contact_id != "",  # so that the index over contacts can serve
        table.c.is_test == sa.false(),
        at <= ORDER.c.at,
        at >= minus_seconds(ORDER.c.at, whole(reach // timedelta(seconds=1))),
    ]


async def _by_id(
    db: AsyncConnection, organization_id: int, table: Any, keys: Iterable[str | None]
) -> dict[str | None, Row]:
    rows = await rows_of(db, organization_id, table, table.c.id, {key for key in keys if key is not None})
    return {row["id"]: row for row in rows}
