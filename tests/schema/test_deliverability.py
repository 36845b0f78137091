"""Deliverability: what came back and why, the health of mailboxes, blacklists; of a domain or a campaign."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house import House, event, message

DAYS = 'window: {days: {first: "2026-05-01", last: "2026-05-05"}}, timezone: "UTC"'
TOLD = "2026-05-01T00:00:00Z"


def told(kind: str, id: str, **more: Any) -> dict[str, Any]:
    """A record of `acme` that is told whole."""
    return {"type": kind, "organization": "acme", "id": id, "updated_at": TOLD, **more}


def scored(box: str, day: str, score: int | None, sent: int) -> dict[str, Any]:
    day_of = {"mailbox_id": box, "day": day, "sent": sent, "health_score": score}
    return {"type": "mailbox_day", "organization": "acme", **day_of}


def checked(ip: str, provider: str, at: str, is_listed: bool) -> dict[str, Any]:
    told = {"id": f"{ip}{provider}{at}", "ip_id": ip, "provider": provider, "is_listed": is_listed, "at": at}
    return {"type": "ip_check", "organization": "acme", **told}


async def the_post(house: House) -> None:
    """Two mailboxes of one domain and one of another; ten messages, four of which come back."""
    noon, later = "2026-05-03T12:00:00Z", "2026-05-04T12:00:00Z"
    await house.take(
        told("domain", "dom_1"),
        told("domain", "dom_2"),
        told("mailbox", "a", domain_id="dom_1"),
        told("mailbox", "b", domain_id="dom_1"),
        told("mailbox", "c", domain_id="dom_2"),
        told("ip_address", "ip_1", domain_ids=["dom_1"]),
        told("ip_address", "ip_2", domain_ids=["dom_2"]),
        {"type": "campaign", "organization": "acme", "id": "spring", "created_at": TOLD},
        *(message(f"a{i}", noon, sent_at=noon, sender_id="a", campaign_id="spring") for i in range(4)),
        *(message(f"b{i}", noon, sent_at=noon, sender_id="b") for i in range(3)),
        *(message(f"c{i}", noon, sent_at=noon, sender_id="c", channel="sms") for i in range(3)),
        event("a0", "bounced", later, bounce_reason="Mailbox full", bounce="soft"),
        event("b0", "bounced", later, bounce_reason="Mailbox full", bounce="soft"),
        event("b1", "bounced", later, bounce_reason="No such user"),
        event("c0", "bounced", later),
        event("c1", "complained", later),
        scored("a", "2026-05-03", 90, 30),
        scored("b", "2026-05-03", 60, 10),
        scored("c", "2026-05-05", 40, 0),
        scored("c", "2026-05-04", None, 500),
        checked("ip_1", "x", "2026-05-02T00:00:00Z", True),
        checked("ip_1", "x", "2026-05-03T00:00:00Z", False),
        checked("ip_2", "x", "2026-05-02T00:00:00Z", True),
    )


async def asked(house: House, key: str, fields: str, more: str = "") -> Any:
    document = f"{{ deliverability({DAYS}{more}) {{ {fields} }} }}"
    return (await house.ask(key, document))["deliverability"]


async def test_what_came_back_and_why(house: House, key: str) -> None:
    await the_post(house)
    fields = """
      window { start end } asOf
      messages { attempted bounced softBounced hardBounced inboxPlacementRate bounceRate complaintRate }
      bounceReasons { reason count share }
    """

    found = await asked(house, key, fields)

    assert found == {
        "window": {"start": "2026-05-01T00:00:00Z", "end": "2026-05-06T00:00:00Z"},
        "asOf": "2026-05-05T23:59:55Z",
        "messages": {
            "attempted": 10,
            "bounced": 4,
            "softBounced": 2,
            "hardBounced": 2,
            "inboxPlacementRate": 50,  # (10 − 4 − 1) ÷ 10
            "bounceRate": 40,
            "complaintRate": 10,
        },
        "bounceReasons": [
            {"reason": "Mailbox full", "count": 2, "share": 50},
            {"reason": "", "count": 1, "share": 25},
            {"reason": "No such user", "count": 1, "share": 25},
        ],
    }


async def test_things_count_where_they_happened(house: House, key: str) -> None:
    await the_post(house)

    document = """{ deliverability(window: {days: {first: "2026-05-04", last: "2026-05-04"}}, timezone: "UTC") {
      messages { attempted bounced bounceRate } bounceReasons { count }
    } }"""
    found = (await house.ask(key, document))["deliverability"]

    assert found == {
        "messages": {"attempted": 0, "bounced": 4, "bounceRate": None},
        "bounceReasons": [{"count": 2}, {"count": 1}, {"count": 1}],
    }


@pytest.mark.parametrize(
    ("more", "attempted", "reasons", "health", "checked"),
    [
        ("", 10, [2, 1, 1], 82.5, (True, 2)),  # (90 × 30 + 60 × 10) ÷ 40
        (', domain: "dom_1"', 7, [2, 1], 82.5, (False, 1)),
        (', domain: "dom_2"', 3, [1], 40, (True, 1)),  # nothing was sent on the one day with a score
        (', campaign: "spring"', 4, [1], 82.5, (True, 2)),  # neither scores nor addresses know of campaigns
        (', campaign: "Campaign:spring", domain: "dom_1"', 4, [1], 82.5, (False, 1)),
        (', campaign: "spring", domain: "dom_2"', 0, [], 40, (True, 1)),
        (', filter: {channel: ["sms"]}', 3, [1], 82.5, (True, 2)),
    ],
)
async def test_a_domain_a_campaign_and_a_filter_narrow_it(
    house: House, key: str, more: str, attempted: int, reasons: list[int], health: float, checked: Any
) -> None:
    await the_post(house)
    fields = "messages { attempted } bounceReasons { count } healthScore blacklists { isAnyListed addressesChecked }"

    found = await asked(house, key, fields, more)

    assert found["messages"]["attempted"] == attempted
    assert [one["count"] for one in found["bounceReasons"]] == reasons
    assert found["healthScore"] == health
    assert tuple(found["blacklists"].values()) == checked


async def test_health_day_by_day_leaves_out_days_without_a_score(house: House, key: str) -> None:
    await the_post(house)

    found = await asked(house, key, "reputation { start score }")

    assert found["reputation"] == [
        {"start": "2026-05-03T00:00:00Z", "score": 82.5},
        {"start": "2026-05-05T00:00:00Z", "score": 40},
    ]


async def test_days_of_mailboxes_are_buckets_too(house: House, key: str) -> None:
    await the_post(house)

    document = f"""{{ mailboxDayBuckets({DAYS}, granularity: DAY, groupBy: [MAILBOX]) {{
      total columns {{ groups {{ key value }} }}
      buckets {{ metrics {{ days scoredDays sent healthScore plainHealthScore }} }}
    }} }}"""
    found = (await house.ask(key, document))["mailboxDayBuckets"]

    assert found["total"] == 82.5
    assert found["buckets"][2]["metrics"] == {
        "days": 2,
        "scoredDays": 2,
        "sent": 40,
        "healthScore": 82.5,
        "plainHealthScore": 75,
    }
    assert found["buckets"][3]["metrics"]["scoredDays"] == 0
    assert found["buckets"][4]["metrics"]["healthScore"] is None


async def test_how_many_reasons_are_told(house: House, key: str) -> None:
    await the_post(house)

    assert len((await asked(house, key, "bounceReasons(first: 1) { count }"))["bounceReasons"]) == 1
    assert (await asked(house, key, "bounceReasons(first: 0) { count }"))["bounceReasons"] == []
    assert (await asked(house, key, "bounceReasons(first: -1) { count }"))["bounceReasons"] == []


async def test_what_is_not_there_is_not_found(house: House, key: str) -> None:
    await the_post(house)
    await house.take({"type": "organization", "id": "rival"})
    rival = await house.key("rival")

    for who, more in ((key, 'domain: "dom_3"'), (key, 'campaign: "autumn"'), (rival, 'domain: "dom_1"')):
        response = await house.post(who, f"{{ deliverability({DAYS}, {more}) {{ healthScore }} }}")
        assert response.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    empty = await asked(house, rival, "healthScore reputation { score } blacklists { lastCheck }")
    assert empty == {"healthScore": None, "reputation": [], "blacklists": {"lastCheck": None}}
