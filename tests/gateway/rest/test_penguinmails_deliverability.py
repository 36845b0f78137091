"""PenguinMails' deliverability: bounces and their reasons, health, blacklists; by campaign and by domain."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.rest.penguinmails import answers, shape
from gateway.rest.penguinmails.ranges import Range
from models import MESSAGES, Ratio
from tests.gateway.rest.penguin import DELIVERABILITY, OVERVIEW, Penguin, back, happened, mail, mailing

MONTH = {"start": "2026-04-06T00:00:00Z", "end": "2026-05-06T23:59:59Z", "period": "30d"}
LONG_AGO = "2026-01-01T00:00:00Z"


def domain(id: str, *boxes: str) -> list[dict[str, Any]]:
    """A domain and its mailboxes."""
    told = [{"type": "domain", "id": id, "name": f"{id}.example", "updated_at": LONG_AGO}]
    return [
        *told,
        *({"type": "mailbox", "id": box, "domain_id": id, "updated_at": LONG_AGO} for box in boxes),
    ]


def address(id: str, *domains: str) -> dict[str, Any]:
    """An address that serves these domains."""
    return {"type": "ip_address", "id": id, "domain_ids": domains, "updated_at": LONG_AGO}


def check(ip: str, provider: str, at: str, is_listed: bool = False) -> dict[str, Any]:
    """A look into a blacklist."""
    id = f"{ip}:{provider}:{at}"
    return {"type": "ip_check", "id": id, "ip_id": ip, "provider": provider, "is_listed": is_listed, "at": at}


def health(box: str, day: str, score: int | None, sent: int = 0) -> dict[str, Any]:
    """A mailbox's score on a day."""
    return {"type": "mailbox_day", "mailbox_id": box, "day": day, "sent": sent, "health_score": score}


async def two_domains(penguin: Penguin) -> None:
    """Two domains with a mailbox each, and one mailbox of neither; 10 + 6 + 4 e-mails."""
    first, second = "2026-04-20T10:{:02}:00Z".format, "2026-04-21T10:{:02}:00Z".format
    await penguin.take(
        *domain("dom_a", "box_a"),
        *domain("dom_b", "box_b"),
        mailing("cmp_1"),
        *(mail(f"a{i}", first(i), sender_id="box_a", campaign_id="cmp_1") for i in range(6)),
        *(back(f"a{i}", first(i), "hard", "Invalid recipient", sender_id="box_a") for i in range(6, 9)),
        back("a9", first(9), "soft", "Mailbox full", sender_id="box_a", campaign_id="cmp_1"),
        *(mail(f"b{i}", second(i), sender_id="box_b") for i in range(4)),
        *(back(f"b{i}", second(i), "soft", "Mailbox full", sender_id="box_b") for i in range(4, 6)),
        *(mail(f"c{i}", second(30 + i), sender_id="box_c") for i in range(3)),
        back("c3", second(33), "soft", sender_id="box_c"),  # nobody said why
        happened("a0", "complained", "2026-04-22T08:00:00Z"),
        # none of these counts: a test, another channel, one that came back before the range
        back("x1", first(0), "hard", "Test", is_test=True),
        back("x2", first(0), "hard", "Unreachable", channel="sms"),
        back("x3", "2026-04-05T23:59:59Z", "hard", "Old"),
    )
    await penguin.count_until("2026-05-06T10:00:00Z")


async def test_bounces_and_why(penguin: Penguin) -> None:
    await two_domains(penguin)

    body = (await penguin.ask(DELIVERABILITY)).json()

    answers.DeliverabilityAnswer.model_validate(body)
    # 20 e-mails: 3 hard and 1 soft, 2 soft, 1 soft came back; one complaint
    assert body["data"] == {
        "workspace_id": penguin.workspace,
        "time_range": MONTH,
        "overall": {
            "estimated_inbox_placement_rate": 60.0,  # (20 − 7 − 1) ÷ 20
            "spam_rate": 5.0,
            "bounce_rate": 35.0,
            "health_score": 74,  # no mailbox told any: 40 × 0.65 + 30 × 0.65 + 30 × 0.95
        },
        "bounce_analysis": {
            "hard_bounces": 3,
            "soft_bounces": 4,
            "hard_bounce_rate": 15.0,
            "soft_bounce_rate": 20.0,
            # out of all seven; of equal ones the first by name
            "top_bounce_reasons": [
                {"reason": "Invalid recipient", "count": 3, "percentage": 42.9},
                {"reason": "Mailbox full", "count": 3, "percentage": 42.9},
                {"reason": "", "count": 1, "percentage": 14.3},
            ],
        },
        "reputation_trend": [],
        "blacklist_status": {"any_ip_blacklisted": False, "ips_checked": 0, "last_check": None},
    }


