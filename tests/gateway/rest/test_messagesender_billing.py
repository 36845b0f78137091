"""MessageSender's billing status and credit balance, and how credits are reckoned."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.rest.messagesender import answers
from tests.gateway.rest.sender import BALANCE, STATUS, Sender, delivered, enrolled, failed, queued
from tests.gateway.rest.world import received, sent
from tests.worlds import bounded

APRIL = "2026-04-01T00:00:00Z"


def account(pricing_model: str, **more: Any) -> dict[str, Any]:
    """How the organization pays."""
    told = {"id": "acct_1", "brand": "amplifi", "pricing_model": pricing_model, "updated_at": APRIL}
    return {"type": "billing_account", **told, **more}


def entry(name: str, kind: str, credits: int, at: str = APRIL, **more: Any) -> dict[str, Any]:
    """An entry of the ledger."""
    return {"type": "credit_entry", "id": name, "kind": kind, "credits": credits, "at": at, **more}


def product(name: str, credits: int, price_cents: int, **more: Any) -> dict[str, Any]:
    """Credits that can be bought."""
    told = {"id": name, "name": f"{credits:,} Credits", "credits": credits, "price_cents": price_cents}
    return {"type": "credit_product", "updated_at": APRIL, **told, **more}


SUBSCRIPTION = {
    "type": "subscription",
    "id": "sub_abc123",
    "plan_type": "full_service",
    "status": "active",
    "paid_through": "2026-05-31",
    "current_period_end": "2026-05-31T23:59:59Z",
    "next_billing_date": "2026-06-01",
    "provider": "amplifi",
    "updated_at": APRIL,
}
MAY = {"at": "2026-05-01T00:00:00Z", "expires_at": "2026-06-01T00:00:00Z"}


async def status(sender: Sender, *records: dict[str, Any]) -> dict[str, Any]:
    """The billing status once the records are counted; the balance must agree with it."""
    await sender.take(*records)
    await sender.count_until("2026-05-06T00:00:00Z")
    told = await sender.told(STATUS)
    answers.BillingStatus.model_validate(told)
    assert await sender.told(BALANCE) == {"balance": told["credits"]["available"]}
    assert told["credits"]["total"] == told["credits"]["available"] + told["credits"]["included"]
    return told


async def test_the_documents_example(sender: Sender) -> None:
    told = await status(
        sender,
        account("full_service"),
        SUBSCRIPTION,
        entry("p1", "purchase", 24_500),
        entry("g1", "grant", 10_000, **MAY),
        product("prod_big", 50_000, 19_900),
        product("prod_xyz789", 10_000, 4_900),
        product("prod_old", 10, 1, is_active=False),
    )

    assert told == {
        "organization_id": sender.uuid,
        "brand": "amplifi",
        "billing_status": "active",
        "pricing_model": "full_service",
        "subscription": {
            "id": "sub_abc123",
            "plan_type": "full_service",
            "billing_interval": "monthly",
            "status": "active",
            "paid_through": "2026-05-31",
            "current_period_end": "2026-05-31T23:59:59.000Z",
            "next_billing_date": "2026-06-01",
            "provider": "amplifi",
        },
        "credits": {"available": 24_500, "included": 10_000, "total": 34_500},
        "portal_urls": {"customer_portal": None, "subscription_management": None},
        # the cheapest first; what can no longer be bought is left out
        "available_credit_products": [
            {"id": "prod_xyz789", "name": "10,000 Credits", "credits_amount": 10_000, "price_cents": 4_900},
            {"id": "prod_big", "name": "50,000 Credits", "credits_amount": 50_000, "price_cents": 19_900},
        ],
    }
    assert await sender.told(BALANCE) == {"balance": 24_500}  # without those that are included


async def test_until_a_record_tells_nothing_is_owed(sender: Sender) -> None:
    await sender.take({"type": "organization", "id": sender.slug, "name": "Acme"})

    told = await status(sender, sent("m1", "2026-05-05T10:00:00Z"))

    assert told == {
        "organization_id": sender.uuid,
        "brand": "Acme",
        "billing_status": "active",
        "pricing_model": "unlimited",
        "subscription": None,
        "credits": {"available": 0, "included": 0, "total": 0},
        "portal_urls": {"customer_portal": None, "subscription_management": None},
        "available_credit_products": [],
    }
    # as soon as there is a ledger, messages draw on it
    told = await status(sender, entry("p1", "purchase", 10))
    assert (told["pricing_model"], told["credits"]["available"]) == ("per_message", 9)


async def test_a_subscription_that_is_over_is_null(sender: Sender) -> None:
    later = {"updated_at": "2026-05-02T00:00:00Z"}

    told = await status(
        sender, account("per_message"), SUBSCRIPTION, SUBSCRIPTION | later | {"status": "canceled"}
    )
    assert told["subscription"] is None

    # another one that runs is told of, in its own words
    trial = SUBSCRIPTION | {"id": "sub_2", "status": "past_due", "current_period_end": None}
    told = await status(sender, trial)
    assert told["subscription"]["id"] == "sub_2"
    assert (told["subscription"]["status"], told["subscription"]["current_period_end"]) == ("past_due", None)


async def test_the_account_last_told_of_is_it(sender: Sender) -> None:
    portals = {
        "customer_portal_url": "https://pay.example/c",
        "subscription_management_url": "https://pay.example/s",
    }
    later = {"status": "overage_warning", "updated_at": "2026-05-02T00:00:00Z", **portals}

    told = await status(sender, account("per_message", **later), account("unlimited"))

    assert (told["billing_status"], told["pricing_model"]) == ("overage_warning", "per_message")
    assert told["portal_urls"] == {
        "customer_portal": "https://pay.example/c",
        "subscription_management": "https://pay.example/s",
    }


async def test_what_messages_draw(sender: Sender) -> None:
    noon = "2026-05-05T12:00:00Z"
    told = await status(
        sender,
        account("per_message"),
        entry("p1", "purchase", 1_000),
        sent("s0", noon, characters=0),  # 1: an empty one is sent all the same
        delivered("s1", noon, characters=480),  # 1
        delivered("s2", noon, characters=481),  # 2
        delivered("s3", noon, characters=700),  # 2, as their billing page says
        delivered("s4", noon, characters=960),  # 2
        delivered("s5", noon, characters=961),  # 3
        delivered("s6", noon, channel="mms", characters=2_000),  # 2, however long
        delivered("s7", noon, characters=961, credits=7),  # 7: what was told is right
        failed("f1", noon, characters=961),  # 3 when it was handed over, 3 back when it failed
        queued("q1", noon, characters=961),  # has not left
        queued("f2", noon, characters=961, failed_at=noon),  # failed before it was ever handed over
        queued("q2", noon, characters=481, delivered_at=noon),  # 2: it arrived, so it had left
        delivered("t1", noon, characters=961, is_test=True),
        delivered("e1", noon, channel="email", characters=961),
        received("r1", noon, characters=961),
    )

    assert told["credits"]["available"] == 1_000 - (1 + 1 + 2 + 2 + 2 + 3 + 2 + 7 + 2)


async def test_on_the_unlimited_plan_messages_draw_nothing(sender: Sender) -> None:
    told = await status(
        sender,
        account("unlimited"),
        entry("p1", "purchase", 100),
        entry("d1", "debit", 30),  # drawn by something else than a message
        *(sent(f"m{i}", "2026-05-05T12:00:00Z") for i in range(5)),
    )

    assert told["credits"] == {"available": 70, "included": 0, "total": 70}


async def test_entries_of_every_kind(sender: Sender) -> None:
    told = await status(
        sender,
        account("per_message"),
        entry("p1", "purchase", 1_000),
        entry("p2", "purchase", 500),
        entry("r1", "refund", 40),  # bought ones given back: there are more
        entry("e1", "expire", 300),
        entry("d1", "debit", 25),
    )

    assert told["credits"]["available"] == 1_000 + 500 + 40 - 300 - 25


async def test_included_credits_go_first_and_what_is_left_of_them_is_told(sender: Sender) -> None:
    on = "2026-05-0{}T12:00:00Z".format
    told = await status(
        sender,
        account("full_service"),
        entry("p1", "purchase", 50),
        # April's are over, whatever was left of them; what they did not cover was bought
        entry("g4", "grant", 3, at="2026-04-01T00:00:00Z", expires_at="2026-05-01T00:00:00Z"),
        *(sent(f"a{i}", "2026-04-20T12:00:00Z") for i in range(5)),
        sent("older than the ledger", "2026-03-31T23:59:59Z"),
        entry("g5", "grant", 4, **MAY),
        *(sent(f"m{i}", on(i + 1)) for i in range(3)),
    )
    assert told["credits"] == {"available": 48, "included": 1, "total": 49}  # 50 − (5 − 3); 4 − 3

    # three more: the last included one, and two of those that were bought
    told = await status(sender, *(sent(f"n{i}", on(4)) for i in range(3)))
    assert told["credits"] == {"available": 46, "included": 0, "total": 46}

    # one of the first three failed: on its day it was the included credit that came back, and a later one took it
    told = await status(sender, {"type": "event", "message_id": "m0", "event": "failed", "at": on(5)})
    assert told["credits"] == {"available": 47, "included": 0, "total": 47}


async def test_bought_credits_can_be_overdrawn(sender: Sender) -> None:
    told = await status(
        sender,
        account("per_message"),
        entry("p1", "purchase", 2),
        *(sent(f"m{i}", "2026-05-05T12:00:00Z") for i in range(5)),
    )

    assert told["credits"] == {"available": -3, "included": 0, "total": -3}


KINDS = {"purchase": 1, "refund": 1, "grant": 1, "expire": -1, "debit": -1}
ENTRIES = st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.integers(0, 500)), max_size=8)
LENGTHS = st.lists(st.tuples(st.integers(0, 1_500), st.booleans()), max_size=8)


@bounded(3)
@given(ENTRIES, LENGTHS)
async def test_the_balance_is_the_ledger_less_what_messages_drew(
    sender: Sender, entries: list[tuple[str, int]], lengths: list[tuple[int, bool]]
) -> None:
    other = await enrolled(sender.house)
    told = await status(
        other,
        account("full_service"),
        *(entry(f"e{i}", kind, credits) for i, (kind, credits) in enumerate(entries)),  # grants never run out
        *(
            (sent if arrived else failed)(f"m{i}", "2026-05-05T12:00:00Z", characters=length)
            for i, (length, arrived) in enumerate(lengths)
        ),
    )

    ledger = sum(KINDS[kind] * credits for kind, credits in entries)
    drawn = sum(max(-(-length // 480), 1) for length, arrived in lengths if arrived and entries)
    assert told["credits"]["total"] == ledger - drawn
