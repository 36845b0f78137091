"""The inbox: conversations between contacts and users, and how long each step of them took.

Only what happened is told: a thread was opened, assigned, answered, tagged, closed. Everything that takes
time is worked out from the events around it, so their order of arrival cannot matter.
"""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc, millis_between
from models.contacts import CONTACTS
from models.fact import ZERO, Dimension, Fact, Guard, Ratio, Span, Sum, View, count, everything, weights


class InboxThread(Base):
    """Everything said with one contact in one place; opened and closed again and again."""

    __tablename__ = "inbox_threads"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


class InboxTag(Base):
    """A label that users put on threads."""

    __tablename__ = "inbox_tags"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    color: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Utc)


class InboxEvent(Base):
    """Something happened to a thread."""

    __tablename__ = "inbox_events"
    __table_args__ = (
        sa.Index(None, "organization_id", "thread_id", "at"),
        sa.Index(None, "organization_id", "at"),
    )

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    thread_id: Mapped[str]
    kind: Mapped[str]
    user_id: Mapped[str]
    tag_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)


def _word(kind: str) -> sa.ColumnElement[str]:
    """A kind of event, written out: SQLite plans windows and joins better than with parameters."""
    return sa.literal_column(f"'{kind}'", sa.String)


def _turns(only: Guard, span: Span | None = None) -> sa.Subquery:
    """Each event with the moments around it: when its conversation was opened and assigned, when the same was
    done before, and when the next one was opened. A thread that was never said to be opened was
    opened when it was made, unless things happened to it before. Of a span only the threads that anything
    happened to in it."""
    event, thread = InboxEvent.__table__, InboxThread.__table__
    line: dict[str, Any] = {
        "partition_by": (event.c.organization_id, event.c.thread_id),
        "order_by": (event.c.at, event.c.id),
    }

    def over(function: Any, kind: str, rows: tuple[int | None, int | None]) -> sa.ColumnElement[Any]:
        return function(sa.case((event.c.kind == _word(kind), event.c.at))).over(**line, rows=rows)

    same: dict[str, Any] = {**line, "partition_by": (*line["partition_by"], event.c.kind)}
    made = sa.case((thread.c.created_at <= event.c.at, thread.c.created_at))
    theirs = sa.and_(thread.c.id == event.c.thread_id, only(thread))
    return (
        sa.select(
            *(event.c.organization_id, event.c.id, event.c.thread_id),
            *(event.c.kind, event.c.user_id, event.c.tag_id, event.c.at),
            sa.func.coalesce(thread.c.contact_id, "").label("contact_id"),
            sa.func.coalesce(over(sa.func.max, "opened", (None, 0)), made).label("opened_at"),
            over(sa.func.max, "assigned", (None, 0)).label("assigned_at"),
            over(sa.func.min, "opened", (0, None)).label("next_opened_at"),
            sa.func.lag(event.c.at).over(**same).label("before"),
        )
        .select_from(event.outerjoin(thread, theirs))
        .where(only(event), *_busy(event, only, span))
        .subquery("inbox_turns")
    )


def _busy(event: Any, only: Guard, span: Span | None) -> list[sa.ColumnElement[bool]]:
    """Whether an event is of a thread that anything happened to in the span."""
    if span is None:
        return []
    recent = event.alias("recent")
    within = (only(recent), recent.c.at >= span[0], recent.c.at < span[1])
    return [event.c.thread_id.in_(sa.select(recent.c.thread_id).where(*within))]


def _tagged(only: Guard, span: Span | None = None) -> sa.Subquery:
    """Each time a tag was put on; and each answer and closing, once for each tag that its thread carried at
    any time of that conversation."""
    turn, tag, later = (
        _turns(only, span),
        InboxEvent.__table__.alias("tag"),
        InboxEvent.__table__.alias("later"),
    )
    gone = sa.exists().where(  # or put on anew, and then that is the one that counts
        *(only(later), later.c.thread_id == tag.c.thread_id, later.c.tag_id == tag.c.tag_id),
        later.c.kind.in_((_word("tag_added"), _word("tag_removed"))),
        *(later.c.at >= tag.c.at, sa.or_(later.c.at > tag.c.at, later.c.id > tag.c.id)),
        later.c.at <= turn.c.opened_at,
    )
    carried = sa.and_(only(tag), tag.c.thread_id == turn.c.thread_id, tag.c.kind == _word("tag_added"))
    kept = [column for column in turn.c if column.name != "tag_id"]
    under = (
        sa.select(*kept, tag.c.tag_id)
        .distinct()
        .select_from(turn.join(tag, carried))
        .where(
            turn.c.kind.in_((_word("answered"), _word("closed"))),
            sa.or_(turn.c.next_opened_at.is_(None), tag.c.at < turn.c.next_opened_at),
            ~gone.correlate(turn, tag),
        )
    )
    added = sa.select(*kept, turn.c.tag_id).where(turn.c.kind == _word("tag_added"))
    return sa.union_all(under, added).subquery("inbox_tagged")


