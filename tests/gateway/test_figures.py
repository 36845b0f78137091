"""What operators read off `/metrics`, and the alerts that are made of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from tests.house import ACME, House, bearer, event, message, open_house
from tests.test_house import ROOT

ALERTS = yaml.safe_load((ROOT / "examples" / "alerts.yml").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
OURS = re.compile(r"\b(?:heliograph|process)_[a-z_]+")
TODAY = '{ messageBuckets(window: {days: {first: "2026-05-05", last: "2026-05-05"}}) { total } }'


async def figures(house: House) -> dict[str, float]:
    """Each line of `/metrics`."""
    text = (await house.client.get("/metrics")).text
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


async def test_what_comes_in_what_is_given_again_and_what_is_used_is_counted(store_url: str) -> None:
    async with open_house(store_url) as house:
        await house.take(ACME)
        key = await house.key("acme")
        lines = b'{"type": "message", "id": "a", "created_at": "2026-05-05T10:00:00Z"}\n{"type": "nothing"}\n'
        headers = {**bearer(key), "content-type": "application/x-ndjson"}
        assert (await house.client.post("/v1/events", content=lines, headers=headers)).status_code == 200
        for _ in range(3):
            await house.ask(key, TODAY)
        async with house.gateway.store.reading() as db, house.gateway.store.reading():
            found = await figures(house)
            with pytest.raises(sa.exc.DBAPIError):
                await db.execute(sa.text("SELECT nothing FROM nowhere"))
        after = await figures(house)

    # the organization's own record and message a; {"type": "nothing"} is no record
    assert found['heliograph_ingest_records_total{outcome="accepted"}'] == 2
    assert found['heliograph_ingest_records_total{outcome="refused"}'] == 1
    assert found['heliograph_answers_total{how="made"}'] == 1
    assert found['heliograph_answers_total{how="kept"}'] == 2
    assert 100 < found["heliograph_answers_kept_bytes"] < 10_000
    # two are held here, and /metrics itself reads the store while it is asked, or has just done so
    assert found['heliograph_pool_in_use{pool="reader"}'] == 2
    assert found['heliograph_pool_size{pool="reader"}'] == 5
    assert after['heliograph_pool_in_use{pool="reader"}'] == 0
    errors = 'heliograph_store_errors_total{kind="refused"}'
    assert after[errors] - found[errors] == 1
    assert found["process_resident_memory_bytes"] > 50e6


async def test_a_store_that_is_away_is_an_outage(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_house(store_url) as house:
        await house.take(ACME, message("a", "2026-05-05T10:00:00Z"))
        key, store = await house.key("acme"), house.gateway.store
        before = store.faults[True]

        async def gone(*_: Any) -> Any:
            raise ConnectionError("the connection to PostgreSQL was lost")

        monkeypatch.setattr(type(store.direct), "_found", gone)
        response = await house.post(key, TODAY)

    assert response.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert store.faults[True] > before


async def test_every_metric_that_an_alert_names_is_served(sqlite_store_url: str) -> None:
    async with open_house(sqlite_store_url) as house:
        await house.take(
            ACME, message("a", "2026-05-05T10:00:00Z"), event("a", "opened", "2026-05-05T10:00:00Z")
        )
        await house.ask(await house.key("acme"), TODAY)
        served = {name.partition("{")[0] for name in await figures(house)}
        labels = {label for name in await figures(house) for label in re.findall(r'(\w+="[^"]*")', name)}

    named = {name for rule in RULES for name in OURS.findall(rule["expr"])}
    assert len(RULES) >= 10 and len(named) >= 9
    assert named <= served
    asked = {
        label
        for rule in RULES
        for label in re.findall(r'\b((?:kind|outcome|pool|route)!?="[^"]*")', rule["expr"])
    }
    assert {label.replace("!=", "=") for label in asked} <= labels


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_can_be_read_and_says_what_is_wrong(rule: dict[str, Any]) -> None:
    expression = rule["expr"]

    assert set(rule) <= {"alert", "expr", "for", "annotations"}
    assert re.fullmatch(r"Heliograph[A-Z]\w+", rule["alert"])
    assert rule["annotations"]["summary"]
    assert re.fullmatch(r"\d+[smh]", rule.get("for", "5m"))
    for opened, closed in ("()", "[]", "{}"):
        assert expression.count(opened) == expression.count(closed)
    assert re.search(r"==|!=|[<>]=?", expression), "an alert compares"
