"""Campaigns, contacts and entries of the ledger over time; and what vendors call the organization."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house import House

DAYS = 'window: {days: {first: "2026-05-01", last: "2026-05-03"}}'


def told(kind: str, id: str, /, **more: Any) -> dict[str, Any]:
    """A record of `acme`."""
    return {"type": kind, "organization": "acme", "id": id, **more}


async def test_contacts_are_counted_as_they_are_now(house: House, key: str) -> None:
    ask = '{ contacts { counts { total textable optedIn optedOut } web: counts(filter: {source: ["web"]}) { total } } }'
    first, second = "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z"
    assert (await house.ask(key, ask))["contacts"]["counts"]["total"] == 0

    await house.take(
        told("contact", "1", created_at=first, source="web"),
        told("contact", "2", created_at=first, is_textable=False),
        told("contact", "3", created_at="2019-01-01T00:00:00Z"),
    )
    await house.take(
        told("contact", "3", created_at="2019-01-01T00:00:00Z", is_opted_in=False, updated_at=second)
    )

    assert (await house.ask(key, ask))["contacts"] == {
        "counts": {"total": 3, "textable": 2, "optedIn": 2, "optedOut": 1},
        "web": {"total": 1},
    }
    buckets = (
        f"{{ contactBuckets({DAYS}, groupBy: [SOURCE]) {{ columns {{ value groups {{ key total }} }} }} }}"
    )
    assert (await house.ask(key, buckets))["contactBuckets"]["columns"] == {
        "value": [2, 0, 0],
        "groups": [{"key": [""], "total": 1}, {"key": ["web"], "total": 1}],
    }


async def test_campaigns_count_where_they_were_created_or_where_they_began(house: House, key: str) -> None:
    began = {"created_at": "2026-05-01T09:00:00Z", "started_at": "2026-05-03T09:00:00Z"}
    await house.take(
        told("campaign", "a", status="scheduled", created_at="2026-05-01T09:00:00Z", audience_size=5),
        told("campaign", "b", status="sending", audience_size=7, **began),
    )
    await house.take(
        told(
            "campaign",
            "a",
            status="cancelled",
            updated_at="2026-05-02T00:00:00Z",
            audience_size=6,
            created_at="2026-05-01T09:00:00Z",
        )
    )
    ask = f"campaignBuckets({DAYS}, metric: %s, clock: %s) {{ columns {{ value }} }}"

    found = await house.ask(
        key,
        f"{{ created: {ask % ('STARTED', 'CREATED')} happened: {ask % ('STARTED', 'HAPPENED')}"
        f" audience: {ask % ('AUDIENCE', 'HAPPENED')}"
        f" statuses: campaignBuckets({DAYS}, groupBy: [STATUS]) {{ columns {{ groups {{ key total }} }} }} }}",
    )

    assert found["created"]["columns"]["value"] == [1, 0, 0]
    assert found["happened"]["columns"]["value"] == [0, 0, 1]
    assert found["audience"]["columns"]["value"] == [13, 0, 0]
    groups = [{"key": ["cancelled"], "total": 1}, {"key": ["sending"], "total": 1}]
    assert found["statuses"]["columns"]["groups"] == groups


async def test_entries_of_the_ledger_are_summed_by_their_kind(house: House, key: str) -> None:
    moments = [f"2026-05-0{day}T12:00:00Z" for day in (1, 2, 2)]
    kinds = ("purchase", "purchase", "grant")
    await house.take(
        *(
            told("credit_entry", f"{n}", kind=kind, credits=100 * (n + 1), at=moments[n], amount_micros=n)
            for n, kind in enumerate(kinds)
        )
    )

    found = await house.ask(
        key,
        f"{{ creditBuckets({DAYS}) {{ total buckets {{ metrics {{ entries purchased granted amountMicros }} }} }} }}",
    )

    assert found["creditBuckets"]["total"] == 300
    assert [tuple(row["metrics"].values()) for row in found["creditBuckets"]["buckets"]] == [
        (1, 100, 0, 0),
        (2, 200, 300, 3),
        (0, 0, 0, 0),
    ]


@pytest.mark.parametrize(("vendor", "name"), [("slicktext", "7"), ("heliograph", "acme"), ("nobody", None)])
async def test_an_organization_says_what_a_vendor_calls_it(
    house: House, key: str, vendor: str, name: str | None
) -> None:
    await house.take(
        {"type": "organization", "id": "acme", "aliases": {"slicktext": "7"}},
        {"type": "organization", "id": "rival", "aliases": {"nobody": "8"}},
    )

    document = "query ($vendor: String!) { organization { externalId(vendor: $vendor) } }"

    assert await house.ask(key, document, vendor=vendor) == {"organization": {"externalId": name}}
