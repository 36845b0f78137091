"""An account that pays ahead."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from gateway.simulate import TENANTS, Plan, records
from gateway.simulate.billing import months, round_number
from gateway.simulate.moments import of
from models.records import RECORD

Records = list[dict[str, Any]]
BILLED = TENANTS[0]
HOME = ZoneInfo(BILLED.timezone)
KINDS = ("billing_account", "subscription", "credit_product", "credit_entry")
# Three and a half months over the change to summer time, with little and with much traffic; and a long night.
PLANS = {
    "a small shop": (datetime(2026, 1, 20, tzinfo=UTC), datetime(2026, 5, 5, tzinfo=UTC), 400, 2),
    "a large shop": (datetime(2026, 1, 20, tzinfo=UTC), datetime(2026, 5, 5, tzinfo=UTC), 8_000, 5),
    "one night": (datetime(2026, 3, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, 13, tzinfo=UTC), 300, 6),
}


@pytest.fixture(scope="module", params=PLANS)
def told(request: pytest.FixtureRequest) -> Records:
    """Everything one organization tells, in the order it arrives."""
    start, end, messages, seed = PLANS[request.param]
    return list(records(Plan(start, end, seed, (BILLED,), messages=messages)))


def entries(told: Records, kind: str) -> Records:
    return [record for record in told if record["type"] == "credit_entry" and record["kind"] == kind]


def drawn(told: Records) -> list[tuple[str, int]]:
    """When each message took its credits, or gave them back; worked out from the messages alone."""
    messages: dict[str, dict[str, Any]] = {}
    for record in told:
        if record["type"] == "message":
            messages.setdefault(record["id"], {}).update(record)
        elif record["type"] == "event" and record["event"] in ("sent", "delivered", "failed"):
            messages.setdefault(record["message_id"], {})[f"{record['event']}_at"] = record["at"]
    draws: list[tuple[str, int]] = []
    for message in messages.values():
        handed = message.get("sent_at") or message.get("delivered_at")
        if message["direction"] == "outbound" and handed and "is_test" not in message:
            credits = 2 if message["channel"] == "mms" else -(-message["characters"] // 480)
            draws.append((handed, credits))
            if "failed_at" in message:
                draws.append((message["failed_at"], -credits))
    return draws


def test_only_those_with_terms_tell_of_their_account(arrived: Records) -> None:
    owners = {record["organization"] for record in arrived if record["type"] in KINDS}

    assert owners == {tenant.slug for tenant in TENANTS if tenant.billing} == {"amplifi"}


def test_each_record_is_valid(told: Records) -> None:
    of_billing = [record for record in told if record["type"] in KINDS]

    assert {record["type"] for record in of_billing} == set(KINDS)
    for record in of_billing:
        RECORD.validate_json(orjson.dumps(record))


def test_the_account_and_its_products_are_told_at_the_start(told: Records) -> None:
    accounts = [record for record in told if record["type"] == "billing_account"]
    products = [record for record in told if record["type"] == "credit_product"]

    assert [account["pricing_model"] for account in accounts] == ["full_service"]
    assert [product["name"] for product in products] == [f"{each['credits']:,} Credits" for each in products]
    rates = [product["price_cents"] / product["credits"] for product in products]
    assert len(rates) == 3
    assert rates == sorted(rates, reverse=True)  # who buys more pays less


def test_every_grant_ends_where_the_next_begins_on_the_first_at_home(told: Records) -> None:
    grants = entries(told, "grant")

    for grant, following in pairwise(grants):
        assert grant["expires_at"] == following["at"]
    for grant in grants:
        for moment in (grant["at"], grant["expires_at"]):
            assert datetime.fromisoformat(moment).astimezone(HOME).strftime("%d %H:%M:%S") == "01 00:00:00"
    assert len({grant["credits"] for grant in grants}) == 1


def test_the_periods_cover_the_whole_span(told: Records) -> None:
    grants = entries(told, "grant")
    moments = [record["created_at"] for record in told if record["type"] == "message"]

    assert grants[0]["at"] <= min(moments)
    assert grants[-1]["at"] <= max(moments) < grants[-1]["expires_at"]


def test_the_subscription_is_told_again_with_each_grant(told: Records) -> None:
    subscriptions = [record for record in told if record["type"] == "subscription"]

    assert {each["id"] for each in subscriptions} == {"sub_amplifi"}
    assert [(each["updated_at"], each["current_period_end"]) for each in subscriptions] == [
        (grant["at"], grant["expires_at"]) for grant in entries(told, "grant")
    ]
    for each in subscriptions:
        ends = datetime.fromisoformat(each["current_period_end"]).astimezone(HOME).date()
        assert date.fromisoformat(each["next_billing_date"]) == ends
        assert date.fromisoformat(each["paid_through"]) == ends - timedelta(days=1)


def test_included_credits_go_first_and_those_bought_never_run_out(told: Records) -> None:
    # The ledger by hand, in order: what arrives at a moment is there before it is drawn.
    steps: list[tuple[str, int, Any]] = [
        *((entry["at"], 0, entry) for entry in (*entries(told, "grant"), *entries(told, "purchase"))),
        *((at, 1, credits) for at, credits in drawn(told)),
    ]
    included, used, bought = 0, 0, 0
    uses: list[int] = []

    for _, _, step in sorted(steps, key=lambda each: each[:2]):
        if isinstance(step, int):
            used += step
        elif step["kind"] == "purchase":
            bought += step["credits"]
        else:
            bought -= max(used - included, 0)
            uses.append(used)
            included, used = step["credits"], 0
        assert bought - max(used - included, 0) >= 0

    assert min([*uses[1:], used]) > 0  # some of what is included is used in every period


def test_purchases_are_needed_now_and_then(told: Records) -> None:
    purchases, grants = entries(told, "purchase"), entries(told, "grant")

    if len(grants) > 2:  # a night is too short to need any
        assert len(grants) / 2 <= len(purchases) <= 6 * len(grants)


def test_a_purchase_is_of_some_product_at_its_price(told: Records) -> None:
    price = {
        record["credits"]: record["price_cents"] for record in told if record["type"] == "credit_product"
    }

    for purchase in entries(told, "purchase"):
        assert purchase["amount_micros"] in {
            purchase["credits"] // size * cents * 10_000
            for size, cents in price.items()
            if purchase["credits"] % size == 0
        }
        assert "expires_at" not in purchase


def test_entries_arrive_in_the_order_of_their_moments(told: Records) -> None:
    ledger = [record for record in told if record["type"] == "credit_entry"]

    assert [entry["at"] for entry in ledger] == sorted(entry["at"] for entry in ledger)
    assert len({entry["id"] for entry in ledger}) == len(ledger)


def test_what_a_message_says_of_its_credits_is_what_its_length_takes(told: Records) -> None:
    texts = [record for record in told if record["type"] == "message" and record.get("channel") == "sms"]
    outbound = [record for record in texts if record["direction"] == "outbound"]

    assert all("characters" in record for record in texts)
    assert all(record["segments"] == -(-record["characters"] // 480) for record in outbound)
    assert {record["segments"] for record in outbound} == {1, 2, 3}


def test_a_campaign_is_as_long_as_its_text(told: Records) -> None:
    bodies = {record["id"]: record["body"] for record in told if record["type"] == "campaign"}
    lengths = {
        (len(bodies[record["campaign_id"]]), record["characters"])
        for record in told
        if record["type"] == "message" and "campaign_id" in record and record["channel"] == "sms"
    }

    assert lengths
    assert all(length == characters for length, characters in lengths)


def test_the_others_do_not_say_how_long_their_messages_are(arrived: Records) -> None:
    owners = {record["organization"] for record in arrived if "characters" in record}

    assert owners == {"amplifi"}


def test_months_begin_at_midnight_whatever_the_clocks_do() -> None:
    begins = months(of(datetime(2025, 11, 20, tzinfo=UTC)), HOME)

    texts = [next(begins).astimezone(UTC).isoformat()[:16] for _ in range(6)]

    # Four hours behind in summer, five in winter; summer ended on the second of November.
    assert texts == [
        *("2025-11-01T04:00", "2025-12-01T05:00", "2026-01-01T05:00"),
        *("2026-02-01T05:00", "2026-03-01T05:00", "2026-04-01T04:00"),
    ]


def test_products_have_round_sizes() -> None:
    assert [round_number(most) for most in (0, 10, 19.9, 51, 999, 1_000, 24_000, 10**6)] == [
        *(10, 10, 10, 50, 500, 1_000, 20_000, 10**6),
    ]
