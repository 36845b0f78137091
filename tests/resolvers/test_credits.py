"""Credits: what grants cover, what a message draws, and a balance that is nothing but the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
from resolvers.question import Home, Question, answer
from tests.resolvers.truth import ZONES, price
from tests.worlds import NOW, at, bounded, counted, enrolled, entry, message, taken

Draws = list[tuple[int, int]]
MODELS = ("unlimited", "per_message", "full_service")
KINDS = ("purchase", "grant", "grant", "grant", "debit", "refund", "expire")


def test_what_is_included_goes_first_and_then_what_was_bought() -> None:
    # 30 + 90 are drawn of 100: 20 are left for what was bought.
    assert draw([Grant(100, 10, 20)], [(10, 30), (11, 90)], 15) == (100, 0)


def test_the_grant_that_ends_first_goes_first() -> None:
    grants = [Grant(50, 0, None), Grant(50, 10, 20), Grant(50, 10, 12)]

    # On day 11: 50 of the one that ends on day 12, 10 of the next, which leaves 40 and the endless 50.
    assert draw(grants, [(11, 60)], 11) == draw(grants, [(11, 60)], 12) == (60, 90)
    # On day 12 the first is gone: 50 of the second, 10 of the endless one.
    assert draw(grants, [(12, 60)], 12) == (60, 40)


def test_a_grant_is_drawn_from_its_first_day_until_the_day_it_ends() -> None:
    grant = [Grant(100, 10, 12)]

    # Days 9 and 12 are outside; of 100 are 30 drawn, and after the last day nothing is left of the rest.
    assert draw(grant, [(9, 5), (10, 20), (11, 10), (12, 5)], 11) == (30, 70)
    assert draw(grant, [(9, 5), (10, 20), (11, 10), (12, 5)], 12) == (30, 0)
    assert draw([], [(9, 5)], 9) == (0, 0)


def replayed(grants: list[Grant], drawn: Draws, today: int) -> tuple[int, int]:
    """The same, credit by credit."""
    left = [grant.credits for grant in grants]
    ends = [inf if grant.end is None else grant.end for grant in grants]
    for day, wanted in drawn:
        for _ in range(wanted):
            valid = [i for i, grant in enumerate(grants) if left[i] and grant.first <= day < ends[i]]
            if valid:
                left[min(valid, key=lambda i: (ends[i], grants[i].first))] -= 1
    covered = sum(grant.credits for grant in grants) - sum(left)
    return covered, sum(left[i] for i, grant in enumerate(grants) if grant.first <= today < ends[i])


GRANTS = st.builds(
    lambda credits, first, days: Grant(credits, first, None if days is None else first + days),
    st.integers(0, 20),
    st.integers(0, 9),
    st.none() | st.integers(0, 6),
)


@given(st.lists(GRANTS, max_size=4), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 15)), max_size=6))
@bounded(150)
def test_every_credit_comes_from_somewhere(grants: list[Grant], drawn: Draws) -> None:
    drawn.sort()
    covered, included = draw(grants, drawn, 9)

    assert (covered, included) == replayed(grants, drawn, 9)
    assert 0 <= covered <= sum(credits for _, credits in drawn)
    granted = sum(grant.credits for grant in grants)
    ran_out = granted - covered - included
    assert ran_out >= 0
    assert ran_out == 0 or any(grant.end is not None and grant.end <= 9 for grant in grants)


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


async def left(store: Store, organization: Organization) -> Balance:
    """What the organization has left."""
    return await balance(Loaders(store, Caller(organization, frozenset(), "")), NOW)


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
    # Without an account or a ledger nothing is owed.
    assert (await left(store, organization)).total == (-2 if model in ("per_message", "full_service") else 0)

    ledger = [entry("a", "purchase", 10, NOW), entry("b", "debit", 3, NOW), entry("c", "expire", 1, NOW)]
    await taken(store, organization, ledger)
    await counted(store)

    # 10 − 3 − 1, and 2 for the message, but for who pays nothing for messages.
    assert await left(store, organization) == Balance(6 if model == "unlimited" else 4, 0)


@dataclass
class Ledger:
    """What is true of an organization's credits, and the records that tell it."""

    zone: str
    model: str | None
    entries: int = 0
    grants: list[Grant] = field(default_factory=list)
    bought: int = 0
    debits: Draws = field(default_factory=list)
    sent: Draws = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def day(self, moment: datetime) -> int:
        """The day on the wall, numbered."""
        return moment.astimezone(ZoneInfo(self.zone)).date().toordinal()

    def left(self) -> Balance:
        """The ledger by hand, one credit after the other."""
        model = self.model or ("per_message" if self.entries else "unlimited")
        drawn = sorted(self.debits + (self.sent if model != "unlimited" else []))
        covered, included = replayed(self.grants, drawn, self.day(NOW))
        return Balance(self.bought - sum(credits for _, credits in drawn) + covered, included)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """A ledger of the last forty days, with up to seven entries and ten messages."""
    ledger = Ledger(draw(st.sampled_from(ZONES)), draw(st.sampled_from([None, *MODELS])))
    some = st.integers(0, 40 * 1440).map(lambda minutes: NOW - timedelta(minutes=minutes))
    if ledger.model is not None:
        ledger.records = [account(ledger.model), account("unlimited", "0", NOW - timedelta(days=1))]
    ledger.entries = draw(st.integers(0, 7))
    for number in range(ledger.entries):
        _entry(draw, ledger, f"e{number}", draw(some))
    for number in range(draw(st.integers(0, 10))):
        _message(draw, ledger, f"m{number}", draw(some))
    return ledger


def _entry(draw: st.DrawFn, ledger: Ledger, key: str, moment: datetime) -> None:
    kind, credits = draw(st.sampled_from(KINDS)), draw(st.integers(1, 9))
    ends = draw(st.none() | st.integers(0, 40 * 24).map(lambda hours: moment + timedelta(hours=hours)))
    ledger.records.append(entry(key, kind, credits, moment, expires_at=ends, updated_at=NOW))
    if draw(st.booleans()):  # and was something else before
        ledger.records.append(entry(key, "purchase", 99, moment, updated_at=moment - timedelta(days=1)))
    if kind == "grant":
        ledger.grants.append(Grant(credits, ledger.day(moment), None if ends is None else ledger.day(ends)))
    elif kind == "debit":
        ledger.debits.append((ledger.day(moment), credits))
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
                for name in ("sent_at", "failed_at")
            },
        )
    )
    labels: Any = {"channel": channel, "direction": "inbound" if inbound else "outbound"}
    ledger.records.append(message(key, created, characters=characters, credits=told, **labels, **moments))
    if "sent_at" in moments and "failed_at" not in moments and not inbound:
        ledger.sent.append((ledger.day(created), price(channel, characters, told)))


@given(data=st.data(), ledger=ledgers())
@bounded(6)
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
