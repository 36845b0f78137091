"""Subscribers that hear, and some that do not."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from gateway.simulate.tenants import TENANTS
from gateway.simulate.webhooks import WAITS

Records = list[dict[str, Any]]


def deliveries(arrived: Records) -> dict[str, dict[str, Any]]:
    return {record["id"]: record for record in arrived if record["type"] == "webhook_delivery"}


def test_only_organizations_with_endpoints_have_deliveries(arrived: Records) -> None:
    endpoints = {(tenant.slug, endpoint) for tenant in TENANTS for endpoint in tenant.endpoints}

    heard = {(record["organization"], record["endpoint_id"]) for record in deliveries(arrived).values()}

    assert heard == endpoints


def test_most_are_heard_and_some_are_tried_again(arrived: Records) -> None:
    outcomes = Counter(record["outcome"] for record in deliveries(arrived).values())

    assert outcomes["success"] > 5 * outcomes["retry"] > 0


def test_the_status_fits_the_outcome(arrived: Records) -> None:
    statuses: defaultdict[str, set[int]] = defaultdict(set)
    for record in deliveries(arrived).values():
        statuses[record["outcome"]].add(record["http_status"])

    assert statuses["success"] <= {200, 202, 204}
    assert not statuses["retry"] & statuses["success"]
    assert not statuses["dead"] & statuses["success"]
    assert 500 in statuses["retry"]


def test_they_tell_of_deliveries_and_failures(arrived: Records) -> None:
    kinds = Counter(record["kind"] for record in deliveries(arrived).values())

    assert set(kinds) == {"message.delivered", "message.failed"}


def test_a_dead_one_has_been_tried_often(arrived: Records) -> None:
    outcomes = Counter(record["outcome"] for record in deliveries(arrived).values())

    assert outcomes["dead"] * len(WAITS) <= outcomes["retry"]
