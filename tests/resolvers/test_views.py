"""Facts that no tier holds: recipients, and the work of the inbox, worked out from raw rows by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import INBOX, INBOX_TAGS, RECIPIENTS, TIERS, VIEWS, Fact, Organization
from models.engine import Store
from models.records import (
    ContactRecord,
    InboxEventRecord,
    InboxTagRecord,
    InboxThreadRecord,
    Record,
)
from resolvers.periods import Granularity, Window
from resolvers.question import Home, Question
from resolvers.tables import answer, first_moment
from tests.worlds import at, bounded, enrolled, message, taken

HOME = Home("UTC", 0)
NOON = at("2026-05-05 12:00")
MAY = Window(at("2026-05-01"), at("2026-06-01"))
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def store(shared_store: Store) -> Store:
    """One store for all tests, each with organizations of its own."""
    return shared_store


async def groups(
    store: Store, organization: Organization, fact: Fact, measures: tuple[str, ...], *by: str, **more: Any
) -> dict[Any, tuple[int, ...]]:
    """These sums by group."""
    question = Question(fact, organization.id, measures, by=by, **more)
    async with store.reading() as db:
        table = await answer(db, question, HOME)
    return {
        group[0] if len(by) == 1 else group: tuple(sum(sums[name]) for name in measures)
        for group, sums in table.groups.items()
    }


async def told(store: Store, *records: Record) -> Organization:
    """An organization that was told these records, and another one that was told them twice over."""
    organization, other = await enrolled(store), await enrolled(store)
    await taken(store, organization, records)
    await taken(store, other, records)
    await taken(store, other, [one.model_copy(update={"id": f"other {one.id}"}) for one in records])
    return organization


# Recipients.


def sent(id: str, contact: str, campaign: str, moment: datetime = NOON, **more: Any) -> Record:
    return message(id, moment, contact_id=contact, campaign_id=campaign, **more)


def recipients() -> list[Record]:
    """1 and 2 in spring (1 twice, on two days), 1 in autumn; what came in, tests, and the nameless do not count."""
    return [
        sent("a", "1", "spring", at("2026-05-06 00:00")),
        sent("b", "1", "spring", at("2026-05-05 23:59")),
        sent("c", "2", "spring", at("2026-05-06 10:00")),
        sent("d", "1", "autumn", at("2026-05-07 10:00")),
        sent("e", "3", "spring", is_test=True),
        sent("f", "3", "spring", direction="inbound"),
        message("g", NOON, contact_id="3"),
        message("h", NOON, campaign_id="spring"),
        ContactRecord(type="contact", id="1", created_at=NOON, source="form", city="Lyon"),
        ContactRecord(type="contact", id="3", created_at=NOON, source="import"),
    ]


async def test_a_contact_is_a_recipient_of_a_campaign_once_at_its_first_message(store: Store) -> None:
    organization = await told(store, *recipients())
    one = ("recipients",)

    assert await groups(store, organization, RECIPIENTS, one) == {(): (3,)}
    assert await groups(store, organization, RECIPIENTS, one, "campaign") == {"spring": (2,), "autumn": (1,)}
    question = Question(RECIPIENTS, organization.id, one, MAY, Granularity.DAY)
    async with store.reading() as db:
        days = (await answer(db, question, HOME)).groups[()]["recipients"]
        assert await first_moment(db, RECIPIENTS, organization.id, HOME) == at("2026-05-05 23:59")
    assert days[:8] == [0, 0, 0, 0, 1, 1, 1, 0]  # 1 on the 5th, 2 on the 6th, 1 in autumn on the 7th


async def test_recipients_by_source_add_up_to_all_of_them(store: Store) -> None:
    organization = await told(store, *recipients())
    one = ("recipients",)

    # 1 came from a form, of 2 nothing is known
    by_source = await groups(store, organization, RECIPIENTS, one, "contact_source")
    assert by_source == {"form": (2,), "": (1,)}
    assert await groups(store, organization, RECIPIENTS, one, "campaign", "contact_source") == {
        ("spring", "form"): (1,),
        ("spring", ""): (1,),
        ("autumn", "form"): (1,),
    }
    spring: Any = (("campaign", ("spring",)), ("contact.city", ("Lyon",)))
    assert await groups(store, organization, RECIPIENTS, one, "contact", where=spring) == {"1": (1,)}
    form: Any = (("contact_source", ("form",)),)
    assert await groups(store, organization, RECIPIENTS, one, "campaign", where=form) == {
        "spring": (1,),
        "autumn": (1,),
    }


# The inbox.


def thread(id: str, created: datetime, contact: str = "1") -> Record:
    return InboxThreadRecord(type="inbox_thread", id=id, contact_id=contact, created_at=created)


def done(id: str, kind: Any, minutes: float, user: str = "ann", thread: str = "t", tag: str = "") -> Record:
    """What happened to a thread, so many minutes after noon."""
    at = NOON + minutes * MINUTE
    return InboxEventRecord(
        type="inbox_event", id=id, thread_id=thread, kind=kind, user_id=user, tag_id=tag, at=at
    )


TIMES = ("first_responses", "first_response_time_millis", "resolved", "resolution_time_millis")
HANDLED = ("handled", "handle_time_millis")
COUNTS = ("assignments", "closures")


def two_conversations() -> list[Record]:
    """Opened at 0, assigned to ann at 1 and to bob at 4, answered at 6 and 8, closed by bob at 10; opened again
    at 60 by nobody, answered by ann at 61.5, closed by her at 70 though nobody assigned it again."""
    return [
        thread("t", NOON - MINUTE),
        done("1", "opened", 0, ""),
        done("2", "assigned", 1, "ann"),
        done("3", "assigned", 4, "bob"),
        done("4", "answered", 6, "bob"),
        done("5", "answered", 8, "ann"),
        done("6", "closed", 10, "bob"),
        done("7", "opened", 60, ""),
        done("8", "answered", 61.5, "ann"),
        done("9", "answered", 62, "ann"),
        done("a", "closed", 70, "ann"),
    ]


async def test_users_are_counted_by_what_they_did_and_how_long_it_took(store: Store) -> None:
    organization = await told(store, *two_conversations())

    # bob: answered first after 6 min = 360 000 ms, closed after 10 min = 600 000 ms, 6 min after he was assigned.
    # ann: in the second conversation answered first after 1.5 min, closed it after 10 min; her assignment, at 1,
    # and bob's, at 4, belong to the conversation before: there is no handle time.
    assert await groups(store, organization, INBOX, COUNTS, "user") == {"ann": (1, 1), "bob": (1, 1)}
    assert await groups(store, organization, INBOX, TIMES, "user") == {
        "bob": (1, 360_000, 1, 600_000),
        "ann": (1, 90_000, 1, 600_000),
    }
    assert await groups(store, organization, INBOX, HANDLED, "user") == {"bob": (1, 360_000)}
    question = Question(INBOX, organization.id, ("average_first_response_time", "average_handle_time"))
    async with store.reading() as db:
        table = await answer(db, question, HOME)
    sums = table.total()
    answered, handled = (one for one in INBOX.ratios if one.name != "average_resolution_time")
    assert answered.of(sums) == 225.0  # (360 + 90) ÷ 2 seconds
    assert handled.of(sums) == 360.0


@given(data=st.data())
@bounded(4)
async def test_the_order_in_which_the_inbox_is_told_changes_nothing(
    store: Store, data: st.DataObject
) -> None:
    organization = await enrolled(store)
    records = data.draw(st.permutations(two_conversations() + tagged()))
    for start in range(0, len(records), 6):
        await taken(store, organization, records[start : start + 6])

    assert await groups(store, organization, INBOX, (*TIMES, *HANDLED), "user", "thread") == {
        ("bob", "t"): (1, 360_000, 1, 600_000, 1, 360_000),
        ("ann", "t"): (1, 90_000, 1, 600_000, 0, 0),
        ("ann", "g"): (3, 180_000, 3, 360_000, 0, 0),
    }
    assert await groups(store, organization, INBOX_TAGS, TAGGED, "tag") == TAGS


async def test_a_thread_that_was_never_opened_was_opened_when_it_was_made(store: Store) -> None:
    organization = await told(
        store,
        thread("t", NOON - 5 * MINUTE),
        done("1", "answered", 1),
        done("2", "closed", 2),
        # closed again without anything in between: the same conversation still
        done("3", "closed", 5),
        # of this thread nothing is told: what was done counts, how long it took is not known
        done("4", "assigned", 0, thread="unknown"),
        done("5", "answered", 1, thread="unknown"),
        done("6", "closed", 3, thread="unknown"),
        # this one was made only afterwards: its clock ran otherwise, and no time is negative
        thread("odd", NOON + 9 * MINUTE),
        done("7", "answered", 1, thread="odd"),
    )

    # t: answered 5 + 1 min after it was made, closed after 5 + 2 and again after 5 + 5 minutes: 7 + 10 = 17
    # unknown: handled 3 min after it was assigned
    assert await groups(store, organization, INBOX, (*TIMES, *HANDLED), "thread") == {
        "t": (1, 360_000, 2, 1_020_000, 0, 0),
        "unknown": (0, 0, 0, 0, 1, 180_000),
    }
    assert await groups(store, organization, INBOX, COUNTS) == {(): (1, 3)}


async def test_what_is_done_counts_in_the_bucket_where_it_was_done(store: Store) -> None:
    # opened on the 5th at 12:00, answered on the 6th at 00:00 (12 h later), closed on the 6th
    organization = await told(
        store,
        thread("t", NOON),
        done("1", "opened", 0),
        done("2", "answered", 720),
        done("3", "closed", 721),
    )
    window = Window(at("2026-05-05"), at("2026-05-07"))
    names = ("closures", "first_responses", "first_response_time_millis")
    question = Question(INBOX, organization.id, names, window, Granularity.DAY)

    async with store.reading() as db:
        days = (await answer(db, question, HOME)).groups[()]
        opening = Window(at("2026-05-06"), at("2026-05-06 00:01"))
        cut = (await answer(db, Question(INBOX, organization.id, names, opening), HOME)).total()

    assert days == {
        "closures": [0, 1],
        "first_responses": [0, 1],
        "first_response_time_millis": [0, 12 * 3_600_000],
    }
    # what lies before the window is still known
    assert cut == {"closures": 0, "first_responses": 1, "first_response_time_millis": 12 * 3_600_000}


async def test_the_inbox_can_be_asked_by_contact(store: Store) -> None:
    organization = await told(
        store,
        ContactRecord(type="contact", id="1", created_at=NOON, city="Lyon"),
        thread("t", NOON, "1"),
        thread("u", NOON, "2"),
        done("1", "closed", 1, thread="t"),
        done("2", "closed", 2, thread="u"),
        done("3", "closed", 3, thread="lost"),
    )

    one = ("closures",)
    assert await groups(store, organization, INBOX, one, "contact") == {"1": (1,), "2": (1,), "": (1,)}
    lyon: Any = (("contact.city", ("Lyon",)),)
    assert await groups(store, organization, INBOX, one, "thread", where=lyon) == {"t": (1,)}


# Tags.

TAGGED = ("additions", "closures", "first_responses", "resolved", "resolution_time_millis")
# vip: put on in the first conversation, carried through the second, taken off before the third: closes 1 and 2,
# after 2 and 2 minutes. late: put on twice in the second and carried on into the third: closes 2 and 3, after 2
# and 2. gone: on and off within the first: close 1. early: off before the first was opened, on again after the
# third was closed, which lasts until another is opened: close 3.
TAGS = {
    "vip": (1, 2, 2, 2, 240_000),
    "late": (2, 2, 2, 2, 240_000),
    "gone": (1, 1, 1, 1, 120_000),
    "early": (2, 1, 1, 1, 120_000),
}


def tagged() -> list[Record]:
    """Three conversations on the thread g, each answered after a minute and closed after two, with tags on."""
    events: list[Record] = [
        thread("g", NOON - 60 * MINUTE),
        done("t0", "tag_added", -9, thread="g", tag="early"),
    ]
    events.append(done("t1", "tag_removed", -8, thread="g", tag="early"))
    for number, start in enumerate((0, 100, 200)):
        events.append(done(f"o{number}", "opened", start, thread="g"))
        events.append(done(f"r{number}", "answered", start + 1, thread="g"))
        events.append(done(f"c{number}", "closed", start + 2, thread="g"))
    return [
        *events,
        InboxTagRecord(type="inbox_tag", id="vip", name="VIP", updated_at=NOON),
        done("t2", "tag_added", 1, thread="g", tag="vip"),
        done("t3", "tag_removed", 150, thread="g", tag="vip"),
        done("t4", "tag_added", 0.5, thread="g", tag="gone"),
        done("t5", "tag_removed", 0.75, thread="g", tag="gone"),
        done("t6", "tag_added", 101, thread="g", tag="late"),
        done("t7", "tag_added", 101.5, thread="g", tag="late"),
        done("t8", "tag_added", 300, thread="g", tag="early"),
    ]


async def test_a_conversation_counts_under_every_tag_it_carried_once(store: Store) -> None:
    organization = await told(store, *tagged())

    assert await groups(store, organization, INBOX_TAGS, TAGGED, "tag") == TAGS


async def test_tags_of_one_thread_are_not_those_of_another(store: Store) -> None:
    organization = await told(
        store,
        thread("t", NOON),
        thread("u", NOON),
        done("1", "tag_added", 0, thread="t", tag="vip"),
        done("2", "closed", 1, thread="t"),
        done("3", "closed", 1, thread="u"),
    )

    assert await groups(store, organization, INBOX_TAGS, TAGGED, "tag", "thread") == {
        ("vip", "t"): (1, 1, 0, 1, 60_000)
    }
    vip: Any = (("tag", ("vip",)),)
    assert await groups(store, organization, INBOX_TAGS, ("closures",), where=vip) == {(): (1,)}
    other: Any = (("tag", ("other",)),)
    assert await groups(store, organization, INBOX_TAGS, ("closures",), where=other) == {(): (0,)}


@pytest.mark.parametrize("fact", VIEWS, ids=lambda fact: fact.name)
async def test_a_view_shows_no_row_of_another_organization(store: Store, fact: Fact) -> None:
    nobody = await enrolled(store)
    await told(store, *recipients(), *two_conversations(), *tagged())
    names = tuple(one.name for one in fact.sums)

    assert TIERS[fact] == ()
    assert not any((await groups(store, nobody, fact, names)).get((), ()))
    for name in fact.splits:
        assert await groups(store, nobody, fact, names, name) == {}
    # Threads, contacts and tags of the same names: only the other organization knows more of them.
    await taken(store, nobody, [done("1", "closed", 5, thread="g"), sent("a", "1", "spring")])
    assert await groups(store, nobody, RECIPIENTS, ("recipients",), "contact_source") == {"": (1,)}
    assert await groups(store, nobody, INBOX, TIMES, "thread") == {}
    assert await groups(store, nobody, INBOX_TAGS, TAGGED, "tag") == {}
    assert await groups(store, nobody, INBOX, ("closures",), "contact") == {"": (1,)}
