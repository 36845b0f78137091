"""The law: whatever a tier may answer equals the raw rows, and both equal what is true."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import ENGAGEMENTS, FACTS, MESSAGES, TIERS, WEBHOOKS, Clock, Fact, Organization, Tier
from models.engine import Store
from models.errors import TooManyGroups
from resolvers import question as asking
from resolvers.periods import Granularity, Window, moment
from resolvers.question import HOUR, WEEKDAY, Home, Question, Table, answer, plan, statement
from tests.resolvers.truth import WIDTHS, ZONES, World, label, lines, worlds
from tests.worlds import at, bounded, counted, enrolled, event, message, taken

Counts = dict[tuple[Any, ...], dict[str, int]]
LONGEST = {"minute": 1440, "quarter_hour": 15 * 400, "hour": 60 * 400}  # minutes, so that a test stays quick
HOME = Home("UTC", 0)


def expected(world: World, question: Question) -> Counts:
    """The answer by (bucket, group …), counted by hand; what is zero throughout is left out."""
    found: Counts = defaultdict(lambda: defaultdict(int))
    made = question.buckets
    granularity = question.granularity
    wanted = set()
    if made is not None and granularity is not None:
        wanted = {label(moment(start), granularity, question.zone) for start in made.bounds[:-1]}
        assert len(wanted) == len(made), "two buckets look the same on the wall"
    for line in lines(world, question.fact.name, question.clock is Clock.HAPPENED):
        if any(line.labels[name] not in values for name, values in question.where):
            continue
        key: tuple[Any, ...] = ()
        if granularity is not None:
            if (bucket := label(line.at, granularity, question.zone)) not in wanted:
                continue
            key = (bucket,)
        elif question.window is not None and not question.window.start <= line.at < question.window.end:
            continue
        local = line.at.astimezone(ZoneInfo(question.zone))
        times: dict[str, Any] = {WEEKDAY: local.weekday(), HOUR: local.hour}
        group = tuple(times[name] if name in times else line.labels[name] for name in question.by)
        for name, number in line.sums.items():
            if number and name in question.measures:
                found[(*key, *group)][name] += number
    return {key: dict(sums) for key, sums in found.items()}


def read(question: Question, table: Table) -> Counts:
    """A table as the oracle writes it."""
    made, found = table.buckets, {}
    for group, columns in table.groups.items():
        for place in range(1 if made is None else len(made)):
            sums = {name: column[place] for name, column in columns.items() if column[place]}
            if sums and (made is None or question.granularity is None):
                found[group] = sums
            elif sums and made is not None and question.granularity is not None:
                start = moment(made.bounds[place])
                found[(label(start, question.granularity, question.zone), *group)] = sums
    return found


async def forced(store: Store, question: Question, tier: Tier | None, home: Home) -> Table:
    """The answer of this tier, whatever the planner would have chosen."""
    async with store.reading() as db:
        rows = (await db.execute(statement(question, tier, home))).all()
    sums = len(question.fact.parts(question.measures))
    assert not (question.by or question.granularity) or all(any(row[-sums:]) for row in rows)
    return asking._table(question, rows)


@dataclass(frozen=True)
class Asked:
    """A question, as it is printed when an example fails."""

    fact: str
    sums: tuple[str, ...]
    window: Window | None
    granularity: Granularity | None
    zone: str
    by: tuple[str, ...]
    where: tuple[tuple[str, tuple[str, ...]], ...]
    clock: Clock

    def by_whom(self, organization: Organization) -> Question:
        """The question, asked by an organization."""
        fact = next(fact for fact in FACTS if fact.name == self.fact)
        kept = (self.window, self.granularity, self.zone, self.by, self.where, self.clock)
        return Question(fact, organization.id, self.sums, *kept)


@st.composite
def questions(draw: st.DrawFn, center: datetime, home: str) -> Asked:
    """A question about the time around a center."""
    fact = draw(st.sampled_from([MESSAGES, MESSAGES, MESSAGES, ENGAGEMENTS, WEBHOOKS]))
    granularity = draw(st.sampled_from([None, None, *Granularity]))
    zone = draw(st.sampled_from([home, home, *ZONES]))
    splits = [*(d.name for d in fact.dimensions), WEEKDAY, HOUR]
    by = tuple(draw(st.lists(st.sampled_from(splits), max_size=2, unique=True)))
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    if draw(st.booleans()):
        values = {
            "campaign": ("spring", ""),
            "channel": ("sms",),
            "direction": ("outbound",),
            "endpoint": ("crm",),
        }
        name = draw(st.sampled_from([d.name for d in fact.dimensions if d.name in values]))
        where = ((name, values[name]),)
    window = None if granularity is None and draw(st.booleans()) else draw(windows(center, home, granularity))
    clock = draw(st.sampled_from(Clock))
    sums = names(fact)
    if draw(st.integers(0, 2)):
        sums = tuple(draw(st.lists(st.sampled_from(sums), min_size=1, max_size=4, unique=True)))
    return Asked(fact.name, sums, window, granularity, zone, by, where, clock)


@st.composite
def windows(draw: st.DrawFn, center: datetime, home: str, granularity: Granularity | None) -> Window:
    """A window near a center: of any microsecond, whole quarters, or whole days or months of home."""
    kind = draw(st.sampled_from(["any", "quarters", "days", "months"]))
    if kind == "any":
        start = center + timedelta(microseconds=draw(st.integers(-(10**12), 10**11)))
        end = start + timedelta(microseconds=draw(st.integers(1, 10**12)))
    elif kind == "quarters":
        start = center + draw(st.integers(-1500, 40)) * timedelta(minutes=15)
        end = start + draw(st.integers(1, 3000)) * timedelta(minutes=15)
    else:
        step = 1 if kind == "days" else 31
        first = center.date() + timedelta(days=draw(st.integers(-3, 0)) * step)
        last = first + timedelta(days=draw(st.integers(1, 5)) * step)
        if kind == "months":
            first, last = first.replace(day=1), last.replace(day=1)
        start, end = midnight(first, home), midnight(last, home)
    longest = None if granularity is None else LONGEST.get(granularity.value)
    if longest is not None:
        end = min(end, start + timedelta(minutes=longest))
    return Window(start, end) if start < end else Window(start, start + timedelta(days=1))


def midnight(day: date, zone: str) -> datetime:
    """Where a day of a zone begins."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def core(center: datetime, home: str, zone: str, clock: Clock) -> list[Asked]:
    """All sums of messages in buckets of every width and by weekday, and of every fact as a whole."""
    found = [Asked(fact.name, names(fact), None, None, zone, (), (), clock) for fact in FACTS]
    for granularity in Granularity:
        reach = {"minute": timedelta(hours=2), "quarter_hour": timedelta(hours=20)}
        days = reach.get(granularity.value, timedelta(days=granularity.rank * 3))
        window = Window(center - days, center + days)
        found.append(Asked(MESSAGES.name, names(MESSAGES), window, granularity, zone, (), (), clock))
    week = (center.date() + timedelta(days=days) for days in (-3, 4))
    window = Window(*(midnight(day, home) for day in week))
    return [*found, Asked(MESSAGES.name, names(MESSAGES), window, None, zone, (WEEKDAY,), (), clock)]