def _of_kind(turns: sa.FromClause, kind: str, *known: Any) -> sa.ColumnElement[bool]:
    return sa.and_(turns.c.kind == _word(kind), *(moment.is_not(None) for moment in known))


def _fact(
    name: str, about: str, view: View, sums: tuple[str, str, str], split: Dimension, leaves_out: str
) -> Fact:
    """What users and tags have in common: answers, closings, and how long they took."""
    turns = view(everything, None)
    opened, assigned = turns.c.opened_at, turns.c.assigned_at
    first = sa.and_(
        _of_kind(turns, "answered", opened),
        sa.or_(turns.c.before.is_(None), turns.c.before < opened),
    )
    resolved = _of_kind(turns, "closed", opened)
    handled = sa.and_(_of_kind(turns, "closed", assigned), sa.or_(opened.is_(None), assigned >= opened))

    def took(name: str, about: str, when: Any, since: Any) -> Sum:
        millis = sa.case((when, millis_between(since, turns.c.at)), else_=ZERO)
        return Sum(name, "milliseconds", about, millis)

    def mean(name: str, of: str, about: str) -> Ratio:
        millis = {f"{name.removeprefix('average_')}_millis": Fraction(1, 1000)}
        return Ratio(
            name, millis, weights(of), f"Mean time. {about}", unit="seconds", times=1, low_is_good=True
        )

    return Fact(
        name=name,
        about=about,
        table=turns,
        view=view,
        time=turns.c.at,
        key=turns.c.id,
        leaves_out=(
            leaves_out,
            "Conversations of which the opening or the assignment was never told take no part in mean times.",
        ),
        sums=(
            count(sums[0], sums[1], turns.c.kind == sums[2], "events"),
            count("closures", "Conversations closed.", turns.c.kind == "closed", "events"),
            count("first_responses", "Conversations answered for the first time.", first, "events"),
            count("resolved", "Conversations closed of which the opening is known.", resolved, "events"),
            count("handled", "Conversations closed after they had been assigned.", handled, "events"),
            took("first_response_time_millis", "From opening to the first answer.", first, opened),
            took("resolution_time_millis", "From opening to closing.", resolved, opened),
            took("handle_time_millis", "From the last assignment to closing.", handled, assigned),
        ),
        ratios=(
            mean(
                "average_first_response_time",
                "first_responses",
                "Mean time from opening to the first answer.",
            ),
            mean("average_resolution_time", "resolved", "Mean time from opening to closing."),
            mean("average_handle_time", "handled", "Mean time from the last assignment to closing."),
        ),
        dimensions=(split,),
        details=(
            Dimension("thread", "The thread.", turns.c.thread_id, wide=True),
            Dimension("contact", "The contact of the thread.", turns.c.contact_id, wide=True, of=CONTACTS),
        ),
        tiers=(),
        counted_with="message",
    )


INBOX = _fact(
    "inbox",
    "What users did in the inbox, each thing when it happened.",
    _turns,
    ("assignments", "Conversations assigned to somebody.", "assigned"),
    Dimension("user", "The user.", _turns(everything).c.user_id),
    "Answers after the first one, and tags, count for nothing here.",
)
INBOX_TAGS = _fact(
    "inbox_tag",
    "What happened under the tags of the inbox, each thing when it happened.",
    _tagged,
    ("additions", "Times a tag was put on.", "tag_added"),
    Dimension("tag", "The tag.", _tagged(everything).c.tag_id),
    "Conversations that carried no tag count for nothing here.",
)
