"""In any order, any number of times, in any batches: what is stored and counted is the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from models import Clock, Intake
from models.engine import Store
from models.records import CampaignRecord, Record
from tests.resolvers.intake.telling import BASE, RECORDS
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

FIRST_DAY = (BASE.date() - at("1970-01-01").date()).days  # 2026-03-29


@given(data=st.data(), records=RECORDS)
@bounded(3)
async def test_order_repetition_and_batches_change_nothing(
    store: Store, data: st.DataObject, records: list[Record]
) -> None:
    once, again = await enrolled(store, "Europe/Madrid"), await enrolled(store, "Europe/Madrid")
    repeated = records + data.draw(st.lists(st.sampled_from(records), max_size=6), label="repeated")
    told = data.draw(st.permutations(repeated), label="order")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(told)), max_size=4), label="cuts"))

    await taken(store, once, records)
    await counted(store)
    for start, end in zip([0, *cuts], [*cuts, len(told)], strict=True):
        await taken(store, again, told[start:end])
        if data.draw(st.booleans(), label="count in between"):
            await counted(store)
    await counted(store)

    rows, numbers = await held(store, once), await tiers(store, once)
    assert await held(store, again) == rows
    assert await tiers(store, again) == numbers
    assert await taken(store, again, reversed(told)) == 0, "nothing new was told"
    assert await waiting(store) == 0, "what changes nothing leaves no difference"
    await recounted(store, again)
    assert await tiers(store, again) == numbers


async def test_a_message_that_fails_later_leaves_no_bucket_wrong(store: Store) -> None:
    organization = await enrolled(store)
    await taken(store, organization, [message("a", BASE, sent_at=BASE)])
    await counted(store)
    # Sent at 00:55 and handed off; failed at 01:10, which also takes the hand-off back.
    failed = event("a", "failed", at("2026-03-29 01:10"), error_code="30003")

    assert await taken(store, organization, [failed]) == 1
    await counted(store)

    found = await sums(store, organization, "message_day", ("sent", "handed_off", "failed"))
    assert found == {(Clock.CREATED, FIRST_DAY): (1, 0, 1), (Clock.HAPPENED, FIRST_DAY): (1, 0, 1)}
    quarters = await sums(store, organization, "message_slim_quarter", ("sent", "handed_off", "failed"))
    first = int(at("2026-03-29 00:45").timestamp()) // 60
    second = int(at("2026-03-29 01:00").timestamp()) // 60
    assert quarters == {
        (Clock.CREATED, first): (1, 0, 1),
        (Clock.HAPPENED, first): (1, 0, 0),
        (Clock.HAPPENED, second): (0, 0, 1),
        (Clock.SENT, first): (1, 0, 1),
    }


async def test_an_event_before_its_message_waits_for_its_attributes(store: Store) -> None:
    organization = await enrolled(store)
    await taken(store, organization, [event("a", "opened", at("2026-03-30 10:00"))])
    await counted(store)
    # Until it is announced, the message counts as created when first heard of.
    assert await sums(store, organization, "message_day", ("total",)) == {
        (Clock.CREATED, FIRST_DAY + 1): (1,),
        (Clock.HAPPENED, FIRST_DAY + 1): (1,),
    }

    await taken(store, organization, [message("a", BASE, campaign_id="spring", channel="email")])
    await counted(store)

    assert await sums(store, organization, "message_day", ("total", "opened")) == {
        (Clock.CREATED, FIRST_DAY): (1, 1),
        (Clock.HAPPENED, FIRST_DAY): (1, 0),
        (Clock.HAPPENED, FIRST_DAY + 1): (0, 1),
    }
    rows = (await tiers(store, organization))["engagement_day"]
    assert rows == {
        (Clock.CREATED, FIRST_DAY, "spring", "email"): (1, 0, 0, 0, 0),
        (Clock.HAPPENED, FIRST_DAY + 1, "spring", "email"): (1, 0, 0, 0, 0),
    }


async def test_every_open_counts_once_however_often_it_is_told(store: Store) -> None:
    organization = await enrolled(store)
    click = at("2026-03-29 10:00")
    records = [
        message("a", BASE),
        event("a", "clicked", click, link="https://x.example"),
        event("a", "clicked", click, link="https://x.example"),  # the same, told twice
        event("a", "clicked", click, link="https://y.example"),  # another link
        event("a", "clicked", click + timedelta(seconds=1), link="https://x.example"),  # another time
        event("a", "clicked", click, link="https://x.example", actor="machine"),  # not a person
        event("a", "clicked", click, id="1"),
        event("a", "clicked", click + timedelta(days=1), id="1"),  # the same id: moved, not counted twice
    ]

    assert await taken(store, organization, records) == 1 + 5  # a message and five clicks
    await counted(store)

    day = await sums(store, organization, "engagement_day", ("clicks", "machine_clicks"))
    assert day == {
        (Clock.CREATED, FIRST_DAY): (4, 1),
        (Clock.HAPPENED, FIRST_DAY): (3, 1),
        (Clock.HAPPENED, FIRST_DAY + 1): (1, 0),
    }
    assert await sums(store, organization, "message_day", ("clicked",)) == {
        (Clock.CREATED, FIRST_DAY): (1,),
        (Clock.HAPPENED, FIRST_DAY): (1,),
    }


async def test_events_of_two_messages_are_never_mistaken_for_one(store: Store) -> None:
    organization = await enrolled(store)
    # "a" + "b:c" and "a:b" + "c" read the same when they are only joined by a colon.
    await taken(
        store, organization, [event("a", "opened", BASE, id="b:c"), event("a:b", "opened", BASE, id="c")]
    )
    await counted(store)

    opens = await sums(store, organization, "engagement_month", ("opens",))
    assert set(opens.values()) == {(2,)}


async def test_the_later_campaign_wins_however_its_moments_are_written(store: Store) -> None:
    one, other = await enrolled(store), await enrolled(store)
    # Both were updated at the same moment, so the content decides: 'z' over 'a', not +02:00 over Z.
    early = CampaignRecord(
        type="campaign", id="c", name="a", created_at=datetime.fromisoformat("2026-03-29T02:55+02:00")
    )
    late = CampaignRecord(type="campaign", id="c", name="z", created_at=BASE)

    await taken(store, one, [early, late])
    await taken(store, other, [early])
    await taken(store, other, [late])

    assert (await held(store, one))["campaigns"][0][1] == "z"
    assert await held(store, one) == await held(store, other)


async def test_the_largest_numbers_do_not_stop_the_counting(store: Store) -> None:
    organization = await enrolled(store)
    limit = largest()
    for batch in range(4):
        records = [
            message(f"{batch}-{i}", BASE, cost_micros=limit, sent_at=BASE, channel="sms") for i in range(400)
        ]
        await taken(store, organization, records)
    await counted(store)

    cost = await sums(store, organization, "message_month", ("cost_micros",))
    assert set(cost.values()) == {(1600 * limit,)}


def largest() -> int:
    """The largest count that a record may carry."""
    low, high = 1, 2**63
    while high - low > 1:
        middle = (low + high) // 2
        try:
            message("x", BASE, cost_micros=middle)
        except ValueError:
            high = middle
        else:
            low = middle
    return low


async def test_what_came_in_is_tallied(store: Store) -> None:
    organization = await enrolled(store)
    records = [message("a", BASE), message("b", BASE)]
    await taken(store, organization, records)
    await taken(store, organization, records)

    async with store.reading() as db:
        select = sa.select(Intake.batches, Intake.records, Intake.changed)
        row = (await db.execute(select.where(Intake.organization_id == organization.id))).one()
    assert tuple(row) == (2, 4, 2)


async def sums(
    store: Store, organization: Any, table: str, names: tuple[str, ...]
) -> dict[tuple[int, int], tuple[int, ...]]:
    """These sums of a tier by (clock, slot), over all its dimensions; what is zero throughout is left out."""
    async with store.reading() as db:
        select = sa.text(
            f"SELECT clock, slot, {', '.join(f'SUM({name})' for name in names)} FROM {table} "
            "WHERE organization_id = :id GROUP BY clock, slot"
        )
        rows = (await db.execute(select, {"id": organization.id})).all()
    return {
        (row[0], row[1]): tuple(int(value) for value in row[2:])
        for row in rows
        if any(int(value) for value in row[2:])
    }
