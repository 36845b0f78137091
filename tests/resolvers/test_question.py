"""The law: whatever a tier may answer equals the raw rows, and both equal what is true."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import ENGAGEMENTS, FACTS, MESSAGES, TIERS, Clock, Organization, Tier
from models.engine import Store
from models.errors import TooManyGroups
from resolvers import plan as planning
from resolvers import tables
from resolvers.periods import Granularity, Window
from resolvers.plan import parts, plan
from resolvers.question import HOUR, WEEKDAY, Home, Question, Table
from resolvers.statement import statement
from resolvers.tables import answer
from tests.resolvers.questions import core, expected, midnight, names, questions, read
from tests.resolvers.truth import WIDTHS, ZONES, World, label, worlds
from tests.worlds import at, bounded, counted, enrolled, event, message, taken

HOME = Home("UTC", 0)


@pytest.fixture(scope="module")
def store(shared_store: Store) -> Store:
    """One store for all tests, each with organizations of its own."""
    return shared_store


async def forced(store: Store, question: Question, tier: Tier | None, home: Home) -> Table:
    """The answer of this tier, whatever the planner would have chosen."""
    async with store.reading() as db:
        rows = (await db.execute(statement(question, tier, home))).all()
    table = Table(question.buckets, question.fact.parts(question.measures))
    told = [row[-len(table.sums) :] for row in rows]
    if question.granularity is not None:
        told = [
            numbers for columns in told if columns[0] is not None for numbers in zip(*columns, strict=True)
        ]
    assert not (question.by or question.granularity) or all(any(numbers) for numbers in told)
    tables._add(table, question, rows)
    return table


async def made(store: Store, world: World, zone: str, cut: int) -> Organization:
    """A new organization that was told the world in two batches, counted after each that is not empty."""
    organization = await enrolled(store, zone)
    for batch in filter(None, (world.records[:cut], world.records[cut:])):
        await taken(store, organization, batch)
        await counted(store)
    return organization


@given(data=st.data())
@bounded(2)
async def test_every_tier_that_may_answer_equals_the_raw_rows_and_the_truth(
    store: Store, data: st.DataObject
) -> None:
    world, zone = data.draw(worlds()), data.draw(st.sampled_from(ZONES))
    organization = await made(store, world, zone, data.draw(st.integers(0, len(world.records))))
    home = Home(zone, 0)

    asked = core(world, zone, data.draw(st.sampled_from(ZONES)), data.draw(st.sampled_from(Clock)))
    asked += [data.draw(questions(world.center, zone)) for _ in range(4)]

    for question in asked:
        mine = question.by_whom(organization)
        truth = expected(world, mine)
        for tier in (*TIERS[mine.fact], None):
            if tier is None or planning._answers(tier, mine, home):
                found = read(mine, await forced(store, mine, tier, home))
                assert found == truth, f"{tier.name if tier else 'raw'} is wrong about {question}"
        if len(parts(mine, home)) > 1:
            async with store.reading() as db:
                found = read(mine, await answer(db, mine, home))
            assert found == truth, f"the parts are wrong about {question}"


@given(data=st.data())
@bounded(2)
async def test_buckets_groups_and_hours_of_the_week_add_up_to_the_total(
    store: Store, data: st.DataObject
) -> None:
    world, zone = data.draw(worlds()), data.draw(st.sampled_from(ZONES))
    organization = await made(store, world, zone, 0)
    home = Home(zone, 0)
    measures = names(MESSAGES)
    clock = data.draw(st.sampled_from(Clock))
    asked = data.draw(st.sampled_from(ZONES))
    days = Window(
        midnight(world.center.date() - timedelta(days=9), asked),
        midnight(world.center.date() + timedelta(days=9), asked),
    )

    async def ask(**changes: Any) -> dict[str, int]:
        question = Question(MESSAGES, organization.id, measures, days, None, asked, clock=clock)
        async with store.reading() as db:
            return (await answer(db, replace(question, **changes), home)).total()

    total = await ask()
    for dimension in MESSAGES.dimensions:
        assert await ask(by=(dimension.name,)) == total
    assert await ask(by=(WEEKDAY, HOUR)) == total
    for granularity in ("quarter_hour", "hour", "day"):
        assert await ask(granularity=Granularity(granularity)) == total
        assert await ask(granularity=Granularity(granularity), by=("channel", WEEKDAY)) == total
    # All time, whatever the tier: months, quarters (for the weekday) and raw rows (for the sender's hour).
    ever = await ask(window=None)
    assert await ask(window=None, by=("sender",)) == ever
    assert await ask(window=None, by=(WEEKDAY, HOUR), zone="Australia/Lord_Howe") == ever


def wanted(**changes: Any) -> Question:
    """Logged messages of May 2026, day by day in UTC, unless something else is said."""
    may = Window(at("2026-05-01"), at("2026-06-01"))
    return replace(Question(MESSAGES, 1, ("logged",), may, Granularity.DAY), **changes)


@pytest.mark.parametrize(
    ("changes", "tier"),
    [
        ({"granularity": None}, "month"),
        ({"granularity": None, "window": None}, "month"),
        ({"granularity": Granularity.MONTH, "by": ("sender",)}, "month"),
        ({"granularity": Granularity.YEAR}, "month"),
        ({}, "day"),
        ({"by": (WEEKDAY,)}, "day"),
        ({"granularity": None, "by": (WEEKDAY,)}, "day"),
        ({"granularity": None, "window": Window(at("2026-05-02"), at("2026-05-03"))}, "day"),
        ({"granularity": Granularity.WEEK}, "day"),
        ({"granularity": Granularity.HOUR}, "slim_quarter"),
        ({"granularity": Granularity.HOUR, "by": ("campaign",)}, "quarter"),
        ({"granularity": Granularity.HOUR, "where": (("sender", ("",)),)}, "quarter"),
        ({"granularity": None, "by": (WEEKDAY, HOUR)}, "slim_quarter"),
        ({"granularity": None, "window": None, "by": (HOUR,)}, "slim_quarter"),
        ({"zone": "Asia/Kathmandu"}, "slim_quarter"),
        ({"zone": "Asia/Kathmandu", "granularity": None}, "month"),
        ({"granularity": Granularity.MINUTE}, "minute"),
        ({"granularity": None, "window": Window(at("2026-05-01 10:01"), at("2026-05-01 10:02"))}, "minute"),
        ({"granularity": Granularity.MINUTE, "by": ("campaign",)}, None),
        ({"granularity": None, "window": Window(at("2026-05-01 10:00:01"), at("2026-05-02"))}, None),
        ({"clock": Clock.SENT}, "slim_quarter"),
        ({"clock": Clock.SENT, "granularity": None, "window": None}, "slim_quarter"),
        ({"clock": Clock.SENT, "by": ("campaign",)}, "quarter"),
        ({"clock": Clock.SENT, "granularity": Granularity.MINUTE}, None),
        ({"clip": True}, "day"),
        ({"clip": True, "window": Window(at("2026-05-01 10:15"), at("2026-05-03"))}, "slim_quarter"),
        ({"clip": True, "window": Window(at("2026-05-01 10:15:01"), at("2026-05-03"))}, None),
        ({"window": Window(at("2026-05-01 10:15:01"), at("2026-05-03"))}, "day"),  # widened to whole days
    ],
)
def test_the_coarsest_tier_that_is_exact_is_chosen(changes: dict[str, Any], tier: str | None) -> None:
    chosen = plan(wanted(**changes), HOME)

    assert (chosen and chosen.name) == tier


RAGGED = Window(at("2026-05-01 10:07:30"), at("2026-05-02 09:20:30"))


@pytest.mark.parametrize(
    ("changes", "tiers"),
    [
        # 10:07:30–10:15 and 09:15–09:20:30 are ragged; what lies between begins and ends on a quarter.
        ({}, ["slim_quarter", None, None]),
        ({"granularity": None}, ["slim_quarter", None, None]),
        ({"window": replace(RAGGED, end=at("2026-05-02 09:20"))}, ["slim_quarter", None, "minute"]),
        ({"by": ("campaign",)}, ["quarter", None, None]),
        ({"window": replace(RAGGED, start=at("2026-05-01 10:15"))}, ["slim_quarter", None]),
        ({"window": replace(RAGGED, end=at("2026-05-01 10:20"))}, [None]),  # no whole quarter
        ({"granularity": Granularity.MINUTE, "by": ("campaign",)}, [None]),  # no tier has these
        ({"clock": Clock.HAPPENED}, [None]),
        ({"clip": False}, ["day"]),
    ],
)
def test_only_the_ragged_ends_of_a_window_are_read_row_by_row(
    changes: dict[str, Any], tiers: list[str | None]
) -> None:
    asked = parts(wanted(**{"window": RAGGED, "clip": True, **changes}), HOME)

    assert [tier and tier.name for tier in (plan(part, HOME) for part in asked)] == tiers
    spans = sorted((part.span.start, part.span.end) for part in asked if part.span)
    assert all(before[1] == after[0] for before, after in pairwise(spans))


def test_minutes_that_are_forgotten_are_read_from_the_raw_rows() -> None:
    minutes = wanted(granularity=Granularity.MINUTE)
    first = int(at("2026-05-01").timestamp()) // 60

    assert plan(minutes, Home("UTC", first)) is not None
    assert plan(minutes, Home("UTC", first + 1)) is None


def test_every_tier_of_every_fact_can_be_chosen() -> None:
    home = Home("UTC", 0)
    for fact in FACTS:
        wide = next((d.name for d in fact.dimensions if d.wide), None)
        asked = [
            replace(wanted(granularity=granularity), fact=fact, measures=(), by=by)
            for granularity in Granularity
            for by in ((), (wide,) if wide else ())
        ]
        assert {plan(question, home) for question in asked} >= set(TIERS[fact])


async def test_a_small_world_is_counted_as_by_hand(store: Store) -> None:
    organization = await enrolled(store, "America/Los_Angeles")
    # 2026-05-04 in Los Angeles (UTC−7) is 07:00Z to 07:00Z the next day.
    await taken(
        store,
        organization,
        [
            message("a", at("2026-05-04 06:59"), channel="sms"),  # 3 May, 23:59
            message("b", at("2026-05-04 07:00"), channel="sms", delivered_at=at("2026-05-05 08:00")),
            message("c", at("2026-05-05 06:59:59"), channel="email", delivered_at=at("2026-05-05 06:59:59")),
            message("d", at("2026-05-05 07:00"), direction="inbound", channel="sms"),
            message("e", at("2026-05-04 09:00"), is_test=True),
            event("c", "opened", at("2026-05-05 20:00")),
            event("c", "opened", at("2026-05-05 21:00")),
        ],
    )
    await counted(store)
    days = Window(at("2026-05-03 07:00"), at("2026-05-06 07:00"))
    home = Home("America/Los_Angeles", 0)
    question = Question(
        MESSAGES,
        organization.id,
        ("total", "logged", "delivered", "opened"),
        days,
        Granularity.DAY,
        "America/Los_Angeles",
    )

    async with store.reading() as db:
        created = await answer(db, question, home)
        happened = await answer(db, replace(question, clock=Clock.HAPPENED), home)
        opens = replace(question, fact=ENGAGEMENTS, measures=("opens",))
        each = await answer(db, replace(opens, clock=Clock.HAPPENED), home)
        channels = await answer(db, replace(question, granularity=None, by=("channel",)), home)

    #                                 3, 4, 5 May
    assert created.groups[()] == {
        "total": [1, 2, 1],  # a; b c; d
        "logged": [1, 2, 0],  # d is inbound
        "delivered": [0, 2, 0],  # b and c, where they were created
        "opened": [0, 1, 0],
    }
    assert happened.groups[()] == {
        "total": [1, 2, 1],
        "logged": [1, 2, 0],
        "delivered": [0, 1, 1],  # c at 23:59:59 on the 4th, b at 01:00 on the 5th
        "opened": [0, 0, 1],
    }
    assert each.groups[()] == {"opens": [0, 0, 2]}
    assert channels.groups == {
        ("sms",): {"total": [3], "logged": [2], "delivered": [1], "opened": [0]},
        ("email",): {"total": [1], "logged": [1], "delivered": [1], "opened": [1]},
    }


async def test_another_organization_is_never_counted(store: Store) -> None:
    mine, other = await enrolled(store), await enrolled(store)
    await taken(store, other, [message("a", at("2026-05-04 06:59"))])
    await counted(store)
    ever = wanted(window=None, granularity=None)

    for tier in (*TIERS[MESSAGES], None):
        if tier is None or planning._answers(tier, ever, HOME):
            for organization, number in ((mine, 0), (other, 1)):
                table = await forced(store, replace(ever, organization_id=organization.id), tier, HOME)
                assert table.total() == {"logged": number}


async def test_a_group_that_counts_nothing_any_more_is_gone_from_every_tier(store: Store) -> None:
    # An event before its message is counted without a channel, then moves to the message's channel.
    organization = await enrolled(store)
    await taken(store, organization, [event("a", "delivered", at("2026-05-04 10:00"))])
    await counted(store)
    await taken(store, organization, [message("a", at("2026-05-04 10:00"), channel="sms")])
    await counted(store)
    question = wanted(organization_id=organization.id, granularity=None, by=("channel",))

    for tier in (*TIERS[MESSAGES], None):
        if tier is None or planning._answers(tier, question, HOME):
            table = await forced(store, question, tier, HOME)
            assert table.groups == {("sms",): {"logged": [1]}}, tier and tier.name


async def test_too_many_groups_are_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    organization = await enrolled(store)
    day = at("2026-05-04 10:00")
    await taken(store, organization, [message(f"m{i}", day, sender_id=f"+{i}") for i in range(4)])
    await counted(store)
    question = wanted(organization_id=organization.id, by=("sender",))
    monkeypatch.setattr(tables, "MAX_CELLS", 31 * 3)  # three groups of a month of days

    async with store.reading() as db:
        with pytest.raises(TooManyGroups):
            await answer(db, question, HOME)
        few = replace(question, where=(("sender", ("+1", "+2", "+3")),))
        assert len((await answer(db, few, HOME)).groups) == 3


def test_labels_of_the_oracle_are_what_the_wall_says() -> None:
    # Lord Howe, 6 April 2025: 02:00 (UTC+11) becomes 01:30 (UTC+10:30) at 15:00Z.
    before, after = at("2025-04-05 14:59"), at("2025-04-05 15:00")

    assert label(before, "hour", "Australia/Lord_Howe") == (int(at("2025-04-05 14:00").timestamp()) // 60,)
    assert label(after, "hour", "Australia/Lord_Howe") == (int(at("2025-04-05 14:30").timestamp()) // 60,)
    assert label(before, "day", "Australia/Lord_Howe") == (2025, 4, 6)
    assert label(at("2021-01-03 23:59"), "week", "UTC") == (2020, 53)
    assert set(WIDTHS) == {"minute", "quarter_hour", "hour"}
