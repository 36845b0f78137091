"""The organizations that are played."""

from __future__ import annotations

from uuid import UUID

import orjson
import pytest

from gateway.simulate.contacts import Book
from gateway.simulate.tenants import TENANTS, Tenant
from models.records import RECORD
from models.zones import zone


def test_there_is_one_organization_for_each_vendor() -> None:
    assert {tenant.slug: tenant.vendor for tenant in TENANTS} == {
        "amplifi": "messagesender",
        "penguin": "penguinmails",
        "signal-post": "agentmessage",
        "slick": "slicktext",
        "whato": "whatomate",
    }


def test_each_vendor_has_its_kind_of_name() -> None:
    names = {tenant.vendor: tenant.alias for tenant in TENANTS}

    assert str(UUID(names["messagesender"])) == names["messagesender"]
    assert str(UUID(names["whatomate"])) == names["whatomate"]
    assert names["penguinmails"].startswith("ws_")
    assert names["agentmessage"].startswith("org_")
    assert names["slicktext"] == "26136"


@pytest.mark.parametrize("tenant", TENANTS, ids=lambda tenant: tenant.slug)
def test_its_data_fit_together(tenant: Tenant) -> None:
    channels = {channel for channel, _ in tenant.channels}

    assert channels <= set(tenant.price_micros)
    assert all(zone(name) for name, _ in tenant.zones)
    assert zone(tenant.timezone)
    assert RECORD.validate_json(orjson.dumps(Book(tenant).add(1_700_000_000_000)))
