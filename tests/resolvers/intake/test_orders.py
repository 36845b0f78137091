"""Orders and what they are put down to, whatever is told first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from models import ORDERS, Order, Organization
from models.engine import Store
from models.records import ContactEventRecord, ContactRecord, OrderRecord, Record
from resolvers.question import Home, Question
from resolvers.tables import answer
from tests.resolvers.intake.buying import BUYING
from tests.resolvers.intake.telling import RECORDS
from tests.worlds import (
    at,
    bounded,
    counted,
    enrolled,
    event,
    held,
    message,
    recounted,
    taken,
    tiers,
    waiting,
)

NOON = at("2026-05-05 12:00")
DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)


@pytest.fixture(scope="module")
def store(shared_store: Store) -> Store:
    """One store for all tests, each with organizations of its own."""
    return shared_store


def order(id: str, moment: datetime, contact: str = "1", total: int = 100, **told: Any) -> OrderRecord:
    return OrderRecord(type="order", id=id, contact_id=contact, total_micros=total, at=moment, **told)


def sent(id: str, came: datetime | None, contact: str = "1", **told: Any) -> Record:
    told = {"campaign_id": f"of {id}", "source": "campaign", "source_id": f"of {id}", **told}
    return message(id, NOON - 30 * DAY, contact_id=contact, delivered_at=came, **told)


async def touches(store: Store, organization: Organization) -> dict[str, tuple[str, str]]:
    """What each order is put down to: why, and to which message."""
    select = sa.select(Order.id, Order.touch, Order.message_id)
    async with store.reading() as db:
        rows = await db.execute(select.where(Order.organization_id == organization.id))
    return {row.id: (row.touch, row.message_id) for row in rows}


@given(data=st.data(), records=st.one_of(BUYING, BUYING, st.builds(list.__add__, BUYING, RECORDS)))
@bounded(3)
async def test_order_repetition_and_batches_change_no_order_and_no_number(
    store: Store, data: st.DataObject, records: list[Record]
) -> None:
    once, again = await enrolled(store, "Europe/Madrid"), await enrolled(store, "Europe/Madrid")
    repeated = records + data.draw(st.lists(st.sampled_from(records), max_size=6), label="repeated")
    told = data.draw(st.permutations(repeated), label="order")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(told)), max_size=5), label="cuts"))

    await taken(store, once, records)
    await counted(store)
    for start, end in zip([0, *cuts], [*cuts, len(told)], strict=True):
        await taken(store, again, told[start:end])
    await counted(store)

    rows, numbers = await held(store, once), await tiers(store, once)
    assert await held(store, again) == rows
    assert await tiers(store, again) == numbers
    assert await taken(store, again, reversed(told)) == 0, "nothing new was told"
    assert await waiting(store) == 0, "what changes nothing leaves no difference"
    await recounted(store, again)
    assert await tiers(store, again) == numbers


async def test_a_click_reaches_fourteen_days_and_not_a_microsecond_more(store: Store) -> None:
    organization = await enrolled(store)
    click = event("a", "clicked", NOON, contact_id="1", campaign_id="spring")

    await taken(
        store,
        organization,
        [
            click,
            order("just", NOON + 14 * DAY),
            order("late", NOON + 14 * DAY + MICROSECOND),
            order("at once", NOON),
            order("before", NOON - MICROSECOND),
            order("other", NOON + DAY, contact="2"),
        ],
    )

    none = ("", "")
    assert await touches(store, organization) == {
        "just": ("click", "a"),
        "late": none,
        "at once": ("click", "a"),
        "before": none,
        "other": none,
    }


async def test_a_message_reaches_one_day_from_when_it_came(store: Store) -> None:
    organization = await enrolled(store)

    await taken(
        store,
        organization,
        [
            sent("a", NOON),
            message("r", NOON - 30 * DAY, contact_id="2", read_at=NOON),  # read, and so it came
            order("just", NOON + DAY),
            order("late", NOON + DAY + MICROSECOND),
            order("read", NOON + DAY, contact="2"),
        ],
    )

    assert await touches(store, organization) == {
        "just": ("view", "a"),
        "late": ("", ""),
        "read": ("view", "r"),
    }


async def test_the_later_touch_has_the_order_and_a_click_has_it_on_ties(store: Store) -> None:
    organization = await enrolled(store)
    records = [
        sent("a", NOON),
        event("a", "clicked", NOON + timedelta(hours=1)),
        order("clicked", NOON + timedelta(hours=1)),
        sent("b", NOON + timedelta(hours=2)),
        order("came", NOON + timedelta(hours=3)),
        event("a", "clicked", NOON + timedelta(hours=4)),
        sent("c", NOON + timedelta(hours=4)),  # at the very moment of the click
        order("tied", NOON + timedelta(hours=5)),
    ]

    await taken(store, organization, records)

    assert await touches(store, organization) == {
        "clicked": ("click", "a"),
        "came": ("view", "b"),
        "tied": ("click", "a"),
    }


async def test_machines_tests_and_what_came_in_have_no_orders(store: Store) -> None:
    organization = await enrolled(store)

    await taken(
        store,
        organization,
        [
            event("a", "clicked", NOON, contact_id="1", actor="machine"),
            event("b", "clicked", NOON, contact_id="1", is_test=True),
            event("c", "opened", NOON, contact_id="1"),
            sent("d", NOON, is_test=True),
            sent("e", NOON, direction="inbound"),
            sent("f", None),
            order("o", NOON + MICROSECOND),
        ],
    )

    assert await touches(store, organization) == {"o": ("", "")}


async def test_whatever_changes_later_moves_the_order_and_its_money(store: Store) -> None:
    organization = await enrolled(store)
    await taken(store, organization, [order("o", NOON + timedelta(hours=2), total=700)])
    assert await revenue(store, organization) == {("", ""): (700, 0)}

    await taken(store, organization, [sent("a", NOON)])
    assert await revenue(store, organization) == {("of a", "view"): (700, 700)}

    await taken(store, organization, [event("b", "clicked", NOON + MICROSECOND, id="x")])
    assert await revenue(store, organization) == {("of a", "view"): (700, 700)}, "whose click is not known"

    await taken(store, organization, [sent("b", None)])
    assert await revenue(store, organization) == {("of b", "click"): (700, 700)}

    # The same event told again as a later open, of two as late the greater content: the click is gone.
    later = NOON + timedelta(hours=1)
    await taken(store, organization, [event("b", "opened", later, id="x")])
    assert await revenue(store, organization) == {("of a", "view"): (700, 700)}

    await taken(store, organization, [order("o", NOON + 2 * DAY, total=800, updated_at=NOON + 3 * DAY)])
    assert await revenue(store, organization) == {("", ""): (800, 0)}, "too late for the message"

    await taken(store, organization, [sent("a", NOON, campaign_id="of z")])  # the greater campaign wins
    await taken(store, organization, [order("o", NOON, total=900, updated_at=NOON + 4 * DAY)])
    assert await revenue(store, organization) == {("of z", "view"): (900, 900)}


async def revenue(store: Store, organization: Organization) -> dict[Any, tuple[int, int]]:
    """Revenue and attributed revenue by campaign and touch."""
    await counted(store)
    measures = ("revenue_micros", "attributed_revenue_micros")
    question = Question(ORDERS, organization.id, measures, by=("campaign", "touch"))
    async with store.reading() as db:
        table = await answer(db, question, Home("UTC", 0))
    return {
        group: (sums["revenue_micros"][0], sums["attributed_revenue_micros"][0])
        for group, sums in table.groups.items()
    }


async def test_an_organization_without_orders_pays_one_small_statement_for_them(store: Store) -> None:
    organization, other = await enrolled(store), await enrolled(store)
    await taken(store, other, [order("o", NOON)])
    asked: list[str] = []

    def listen(_: Any, __: Any, text: str, *___: Any) -> None:
        if "FROM orders" in text:
            asked.append(text)

    engine = store.writer.sync_engine
    sa.event.listen(engine, "before_cursor_execute", listen)
    try:
        await taken(store, organization, [message("a", NOON)])
        assert asked == [], "nothing that an order could be put down to"
        await taken(
            store,
            organization,
            [sent(f"m{i}", NOON, contact=str(i)) for i in range(50)]
            + [event(f"m{i}", "clicked", NOON) for i in range(50)],
        )
    finally:
        sa.event.remove(engine, "before_cursor_execute", listen)

    assert len(asked) == 1
    assert "LIMIT" in asked[0]


async def test_an_event_has_the_source_of_the_contact_it_is_of_at_last(store: Store) -> None:
    organization = await enrolled(store)
    form, imported = (
        ContactRecord(type="contact", id=id, created_at=NOON, source=source)
        for id, source in (("1", "form"), ("2", "import"))
    )

    def changed(contact: str, updated: datetime) -> Record:
        told: Any = {"contact_id": contact, "opt_in_status": "subscribed", "updated_at": updated}
        return ContactEventRecord(type="contact_event", id="e", at=NOON, **told)

    async def source() -> str:
        return (await held(store, organization))["contact_events"][0][4]

    await taken(store, organization, [changed("1", NOON + DAY)])
    assert await source() == ""
    await taken(store, organization, [form, imported])
    assert await source() == "form"
    await taken(store, organization, [changed("2", NOON)])  # an older telling of another contact
    assert await source() == "form"
    await taken(store, organization, [changed("2", NOON + 2 * DAY)])
    assert await source() == "import"
