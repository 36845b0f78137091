"""Credits: what grants cover, what a message draws, and a balance that is nothing but the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import MESSAGES, Clock, Organization
from models.engine import Store
from models.records import BillingAccountRecord, Record
from resolvers.caller import Caller
from resolvers.credits import Balance, Grant, balance, draw
from resolvers.loaders import Loaders
from resolvers.question import Home, Question
from resolvers.tables import answer
from tests.resolvers.truth import ZONES, price
from tests.worlds import NOW, at, bounded, counted, enrolled, entry, message, taken

Draws = list[tuple[int, int]]
MODELS = ("unlimited", "per_message", "full_service")
KINDS = ("purchase", "grant", "grant", "grant", "debit", "refund", "expire")


@pytest.fixture(scope="module")
def store(shared_store: Store) -> Store:
    """One store for all tests, each with organizations of its own."""
    return shared_store


def test_what_is_included_goes_first_and_then_what_was_bought() -> None:
    # 30 + 90 are drawn of 100: 20 are left for what was bought.
    assert draw([Grant(100, 10, 20)], [(10, 30), (11, 90)]) == (100, 0)


def test_the_grant_that_ends_first_goes_first() -> None:
    endless, second, first = Grant(50, 0), Grant(50, 10, 20), Grant(50, 10, 12)

    # On day 11: 50 of the one that ends on day 12, 10 of the next, which leaves 40 and the endless 50.
    assert draw([endless, second, first], [(11, 60)]) == (60, 90)
    # On day 12 the first is gone: 50 of the second, 10 of the endless one.
    assert draw([endless, second, replace(first, is_valid=False)], [(12, 60)]) == (60, 40)


def test_of_two_that_end_the_same_day_the_one_that_has_run_out_goes_first() -> None:
    morning, evening = Grant(50, 10, 12, is_valid=False), Grant(50, 10, 12)

    # 60 of 100: the 40 left are the evening's, whichever was told first.
    assert draw([morning, evening], [(11, 60)]) == draw([evening, morning], [(11, 60)]) == (60, 40)


def test_a_grant_is_drawn_from_its_first_day_until_the_day_it_ends() -> None:
    drawn = [(9, 5), (10, 20), (11, 10), (12, 5)]

    # Days 9 and 12 are outside; of 100 are 30 drawn, and nothing counts of the rest of one that has run out.
    assert draw([Grant(100, 10, 12)], drawn) == (30, 70)
    assert draw([Grant(100, 10, 12, is_valid=False)], drawn) == (30, 0)
    assert draw([], [(9, 5)]) == (0, 0)


def test_twenty_thousand_grants_are_reckoned_in_one_sweep() -> None:
    # For 200 days a hundred grants of 3 a day, each good for ten days; 150 are drawn a day. At first two
    # days draw on the grants of one; from day 19 on, each draws half of those that are about to end.
    grants = [Grant(3, n // 100, n // 100 + 10, n // 100 + 10 > 199) for n in range(20_000)]

    # All is covered; on day 199 the grants of ten days are valid, 3,000 credits, of which 150 are drawn.
    assert draw(grants, [(day, 150) for day in range(200)]) == (200 * 150, 3_000 - 150)


def replayed(grants: list[Grant], drawn: Draws) -> tuple[int, int]:
    """The same, credit by credit."""
    left = [grant.credits for grant in grants]
    for day, wanted in drawn:
        for _ in range(wanted):
            running = [i for i, grant in enumerate(grants) if left[i] and grant.first <= day < grant.end]
            if running:
                left[min(running, key=lambda i: (grants[i].end, grants[i].is_valid))] -= 1
    covered = sum(grant.credits for grant in grants) - sum(left)
    return covered, sum(left[i] for i, grant in enumerate(grants) if grant.is_valid)


GRANTS = st.builds(
    lambda credits, first, days, is_valid: Grant(
        credits, first, *([] if days is None else [first + days, is_valid])
    ),
    st.integers(0, 20),
    st.integers(0, 9),
    st.none() | st.integers(0, 6),
    st.booleans(),
)


@given(st.lists(GRANTS, max_size=5), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 15)), max_size=6))
@bounded(300)
def test_every_credit_comes_from_somewhere(grants: list[Grant], drawn: Draws) -> None:
    drawn.sort()
    covered, included = draw(grants, drawn)

    assert (covered, included) == replayed(grants, drawn)
    assert 0 <= covered <= sum(credits for _, credits in drawn)
    ran_out = sum(grant.credits for grant in grants) - covered - included
    assert ran_out >= 0
    assert ran_out == 0 or not all(grant.is_valid for grant in grants)


async def test_a_message_draws_a_credit_for_each_480_characters_it_has_begun(store: Store) -> None:
    organization = await enrolled(store)
    noon, later = at("2026-05-05 10:00"), at("2026-05-05 10:05")
    sms: dict[str, Any] = {"channel": "sms", "sent_at": noon}
    cases: dict[str, tuple[dict[str, Any], tuple[int, int]]] = {
        **{str(length): ({**sms, "characters": length}, (drawn, 0)) for length, drawn in LENGTHS.items()},
        "untold length": (sms, (1, 0)),
        "mms": ({**sms, "channel": "mms", "characters": 961}, (2, 0)),
        "told": ({**sms, "characters": 961, "credits": 7}, (7, 0)),
        "email": ({**sms, "channel": "email", "characters": 961}, (0, 0)),
        "inbound": ({**sms, "direction": "inbound"}, (0, 0)),
        "test": ({**sms, "is_test": True}, (0, 0)),
        "never sent": ({"channel": "sms"}, (0, 0)),
        "failed after it was sent": ({**sms, "characters": 481, "failed_at": later}, (2, 2)),
        "failed before it was sent": ({"channel": "sms", "failed_at": later}, (0, 0)),
        "delivered, which proves that it was sent": ({"channel": "sms", "delivered_at": later}, (1, 0)),
        "delivered and failed": ({"channel": "mms", "delivered_at": noon, "failed_at": later}, (2, 2)),
    }
    await taken(store, organization, [message(name, noon, source=name, **cases[name][0]) for name in cases])
    await counted(store)
    sums = ("credits_drawn", "credits_returned")
    question = Question(MESSAGES, organization.id, sums, by=("source",), clock=Clock.HAPPENED)

    async with store.reading() as db:
        table = await answer(db, question, Home("UTC", 0))

    found = {str(name): tuple(columns[s][0] for s in sums) for (name,), columns in table.groups.items()}
    assert found == {name: numbers for name, (_, numbers) in cases.items() if any(numbers)}


LENGTHS = {0: 1, 1: 1, 480: 1, 481: 2, 960: 2, 961: 3}


async def left(store: Store, organization: Organization, now: datetime = NOW) -> Balance:
    """What the organization has left."""
    return await balance(Loaders(store, Caller(organization, frozenset(), "")), now)


def account(model: Any, id: str = "1", updated_at: datetime = NOW) -> BillingAccountRecord:
    return BillingAccountRecord(type="billing_account", id=id, pricing_model=model, updated_at=updated_at)


async def test_what_a_failed_message_gives_back_goes_where_it_came_from(store: Store) -> None:
    organization = await enrolled(store)
    grants = [
        entry("april", "grant", 100, at("2026-04-01"), expires_at=at("2026-05-01")),
        entry("may", "grant", 100, at("2026-05-01"), expires_at=at("2026-06-01")),
    ]
    large = message("a", at("2026-04-30 23:00"), sent_at=at("2026-05-01 01:00"), credits=120)
    await taken(store, organization, [*grants, entry("bought", "purchase", 50, NOW), large])
    await counted(store)
    # 120 were drawn on the day the message was made: 100 of April's grant, 20 of what was bought.
    assert await left(store, organization) == Balance(purchased=30, included=100)

    failed = message("a", at("2026-04-30 23:00"), failed_at=at("2026-05-02 09:00"))
    await taken(store, organization, [failed])
    await counted(store)

    # What went back to April's grant has run out with it.
    assert await left(store, organization) == Balance(purchased=50, included=100)


@pytest.mark.parametrize("model", [None, *MODELS])
async def test_only_who_pays_for_messages_is_drawn_from(store: Store, model: str | None) -> None:
    organization = await enrolled(store)
    sent = message("a", NOW, channel="mms", sent_at=NOW)
    await taken(store, organization, [sent] if model is None else [sent, account(model)])
    await counted(store)
    # Without a ledger nothing is owed.
    assert await left(store, organization) == Balance(0, 0)

    ledger = [entry("a", "purchase", 10, NOW), entry("b", "debit", 3, NOW), entry("c", "expire", 1, NOW)]
    await taken(store, organization, ledger)
    await counted(store)

    # 10 − 3 − 1, and 2 for the message, but for who pays nothing for messages.
    assert await left(store, organization) == Balance(6 if model == "unlimited" else 4, 0)


async def test_how_the_account_pays_now_is_how_it_has_paid_since_the_ledger_began(store: Store) -> None:
    organization = await enrolled(store)
    day = timedelta(days=1)
    sent = [message(f"m{n}", NOW - n * day, channel="mms", sent_at=NOW - n * day) for n in range(4)]
    bought = entry("a", "purchase", 10, NOW - 2 * day)
    await taken(store, organization, [*sent, bought, account("unlimited", updated_at=NOW - day)])
    await counted(store)
    assert await left(store, organization) == Balance(10, 0)

    await taken(store, organization, [account("per_message")])

    # Of four messages of 2 credits one is older than the first entry.
    assert await left(store, organization) == Balance(4, 0)
    await taken(store, organization, [account("unlimited", updated_at=NOW + day)])
    assert await left(store, organization) == Balance(10, 0)


async def test_the_ledger_begins_on_the_local_day_of_its_first_entry(store: Store) -> None:
    organization = await enrolled(store, "Asia/Kolkata")  # 18:30 UTC is midnight there
    moments = [at(f"2026-05-01 {time}") for time in ("18:29", "18:30", "23:00")]
    sent = [message(f"m{n}", moment, channel="mms", sent_at=moment) for n, moment in enumerate(moments)]
    await taken(store, organization, [*sent, entry("a", "purchase", 10, at("2026-05-02 10:00"))])
    await counted(store)

    # The one of 18:29 is of the day before; those of the same day count, though they are older.
    assert await left(store, organization) == Balance(6, 0)

    earlier = entry("b", "grant", 0, at("2026-05-01 00:00"))
    await taken(store, organization, [earlier])
    await counted(store)
    assert await left(store, organization) == Balance(4, 0)


@pytest.mark.parametrize(
    ("expires", "now", "included"),
    [
        # Midnight in Kolkata is 18:30 UTC; the message of 20 May draws one credit of ten, there and then.
        ("2026-05-20 18:00", "2026-05-20 17:59:59.999999", 9),
        ("2026-05-20 18:00", "2026-05-20 18:00", 0),
        ("2026-05-20 18:30", "2026-05-20 18:29:59.999999", 9),
        ("2026-05-20 18:30", "2026-05-20 18:30", 0),
    ],
)
async def test_a_grant_is_included_until_it_runs_out_and_draws_that_whole_day(
    store: Store, expires: str, now: str, included: int
) -> None:
    organization = await enrolled(store, "Asia/Kolkata")
    evening = at("2026-05-20 18:10")  # 23:40 there
    grant = entry("g", "grant", 10, at("2026-05-01 00:00"), expires_at=at(expires))
    await taken(store, organization, [grant, message("a", evening, channel="sms", sent_at=evening)])
    await counted(store)

    assert await left(store, organization, at(now)) == Balance(0, included)


async def test_a_grant_that_ends_at_midnight_leaves_the_next_day_to_what_was_bought(store: Store) -> None:
    organization = await enrolled(store, "Asia/Kolkata")
    ends = at("2026-05-20 18:30")  # midnight there, or a microsecond into the next day
    after = message("a", ends, channel="sms", sent_at=ends)
    grants = entry("g", "grant", 10, at("2026-05-01 00:00"), expires_at=ends)
    await taken(store, organization, [grants, after])
    await counted(store)
    assert await left(store, organization, at("2026-05-22")) == Balance(-1, 0)

    later = grants.model_copy(update={"expires_at": ends + timedelta(microseconds=1), "updated_at": NOW})
    await taken(store, organization, [later])
    assert await left(store, organization, at("2026-05-22")) == Balance(0, 0)


@dataclass
class Included:
    """A grant by hand: from which day, until which moment, and what is left of it."""

    first: int
    at: datetime
    expires: datetime | None
    left: int


@dataclass
class Ledger:
    """What is true of an organization's credits, and the records that tell it."""

    zone: str
    model: str | None
    begins: list[int] = field(default_factory=list)
    grants: list[Included] = field(default_factory=list)
    bought: int = 0
    debits: Draws = field(default_factory=list)
    sent: Draws = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def day(self, moment: datetime) -> int:
        """The day on the wall, numbered."""
        return moment.astimezone(ZoneInfo(self.zone)).date().toordinal()

    def last(self, grant: Included) -> float:
        """The last day of which a moment is left to a grant."""
        return inf if grant.expires is None else self.day(grant.expires - timedelta(microseconds=1))

    def left(self) -> Balance:
        """The ledger by hand, one credit after the other, each from the grant that runs out first."""
        if not self.begins:
            return Balance(0, 0)
        sent = [(day, credits) for day, credits in self.sent if day >= min(self.begins)]
        purchased = self.bought
        order = sorted(self.grants, key=lambda grant: grant.expires or at("2100-01-01"))
        for day, credits in sorted(self.debits + (sent if self.model != "unlimited" else [])):
            for _ in range(credits):
                running = [one for one in order if one.left and one.first <= day <= self.last(one)]
                if running:
                    running[0].left -= 1
                else:
                    purchased -= 1
        valid = [one for one in order if one.at <= NOW and (one.expires is None or one.expires > NOW)]
        return Balance(purchased, sum(one.left for one in valid))


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """A ledger of the last forty days, with up to seven entries and ten messages."""
    ledger = Ledger(draw(st.sampled_from(ZONES)), draw(st.sampled_from([None, *MODELS])))
    some = st.integers(0, 40 * 1440).map(lambda minutes: NOW - timedelta(minutes=minutes))
    if ledger.model is not None:
        ledger.records = [account(ledger.model), account("unlimited", "0", NOW - timedelta(days=1))]
    for number in range(draw(st.integers(0, 7))):
        _entry(draw, ledger, f"e{number}", draw(some))
    for number in range(draw(st.integers(0, 10))):
        _message(draw, ledger, f"m{number}", draw(some))
    return ledger


