"""The demo's keys and what they open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.demo import DEMO_KEYS, EDITION_FILE, DemoKey, as_json, edition, is_stale
from gateway.simulate import Plan, demo_plan, records
from gateway.simulate.deliverability import domain_id
from resolvers.keys import random_key

KEYS = {key.vendor: key for key in DEMO_KEYS}


def _alone(key: DemoKey, now: datetime = datetime(2026, 5, 5, 12, tzinfo=UTC)) -> Plan:
    plan = demo_plan(now)
    return replace(plan, organizations=(key.tenant,), messages=plan.messages_of(key.tenant), events=None)


def test_graphiql_opens_as_agentmessage() -> None:
    assert [key.vendor for key in DEMO_KEYS] == [
        *("agentmessage", "messagesender", "penguinmails", "slicktext", "whatomate")
    ]


@pytest.mark.parametrize("key", DEMO_KEYS[:-1], ids=lambda key: key.vendor)
def test_a_key_looks_like_a_real_one_and_says_that_it_is_the_demo(key: DemoKey) -> None:
    real = random_key(key.key.rpartition("_")[0])

    assert len(key.key) == len(real)
    assert key.key.rpartition("_")[2].startswith("DEMO")
    assert key.key.rpartition("_")[2].isalnum()


@pytest.mark.parametrize("key", DEMO_KEYS, ids=lambda key: key.vendor)
def test_a_key_names_its_organization_as_the_vendor_does(key: DemoKey) -> None:
    assert (
        next(key.ids[name] for name in ("organization", "workspace", "brand") if name in key.ids)
        == key.tenant.alias
    )


def test_whatomates_key_is_hexadecimal_and_goes_into_a_header_of_its_own() -> None:
    key = KEYS["whatomate"]
    letters = key.key.removeprefix("whm_")

    assert len(letters) == 32
    assert set(letters) <= set("0123456789abcdef")
    assert letters.startswith("de30")  # as near to DEMO as it gets
    assert key.headers == {"X-API-Key": key.key}
    assert key.ids["agent"] in {record["id"] for record in records(_alone(key)) if record["type"] == "user"}


def test_messagesender_names_its_organization_in_a_header() -> None:
    told = as_json()["messagesender"]

    assert told["headers"] == {
        "Authorization": f"Bearer {KEYS['messagesender'].key}",
        "x-organization-id": told["ids"]["organization"],
    }


@pytest.mark.parametrize("vendor", ["messagesender", "penguinmails"])
@pytest.mark.parametrize("now", [datetime(2026, 5, 5, 12, tzinfo=UTC), datetime(2027, 1, 2, 3, tzinfo=UTC)])
def test_its_campaigns_have_been_sent_whenever_the_demo_is_made(now: datetime, vendor: str) -> None:
    key = KEYS[vendor]

    sent = {
        record["id"]
        for record in records(_alone(key, now))
        if record["type"] == "campaign" and record["status"] == "completed"
    }

    assert len(key.ids["campaigns"]) == 3
    assert sent.issuperset(key.ids["campaigns"])


def test_penguinmails_ids_are_those_of_the_simulation() -> None:
    ids, tenant = KEYS["penguinmails"].ids, KEYS["penguinmails"].tenant

    assert KEYS["penguinmails"].key.startswith("pm_live_")
    assert ids["campaign"] in ids["campaigns"]
    assert ids["domain"] in {domain_id(name) for _, domains in tenant.addresses for name in domains}


def test_records_of_another_day_or_another_release_are_stale(tmp_path: Path) -> None:
    records = tmp_path / "records.ndjson"
    now = datetime.now(UTC)  # a file's age goes by the clock of the wall
    assert not is_stale(records, now)

    records.touch()
    (tmp_path / EDITION_FILE).write_text(edition())
    assert not is_stale(records, now)
    assert is_stale(records, now + timedelta(hours=25))

    (tmp_path / EDITION_FILE).write_text("of another release")
    assert is_stale(records, now)
