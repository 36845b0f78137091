"""SlickText's series and counts, with the numbers of their document where those are right."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.rest.slicktext import SLICKTEXT
from tests.gateway.rest.slick import (
    CAMPAIGNS,
    CONTACTS,
    CREDITS,
    EVENTS,
    GROWTH,
    MESSAGES,
    OPT_INS,
    SERIES,
    Slick,
    opt_in,
    person,
)
from tests.gateway.rest.world import received, sent
from tests.house import bearer

NOON = "2024-11-{:02}T12:00:00Z".format
WEEK = {"start": "2024-11-17 00:00:00", "end": "2024-11-23 23:59:59"}
CREATED = {18: 14, 19: 30, 20: 6, 21: 2, 22: 2}  # 54
DELETED = {18: 13, 19: 31, 20: 105, 21: 52, 22: 102}  # 303
DAYS = [f"2024-11-{day}" for day in range(17, 24)]


async def a_week_of_contacts(slick: Slick) -> None:
    """Those of the document's week: 54 came; 303, of older ones, went."""
    old = [person(f"o{i}", "2024-01-05T00:00:00Z") for i in range(sum(DELETED.values()))]
    went = [day for day, number in DELETED.items() for _ in range(number)]
    came = [day for day, number in CREATED.items() for _ in range(number)]
    await slick.take(
        *({**one, "deleted_at": NOON(day)} for one, day in zip(old, went, strict=True)),
        *(person(f"n{i}", NOON(day)) for i, day in enumerate(came)),
    )
    await slick.count_until("2024-12-18T10:00:00Z")