def _entry(draw: st.DrawFn, ledger: Ledger, key: str, moment: datetime) -> None:
    kind, credits = draw(st.sampled_from(KINDS)), draw(st.integers(1, 9))
    ends = draw(st.none() | st.integers(0, 40 * 24).map(lambda hours: moment + timedelta(hours=hours)))
    if ends is not None and draw(st.booleans()):  # at midnight
        home = ends.astimezone(ZoneInfo(ledger.zone)).replace(hour=0, minute=0)
        ends = max(home.astimezone(UTC), moment)
    ledger.records.append(entry(key, kind, credits, moment, expires_at=ends, updated_at=NOW))
    if draw(st.booleans()):  # and was something else before
        ledger.records.append(entry(key, "purchase", 99, moment, updated_at=moment - timedelta(days=1)))
    day = ledger.day(moment)
    ledger.begins.append(day)
    if kind == "grant":
        ledger.grants.append(Included(day, moment, ends, credits))
    elif kind == "debit":
        ledger.debits.append((day, credits))
    else:
        ledger.bought += -credits if kind == "expire" else credits


def _message(draw: st.DrawFn, ledger: Ledger, key: str, created: datetime) -> None:
    channel, characters = draw(st.sampled_from(["sms", "mms", "email"])), draw(st.sampled_from([0, 481, 961]))
    told, inbound = draw(st.sampled_from([0, 0, 4])), draw(st.sampled_from([False, False, True]))
    moments: dict[str, datetime] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                name: st.integers(0, 72).map(lambda hours: created + timedelta(hours=hours))
                for name in ("sent_at", "delivered_at", "failed_at")
            },
        )
    )
    labels: Any = {"channel": channel, "direction": "inbound" if inbound else "outbound"}
    ledger.records.append(message(key, created, characters=characters, credits=told, **labels, **moments))
    is_handed_over = "sent_at" in moments or "delivered_at" in moments
    if is_handed_over and "failed_at" not in moments and not inbound:
        ledger.sent.append((ledger.day(created), price(channel, characters, told)))


@given(data=st.data(), ledger=ledgers())
@bounded(8)
async def test_balances_are_the_ledger(store: Store, data: st.DataObject, ledger: Ledger) -> None:
    organization = await enrolled(store, ledger.zone)
    again = data.draw(
        st.lists(st.sampled_from(ledger.records), max_size=5) if ledger.records else st.just([])
    )
    records = data.draw(st.permutations([*ledger.records, *again]))
    cut = data.draw(st.integers(0, len(records)))

    for batch in filter(None, (records[:cut], records[cut:])):
        await taken(store, organization, batch)
        await counted(store)

    assert await left(store, organization) == ledger.left()
