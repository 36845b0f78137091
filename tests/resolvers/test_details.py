"""What only the raw rows hold, and filters through the rows that others lead to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models import (
    CAMPAIGNS,
    CONTACTS,
    ENGAGEMENTS,
    FACTS,
    MESSAGES,
    OPT_INS,
    ORDERS,
    VIEWS,
    WORKFLOW_ENTRIES,
    Clock,
    Fact,
    Organization,
)
from models.engine import Store
from models.records import (
    CampaignRecord,
    ContactEventRecord,
    ContactRecord,
    OrderRecord,
    Record,
    WorkflowEntryRecord,
)
from resolvers.periods import Granularity, Window
from resolvers.plan import plan
from resolvers.question import Home, Question
from resolvers.tables import answer
from tests.worlds import at, counted, enrolled, event, message, taken

NOON = at("2026-05-05 12:00")
HOME = Home("UTC", 0)


def contact(id: str, **told: Any) -> Record:
    return ContactRecord(type="contact", id=id, created_at=NOON, **told)


def campaign(id: str, **told: Any) -> Record:
    return CampaignRecord(type="campaign", id=id, created_at=NOON, **told)


def small_world() -> list[Record]:
    """Three contacts and a stranger, two campaigns, five messages and what came of them.

    1 and 2 live in Lyon, 3 in Metz; 1 came from the campaign 'spring', 2 and 3 from a form. 'spring' is on its
    way, 'autumn' is a draft.
    """
    came, custom = {"source": "campaign", "source_id": "spring"}, {"tier": "gold", "age": 7, "vip": True}
    return [
        contact("1", city="Lyon", phone="+1", **came, custom=custom),
        contact("2", city="Lyon", phone="+2", source="form", custom={"tier": 'a "b"', "age": 7.5}),
        contact("3", city="Metz", source="form", custom={"vip": False, "none": None}),
        campaign("spring", name="Spring!", status="sending", audience_size=9),
        campaign("autumn", name="Autumn"),
        message("a", NOON, contact_id="1", campaign_id="spring", sent_at=NOON, sender_id="+9", credits=2),
        message("b", NOON, contact_id="2", campaign_id="spring", delivered_at=NOON, failed_at=NOON),
        message("c", NOON, contact_id="3", campaign_id="spring", read_at=NOON, source_id="x"),
        message("d", NOON + timedelta(microseconds=1_999_999), contact_id="2", campaign_id="autumn"),
        message("e", NOON, contact_id="stranger", direction="inbound", sender_id="+9", sent_at=NOON),
        event("a", "clicked", NOON + timedelta(hours=1), link="https://x.example"),
    ]


@pytest.fixture(scope="module")
def store(shared_store: Store) -> Store:
    """One store for all tests; who tells it more does so of an organization of its own."""
    return shared_store


@pytest.fixture(scope="module")
async def organization(store: Store) -> Organization:
    """An organization of the small world, to be read only."""
    return await told(store)


async def told(store: Store) -> Organization:
    """An organization of the small world, and another one of which no row may be seen."""
    organization, other = await enrolled(store), await enrolled(store)
    await taken(store, organization, small_world())
    more = [contact("stranger", city="Lyon", source="form"), campaign("summer", status="sending")]
    await taken(store, other, [*small_world(), *more])
    await counted(store)
    return organization


async def groups(
    store: Store, organization: Organization, fact: Fact, measure: str, *by: str, **more: Any
) -> dict[Any, int]:
    """A number by one dimension (or several); what is 0 is left out."""
    question = Question(fact, organization.id, (measure,), by=by, **more)
    async with store.reading() as db:
        table = await answer(db, question, HOME)
    found = {group: sum(sums[measure]) for group, sums in table.groups.items() if any(sums[measure])}
    return {group[0]: number for group, number in found.items()} if len(by) == 1 else found


@pytest.mark.parametrize(
    ("by", "found"),
    [
        # a was sent; b failed although it came; c was read; nothing happened to d; e came in
        ("status", {"sent": 1, "failed": 1, "read": 1, "logged": 1, "received": 1}),
        ("contact", {"1": 1, "2": 2, "3": 1, "stranger": 1}),
        ("contact_source", {"campaign": 1, "form": 3, "": 1}),
        ("created_at", {"2026-05-05T12:00:00Z": 4, "2026-05-05T12:00:01Z": 1}),  # cut, not rounded
        ("source_id", {"": 4, "x": 1}),
        ("credits", {"2": 1, "0": 4}),
        ("to_address", {"+1": 1, "+2": 2, "": 1, "+9": 1}),
        ("from_address", {"+9": 1, "": 4}),
        ("user", {"": 5}),
        ("id", dict.fromkeys("abcde", 1)),
    ],
)
async def test_messages_are_split_by_what_only_their_rows_hold(
    store: Store, organization: Organization, by: str, found: dict[str, int]
) -> None:
    assert await groups(store, organization, MESSAGES, "total", by) == found
    for value, number in found.items():
        kept = await groups(store, organization, MESSAGES, "total", where=((by, (value,)),))
        assert kept == {(): number}, value


async def test_a_sum_and_a_dimension_may_have_the_same_name(store: Store, organization: Organization) -> None:
    # a took 2 credits, the others none, which is left out
    assert await groups(store, organization, MESSAGES, "credits", "credits") == {"2": 2}
    kept = await groups(store, organization, MESSAGES, "credits", where=(("credits", ("2",)),))
    assert kept == {(): 2}


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ((("contact.city", ("Lyon",)),), "abd"),
        ((("contact.city", ("Lyon", "Metz")), ("contact.source", ("form",))), "bcd"),
        ((("campaign.status", ("sending",)),), "abc"),
        ((("campaign.name", ("Autumn",)),), "d"),
        ((("contact.campaign", ("spring",)),), "a"),
        ((("contact.campaign.name", ("Spring!",)),), "a"),
        ((("contact.campaign.name", ("Autumn",)),), ""),
        ((("contact.campaign.status", ("sending",)), ("campaign.status", ("sending",))), "a"),
        ((("contact.custom.tier", ("gold", 'a "b"')),), "abd"),
        ((("contact.custom.age", ("7",)),), "a"),
        ((("contact.custom.age", ("7.5",)),), "bd"),
        ((("contact.custom.vip", ("true",)),), "a"),
        ((("contact.custom.vip", ("false", "")),), "bcd"),  # 2 was never told
        ((("contact.custom.none", ("",)),), "abcd"),  # a stranger has no row to be kept by
        ((("contact.created_at", ("2026-05-05T12:00:00Z",)), ("direction", ("inbound",))), ""),
        ((("contact.city", ()),), ""),
        ((("campaign.audience_size", ("9",)), ("status", ("read",))), "c"),
        ((("campaign.contact_source", ("form",)),), "abcd"),  # spring: form 2, Campaign 1; autumn: form 1
        ((("contact.campaign.contact_source", ("form",)),), "a"),
    ],
)
async def test_what_is_known_of_a_contact_or_a_campaign_keeps_its_messages(
    store: Store, organization: Organization, where: Any, found: str
) -> None:
    assert await groups(store, organization, MESSAGES, "total", "id", where=where) == dict.fromkeys(found, 1)
    day = Window(at("2026-05-05"), at("2026-05-06"))
    for clock in Clock:
        more: Any = {"window": day, "granularity": Granularity.DAY, "clock": clock}
        total = await groups(store, organization, MESSAGES, "sent", "id", where=where, **more)
        assert total == dict.fromkeys(set(found) & {"a"}, 1)


async def test_a_filter_through_a_row_is_answered_by_the_tiers_that_hold_the_way_to_it(
    store: Store, organization: Organization
) -> None:
    by_status = Question(
        MESSAGES, organization.id, ("total",), where=(("campaign.status", ("sending",)),), by=("channel",)
    )
    by_city = Question(MESSAGES, organization.id, ("total",), where=(("contact.city", ("Lyon",)),))

    chosen = plan(by_status, HOME)
    assert chosen is not None
    assert chosen.name == "month"
    assert plan(by_city, HOME) is None
    async with store.reading() as db:
        assert (await answer(db, by_status, HOME)).total() == {"total": 3}
        assert (await answer(db, by_city, HOME)).total() == {"total": 3}


async def test_contacts_are_split_by_what_is_known_of_them(store: Store, organization: Organization) -> None:
    async def contacts(by: str, **more: Any) -> dict[str, int]:
        return await groups(store, organization, CONTACTS, "total", by, **more)

    assert await contacts("city") == {"Lyon": 2, "Metz": 1}
    assert await contacts("custom.tier") == {"gold": 1, 'a "b"': 1, "": 1}
    assert await contacts("custom.vip") == {"true": 1, "false": 1, "": 1}
    assert await contacts("campaign") == {"spring": 1, "": 2}
    assert await contacts("opt_in_changed_at") == {"": 3}
    assert await contacts("created_at") == {"2026-05-05T12:00:00Z": 3}
    assert await contacts("city", where=(("campaign.status", ("sending",)),)) == {"Lyon": 1}
    assert await contacts("id", where=(("custom.age", ("7", "7.5")), ("city", ("Lyon",)))) == {"1": 1, "2": 1}


async def test_campaigns_say_where_most_of_their_contacts_came_from(store: Store) -> None:
    organization = await told(store)
    # spring reached 1 (Campaign), 2 and 3 (form); autumn 2 (form); nobody was ever sent 'winter'. In 'tie' one
    # of each, of which 'Campaign' comes first: neither the second message to 3, nor what 2 wrote, nor a test.
    tie: list[tuple[str, str, dict[str, Any]]] = [("1", "x", {}), ("3", "y", {}), ("3", "z", {})]
    tie += [("2", "in", {"direction": "inbound"}), ("2", "test", {"is_test": True})]
    more = [message(id, NOON, contact_id=who, campaign_id="tie", **told) for who, id, told in tie]
    await taken(store, organization, [campaign("winter"), campaign("tie"), *more])
    await counted(store)

    assert await groups(store, organization, CAMPAIGNS, "total", "id", "contact_source") == {
        ("spring", "form"): 1,
        ("autumn", "form"): 1,
        ("winter", ""): 1,
        ("tie", "campaign"): 1,
    }
    kept = await groups(store, organization, CAMPAIGNS, "total", "id", where=(("contact_source", ("form",)),))
    assert kept == {"spring": 1, "autumn": 1}
    assert await groups(store, organization, CAMPAIGNS, "total", "audience_size") == {"9": 1, "0": 3}


async def test_engagement_orders_changes_and_ways_know_their_contact(store: Store) -> None:
    organization = await told(store)
    order: Any = {"type": "order", "contact_id": "1", "total_micros": 5, "at": NOON + timedelta(hours=2)}
    changed: Any = {"type": "contact_event", "contact_id": "3", "opt_in_status": "subscribed", "at": NOON}
    way: Any = {"type": "workflow_entry", "workflow_id": "w", "contact_id": "2", "entered_at": NOON}
    records: list[Record] = [
        OrderRecord(id="o", **order),
        ContactEventRecord(id="e", **changed),
        WorkflowEntryRecord(id="w", **way),
    ]
    await taken(store, organization, records)
    await counted(store)
    lyon, metz = ((("contact.city", (city,)),) for city in ("Lyon", "Metz"))

    for fact, measure, by, where, other in (
        (ENGAGEMENTS, "clicks", {"https://x.example": 1}, lyon, metz),
        (ORDERS, "orders", {"spring": 1}, lyon, metz),
        (OPT_INS, "changes", {"subscribed": 1}, metz, lyon),
        (WORKFLOW_ENTRIES, "entrances", {"w": 1}, lyon, metz),
    ):
        name = {"engagement": "link", "order": "campaign", "opt_in": "opt_in_status"}.get(
            fact.name, "workflow"
        )
        assert await groups(store, organization, fact, measure, name, where=where) == by
        assert await groups(store, organization, fact, measure, name, where=other) == {}
    assert await groups(store, organization, ORDERS, "orders", "contact_source") == {"campaign": 1}
    assert await groups(store, organization, WORKFLOW_ENTRIES, "entrances", "contact_source") == {"form": 1}
    kept = await groups(store, organization, ORDERS, "orders", where=(("campaign.status", ("sending",)),))
    assert kept == {(): 1}


@pytest.mark.parametrize("fact", [*FACTS, *VIEWS], ids=lambda fact: fact.name)
async def test_every_dimension_can_split_and_keep_on_every_clock(
    store: Store, organization: Organization, fact: Fact
) -> None:
    window = Window(at("2026-05-05"), at("2026-05-06"))

    for clock in fact.clocks:
        more: Any = {"window": window, "clock": clock}
        found = await groups(store, organization, fact, fact.sums[0].name, *fact.splits, "weekday", **more)
        assert all(isinstance(value, str) for *values, _ in found for value in values)
    for name, dimension in fact.splits.items():
        if dimension.of is not None:
            where = tuple((f"{name}.{inner}", ("nobody's",)) for inner in dimension.of.splits)
            kept = await groups(store, organization, fact, fact.sums[0].name, where=where)
            assert not any(kept.values()), name


NAMES = (
    "a.b",
    'a"b',
    "a'b",
    "a:b",
    "a%b",
    "a) FROM x; --",
    "größe",
    "$.a",
    "a\\b",
    "x" * 199 + "1",
    "x" * 199 + "2",
)


async def test_a_custom_field_may_be_called_anything(store: Store) -> None:
    organization = await enrolled(store)
    await taken(store, organization, [contact("1", custom=dict.fromkeys(NAMES, "here")), contact("2")])
    await counted(store)

    for name in NAMES:
        found = await groups(store, organization, CONTACTS, "total", f"custom.{name}")
        assert found == {"here": 1, "": 1}, name
    every = tuple((f"custom.{name}", ("here",)) for name in NAMES)
    assert await groups(store, organization, CONTACTS, "total", "id", where=every) == {"1": 1}
    two = await groups(store, organization, CONTACTS, "total", *(f"custom.{name}" for name in NAMES[-2:]))
    assert two == {("here", "here"): 1, ("", ""): 1}


async def test_a_filter_may_hold_more_values_than_a_statement_takes_parameters(
    store: Store, organization: Organization
) -> None:
    many = (*(f"m{number}" for number in range(70_000)), "a", "d")

    assert await groups(store, organization, MESSAGES, "total", "id", where=(("id", many),)) == {
        "a": 1,
        "d": 1,
    }
    cities = (("contact.city", (*many, "Metz")), ("campaign", (*many, "spring")))
    assert await groups(store, organization, MESSAGES, "total", "id", where=cities) == {"c": 1}
