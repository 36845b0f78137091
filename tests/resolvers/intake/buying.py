"""Records of contacts, what they want, what they were sent, clicked and bought, which contradict one another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from models.records import (
    ContactEventRecord,
    ContactRecord,
    InboxEventRecord,
    InboxThreadRecord,
    OrderRecord,
    Record,
    WorkflowEntryRecord,
)
from tests.resolvers.intake.telling import BASE, some
from tests.worlds import event, message

CONTACTS = st.sampled_from(["1", "2"])
# Touches lie here, orders as far behind them as a touch reaches, and a microsecond beyond.
EARLY = (timedelta(), timedelta(microseconds=1), timedelta(hours=1))
REACHED = (*EARLY, timedelta(hours=24), timedelta(days=14), timedelta(days=14, hours=1, microseconds=1))


def early() -> st.SearchStrategy[datetime]:
    return st.sampled_from(EARLY).map(lambda step: BASE + step)


def reached() -> st.SearchStrategy[datetime]:
    return st.sampled_from(REACHED).map(lambda step: BASE + step)


TOUCHES: dict[str, st.SearchStrategy[Any]] = {
    "contact_id": CONTACTS,
    "campaign_id": st.sampled_from(["spring", "autumn"]),
    "direction": st.sampled_from(["outbound", "outbound", "inbound"]),
    "source": st.sampled_from(["campaign", "workflow"]),
    "is_test": st.sampled_from([False, False, True]),
}


def messages() -> st.SearchStrategy[Record]:
    told = some(**TOUCHES, delivered_at=early(), read_at=early())
    return st.builds(
        lambda id, created, told: message(id, created, **told), st.sampled_from(["a", "b"]), early(), told
    )


def events() -> st.SearchStrategy[Record]:
    told = some(**TOUCHES, id=st.sampled_from(["c", "d"]), actor=st.sampled_from(["human", "machine"]))
    kinds = st.sampled_from(["clicked", "clicked", "clicked", "delivered", "read", "opened"])
    return st.builds(
        lambda id, kind, moment, told: event(id, kind, moment, **told),
        *(st.sampled_from(["a", "b"]), kinds, early(), told),
    )


def orders() -> st.SearchStrategy[Record]:
    told = some(updated_at=reached(), currency=st.sampled_from(["USD", "EUR"]))
    return st.builds(
        lambda id, contact, total, at, told: OrderRecord(
            type="order", id=id, contact_id=contact, total_micros=total, at=at, **told
        ),
        *(st.sampled_from(["o", "p"]), CONTACTS, st.integers(0, 3), reached(), told),
    )


def contacts() -> st.SearchStrategy[Record]:
    status = st.sampled_from(["not_subscribed", "pending", "subscribed", "unsubscribed"])
    told = some(
        source=st.sampled_from(["form", "import"]),
        opt_in_status=status,
        is_opted_in=st.booleans(),
        deleted_at=reached(),
        updated_at=reached(),
        custom=st.sampled_from([{"a": 1, "b": True}, {"b": "x"}]),
    )
    return st.builds(
        lambda id, created, told: ContactRecord(type="contact", id=id, created_at=created, **told),
        *(CONTACTS, early(), told),
    )


def opt_ins() -> st.SearchStrategy[Record]:
    told = some(source=st.sampled_from(["form", "keyword"]), updated_at=reached())
    return st.builds(
        lambda id, contact, status, at, told: ContactEventRecord(
            type="contact_event", id=id, contact_id=contact, opt_in_status=status, at=at, **told
        ),
        st.sampled_from(["i", "j"]),
        CONTACTS,
        st.sampled_from(["subscribed", "unsubscribed"]),
        early(),
        told,
    )


def entries() -> st.SearchStrategy[Record]:
    told = some(exited_at=reached(), exit_reason=st.just("done"), contact_id=CONTACTS, updated_at=reached())
    return st.builds(
        lambda entered, told: WorkflowEntryRecord(
            type="workflow_entry", id="w", workflow_id="welcome", entered_at=entered, **told
        ),
        early(),
        told,
    )


def inbox() -> st.SearchStrategy[Record]:
    """A thread and what happened to it."""
    kinds = st.sampled_from(["opened", "assigned", "answered", "closed", "tag_added", "tag_removed"])
    return st.one_of(
        st.builds(
            lambda contact, at: InboxThreadRecord(
                type="inbox_thread", id="t", contact_id=contact, created_at=at
            ),
            *(CONTACTS, early()),
        ),
        st.builds(
            lambda id, kind, at: InboxEventRecord(
                type="inbox_event", id=id, thread_id="t", kind=kind, tag_id="vip", at=at
            ),
            *(st.sampled_from(["1", "2", "3"]), kinds, reached()),
        ),
    )


BUYING = st.lists(
    st.one_of(
        *(messages(), events(), events(), orders(), orders(), contacts(), opt_ins(), entries(), inbox())
    ),
    min_size=1,
    max_size=16,
)