async def test_a_campaign_or_a_domain_or_both_narrow_it(penguin: Penguin) -> None:
    await two_domains(penguin)

    async def told(**params: str) -> tuple[Any, ...]:
        data = await penguin.told(DELIVERABILITY, **params)
        bounces = data["bounce_analysis"]
        reasons = [one["count"] for one in bounces["top_bounce_reasons"]]
        return bounces["hard_bounces"], bounces["soft_bounces"], data["overall"]["bounce_rate"], reasons

    assert await told(domainId="dom_a") == (3, 1, 40.0, [3, 1])  # 4 of 10
    assert await told(domainId="dom_b") == (0, 2, 33.33, [2])  # 2 of 6
    assert await told(campaignId="cmp_1") == (0, 1, 14.29, [1])  # 1 of 7
    assert await told(campaignId="cmp_1", domainId="dom_b") == (0, 0, 0.0, [])
    assert await told(timeRange="7d") == (0, 0, 0.0, [])
    await penguin.take(*domain("dom_empty"))
    assert await told(domainId="dom_empty") == (0, 0, 0.0, [])


async def test_a_mail_that_came_back_soft_and_then_hard_counts_once_among_all(penguin: Penguin) -> None:
    await penguin.take(mail("m1", "2026-05-01T10:00:00Z"), mail("m2", "2026-05-01T10:00:00Z"))
    for kind, hour in (("soft", 11), ("soft", 12), ("hard", 13)):
        moment = f"2026-05-01T{hour}:00:00Z"
        await penguin.take(happened("m1", "bounced", moment, bounce=kind, bounce_reason="Gone"))
    await penguin.count_until("2026-05-06T10:00:00Z")

    told = await penguin.told(DELIVERABILITY)

    assert told["overall"]["bounce_rate"] == 50.0
    assert told["bounce_analysis"]["hard_bounces"] == told["bounce_analysis"]["soft_bounces"] == 1
    assert told["bounce_analysis"]["top_bounce_reasons"] == [
        {"reason": "Gone", "count": 1, "percentage": 100.0}
    ]


async def test_ten_reasons_at_most(penguin: Penguin) -> None:
    noon = "2026-05-01T12:00:00Z"
    await penguin.take(*(back(f"m{i}", noon, "soft", f"Reason {i % 12:02}") for i in range(25)))
    await penguin.count_until("2026-05-06T10:00:00Z")

    reasons = (await penguin.told(DELIVERABILITY))["bounce_analysis"]["top_bounce_reasons"]

    assert [(one["reason"], one["count"], one["percentage"]) for one in reasons] == [
        ("Reason 00", 3, 12.0),
        *((f"Reason {i:02}", 2, 8.0) for i in range(1, 10)),
    ]