def names(fact: Fact) -> tuple[str, ...]:
    """The sums of a fact."""
    return tuple(s.name for s in fact.sums)


async def made(store: Store, world: World, zone: str, cut: int) -> Organization:
    """A new organization that was told the world in two batches, counted after each that is not empty."""
    organization = await enrolled(store, zone)
    for batch in filter(None, (world.records[:cut], world.records[cut:])):
        await taken(store, organization, batch)
        await counted(store)
    return organization


@given(data=st.data())
@bounded(5)
async def test_every_tier_that_may_answer_equals_the_raw_rows_and_the_truth(
    store: Store, data: st.DataObject
) -> None:
    world, zone = data.draw(worlds()), data.draw(st.sampled_from(ZONES))
    organization = await made(store, world, zone, data.draw(st.integers(0, len(world.records))))
    home = Home(zone, 0)

    asked = core(world.center, zone, data.draw(st.sampled_from(ZONES)), data.draw(st.sampled_from(Clock)))
    asked += [data.draw(questions(world.center, zone)) for _ in range(4)]

    for question in asked:
        mine = question.by_whom(organization)
        truth = expected(world, mine)
        for tier in (*TIERS[mine.fact], None):
            if tier is None or asking._answers(tier, mine, home):
                found = read(mine, await forced(store, mine, tier, home))
                assert found == truth, f"{tier.name if tier else 'raw'} is wrong about {question}"


@given(data=st.data())
@bounded(4)
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
    ],
)
def test_the_coarsest_tier_that_is_exact_is_chosen(changes: dict[str, Any], tier: str | None) -> None:
    chosen = plan(wanted(**changes), HOME)

    assert (chosen and chosen.name) == tier


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
        if tier is None or asking._answers(tier, ever, HOME):
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
        if tier is None or asking._answers(tier, question, HOME):
            table = await forced(store, question, tier, HOME)
            assert table.groups == {("sms",): {"logged": [1]}}, tier and tier.name


async def test_too_many_groups_are_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    organization = await enrolled(store)
    day = at("2026-05-04 10:00")
    await taken(store, organization, [message(f"m{i}", day, sender_id=f"+{i}") for i in range(4)])
    await counted(store)
    question = wanted(organization_id=organization.id, by=("sender",))
    monkeypatch.setattr(asking, "MAX_CELLS", 31 * 3)  # three groups of a month of days

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
