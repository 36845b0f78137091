"""Billing: what is said before anything is told, what is told, and what credits are left."""

from __future__ import annotations

from typing import Any

from tests.house import House, message

EVERYTHING = """{ billingStatus {
  brand status pricingModel customerPortalUrl subscriptionManagementUrl
  subscription { id planType billingInterval status paidThrough currentPeriodEnd nextBillingDate provider }
  creditProducts { id name credits priceCents }
  credits { purchased included total }
} }"""
LEFT = "{ credits { purchased included total asOf } }"


def told(kind: str, id: str, /, **more: Any) -> dict[str, Any]:
    """A record about the billing of `acme`."""
    return {"type": kind, "organization": "acme", "id": id, **more}


def entry(id: str, kind: str, credits: int, **more: Any) -> dict[str, Any]:
    """An entry of the ledger of `acme`."""
    return told(
        "credit_entry", id, **{"kind": kind, "credits": credits, "at": "2026-05-02T00:00:00Z", **more}
    )


async def test_until_a_record_tells_nothing_is_owed(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-01T00:00:00Z", channel="sms", sent_at="2026-05-01T00:00:00Z"))

    assert (await house.ask(key, EVERYTHING))["billingStatus"] == {
        "brand": "acme",
        "status": "ACTIVE",
        "pricingModel": "UNLIMITED",
        "customerPortalUrl": None,
        "subscriptionManagementUrl": None,
        "subscription": None,
        "creditProducts": [],
        "credits": {"purchased": 0, "included": 0, "total": 0},
    }


async def test_with_a_ledger_and_no_account_messages_are_paid_for(house: House, key: str) -> None:
    # one is sent on the day before the first entry of the ledger, one on its day, one the day after
    moments = [f"2026-05-0{day}T00:00:00Z" for day in (1, 2, 3)]
    await house.take(
        *(message(f"m{n}", at, channel="mms", sent_at=at) for n, at in enumerate(moments)),
        entry("1", "purchase", 10),
    )

    found = (await house.ask(key, EVERYTHING))["billingStatus"]

    assert (found["pricingModel"], found["credits"]["total"]) == ("PER_MESSAGE", 10 - 2 * 2)


async def test_an_account_without_a_brand_goes_by_the_name_of_its_organization(
    house: House, key: str
) -> None:
    account = told("billing_account", "a", pricing_model="per_message", updated_at="2026-05-01T00:00:00Z")
    await house.take({"type": "organization", "id": "acme", "name": "Acme, Inc."}, account)

    found = (await house.ask(key, EVERYTHING))["billingStatus"]

    assert (found["brand"], found["pricingModel"]) == ("Acme, Inc.", "PER_MESSAGE")


async def test_what_was_told_last_is_said(house: House, key: str) -> None:
    moments = [f"2026-05-0{day}T00:00:00Z" for day in (1, 2, 3)]
    account = told("billing_account", "a", pricing_model="full_service", brand="Acme", status="past_due")
    running = told(
        "subscription",
        "s2",
        plan_type="pro",
        billing_interval="yearly",
        status="trialing",
        paid_through="2026-12-31",
        current_period_end="2027-01-01T00:00:00+02:00",
        next_billing_date="2027-01-01",
        provider="stripe",
        updated_at=moments[1],
    )
    await house.take(
        {**account, "customer_portal_url": "https://pay.example", "updated_at": moments[1]},
        {**account, "status": "active", "updated_at": moments[0]},  # older, and told later
        told("billing_account", "b", status="archived", updated_at=moments[0]),
        running,
        told("subscription", "s1", plan_type="old", updated_at=moments[0]),
        told("subscription", "s3", plan_type="gone", status="cancelled", updated_at=moments[2]),
        told("credit_product", "large", name="1,000", credits=1000, price_cents=900, updated_at=moments[0]),
        told("credit_product", "small", name="10", credits=10, price_cents=10, updated_at=moments[0]),
        told("credit_product", "gone", credits=1, price_cents=1, is_active=False, updated_at=moments[0]),
    )

    assert (await house.ask(key, EVERYTHING))["billingStatus"] == {
        "brand": "Acme",
        "status": "PAST_DUE",
        "pricingModel": "FULL_SERVICE",
        "customerPortalUrl": "https://pay.example",
        "subscriptionManagementUrl": None,
        "subscription": {
            "id": "s2",
            "planType": "pro",
            "billingInterval": "yearly",
            "status": "trialing",
            "paidThrough": "2026-12-31",
            "currentPeriodEnd": "2026-12-31T22:00:00Z",
            "nextBillingDate": "2027-01-01",
            "provider": "stripe",
        },
        "creditProducts": [
            {"id": "small", "name": "10", "credits": 10, "priceCents": 10},
            {"id": "large", "name": "1,000", "credits": 1000, "priceCents": 900},
        ],
        "credits": {"purchased": 0, "included": 0, "total": 0},
    }


async def test_credits_are_the_ledger_less_what_messages_drew(house: House, key: str) -> None:
    moment = "2026-05-03T10:00:00Z"
    await house.take(
        {"type": "organization", "id": "rival"},
        told("billing_account", "a", pricing_model="full_service", updated_at=moment),
        entry("g", "grant", 4, expires_at="2026-06-01T00:00:00Z"),
        entry("p", "purchase", 100),
        entry("r", "refund", 5),
        entry("x", "expire", 20),
        entry("d", "debit", 1, at=moment),
        message("a", moment, channel="sms", characters=961, sent_at=moment),  # 3 credits
        message("b", moment, channel="mms", sent_at=moment),  # 2 credits
        message("c", moment, channel="mms", sent_at=moment, failed_at=moment),  # 2, and back
    )

    # 1 + 3 + 2 were drawn, 4 of them from the grant; 100 + 5 − 20 were bought and are still good
    assert (await house.ask(key, LEFT))["credits"] == {
        "purchased": 83,
        "included": 0,
        "total": 83,
        "asOf": "2026-05-05T23:59:55Z",
    }
    assert (await house.ask(await house.key("rival"), LEFT))["credits"]["total"] == 0
