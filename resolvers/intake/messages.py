"""Messages and what happened to them, with the copies that events hold of their message."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from models import ENGAGEMENTS, MESSAGES, Message, MessageEvent, Organization
from resolvers.intake.fold import RULES, Told, later, tell
from resolvers.intake.rows import Row, merged, rows_of
from resolvers.periods import FIRST, LAST

COPIED = ("campaign_id", "channel", "contact_id", "source", "source_id", "is_test")
_DEFAULTS: Row = {
    c.name: c.default.arg if c.default is not None else None
    for c in Message.__table__.columns
    if "merge" in c.info
}
_TOUCHES = itemgetter("contact_id", "campaign_id", "source", "source_id")


@dataclass
class Touched:
    """Contacts of whom something changed that orders are put down to, and between when it happened."""

    contacts: set[str] = field(default_factory=set)
    first: datetime = LAST
    last: datetime = FIRST

    def add(self, contact: str, at: datetime) -> None:
        """Know of something that happened to a contact, or no longer did."""
        if contact:
            self.contacts.add(contact)
            self.first, self.last = min(self.first, at), max(self.last, at)


@dataclass
class Taken:
    """What a batch did to messages: how many rows changed, and what orders may now be put down to."""

    changed: int = 0
    touched: Touched = field(default_factory=Touched)
    now: dict[str, Row] = field(default_factory=dict)
    relabelled: list[str] = field(default_factory=list)


async def take_messages(
    db: AsyncConnection, organization: Organization, told: dict[str, Told], events: dict[str, Told]
) -> Taken:
    """Merge messages and their events."""
    taken = Taken()

    def merge(held: Row | None, news: Told) -> Row:
        row = _told(held, news)
        taken.now[row["id"]] = row
        if held is not None and any(row[name] != held[name] for name in ("created_at", *COPIED)):
            taken.relabelled.append(row["id"])
        touches = None if held is None else _touch(held), _touch(row)
        for touch in touches if touches[0] != touches[1] else ():
            if touch is not None:
                taken.touched.add(touch[1], touch[0])
        return row

    for key, state in told.items():
        state["id"] = key
    taken.changed = len(await merged(db, organization, Message.__table__, told, merge, MESSAGES))
    taken.changed += await _events(db, organization, events, taken)
    return taken


def _told(held: Row | None, news: Told) -> Row:
    """The message as held, told the news."""
    if held is None:
        row: Row = {**_DEFAULTS, **news}
    else:
        row = {**held, "birth": (not held["announced"], held["created_at"])}
        tell(row, {name: value for name, value in news.items() if name in RULES})
    unannounced, row["created_at"] = row.pop("birth")
    row["announced"] = not unannounced
    return row


def _touch(row: Row) -> tuple[Any, ...] | None:
    """What an order could be put down to, when it came and to whom first; None while it is nothing."""
    if row["is_test"] or row["direction"] == "inbound":
        return None
    came = row["delivered_at"] or row["read_at"]
    return came and (came, *_TOUCHES(row))


async def _events(
    db: AsyncConnection, organization: Organization, told: dict[str, Told], taken: Taken
) -> int:
    """Opens, clicks and replies, stamped with what is now known of their messages."""
    table = MessageEvent.__table__
    found = await rows_of(db, organization.id, table, table.c.message_id, taken.relabelled)
    rows = {**{row["id"]: row for row in found}, **told}
    for row in rows.values():
        message = taken.now[row["message_id"]]
        row.update({name: message[name] for name in COPIED}, message_created_at=message["created_at"])

    def merge(held: Row | None, news: Told) -> Row:
        copies = {name: news[name] for name in ("message_created_at", *COPIED)}
        row = later(held and {**held, **copies}, news)
        if row != held:
            for one in (held, row):
                if one is not None and one["kind"] == "clicked":
                    taken.touched.add(one["contact_id"], one["at"])
        return row

    return len(await merged(db, organization, table, rows, merge, ENGAGEMENTS))
