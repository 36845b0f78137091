"""Retention: what is still answered equals the answer of before, everything else says that it is gone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake import Intake
from gateway.unit import run, work
from models import (
    ENGAGEMENTS,
    FACTS,
    MESSAGES,
    ORDERS,
    RECIPIENTS,
    SESSIONS,
    TIERS,
    Clock,
    Forgotten,
    Message,
    MessageEvent,
    Organization,
    Watermark,
)
from models.engine import Store
from models.errors import Expired
from models.records import BotSessionRecord, OrderRecord
from resolvers.clicks import link_clicks
from resolvers.filters import dimension
from resolvers.intake.absorb import absorb
from resolvers.intake.late import too_late
from resolvers.periods import Granularity, Window, minute
from resolvers.question import HOUR, Home, Question, Table
from resolvers.retention import (
    FINE,
    ROOTS,
    Terms,
    aimed_at,
    census,
    forget_rows,
    forget_slots,
    horizons,
    raise_horizons,
)
from resolvers.tables import answer, first_moment
from resolvers.watermarks import progress
from tests.resolvers.questions import core, expected, questions, read
from tests.resolvers.truth import ZONES, World, label, worlds
from tests.worlds import (
    EVER,
    NOW,
    at,
    bounded,
    counted,
    enrolled,
    entry,
    event,
    held,
    message,
    recounted,
    taken,
    tiers,
)

PRESET = Terms(timedelta(days=29), timedelta(days=364), timedelta(0))
SHORT = Terms(timedelta(days=8), timedelta(days=79), timedelta(0))
MADRID = "Europe/Madrid"
ON_POSTGRES = pytest.mark.parametrize("shared_store_url", ["postgres"], indirect=True)
EXPIRING = {fact.name for fact in FACTS if fact.expires}


@pytest.fixture(scope="module")
def store(shared_store: Store) -> Store:
    """One store for all tests, each with organizations of its own."""
    return shared_store


async def retained(
    store: Store, organization: Organization, now: datetime = NOW, terms: Terms = PRESET
) -> int:
    """Raise the horizons and take everything below them; says how many rows it were."""
    await run(store, lambda db: raise_horizons(db, organization.id, terms, now))
    gone = 0
    for fact in ROOTS:
        while some := await run(store, lambda db, f=fact: forget_rows(db, organization.id, f, terms, now)):
            gone += some
    for tier in FINE:
        while some := await run(store, lambda db, t=tier: forget_slots(db, organization, t, terms, now)):
            gone += some
    return gone


async def home_of(store: Store, organization: Organization) -> Home:
    """What the planner knows of the organization."""
    async with store.reading() as db:
        found = await progress(db, organization.id)
    return Home(organization.timezone, found.minutes_from, found.kept)


async def asked(store: Store, question: Question, organization: Organization) -> Table:
    """The answer, as a request gets it."""
    home = await home_of(store, organization)
    async with store.reading() as db:
        return await answer(db, question, home)


def wanted(organization: Organization, **changes: Any) -> Question:
    """All logged messages of an organization as one number, unless something else is said."""
    question = Question(MESSAGES, organization.id, ("logged",), zone=organization.timezone)
    return replace(question, **changes)


def left(question: Question, truth: Any, table: Table) -> Any:
    """The truth without the buckets that are gone."""
    made, granularity = question.buckets, question.granularity
    if made is None or granularity is None:
        return truth
    gone = {label(made.moments[i], granularity.value, question.zone) for i in table.expired}
    if question.clip and 0 in table.expired:
        gone.add(label(made.window.start, granularity.value, question.zone))
    return {key: sums for key, sums in truth.items() if key[0] not in gone}


@given(data=st.data())
@bounded(2)
async def test_what_is_answered_afterwards_is_true_and_the_rest_says_that_it_is_gone(
    store: Store, data: st.DataObject
) -> None:
    world, zone = data.draw(worlds()), data.draw(st.sampled_from(ZONES))
    organization = await told(store, world, zone)
    now = world.center + timedelta(days=data.draw(st.integers(0, 120)))
    asking = core(world, zone, data.draw(st.sampled_from(ZONES)), data.draw(st.sampled_from(Clock)))
    asking += [data.draw(questions(world.center, zone)) for _ in range(8)]
    asking = [one for one in asking if one.fact in EXPIRING]

    async def check() -> None:
        home = await home_of(store, organization)
        for question in asking:
            mine = question.by_whom(organization)
            truth = expected(world, mine)
            try:
                async with store.reading() as db:
                    table = await answer(db, mine, home)
            except Expired:
                assert mine.buckets is None
                assert must_be_answered(mine, home) is False, question
                continue
            assert read(mine, table) == left(mine, truth, table), question
            assert not (table.expired and must_be_answered(mine, home)), question

    await retained(store, organization, now, SHORT)
    await check()

    # Told again, counted again and counted anew, nothing moves.
    kept = coarse(await tiers(store, organization))
    await taken(store, organization, world.records)
    await counted(store)
    assert coarse(await tiers(store, organization)) == kept
    await recounted(store, organization)
    await check()


async def told(store: Store, world: World, zone: str) -> Organization:
    """A new organization that was told the world."""
    organization = await enrolled(store, zone)
    await taken(store, organization, world.records)
    await counted(store)
    return organization


def must_be_answered(question: Question, home: Home) -> bool:
    """Whether nothing that retention takes can be missed: all of it lies above, or months add up to all time."""
    if not question.fact.expires:
        return True
    if question.span is not None:
        return question.span.start_minute >= home.kept.detailed
    held = {
        one.name for one in question.fact.dimensions
    }  # the rest, and times of the week, only details know
    asked = {*question.by, *(dimension(question.fact, name) for name, _ in question.where)}
    return asked <= held and question.clock is not Clock.SENT


def coarse(found: dict[str, Any]) -> dict[str, Any]:
    """The months of every fact, and everything of what does not expire."""
    stays = {tier.table.name for fact in FACTS for tier in TIERS[fact] if tier.goes_at is None}
    return {name: rows for name, rows in found.items() if name in stays}


def test_horizons_stand_at_the_midnights_of_the_organization() -> None:
    # 29 days and the running one before 5 May 12:00Z is 5 April 14:00 in Madrid, whose midnight is 22:00Z the
    # day before; 364 and the running one before is 5 May 2025, whose month began at 22:00Z on 30 April.
    found = horizons(PRESET, MADRID, NOW)

    assert found.detailed == minute(at("2026-04-04 22:00"))
    assert found.daily == minute(at("2025-04-30 22:00"))
    assert horizons(Terms(), MADRID, NOW).detailed == 0
    # the balance of credits is drawn day by day since the ledger began
    assert horizons(PRESET, MADRID, NOW, at("2024-02-10")).daily == minute(at("2024-01-31 23:00"))
    # The 29 days before the running one are there in Kiritimati too, whose 6 May begins at 10:00Z.
    assert found.detailed <= minute(at("2026-05-05 10:00")) - 29 * 1440
    assert horizons(PRESET, MADRID, NOW, NOW).daily == minute(at("2025-04-30 22:00"))


def test_whatever_expires_is_known_by_the_day_and_by_the_month() -> None:
    for fact in FACTS:
        units = {tier.unit: tier.goes_at for tier in TIERS[fact]}
        if not fact.expires:
            assert set(units.values()) == {None}, fact.name
            continue
        assert units["month"] is None, "a rebuild puts the month that the horizon cuts together from its days"
        assert units["day"] == "daily"
        assert {units.get(name) for name in ("quarter", "minute")} <= {"detailed"}


async def a_year(store: Store) -> Organization:
    """Messages of Madrid: two years old, half a year old, just below and just above the detailed horizon."""
    organization = await enrolled(store, MADRID)
    await taken(
        store,
        organization,
        [
            message("ancient", at("2024-05-10 10:00"), channel="sms"),
            message("old", at("2025-11-10 10:00"), channel="sms", delivered_at=at("2025-11-10 10:01")),
            event("old", "opened", at("2025-11-11 10:00"), id="1"),
            message("below", at("2026-04-04 21:59"), channel="email"),
            message("above", at("2026-04-04 22:00"), channel="email"),
            # created long ago, and somebody still reads it
            message("alive", at("2025-11-12 10:00"), channel="email", opened_at=at("2025-11-12 11:00")),
            event("alive", "opened", at("2025-11-12 11:00"), id="1"),
            event("alive", "opened", at("2026-05-01 11:00"), id="2"),
        ],
    )
    await counted(store)
    return organization


async def ids(store: Store, column: Any, *organizations: Organization) -> set[str]:
    whose = column.class_.organization_id.in_([one.id for one in organizations])
    async with store.reading() as db:
        return set((await db.execute(sa.select(column).where(whose))).scalars())


async def test_a_row_goes_with_its_events_when_the_last_of_it_is_below_the_horizon(store: Store) -> None:
    organization = await a_year(store)
    before = await tiers(store, organization)

    await retained(store, organization)

    assert await ids(store, Message.id, organization) == {"above", "alive"}
    assert await ids(store, MessageEvent.message_id, organization) == {"alive"}
    assert await ids(store, Forgotten.id, organization) == {"ancient", "old", "below"}
    after = await tiers(store, organization)
    assert after["message_month"] == before["message_month"]
    # CREATED holds ancient, old, alive, below and above; of those days only ancient's is below the daily horizon.
    assert len(before["message_day"]) - len(after["message_day"]) == 2  # on two clocks
    horizon = minute(at("2026-04-04 22:00"))
    assert {
        key[1] >= horizon for name in ("quarter", "slim_quarter") for key in after[f"message_{name}"]
    } == {True}
    assert await retained(store, organization) == 0


async def test_buckets_below_every_tier_are_expired_and_those_above_are_answered(store: Store) -> None:
    organization = await a_year(store)
    await retained(store, organization)
    days = Window(at("2026-04-02 22:00"), at("2026-04-06 22:00"))

    hours = await asked(store, wanted(organization, window=days, granularity=Granularity.HOUR), organization)
    daily = await asked(store, wanted(organization, window=days, granularity=Granularity.DAY), organization)
    elsewhere = wanted(organization, window=days, granularity=Granularity.DAY, zone="UTC")
    years = Window(at("2023-12-31 23:00"), at("2026-04-30 22:00"))
    monthly = wanted(organization, window=years, granularity=Granularity.MONTH)

    assert hours.expired == frozenset(range(48))  # 3 and 4 April; the 5th and the 6th are kept
    assert hours.groups[()]["logged"] == [0] * 48 + [1] + [0] * 47
    assert daily.expired == frozenset()
    assert daily.groups[()]["logged"] == [0, 1, 1, 0]
    # UTC days are no days of Madrid: the 4th is cut at 22:00 by the horizon. The window is widened to 2–6 April.
    assert (await asked(store, elsewhere, organization)).expired == {0, 1, 2}
    assert sum((await asked(store, monthly, organization)).groups[()]["logged"]) == 5


async def test_a_total_is_put_together_from_what_is_left_or_refused(store: Store) -> None:
    organization = await a_year(store)
    await retained(store, organization)

    async def total(start: str, end: str, **changes: Any) -> int:
        question = wanted(organization, window=Window(at(start), at(end)), **changes)
        return (await asked(store, question, organization)).total()["logged"]

    # All of May 2024 and on to some quarter of an hour: months, then days, then quarters.
    assert await total("2024-04-30 22:00", "2026-04-04 22:15") == 5
    assert await total("2024-04-30 22:00", "2026-04-04 22:00:00.000001", clock=Clock.HAPPENED) == 5
    assert (await asked(store, wanted(organization), organization)).total() == {"logged": 5}
    with pytest.raises(Expired) as cut:
        await total("2025-11-10 10:00", "2026-05-01 00:00")
    with pytest.raises(Expired) as day:
        await total("2024-05-09 22:00", "2026-05-01 22:00")
    with pytest.raises(Expired) as hour:
        await total("2025-11-09 23:00", "2026-05-01 22:00", by=(HOUR,))

    assert cut.value.details == {"earliest": "2026-04-04T22:00:00Z", "granularity": "DAY"}
    assert day.value.details == {"earliest": "2025-04-30T22:00:00Z", "granularity": "MONTH"}
    assert hour.value.details["earliest"] == "2026-04-04T22:00:00Z"
    assert "whole days" in cut.value.message


async def test_the_first_day_and_the_first_month_above_a_horizon_are_whole(store: Store) -> None:
    organization = await enrolled(store, MADRID)
    edges = ("2025-04-30 21:59", "2025-04-30 22:00", "2026-04-04 21:59", "2026-04-04 22:00")
    await taken(store, organization, [message(text, at(text)) for text in edges])
    await counted(store)
    await retained(store, organization)

    async def days(start: str, end: str, granularity: Granularity) -> tuple[set[int], list[int]]:
        question = wanted(organization, window=Window(at(start), at(end)), granularity=granularity)
        table = await asked(store, question, organization)
        return set(table.expired), table.groups[()]["logged"]

    assert await days("2025-04-29 22:00", "2025-05-01 22:00", Granularity.DAY) == ({0}, [0, 1])
    assert await days("2025-03-31 22:00", "2025-05-31 22:00", Granularity.MONTH) == (set(), [1, 1])
    assert await days("2026-04-03 22:00", "2026-04-05 22:00", Granularity.DAY) == (set(), [1, 1])
    assert await days("2026-04-04 21:00", "2026-04-04 23:00", Granularity.HOUR) == ({0}, [0, 1])


async def test_what_comes_late_of_a_row_that_is_gone_is_refused_and_anything_else_is_counted(
    store: Store,
) -> None:
    organization = await a_year(store)
    await retained(store, organization)
    intake = Intake(store, lambda: NOW, EVER)
    lines = [
        b'{"type": "event", "message_id": "old", "event": "clicked", "at": "2026-05-04T10:00:00Z"}',
        b'{"type": "message", "id": "old", "created_at": "2025-11-10T10:00:00Z", "channel": "sms"}',
        b'{"type": "message", "id": "unheard of", "created_at": "2025-11-10T10:00:00Z"}',
        b'{"type": "event", "message_id": "alive", "event": "opened", "at": "2025-11-12T11:00:00Z", "id": "1"}',
        b'{"type": "message", "id": "alive", "created_at": "2025-11-12T10:00:00Z", "channel": "sms"}',
    ]

    whole = await intake.take_own(enumerate(lines, 1), organization, atomic=True)
    untouched = await held(store, organization)
    report = await intake.take_own(enumerate(lines, 1), organization)
    await counted(store)

    assert (whole.accepted, [refusal.line for refusal in whole.refused]) == (0, [1, 2])
    assert "unheard of" not in {row[0] for row in untouched["messages"]}
    assert (report.accepted, [refusal.line for refusal in report.refused]) == (3, [1, 2])
    assert report.refused[0].reason == "it is about something older than what is kept (retention)"
    november = Window(at("2025-10-31 23:00"), at("2025-11-30 23:00"))
    channels = wanted(organization, window=november, by=("channel",))
    # old and alive, which was e-mail and sorts lower than sms, and the one nobody had heard of
    assert (await asked(store, channels, organization)).groups == {
        ("sms",): {"logged": [2]},
        ("",): {"logged": [1]},
    }
    opens = wanted(organization, fact=ENGAGEMENTS, measures=("opens",), window=november)
    assert (await asked(store, opens, organization)).total() == {"opens": 3}  # one of old, two of alive
    await retained(store, organization)
    assert "unheard of" in await ids(store, Forgotten.id, organization)
    assert (await asked(store, channels, organization)).total() == {"logged": 3}


async def test_counting_anew_keeps_what_the_raw_rows_no_longer_know(store: Store) -> None:
    organization = await a_year(store)
    await retained(store, organization)
    # What waits to be counted may be of a row that goes before anybody counts it.
    await taken(store, organization, [message("late", at("2026-04-01 10:00"))])
    await retained(store, organization)
    await recounted(store, organization)
    numbers = await tiers(store, organization)

    async def spoil(db: Any) -> None:
        table = TIERS[MESSAGES][1].table
        theirs = table.c.organization_id == organization.id, table.c.slot > 20_600
        await db.execute(sa.update(table).where(*theirs).values(logged=7))

    await run(store, spoil)
    await recounted(store, organization)

    assert await tiers(store, organization) == numbers
    april = Window(at("2026-03-31 22:00"), at("2026-04-30 22:00"))
    month = wanted(organization, window=april, granularity=Granularity.MONTH)
    # late and below from the days of April, above from its row
    assert (await asked(store, month, organization)).groups[()] == {"logged": [3]}


async def test_tiers_that_an_upgrade_makes_anew_do_not_pretend_to_know_what_is_gone(store: Store) -> None:
    organization = await a_year(store)
    await retained(store, organization)

    async def drop(db: Any) -> None:
        for table in (tier.table for tier in TIERS[MESSAGES]):
            await db.execute(sa.delete(table).where(table.c.organization_id == organization.id))
        theirs = Watermark.organization_id == organization.id, Watermark.fact == "message"
        await db.execute(sa.delete(Watermark).where(*theirs))

    await run(store, drop)
    later = NOW + timedelta(days=40)
    assert not await run(store, lambda db: raise_horizons(db, organization.id, PRESET, later)), (
        "not yet counted"
    )
    await recounted(store, organization)

    # The first month that is whole is May.
    months = Window(at("2026-03-31 22:00"), at("2026-05-31 22:00"))
    table = await asked(
        store, wanted(organization, window=months, granularity=Granularity.MONTH), organization
    )
    assert table.expired == {0}
    with pytest.raises(Expired):
        await asked(store, wanted(organization), organization)
    kept = wanted(organization, window=Window(at("2026-04-04 22:00"), at("2026-05-31 22:00")))
    assert (await asked(store, kept, organization)).total() == {"logged": 1}


async def test_nothing_goes_before_every_question_knows_the_horizon(store: Store) -> None:
    organization = await a_year(store)
    patient = replace(PRESET, grace=timedelta(seconds=15))

    assert await retained(store, organization, NOW, patient) == 0
    assert await retained(store, organization, NOW + timedelta(seconds=14), patient) == 0
    assert await retained(store, organization, NOW + timedelta(seconds=15), patient) > 0


async def test_horizons_never_go_back(store: Store) -> None:
    organization = await a_year(store)
    await retained(store, organization)
    held_at = (await home_of(store, organization)).kept

    await retained(store, organization, NOW - timedelta(days=9))
    await retained(store, organization, NOW, Terms(timedelta(days=3000), None, timedelta(0)))

    assert (await home_of(store, organization)).kept == held_at


async def test_a_run_that_dies_changes_nothing_and_the_next_one_goes_on(store: Store) -> None:
    organization = await a_year(store)
    await run(store, lambda db: raise_horizons(db, organization.id, PRESET, NOW))
    rows, numbers = await held(store, organization), await tiers(store, organization)

    class Killed(Exception):
        pass

    async def dies(db: Any) -> None:
        assert await forget_rows(db, organization.id, MESSAGES, PRESET, NOW) == 4  # three messages, one event
        assert await forget_slots(db, organization, FINE[0], PRESET, NOW) > 0
        raise Killed

    with pytest.raises(Killed):
        await run(store, dies)

    assert await held(store, organization) == rows
    assert await tiers(store, organization) == numbers
    assert await ids(store, Forgotten.id, organization) == set()
    await retained(store, organization)
    assert await ids(store, Message.id, organization) == {"above", "alive"}


async def test_the_census_says_what_goes(store: Store) -> None:
    organization, other = await a_year(store), await enrolled(store)
    await taken(store, other, [message("ancient", at("2024-05-10 10:00"))])

    async with store.reading() as db:
        found = await census(db, organization, await aimed_at(db, organization, PRESET, NOW))

    rows = {share.table: share.rows for share in found}
    assert (rows["messages"], rows["message_events"], rows["webhook_deliveries"]) == (3, 1, 0)
    assert rows["message_day"] == 2
    assert sum(rows.values()) == await retained(store, organization)
    assert {share.kept_from for share in found} == {at("2026-04-04 22:00"), at("2025-04-30 22:00")}
    assert await ids(store, Message.id, organization, other) == {"above", "alive", "ancient"}


async def test_days_that_cannot_be_counted_anew_hold_the_time_zone(store: Store) -> None:
    organization = await enrolled(store, MADRID, "stays")
    await taken(store, organization, [message("old", at("2025-11-10 10:00"))])
    await counted(store)
    await retained(store, organization)

    record = b'{"type": "organization", "id": "stays", "timezone": "Asia/Kolkata"}'
    report = await Intake(store, lambda: NOW, EVER).take_any([(1, record)])

    assert "cannot change any more" in report.refused[0].reason
    assert "2026-04-05" in report.refused[0].reason


async def test_the_ledger_of_credits_keeps_its_days(store: Store) -> None:
    organization = await enrolled(store)
    await taken(
        store, organization, [entry("1", "grant", 10, at("2024-02-10")), message("a", at("2024-02-11"))]
    )
    await counted(store)
    await retained(store, organization)

    february = Window(at("2024-02-01"), at("2024-03-01"))
    table = await asked(
        store, wanted(organization, window=february, granularity=Granularity.DAY), organization
    )

    assert table.expired == frozenset()
    assert table.total() == {"logged": 1}


async def test_recipients_orders_and_lifetimes_outlive_the_messages_they_came_of(store: Store) -> None:
    organization = await enrolled(store)
    ann = {"campaign_id": "spring", "contact_id": "ann", "channel": "sms"}
    clicked, bought = at("2025-11-10 11:00"), at("2025-11-11 09:00")
    order = OrderRecord(type="order", id="1", contact_id="ann", total_micros=5, at=bought)
    again = message("2", NOW, **ann, delivered_at=NOW)
    first = [message("1", at("2025-11-10 10:00"), **ann), event("1", "clicked", clicked), order]
    await taken(store, organization, first)
    await counted(store)
    await retained(store, organization)
    # Ann is sent another message, and everything that could be put down to it is looked at again.
    await taken(store, organization, [again])
    await counted(store)

    spring = wanted(organization, by=("campaign",))
    reached = replace(spring, fact=RECIPIENTS, measures=("recipients",))
    november = Window(at("2025-11-01"), at("2025-12-01"))
    orders = replace(spring, fact=ORDERS, measures=("attributed_orders",))

    assert await ids(store, Message.id, organization) == {"2"}
    for window, number in ((None, 1), (november, 1), (Window(at("2026-05-01"), at("2026-06-01")), 0)):
        table = await asked(store, replace(reached, window=window), organization)
        assert table.groups == ({("spring",): {"recipients": [1]}} if number else {}), window
    assert (await asked(store, orders, organization)).groups == {("spring",): {"attributed_orders": [1]}}
    async with store.reading() as db:
        home = await home_of(store, organization)
        assert await first_moment(db, MESSAGES, organization.id, home) == november.start
        assert {one.clicks for one in await link_clicks(db, organization.id, "campaign", "spring")} <= {None}


async def test_conversations_count_their_messages_for_ever(store: Store) -> None:
    organization = await enrolled(store)
    old, edge = at("2026-01-10 10:00"), at("2026-04-05 00:00")
    moments = [old, old, edge - timedelta(seconds=1), edge, NOW - timedelta(hours=1)]
    names = ["old", "old", "edge", "edge", "old"]
    talk = [
        message(str(i), moment, session_id=name)
        for i, (moment, name) in enumerate(zip(moments, names, strict=True))
    ]
    sessions = [
        BotSessionRecord(type="bot_session", id=name, started_at=started, status="completed", ended_at=NOW)
        for name, started in (("old", old), ("edge", edge))
    ]
    await taken(store, organization, [*talk, message("test", old, session_id="old", is_test=True), *sessions])
    await counted(store)
    question = Question(SESSIONS, organization.id, ("started", "messages"), by=("id",))
    before = (await asked(store, question, organization)).groups

    await retained(store, organization)

    assert len(await ids(store, Message.id, organization)) < len(talk)
    assert before == {
        ("old",): {"started": [1], "messages": [3]},
        ("edge",): {"started": [1], "messages": [2]},
    }
    assert (await asked(store, question, organization)).groups == before
    january = replace(question, window=Window(at("2026-01-01"), at("2026-02-01")))
    assert (await asked(store, january, organization)).groups == {("old",): before["old",]}


async def test_an_order_told_too_late_to_know_what_it_is_put_down_to_is_refused(store: Store) -> None:
    organization = await enrolled(store)
    known = OrderRecord(type="order", id="1", contact_id="ann", total_micros=5, at=at("2026-04-10"))
    await taken(store, organization, [known])
    await counted(store)
    await retained(store, organization)
    later = known.model_copy(update={"total_micros": 6, "updated_at": NOW})

    async with store.reading() as db:
        places = await too_late(
            db,
            organization.id,
            [later, known.model_copy(update={"id": "2"}), known.model_copy(update={"id": "3", "at": NOW})],
        )

    assert places == {1}  # what is there may change, and what is new must be young


@ON_POSTGRES
async def test_a_batch_that_comes_while_rows_go_waits_and_is_refused(store: Store) -> None:
    organization = await a_year(store)
    await run(store, lambda db: raise_horizons(db, organization.id, PRESET, NOW))
    click = event("old", "clicked", NOW)

    async with work(store) as db:
        await forget_rows(db, organization.id, MESSAGES, PRESET, NOW)
        coming = asyncio.create_task(taken(store, organization, [click]))
        await asyncio.sleep(0.1)
        assert not coming.done(), "rows go under the lock of the organization"

    assert await coming == 0
    assert await ids(store, Message.id, organization) == {"above", "alive"}


@ON_POSTGRES
async def test_a_message_that_is_told_more_before_its_turn_stays(store: Store) -> None:
    organization = await a_year(store)
    await run(store, lambda db: raise_horizons(db, organization.id, PRESET, NOW))

    async with work(store) as db:
        await absorb(db, organization, [event("old", "clicked", NOW)])
        going = asyncio.create_task(retained(store, organization))
        await asyncio.sleep(0.1)
        assert not going.done()
    await going

    assert await ids(store, Message.id, organization) == {"above", "alive", "old"}
    await counted(store)
    clicked = wanted(organization, measures=("clicked",), window=Window(at("2025-10-31 23:00"), NOW))
    assert (await asked(store, clicked, organization)).total() == {"clicked": 1}