async def test_health_is_the_mean_of_scores_by_what_was_sent(penguin: Penguin) -> None:
    await two_domains(penguin)
    await penguin.take(
        health("box_a", "2026-05-01", 90, sent=300),
        health("box_b", "2026-05-01", 60, sent=100),
        health("box_a", "2026-05-03", None, sent=5_000),  # nothing was measured
        health("box_a", "2026-05-04", 71),  # nothing was sent: only where there is nothing else
        health("box_b", "2026-05-04", 74),
        health("box_b", "2026-05-05", 95, sent=100),
        health("box_a", "2026-04-05", 1, sent=10_000),  # before the range
    )
    await penguin.count_until("2026-05-06T10:00:00Z")

    told = await penguin.told(DELIVERABILITY)
    of_a, of_b = [await penguin.told(DELIVERABILITY, domainId=name) for name in ("dom_a", "dom_b")]
    of_campaign = await penguin.told(DELIVERABILITY, campaignId="cmp_1")

    # (90 × 300 + 60 × 100 + 95 × 100) ÷ 500 = 85
    assert told["overall"]["health_score"] == 85
    assert told["reputation_trend"] == [
        {"date": "2026-05-01", "score": 83},  # (27,000 + 6,000) ÷ 400 = 82.5, halves go up
        {"date": "2026-05-04", "score": 73},  # (71 + 74) ÷ 2 = 72.5, for nothing was sent
        {"date": "2026-05-05", "score": 95},
    ]
    assert of_a["overall"]["health_score"] == 90
    assert [one["score"] for one in of_a["reputation_trend"]] == [90, 71]
    assert of_b["overall"]["health_score"] == 78  # (60 × 100 + 95 × 100) ÷ 200 = 77.5
    # mailboxes know nothing of campaigns
    assert of_campaign["overall"]["health_score"] == 85


async def test_without_anything_sent_on_scored_days_every_day_counts_the_same(penguin: Penguin) -> None:
    await penguin.take(health("box", "2026-05-01", 80), health("box", "2026-05-02", 91))
    await penguin.count_until("2026-05-06T10:00:00Z")

    assert (await penguin.told(DELIVERABILITY))["overall"]["health_score"] == 86  # 85.5


async def test_a_score_told_again_replaces_the_first(penguin: Penguin) -> None:
    early, late = "2026-05-02T00:00:00Z", "2026-05-03T00:00:00Z"
    for moment, score in ((late, 70), (early, 20)):
        await penguin.take({**health("box", "2026-05-01", score, 10), "updated_at": moment})
    await penguin.count_until("2026-05-06T10:00:00Z")

    assert (await penguin.told(DELIVERABILITY))["reputation_trend"] == [{"date": "2026-05-01", "score": 70}]


@pytest.mark.parametrize(
    ("sent", "bounced", "spam", "score"),
    [
        (100, 0, 0, 100),
        (100, 100, 100, 0),
        (100, 5, 1, 96),  # 40 × 0.95 + 30 × 0.95 + 30 × 0.99 = 38 + 28.5 + 29.7 = 96.2
        (20, 0, 1, 99),  # 98.5
        (0, 0, 0, 60),  # rates of nothing are 0: 40 × 0 + 30 × 1 + 30 × 1
        (1, 3, 0, 0),  # more came back in the range than left in it
    ],
)
def test_the_clients_formula_for_health(sent: int, bounced: int, spam: int, score: int) -> None:
    counts = {"sent": sent, "bounced": bounced, "complained": spam}

    assert shape._reckoned_health(counts) == score


async def test_the_latest_check_of_each_provider_counts(penguin: Penguin) -> None:
    await penguin.take(
        *domain("dom_a", "box_a"),
        *domain("dom_b", "box_b"),
        address("ip_1", "dom_a"),
        address("ip_2", "dom_a", "dom_b"),
        address("ip_3", "dom_b"),
        address("ip_4", "dom_b"),  # never checked
        check("ip_1", "spamhaus", "2026-05-01T10:00:00Z", True),
        check("ip_1", "spamhaus", "2026-05-02T10:00:00Z"),
        check("ip_1", "barracuda", "2026-05-01T10:00:00Z"),
        check("ip_2", "spamhaus", "2026-05-03T10:00:00.9Z"),
        check("ip_3", "spamhaus", "2026-02-01T10:00:00Z", True),  # however long ago
        check("ip_3", "barracuda", "2026-05-02T09:00:00Z"),
    )

    async def told(**params: str) -> tuple[bool, int, str | None]:
        found = (await penguin.told(DELIVERABILITY, **params))["blacklist_status"]
        assert list(found) == ["any_ip_blacklisted", "ips_checked", "last_check"]
        return tuple(found.values())

    assert await told() == (True, 3, "2026-05-03T10:00:00Z")
    assert await told(domainId="dom_a") == (False, 2, "2026-05-03T10:00:00Z")
    assert await told(domainId="dom_b") == (True, 2, "2026-05-03T10:00:00Z")
    await penguin.take(check("ip_3", "spamhaus", "2026-05-05T10:00:00Z"))
    assert await told() == (False, 3, "2026-05-05T10:00:00Z")
    # of two as late the one that sorts last by its id
    await penguin.take(
        {**check("ip_3", "spamhaus", "2026-05-06T00:00:00Z", True), "id": "y"},
        {**check("ip_3", "spamhaus", "2026-05-06T00:00:00Z"), "id": "z"},
    )
    assert (await told())[0] is False