async def test_contacts_are_counted_by_what_they_want(slick: Slick) -> None:
    wants = {"not_subscribed": 3, "subscribed": 5, "unsubscribed": 2}
    await slick.take(
        *(
            person(f"{status}{i}", NOON(1), opt_in_status=status, source=("import", "keyword")[i % 2])
            for status, number in wants.items()
            for i in range(number)
        ),
        person("gone", NOON(1), opt_in_status="subscribed", deleted_at=NOON(2)),
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    assert await slick.told(CONTACTS, group="opt_in_status") == {
        "totals": {"total": 10},
        "groups": [
            {"name": "Not Subscribed", "total": 3},
            {"name": "Subscribed", "total": 5},
            {"name": "Unsubscribed", "total": 2},
        ],
    }
    assert await slick.told(CONTACTS) == {
        "totals": {"total": 10},
        "groups": [{"name": "Contacts", "total": 10}],
    }
    # of 3, 5 and 2 the odd ones came by keyword: 1, 2 and 1
    both = await slick.told(CONTACTS, group="source, opt_in_status")
    assert both["groups"][:2] == [
        {"name": "Import / Not Subscribed", "total": 2},
        {"name": "Import / Subscribed", "total": 3},
    ]
    assert sum(group["total"] for group in both["groups"]) == 10


async def test_contacts_added_and_deleted_are_the_documents_numbers(slick: Slick) -> None:
    await a_week_of_contacts(slick)

    found = await slick.told(EVENTS, group="type", **WEEK)

    assert found["totals"] == {"total": 357, "average": 25.5}  # 357 ÷ (2 groups × 7 days)
    creation, deletion = found["groups"]
    assert creation == {
        "name": "Creation",
        "total": 54,
        "average": 7.714285714285714,
        "period": {day: CREATED.get(int(day[-2:]), 0) for day in DAYS},
    }
    assert (deletion["name"], deletion["total"], deletion["average"]) == ("Deletion", 303, 43.285714285714285)
    assert deletion["period"] == {day: DELETED.get(int(day[-2:]), 0) for day in DAYS}
    assert list(creation["period"]) == DAYS


async def test_without_a_group_there_is_one_and_a_type_can_be_chosen(slick: Slick) -> None:
    await a_week_of_contacts(slick)

    found = await slick.told(EVENTS, **WEEK)
    deletions = await slick.told(EVENTS, type="Deletion", **WEEK)

    assert [group["name"] for group in found["groups"]] == ["Contact Events"]
    assert found["totals"] == {"total": 357, "average": 51}
    assert deletions["totals"]["total"] == 303


async def test_growth_is_a_running_total_whose_total_is_last_less_first(slick: Slick) -> None:
    # 21500 → 28820 over the thirty days of the document is 7320, and 7320 ÷ 30 = 244; here a hundredth of it:
    # 215 to begin with, and every day's step so that the last day ends with 288.
    steps = [1 if day <= 17 else 14 if day == 18 else 2 for day in range(2, 31)]
    steps[-1] += 73 - sum(steps)
    await slick.take(
        *(person(f"o{i}", NOON(1)) for i in range(215)),
        *(
            person(f"n{day}_{i}", NOON(day))
            for day, number in enumerate(steps, start=2)
            for i in range(number)
        ),
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    found = await slick.told(GROWTH, start="2024-11-01 00:00:00", end="2024-11-30 23:59:59")

    (group,) = found["groups"]
    assert group["name"] == "Contacts"
    assert (group["period"]["2024-11-01"], group["period"]["2024-11-30"]) == (215, 288)
    assert len(group["period"]) == 30
    assert found["totals"] == {"total": 73, "average": 73 / 30}
    assert list(group["period"].values()) == sorted(group["period"].values())


async def test_growth_forgets_who_was_deleted_and_holds_its_last_total_for_days_to_come(slick: Slick) -> None:
    await slick.take(
        person("a", "2024-12-16T08:00:00Z", source="import"),
        person("b", "2024-12-16T09:00:00Z", source="keyword"),
        person("c", "2024-12-17T09:00:00Z", source="import", deleted_at="2024-12-18T09:00:00Z"),
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    found = await slick.told(GROWTH, start="2024-12-16", end="2024-12-19", group="contact_source")

    assert [(group["name"], list(group["period"].values())) for group in found["groups"]] == [
        ("Import", [1, 2, 1, 1]),
        ("Keyword", [1, 1, 1, 1]),
    ]
    assert found["totals"]["total"] == 0  # 1 − 1 and 1 − 1


async def test_opt_ins_are_grouped_by_status_and_by_both_sources(slick: Slick) -> None:
    await slick.take(
        person("a", NOON(1), source="import"),
        person("b", NOON(1), source="form"),
        opt_in("1", "a", "subscribed", NOON(18), source="keyword"),
        opt_in("2", "a", "unsubscribed", NOON(19), source="inbox"),
        opt_in("3", "b", "unsubscribed", NOON(19), source="keyword"),
        opt_in("4", "stranger", "pending", NOON(23)),
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    async def totals(**asked: Any) -> dict[str, int]:
        found = await slick.told(OPT_INS, **WEEK, **asked)
        assert found["totals"]["total"] == sum(group["total"] for group in found["groups"])
        return {group["name"]: group["total"] for group in found["groups"]}

    assert await totals() == {"Opt-In Status Events": 4}
    assert await totals(group="opt_in_status") == {
        "Pending Subscription": 1,
        "Subscribed": 1,
        "Unsubscribed": 2,
    }
    assert await totals(group="contact_source") == {"Form": 1, "Import": 2, "None": 1}
    assert await totals(group="contact_unsubscribe_source") == {"InboxThread": 1, "Keyword": 2, "None": 1}
    assert await totals(opt_in_status="Unsubscribed", contact_source="Import") == {"Opt-In Status Events": 1}


async def test_campaigns_count_where_their_sending_began(slick: Slick) -> None:
    sources = ("import", "import", "form")
    await slick.take(
        *(person(f"p{i}", NOON(1), source=source) for i, source in enumerate(sources)),
        *(
            {"type": "campaign", "id": f"c{day}", "created_at": NOON(2), "started_at": NOON(day)}
            for day in (18, 18, 20)
        ),
        {"type": "campaign", "id": "draft", "created_at": NOON(18)},
        {"type": "campaign", "id": "other", "created_at": NOON(3), "started_at": NOON(18), "name": "Other"},
        # two of three who got it came by import
        *(sent(f"m{i}", NOON(20), campaign_id="c20", contact_id=f"p{i}") for i in range(3)),
        sent("m9", NOON(18), campaign_id="c18", contact_id="p2"),
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    found = await slick.told(CAMPAIGNS, **WEEK)
    by_source = await slick.told(CAMPAIGNS, group="contact_source", **WEEK)

    assert [group["name"] for group in found["groups"]] == ["Campaigns"]
    assert found["groups"][0]["period"] == {
        day: {"2024-11-18": 2, "2024-11-20": 1}.get(day, 0) for day in DAYS
    }
    assert {group["name"]: group["total"] for group in by_source["groups"]} == {
        "Form": 1,
        "Import": 1,
        "None": 1,
    }
    assert (await slick.told(CAMPAIGNS, name="Other", **WEEK))["totals"]["total"] == 1
    assert (await slick.told(CAMPAIGNS, name="other", **WEEK))["totals"]["total"] == 0  # case matters


async def messages_of_october(slick: Slick) -> None:
    """The document's seven days: 120 messages that took 100 credits, for what came in took none."""
    counts = {24: (40, 10), 26: (10, 0), 27: (10, 0), 28: (15, 0), 29: (10, 0), 30: (15, 10)}
    moment = "2024-10-{:02}T{:02}:00:00Z".format
    await slick.take(
        person("p", NOON(1), phone="+13125550100"),
        *(
            sent(
                f"o{day}_{i}",
                moment(day, i % 24),
                credits=1,
                source=("campaign", "workflow")[i % 2],
                contact_id="p",
                sender_id="31996",
                **({"delivered_at": moment(day, i % 24)} if i % 3 else {}),
            )
            for day, (out, _) in counts.items()
            for i in range(out)
        ),
        *(
            received(f"i{day}_{i}", moment(day, i), source="inbox", contact_id="p", sender_id="31996")
            for day, (_, into) in counts.items()
            for i in range(into)
        ),
    )
    await slick.count_until("2024-12-18T10:00:00Z")


OCTOBER = {"start": "2024-10-24 00:00:00", "end": "2024-10-30 23:59:59"}


async def test_messages_and_credits_are_the_documents_numbers(slick: Slick) -> None:
    await messages_of_october(slick)

    messages = await slick.told(MESSAGES, **OCTOBER)
    credits = await slick.told(CREDITS, **OCTOBER)

    period = dict(zip(messages["groups"][0]["period"], (50, 0, 10, 10, 15, 10, 25), strict=True))
    assert messages == {
        "totals": {"total": 120, "average": 17.142857142857142},
        "groups": [
            {"name": "Messages", "total": 120, "average": 17.142857142857142, "period": period},
        ],
    }
    assert next(iter(period)) == "2024-10-24"
    assert credits["totals"] == {"total": 100, "average": 14.285714285714286}
    assert credits["groups"][0]["name"] == "Message Credits"
    assert list(credits["groups"][0]["period"].values()) == [40, 0, 10, 10, 15, 10, 15]


async def test_messages_are_grouped_by_what_they_are(slick: Slick) -> None:
    await messages_of_october(slick)

    async def totals(**asked: Any) -> dict[str, int]:
        found = await slick.told(MESSAGES, **OCTOBER, **asked)
        assert found["totals"]["total"] == sum(group["total"] for group in found["groups"])
        return {group["name"]: group["total"] for group in found["groups"]}

    assert await totals(group="direction") == {"Incoming": 20, "Outgoing": 100}
    # even ones of 40, 10, 10, 15, 10 and 15: 20 + 5 + 5 + 8 + 5 + 8
    assert await totals(group="source") == {"Campaign": 51, "InboxThread": 20, "Workflow": 49}
    # each third of 40, 10, 10, 15, 10 and 15 was not confirmed: 14 + 4 + 4 + 5 + 4 + 5
    assert await totals(group="status") == {"Delivered": 64, "Processed": 36, "Received": 20}
    # Thursday the 24th, Saturday, Sunday, Monday, Tuesday, Wednesday
    assert list(await totals(group="weekday")) == [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Saturday",
        "Sunday",
    ]
    assert await totals(group="direction,source", status="received") == {"Incoming / InboxThread": 20}
    assert await totals(**{"from": "+13125550100"}) == {"Messages": 20}
    assert await totals(to="+13125550100", direction="outgoing") == {"Messages": 100}
    assert await totals(list_id="7", nonsense="x") == {"Messages": 120}  # what no message has is left alone


@pytest.mark.parametrize(
    ("frequency", "keys"),
    [
        ("hour", ["2024-10-24 00:00:00", "2024-10-24 01:00:00"]),
        ("day", ["2024-10-24", "2024-10-25"]),
        ("month", ["2024-10"]),
        ("year", ["2024"]),
        ("", ["2024-10-24", "2024-10-25"]),
    ],
)
async def test_periods_are_named_by_their_width(slick: Slick, frequency: str, keys: list[str]) -> None:
    await messages_of_october(slick)

    found = await slick.told(MESSAGES, frequency=frequency, compare="", group="", timezone="", **OCTOBER)

    assert list(found["groups"][0]["period"])[: len(keys)] == keys
    assert sum(found["groups"][0]["period"].values()) == 120


async def test_without_dates_it_is_everything_from_the_first_day_on(slick: Slick) -> None:
    await messages_of_october(slick)

    found = await slick.told(MESSAGES)
    until = await slick.told(MESSAGES, end="2024-10-26")
    since = await slick.told(MESSAGES, start="2024-10-27")

    days = list(found["groups"][0]["period"])
    assert (days[0], days[-1], len(days)) == ("2024-10-24", "2024-12-18", 56)
    assert found["totals"]["total"] == 120
    assert (until["totals"]["total"], since["totals"]["total"]) == (60, 60)


async def test_dates_are_of_the_brands_wall_or_of_the_zone_asked_for(slick: Slick) -> None:
    await slick.take(
        {"type": "organization", "id": slick.slug, "timezone": "America/Chicago"},
        sent("a", "2024-11-18T05:59:59Z"),  # 23:59:59 on the 17th in Chicago
        sent("b", "2024-11-18T06:00:00Z"),  # midnight
    )
    await slick.count_until("2024-12-18T10:00:00Z")
    asked = {"start": "2024-11-17 23:59:59", "end": "2024-11-17 23:59:59"}

    chicago = await slick.told(MESSAGES, start="2024-11-17", end="2024-11-18")
    utc = await slick.told(MESSAGES, start="2024-11-17", end="2024-11-18", timezone="UTC")

    assert list(chicago["groups"][0]["period"].values()) == [1, 1]
    assert list(utc["groups"][0]["period"].values()) == [0, 2]
    assert (await slick.told(MESSAGES, **asked))["totals"]["total"] == 1  # the last second belongs to it
    moments = {"start": "2024-11-18T05:59:59Z", "end": "2024-11-18T00:00:00-06:00"}
    assert (await slick.told(MESSAGES, **moments))["totals"]["total"] == 2


@pytest.mark.parametrize(
    ("compare", "first"),
    [
        ("YoY", "2023-11-17"),
        ("QoQ", "2024-08-17"),
        ("MoM", "2024-10-17"),
        ("WoW", "2024-11-10"),
        ("DoD", "2024-11-16"),
        ("PoP", "2024-11-10"),
    ],
)
async def test_a_series_is_held_against_an_earlier_one(slick: Slick, compare: str, first: str) -> None:
    await slick.take(
        *(sent(f"n{i}", NOON(18), source="api") for i in range(5)),
        *(sent(f"p{i}", f"{first}T12:00:00Z", source="workflow") for i in range(4)),
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    found = await slick.told(MESSAGES, compare=compare, group="source", **WEEK)

    now = found["totals"]
    assert now["compare"]["total"] == sum(group["compare"]["total"] for group in found["groups"])
    assert now["compare"]["change"] == now["total"] - now["compare"]["total"]
    assert now["compare"]["change_percent"] == 100 * now["compare"]["change"] / now["compare"]["total"]
    groups = {group["name"]: group for group in found["groups"]}
    assert groups["Workflow"]["compare"]["period"][first] == 4
    assert next(iter(groups["Workflow"]["compare"]["period"])) == first
    assert len(groups["API"]["compare"]["period"]) == 7


async def test_a_change_from_nothing_has_no_percentage(slick: Slick) -> None:
    await slick.take(sent("a", NOON(18)))
    await slick.count_until("2024-12-18T10:00:00Z")

    found = await slick.told(MESSAGES, compare="YoY", **WEEK)

    assert found["totals"]["compare"] == {"total": 0, "average": 0, "change": 1, "change_percent": None}


async def test_filters_take_every_field_of_a_contact(slick: Slick) -> None:
    told = {
        "first_name": "Ada",
        "last_name": "Vega",
        "phone": "+13125550100",
        "carrier": "Verizon",
        "email": "ada@example.com",
        "birthdate": "1990-01-02",
        "address": "1 Main St",
        "city": "Chicago",
        "state": "IL",
        "zip": "60607",
        "country": "US",
        "source": "campaign",
        "source_id": "9",
        "sub_source": "form",
        "sub_source_id": "12",
        "language": "en",
        "opt_in_status": "subscribed",
        "opt_in_changed_at": NOON(3),
        "custom": {"Shoe size": 43, "VIP": True, "Nick": "Bär"},
    }
    await slick.take(
        person("7", NOON(1), updated_at=NOON(4), **told),
        person("8", NOON(2), opt_in_status="unsubscribed"),
        {"type": "campaign", "id": "9", "name": "Spring", "created_at": NOON(1), "status": "completed"},
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    filters = {
        "contact_id": "7",
        "first_name": "Ada",
        "last_name": "Vega",
        "mobile_number": "+13125550100",
        "mobile_number_carrier": "Verizon",
        "email": "ada@example.com",
        "birthdate": "1990-01-02",
        "address": "1 Main St",
        "city": "Chicago",
        "state": "IL",
        "zip": "60607",
        "country": "US",
        "source": "Campaign",
        "_source_id": "9",
        "sub_source": "form",
        "_sub_source_id": "12",
        "language": "en",
        "opt_in_status": "Subscribed",
        "last_opt_in_status_change": "2024-11-03 12:00:00",
        "created": "2024-11-01 12:00:00",
        "last_updated": "2024-11-04 12:00:00",
        "custom_fields[Shoe size]": "43",
        "custom_fields[VIP]": "true",
        "custom_fields[Nick]": "Bär",
        "campaign_id": "9",  # a field of campaigns keeps the contacts that came from such a one
        "name": "Spring",
        "status": "sent",
    }
    for field, value in filters.items():
        found = await slick.told(CONTACTS, **{field: value})
        assert found["totals"]["total"] == 1, field
        nobody = "2024-11-09 12:00:00" if value.startswith("2024") else f"{value}~"
        assert (await slick.told(CONTACTS, **{field: nobody}))["totals"]["total"] == 0, field
    assert (await slick.told(CONTACTS, **filters))["totals"]["total"] == 1
    assert (await slick.told(GROWTH, city="Chicago"))["groups"][0]["period"]["2024-11-01"] == 1
    assert (await slick.told(EVENTS, city="Chicago"))["totals"]["total"] == 1


@pytest.mark.parametrize("tail", SERIES)
async def test_a_brand_without_anything_has_zeros(slick: Slick, tail: str) -> None:
    await slick.count_until("2024-12-18T10:00:00Z")

    found = await slick.told(tail, **WEEK)

    assert found["totals"] == {"total": 0, "average": 0}
    assert [group["total"] for group in found["groups"]] == [0]
    assert list(found["groups"][0]["period"].values()) == [0] * 7


async def test_every_address_answers_under_its_aliases_and_the_vendors_root(slick: Slick) -> None:
    await slick.take(
        {"type": "campaign", "id": "123", "created_at": NOON(1)},
        {"type": "workflow", "id": "123", "created_at": NOON(1)},
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    for endpoint in SLICKTEXT.endpoints:
        answers = []
        for path in (endpoint.path, *endpoint.aliases):
            for root in ("", "/slicktext"):
                url = root + path.format(brand_id=f"b{slick.brand}", id="123")
                answer = await slick.http.get(url, headers=bearer(slick.key))
                assert answer.status_code == 200, answer.text
                answers.append(answer.content)
        assert len(set(answers)) == 1, endpoint.path


async def test_an_hour_that_clocks_repeat_adds_flows_up_and_keeps_what_is_held(slick: Slick) -> None:
    # in Chicago 2024-11-03 01:00 comes twice: from 06:00 and from 07:00, UTC
    await slick.take(
        {"type": "organization", "id": slick.slug, "timezone": "America/Chicago"},
        *(person(f"{hour}", f"2024-11-03T0{hour}:30:00Z") for hour in (5, 6, 7, 8)),
        *(sent(f"{hour}", f"2024-11-03T0{hour}:30:00Z") for hour in (5, 6, 7, 8)),
    )
    await slick.count_until("2024-12-18T10:00:00Z")
    asked = {"start": "2024-11-03 00:00:00", "end": "2024-11-03 02:59:59", "frequency": "hour"}

    messages = (await slick.told(MESSAGES, **asked))["groups"][0]
    growth = (await slick.told(GROWTH, **asked))["groups"][0]

    assert list(messages["period"].values()) == [1, 2, 1]
    assert messages["average"] == 4 / 3
    assert list(growth["period"].values()) == [1, 3, 4]
    assert growth["total"] == 3


@pytest.mark.parametrize("frequency", ["hour", "day", "month"])
async def test_an_earlier_window_is_compared_with_in_full(slick: Slick, frequency: str) -> None:
    # August has a day more than September, and 31 messages
    await slick.take(
        *(sent(f"a{day}", f"2024-08-{day:02}T12:00:00Z") for day in range(1, 32)),
        *(sent(f"s{day}", f"2024-09-{day:02}T12:00:00Z") for day in range(1, 31)),
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    found = await slick.told(
        MESSAGES, start="2024-09-01", end="2024-09-30", compare="MoM", frequency=frequency
    )

    (group,) = found["groups"]
    assert (found["totals"]["total"], found["totals"]["compare"]["total"]) == (30, 31)
    assert sum(group["compare"]["period"].values()) == 31
    if frequency == "day":
        assert (len(group["period"]), len(group["compare"]["period"])) == (30, 31)
        assert found["totals"]["compare"]["average"] == 1


async def test_growth_to_come_holds_what_there_is(slick: Slick) -> None:
    await slick.take(person("a", NOON(1)), person("b", NOON(2)))
    await slick.count_until("2024-12-18T10:00:00Z")

    found = await slick.told(GROWTH, start="2030-01-01", end="2030-01-03")
    since = await slick.told(GROWTH, start="2030-01-01")

    assert found["groups"][0]["period"] == dict.fromkeys(("2030-01-01", "2030-01-02", "2030-01-03"), 2)
    assert found["totals"]["total"] == 0
    assert since["groups"][0]["period"] == {"2030-01-01": 2}


async def test_contact_counts_by_source_know_one_spelling_of_what_we_know(slick: Slick) -> None:
    await slick.take(
        person("a", NOON(1), source="Campaign"),
        person("b", NOON(1), source="campaign"),
        person("c", NOON(1), source="Import"),
        person("d", NOON(1), source="import"),
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    assert (await slick.told(CONTACTS, group="source"))["groups"] == [
        {"name": "Campaign", "total": 2},
        {"name": "Import", "total": 2},
    ]
    assert (await slick.told(CONTACTS, source="Campaign"))["totals"]["total"] == 2
