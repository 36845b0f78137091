"""Mailboxes and addresses that e-mail leaves from."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest

from gateway.simulate import TENANTS, Plan, demo_plan, records
from gateway.simulate.deliverability import PROVIDERS, REMEMBERED, domain_id
from models.records import RECORD

Records = list[dict[str, Any]]
KINDS = ("domain", "mailbox", "ip_address", "ip_check", "mailbox_day")
PENGUIN = next(tenant for tenant in TENANTS if tenant.slug == "penguin")
START, END = datetime(2026, 1, 20, 7, tzinfo=UTC), datetime(2026, 5, 5, 15, tzinfo=UTC)
PLAN = Plan(START, END, 4, (PENGUIN,), messages=6_000)


@pytest.fixture(scope="module")
def told() -> Records:
    """Everything one organization tells, in the order it arrives."""
    return list(records(PLAN))


def of(told: Records, kind: str) -> Records:
    return [record for record in told if record["type"] == kind]


def test_only_those_with_addresses_tell_of_them(arrived: Records) -> None:
    owners = {record["organization"] for record in arrived if record["type"] in KINDS}

    assert owners == {"penguin"}


def test_each_record_is_valid(told: Records) -> None:
    assert {record["type"] for record in told} >= set(KINDS)
    for record in told:
        if record["type"] in KINDS:
            RECORD.validate_json(orjson.dumps(record))


def test_mailboxes_are_the_senders_of_messages_and_belong_to_domains(told: Records) -> None:
    mailboxes, domains = of(told, "mailbox"), {record["id"]: record["name"] for record in of(told, "domain")}

    assert {record["id"] for record in mailboxes} == {
        record["sender_id"] for record in of(told, "message") if "sender_id" in record
    }
    assert {domains[record["domain_id"]] for record in mailboxes} == set(domains.values())
    assert all(record["address"].endswith(f"@{domains[record['domain_id']]}") for record in mailboxes)
    served = {name for record in of(told, "ip_address") for name in record["domain_ids"]}
    assert served == set(domains) == {"dom_penguin", "dom_cartas_penguin"}
    assert domain_id("cartas.penguin.example") == "dom_cartas_penguin"


def test_every_address_is_looked_up_once_a_day_at_each_provider(told: Records) -> None:
    looks = Counter((look["ip_id"], look["provider"], look["at"][:10]) for look in of(told, "ip_check"))
    days = [str(date(2026, 1, 21) + timedelta(days=n)) for n in range(105)]  # the first morning is over

    addresses = [record["id"] for record in of(told, "ip_address")]
    assert looks == Counter((ip, provider, day) for ip in addresses for provider in PROVIDERS for day in days)


def test_now_and_then_an_address_is_listed_for_a_day_or_two(told: Records) -> None:
    looks: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for look in of(told, "ip_check"):
        looks[look["ip_id"], look["provider"]].append(look["is_listed"])
    runs = [run for row in looks.values() for run in "".join("x" if one else " " for one in row).split()]

    assert 1 <= len(runs) <= 12
    assert max(map(len, runs)) <= 4  # two that follow one another
    assert sum(map(len, runs)) < 0.1 * sum(map(len, looks.values()))


def test_a_day_tells_what_the_mailbox_handed_off(told: Records) -> None:
    sent = {
        record["id"]: (record["sender_id"], record["sent_at"][:10])
        for record in of(told, "message")
        if "sent_at" in record and not record.get("is_test")
    }
    counted = Counter(sent.values())

    days = of(told, "mailbox_day")

    assert {(day["mailbox_id"], day["day"]): day["sent"] for day in days if day["sent"]} == {
        key: number
        for key, number in counted.items()
        if key[1] != "2026-05-05"  # that day is not over
    }
    assert len(days) == len(PENGUIN.senders) * 105
    assert all(day["updated_at"][:10] > day["day"] for day in days)


def test_health_follows_what_came_back_and_was_complained_of(told: Records) -> None:
    sender = {record["id"]: record.get("sender_id") for record in of(told, "message")}
    bad: Counter[tuple[Any, str]] = Counter()
    for event in of(told, "event"):
        weight = {"bounced": 1, "complained": 6}.get(event["event"], 0)
        bad[sender[event["message_id"]], event["at"][:10]] += weight
    scores = sorted(
        (_lately(bad, day) / max(_lately(_sent(told), day), 1), day["health_score"])
        for day in of(told, "mailbox_day")
    )

    fifth = len(scores) // 5
    calm, rough = ([score for _, score in part] for part in (scores[:fifth], scores[-fifth:]))
    assert sum(calm) / fifth > sum(rough) / fifth + 5
    assert 70 < sum(score for _, score in scores) / len(scores) < 97
    assert all(0 <= score <= 100 for _, score in scores)


def _sent(told: Records) -> Counter[tuple[Any, str]]:
    return Counter({(day["mailbox_id"], day["day"]): day["sent"] for day in of(told, "mailbox_day")})


def _lately(counts: Counter[tuple[Any, str]], day: dict[str, Any]) -> int:
    last = date.fromisoformat(day["day"])
    days = (str(last - timedelta(days=back)) for back in range(REMEMBERED))
    return sum(counts[day["mailbox_id"], each] for each in days)


def test_nobodys_messages_are_others_for_it() -> None:
    plan = Plan(START, START + timedelta(days=5), 4, TENANTS, events=5_000)
    silent = replace(plan, organizations=tuple(replace(tenant, addresses=()) for tenant in TENANTS))

    def known(plan: Plan) -> set[bytes]:
        return {orjson.dumps(record) for record in records(plan) if record["type"] not in KINDS}

    assert known(plan) == known(silent)


def test_the_demo_holds_about_a_thousand_of_them() -> None:
    plan = demo_plan(datetime(2026, 5, 5, 12, tzinfo=UTC))
    alone = replace(plan, organizations=(PENGUIN,), messages=plan.messages_of(PENGUIN), events=None)

    made = [record for record in records(alone) if record["type"] in KINDS]

    assert 500 < len(made) < 1_000