async def test_addresses_and_domains_of_others_do_not_count(penguin: Penguin) -> None:
    await two_domains(penguin)
    await penguin.enroll("rival", "unlimited")
    await penguin.take(
        *domain("dom_x", "box_a"),
        check("ip_9", "spamhaus", "2026-05-01T10:00:00Z", True),
        organization="rival",
    )

    assert (await penguin.told(DELIVERABILITY))["blacklist_status"]["ips_checked"] == 0
    assert (await penguin.ask(DELIVERABILITY, domainId="dom_x")).status_code == 404


async def test_it_agrees_with_the_overview(penguin: Penguin) -> None:
    await two_domains(penguin)

    overview, told = await penguin.told(OVERVIEW), await penguin.told(DELIVERABILITY)

    assert overview["rates"]["delivery_rate"] == 100 - told["overall"]["bounce_rate"]


def test_the_numbers_of_their_example() -> None:
    # spec/vendors.md, 9: 75,000 sent, 800 hard and 700 soft bounces, 1,875 complaints
    sums = {
        "attempted": 75_000,
        "bounced": 1_500,
        "complained": 1_875,
        "hard_bounced": 800,
        "soft_bounced": 700,
    }

    def of(name: str) -> float | None:
        ratio = MESSAGES.measures[name]
        assert isinstance(ratio, Ratio)
        return ratio.of(sums)

    messages = {
        "sent": 75_000,
        "bounced": 1_500,
        "complained": 1_875,
        "hard_bounces": 800,
        "soft_bounces": 700,
        "estimated_inbox_placement_rate": of("inbox_placement_rate"),
        "spam_rate": of("complaint_rate"),
        "bounce_rate": of("bounce_rate"),
        "hard_bounce_rate": of("hard_bounce_rate"),
        "soft_bounce_rate": of("soft_bounce_rate"),
    }
    reasons = [("Invalid recipient", 500), ("Mailbox full", 350)]
    told = {
        "messages": messages,
        "healthScore": 91.6,
        "bounceReasons": [{"reason": r, "count": n, "share": 100 * n / 1_500} for r, n in reasons],
        "reputation": [{"start": "2025-11-01T00:00:00Z", "score": 90.49}],
        "blacklists": {
            "any_ip_blacklisted": False,
            "ips_checked": 3,
            "last_check": "2025-11-26T10:00:00.25Z",
        },
    }
    asked = Range(
        datetime(2025, 10, 27, tzinfo=UTC),
        datetime(2025, 11, 27, tzinfo=UTC),
        "30d",
        None,
        {"workspaceId": "w"},
    )

    found = shape.deliverability(asked, {"deliverability": told})["data"]

    assert found["time_range"] == {
        "start": "2025-10-27T00:00:00Z",
        "end": "2025-11-26T23:59:59Z",
        "period": "30d",
    }
    assert found["overall"] == {
        "estimated_inbox_placement_rate": 95.5,
        "spam_rate": 2.5,
        "bounce_rate": 2.0,
        "health_score": 92,
    }
    analysis = found["bounce_analysis"]
    assert (analysis["hard_bounce_rate"], analysis["soft_bounce_rate"]) == (1.07, 0.93)
    assert [one["percentage"] for one in analysis["top_bounce_reasons"]] == [33.3, 23.3]
    assert found["reputation_trend"] == [{"date": "2025-11-01", "score": 90}]
    assert found["blacklist_status"]["last_check"] == "2025-11-26T10:00:00Z"
