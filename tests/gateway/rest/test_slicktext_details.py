"""SlickText's campaign, workflow and inbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.gateway.rest.penguin import happened
from tests.gateway.rest.sender import with_options
from tests.gateway.rest.slick import TAGS, USERS, Slick, opt_in, order, person, thread_event
from tests.gateway.rest.world import at, sent

SALE = "2024-12-18T08:00:00Z"
NOTHING = {
    "contacts": 0,
    "clicks": 0,
    "click_rate": 0,
    "unique_clicks": 0,
    "unique_click_rate": 0,
    "unsubscribes": 0,
    "unsubscribe_rate": 0,
    "orders": 0,
    "revenue": 0,
    "average_order_value": 0,
    "revenue_per_message": 0,
}


def sale(**more: Any) -> dict[str, Any]:
    """The document's campaign."""
    return {
        "type": "campaign",
        "id": "123",
        "name": "Sale",
        "body": "This weekend only, 20% off everything in store.",
        "audience_size": 200,
        "status": "completed",
        "created_by": "3333",
        "created_at": SALE,
        "started_at": SALE,
        "completed_at": SALE,
        **more,
    }


async def test_a_campaign_is_told_in_full(slick: Slick) -> None:
    await slick.take(
        sale(media_url="https://x.example/a.png", status_detail="all of it"),
        {"type": "contact_list", "id": "222", "name": "Guests", "updated_at": SALE},
        {
            "type": "campaign_audience",
            "id": "111",
            "campaign_id": "123",
            "list_id": "222",
            "size": 150,
            "created_at": SALE,
        },
        {
            "type": "campaign_audience",
            "id": "112",
            "campaign_id": "123",
            "is_everybody": True,
            "size": 50,
            "created_at": SALE,
        },
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    moment, brand = "2024-12-18 08:00:00", int(slick.brand)
    assert await slick.told("campaigns/123") == {
        "totals": NOTHING,
        "campaign": {
            "campaign_id": 123,
            "_brand_id": brand,
            "_created_by_user_id": 3333,
            "name": "Sale",
            "body": "This weekend only, 20% off everything in store.",
            "media_url": "https://x.example/a.png",
            "audience_size": 200,
            "status": "sent",
            "status_detail": "all of it",
            "status_date": moment,
            "completion_percentage": 100,
            "created": moment,
            "scheduled": None,
            "started": moment,
            "finished": moment,
            "last_updated": moment,
        },
        "audiences": {
            "111": {
                "campaign_audience_id": 111,
                "_campaign_id": 123,
                "all_contacts": 0,
                "_contact_list_id": 222,
                "_segment_id": None,
                "size": 150,
                "created": moment,
            },
            "112": {
                "campaign_audience_id": 112,
                "_campaign_id": 123,
                "all_contacts": 1,
                "_contact_list_id": None,
                "_segment_id": None,
                "size": 50,
                "created": moment,
            },
        },
        "links": [],
    }


async def recipients(slick: Slick) -> None:
    """Ten recipients, seven by import; c0 got it twice and clicked three times in one of them, c1 once in
    one; c1 and c7 bought, c7 without a click; one opted out."""
    link = "https://slick.example/sale"
    await slick.take(
        sale(),
        {"type": "link", "id": "9", "name": "Sale", "url": link, "source": "campaign", "source_id": "123"}
        | {"created_at": SALE},
        *(person(f"c{i}", "2024-12-01T00:00:00Z", source="import" if i < 7 else "form") for i in range(10)),
        *(sent(f"m{i}", SALE, campaign_id="123", contact_id=f"c{i}", delivered_at=SALE) for i in range(10)),
        sent("again", "2024-12-18T09:00:00Z", campaign_id="123", contact_id="c0"),
        *(happened("m0", "clicked", f"2024-12-18T08:0{i}:00Z", id=f"k{i}", link=link) for i in range(3)),
        happened("m1", "clicked", "2024-12-18T08:05:00Z", id="k9", link="9"),
        happened("m2", "clicked", "2024-12-18T08:05:00Z", id="b", link=link, actor="machine"),
        happened("m3", "clicked", "2024-12-18T08:06:00Z", id="o", link="https://other.example"),
        happened("m4", "unsubscribed", "2024-12-18T08:07:00Z"),
        order("o1", "c1", 30.5, "2024-12-18T08:30:00Z"),
        order("o2", "c7", 14.5, "2024-12-18T09:30:00Z"),
        order("o3", "c8", 99, "2024-12-18T07:59:59Z"),  # before anything came
        order("o4", "stranger", 99, "2024-12-18T09:00:00Z"),
    )
    await slick.count_until("2024-12-18T10:00:00Z")


async def test_a_campaigns_rates_are_fractions_of_its_recipients(slick: Slick) -> None:
    await recipients(slick)

    found = await slick.told("campaigns/123")

    assert found["totals"] == {
        "contacts": 10,
        "clicks": 5,  # three, one and one; the machine's is none
        "click_rate": 0.5,
        "unique_clicks": 3,
        "unique_click_rate": 0.3,
        "unsubscribes": 1,
        "unsubscribe_rate": 0.1,
        "orders": 2,
        "revenue": 45,
        "average_order_value": 22.5,
        "revenue_per_message": 45 / 11,
    }
    told, other = found["links"]
    assert (told["link_id"], told["clicks"], told["unique_clicks"], told["bot_clicks"]) == (9, 4, 2, 1)
    assert (other["link_id"], other["url"], other["clicks"]) == (None, "https://other.example", 1)


async def test_the_third_partys_sample_has_exact_rates(slick: Slick) -> None:
    # 7133 contacts, 44 clicks in 38 messages, 6 opted out; a hundredth would not do: the digits are the point
    await slick.take(
        sale(),
        *(sent(f"m{i}", SALE, campaign_id="123", contact_id=f"c{i}") for i in range(7133)),
        *(happened(f"m{i % 38}", "clicked", "2024-12-18T08:30:00Z", id=f"k{i}") for i in range(44)),
        *(happened(f"m{i}", "unsubscribed", "2024-12-18T08:30:00Z") for i in range(6)),
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    totals = (await slick.told("campaigns/123"))["totals"]

    assert totals["click_rate"] == 0.006168512547315295
    assert totals["unique_click_rate"] == 0.005327351745408664
    assert totals["unsubscribe_rate"] == 0.0008411608019066311


async def test_an_operator_can_have_click_rates_count_messages_once(slick: Slick) -> None:
    await recipients(slick)

    async with with_options(slick, ["slicktext.click-rate-unique"]) as http:
        totals = (await http.get(slick.url("campaigns/123"))).json()["totals"]

    assert (totals["click_rate"], totals["clicks"]) == (0.3, 5)


async def test_a_campaign_by_source_and_by_day_adds_up(slick: Slick) -> None:
    await recipients(slick)
    span = {"start": "2024-12-17", "end": "2024-12-18"}

    by_source = await slick.told("campaigns/123", group="source", frequency="hour", **span)
    by_day = await slick.told("campaigns/123", frequency="day", compare="DoD", **span)

    names = [group["name"] for group in by_source["groups"]]
    assert names == ["Form", "Import"]
    for count in ("contacts", "clicks", "unique_clicks", "unsubscribes", "orders", "revenue"):
        assert sum(group[count] for group in by_source["groups"]) == by_source["totals"][count]
        for group in by_source["groups"]:
            assert sum(period[count] for period in group["period"].values()) == group[count]
    assert list(by_day["period"]) == ["2024-12-17", "2024-12-18"]
    assert by_day["period"]["2024-12-18"]["contacts"] == 10
    assert by_day["totals"]["compare"] == NOTHING
    assert "groups" not in by_day


async def test_an_order_is_put_down_to_the_last_touch(slick: Slick) -> None:
    clicked, saw = "2024-12-02T08:00:00Z", "2024-12-16T07:00:00Z"
    await slick.take(
        sale(),
        sale(id="124"),
        sent("click", "2024-12-01T08:00:00Z", campaign_id="123", contact_id="c", delivered_at=clicked),
        happened("click", "clicked", clicked),
        sent("view", saw, campaign_id="124", contact_id="c", delivered_at=saw),
        order("seen", "c", 1, "2024-12-17T07:00:00Z"),  # a day after it was seen, to the second
        order("clicked", "c", 2, "2024-12-16T06:59:59Z"),  # before it was seen; fourteen days after the click
        order("late", "c", 4, "2024-12-17T07:00:01Z"),  # a second too late for both
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    assert (await slick.told("campaigns/123"))["totals"]["revenue"] == 2
    assert (await slick.told("campaigns/124"))["totals"]["revenue"] == 1


async def test_a_workflow_is_told_in_full_with_rates_per_entrance(slick: Slick) -> None:
    entered = "2024-11-06T08:00:00Z"
    await slick.take(
        {
            "type": "workflow",
            "id": "2222",
            "name": "Welcome Series",
            "entry_rule": "one_at_a_time",
            "is_active": False,
            "created_at": "2024-11-05T19:57:49Z",
            "updated_at": "2024-11-20T17:38:18Z",
            "activated_at": "2024-11-13T02:56:24Z",
            "deactivated_at": "2024-11-20T17:38:18Z",
        },
        *(
            {
                "type": "workflow_entry",
                "id": f"e{i}",
                "workflow_id": "2222",
                "contact_id": f"c{i}",
                "entered_at": entered,
                "exited_at": "2024-11-07T08:00:00Z",
            }
            for i in range(11)
        ),
        {"type": "workflow_entry", "id": "x", "workflow_id": "2223", "entered_at": entered},
        sent("w", entered, source="workflow", source_id="2222", contact_id="c0"),
        sent("v", entered, source="campaign", source_id="2222", contact_id="c1"),
        happened("w", "clicked", "2024-11-06T09:00:00Z", link="https://x.example"),
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    found = await slick.told("workflows/2222")

    assert found["totals"] == {
        "entrances": 11,
        "current": 0,
        "exits": 11,
        "messages": 1,
        "clicks": 1,
        "click_rate": 0.09090909090909091,  # of 11 entrances, not of one message
        "unique_clicks": 1,
        "unique_click_rate": 0.09090909090909091,
        "unsubscribes": 0,
        "unsubscribe_rate": 0,
        "orders": 0,
        "revenue": 0,
        "average_order_value": 0,
        "revenue_per_entrance": 0,
    }
    assert found["workflow"] == {
        "workflow_id": 2222,
        "_brand_id": int(slick.brand),
        "name": "Welcome Series",
        "description": None,
        "entry_rule": "oneAtTime",
        "entry_rule_time_value": None,
        "entry_rule_time_unit": None,
        "active": 0,
        "created": "2024-11-05 19:57:49",
        "last_updated": "2024-11-20 17:38:18",
        "last_activated": "2024-11-13 02:56:24",
        "last_deactivated": "2024-11-20 17:38:18",
        "last_cleared": None,
    }
    assert [(link["url"], link["clicks"]) for link in found["links"]] == [("https://x.example", 1)]


async def inbox(slick: Slick) -> None:
    """One thread, opened twice; the first time John took 60 s to answer and 600 s to close it, 540 s after it
    had been given to him; the second time Ann answered after 30 s and it is open still."""
    day = at("2024-12-16T09:00:00Z")

    def after(seconds: int) -> str:
        return (day + timedelta(seconds=seconds)).isoformat()

    created = "2024-12-01T00:00:00Z"
    await slick.take(
        person("c", created, city="Nashville"),
        *(
            {"type": "user", "id": id, "name": name, "created_at": created}
            for id, name in (("1", "John SlickText"), ("2", "Ann Bee"), ("3", "Cy"))
        ),
        *(
            {"type": "inbox_tag", "id": id, "name": name, "color": "#23ddcd", "updated_at": created}
            for id, name in (("3", "Nashville"), ("20", "Catering"))
        ),
        {"type": "inbox_thread", "id": "t", "contact_id": "c", "created_at": created},
        thread_event("1", "t", "opened", after(0)),
        thread_event("2", "t", "assigned", after(60), user_id="1"),
        thread_event("3", "t", "answered", after(60), user_id="1"),
        thread_event("4", "t", "answered", after(90), user_id="1"),
        thread_event("5", "t", "tag_added", after(100), user_id="1", tag_id="3"),
        thread_event("6", "t", "closed", after(600), user_id="1"),
        thread_event("7", "t", "opened", after(86_400)),
        thread_event("8", "t", "assigned", after(86_410), user_id="2"),
        thread_event("9", "t", "answered", after(86_430), user_id="2"),
    )
    await slick.count_until("2024-12-18T10:00:00Z")


def work(**told: Any) -> dict[str, Any]:
    """What a user did, and how long it took."""
    none = ("assignments", "closures", *(f"average_{one}_time" for one in TIMES))
    return {**dict.fromkeys(none, 0), **told}


TIMES = ("first_response", "resolution", "handle")


async def test_users_are_told_by_name_with_the_times_they_took(slick: Slick) -> None:
    await inbox(slick)

    assert (await slick.told(USERS))["data"] == [
        {
            "user_id": 2,
            "name": "Ann Bee",
            "avatar_content": "AB",
            **work(assignments=1, average_first_response_time=30),
        },
        {"user_id": 3, "name": "Cy", "avatar_content": "C", **work()},
        {
            "user_id": 1,
            "name": "John SlickText",
            "avatar_content": "JS",
            **work(
                assignments=1,
                closures=1,
                average_first_response_time=60,
                average_resolution_time=600,
                average_handle_time=540,
            ),
        },
    ]
    ann = (await slick.told(USERS, start="2024-12-17", compare="WoW"))["data"][0]
    assert ann["compare"] == work()
    assert ann["assignments"] == 1
    elsewhere = (await slick.told(USERS, city="Memphis"))["data"]
    assert [one["assignments"] for one in elsewhere] == [0, 0, 0]
    assert [one["assignments"] for one in (await slick.told(USERS, city="Nashville"))["data"]] == [1, 0, 1]


async def test_tags_are_told_by_id_page_by_page(slick: Slick) -> None:
    await inbox(slick)

    whole = await slick.told(TAGS)
    pages = [await slick.told(TAGS, page=page, pageSize=1) for page in (1, 2, 3)]

    first, second = whole["data"]
    assert (first["inbox_tag_id"], second["inbox_tag_id"]) == (3, 20)
    # the tag was still on when the thread was opened again: both answers are under it
    assert (first["additions"], first["closures"], first["average_first_response_time"]) == (1, 1, 45)
    assert (second["additions"], second["closures"], second["average_handle_time"]) == (0, 0, 0)
    none = dict.fromkeys(("prevPage", "currentPage", "nextPage", "currentPageString"))
    assert whole["pagingData"] == {**none, "hasMore": False}
    assert [page["data"] for page in pages] == [[first], [second], []]
    assert [page["pagingData"] for page in pages] == [
        {
            "prevPage": None,
            "currentPage": 1,
            "nextPage": 2,
            "currentPageString": "1 - 1 of 2",
            "hasMore": True,
        },
        {
            "prevPage": 1,
            "currentPage": 2,
            "nextPage": None,
            "currentPageString": "2 - 2 of 2",
            "hasMore": False,
        },
        {
            "prevPage": 2,
            "currentPage": 3,
            "nextPage": None,
            "currentPageString": "0 of 2",
            "hasMore": False,
        },
    ]
    assert (await slick.told(TAGS, limit=1))["pagingData"] == {**none, "hasMore": True}
    assert (await slick.told(TAGS, limit=1, offset=1))["data"] == [second]


@pytest.mark.parametrize("record", [opt_in("1", "c", "subscribed", SALE)])
async def test_nothing_of_another_brand_shows(slick: Slick, record: dict[str, Any]) -> None:
    await slick.house.take({"type": "organization", "id": "other-brand"}, count=False)
    await slick.take(record, sale(), person("p", SALE), organization="other-brand")
    await slick.count_until("2024-12-18T10:00:00Z")

    assert (await slick.ask("campaigns/123")).status_code == 404
    assert (await slick.told("contacts"))["totals"]["total"] == 0
    assert (await slick.told("contacts/opt-in-status"))["totals"]["total"] == 0


async def test_a_click_by_id_and_by_url_is_of_one_link_and_a_shared_url_is_nobodys(slick: Slick) -> None:
    shared = "https://slick.example/both"
    link = {"type": "link", "source": "Campaign", "source_id": "123", "created_at": SALE}
    await slick.take(
        sale(),
        {**link, "id": "1", "url": "https://slick.example/one"},
        {**link, "id": "2", "url": shared},
        {**link, "id": "3", "url": shared},
        *(sent(f"m{i}", SALE, campaign_id="123", contact_id=f"c{i}") for i in range(3)),
        happened("m0", "clicked", SALE, id="a", link="1"),
        happened("m0", "clicked", SALE, id="b", link="https://slick.example/one"),
        happened("m1", "clicked", SALE, link="https://slick.example/one"),
        happened("m2", "clicked", SALE, id="c", link=shared),
        happened("m2", "clicked", SALE, id="d", link="3"),
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    links = (await slick.told("campaigns/123"))["links"]

    assert [(one["link_id"], one["url"], one["clicks"], one["unique_clicks"]) for one in links] == [
        (1, "https://slick.example/one", 3, 2),
        (2, shared, 0, 0),
        (3, shared, 1, 1),
        (None, shared, 1, 1),
    ]


async def test_a_campaigns_groups_are_those_of_both_windows_in_one_spelling(slick: Slick) -> None:
    before = "2024-12-17T08:00:00Z"
    await slick.take(
        sale(),
        *(person(f"{i}", before, source=source) for i, source in enumerate(("import", "Import", "form"))),
        sent("a", SALE, campaign_id="123", contact_id="0"),
        sent("b", SALE, campaign_id="123", contact_id="1"),
        sent("c", before, campaign_id="123", contact_id="2"),
    )
    await slick.count_until("2024-12-18T10:00:00Z")

    found = await slick.told(
        "campaigns/123", group="source", compare="DoD", start="2024-12-18", frequency="day"
    )

    told = [(one["name"], one["contacts"], one["compare"]["contacts"]) for one in found["groups"]]
    assert told == [("Form", 0, 1), ("Import", 2, 0)]
    assert found["totals"]["compare"]["contacts"] == 1
    assert found["groups"][1]["period"]["2024-12-18"]["contacts"] == 2


async def test_a_campaign_without_dates_begins_with_its_first_message(slick: Slick) -> None:
    await slick.take(sale(), sent("old", "2024-01-01T00:00:00Z"), sent("m", SALE, campaign_id="123"))
    await slick.count_until("2024-12-18T10:00:00Z")

    assert list((await slick.told("campaigns/123", frequency="day"))["period"]) == ["2024-12-18"]
