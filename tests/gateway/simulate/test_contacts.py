"""The people who are written to."""

from __future__ import annotations

from typing import Any

from gateway.simulate import Plan
from gateway.simulate.contacts import Book, size_for
from gateway.simulate.moments import DAY, HOUR
from gateway.simulate.tenants import TENANTS

Records = list[dict[str, Any]]


def test_everybody_written_to_is_known(arrived: Records) -> None:
    known = {(record["organization"], record["id"]) for record in arrived if record["type"] == "contact"}

    written = {
        (record["organization"], record["contact_id"])
        for record in arrived
        if record["type"] == "message" and "contact_id" in record
    }

    assert written <= known


def test_contacts_live_in_several_zones(arrived: Records) -> None:
    for tenant in TENANTS:
        zones = {
            record["timezone"]
            for record in arrived
            if record["type"] == "contact" and record["organization"] == tenant.slug
        }

        assert zones == {name for name, _ in tenant.zones}


def test_who_opts_out_gets_no_further_campaign(arrived: Records) -> None:
    left: dict[tuple[str, str], str] = {}
    for record in arrived:
        if record["type"] == "contact" and not record["is_opted_in"]:
            left.setdefault((record["organization"], record["id"]), record["updated_at"])

    written_later = [
        record
        for record in arrived
        if record["type"] == "message"
        and record.get("source") == "campaign"
        and "is_test" not in record
        and record["created_at"] > left.get((record["organization"], record["contact_id"]), "9")
    ]

    assert len(left) > 30
    assert not written_later


def test_the_book_grows(arrived: Records, plan: Plan) -> None:
    start = plan.start.isoformat()[:19]
    created = [
        record["created_at"]
        for record in arrived
        if record["type"] == "contact" and "updated_at" not in record
    ]

    new = sum(moment > start for moment in created)

    assert 0.35 < new / len(created) < 0.45


def test_an_opt_out_keeps_the_rest_of_the_contact() -> None:
    book = Book(TENANTS[0])
    first = book.add(20_000 * DAY)

    changed = book.opt_out(0, 20_001 * DAY)

    assert changed == {**first, "is_opted_in": False, "updated_at": "2024-10-05T00:00:00.000Z"}
    assert book.opted_out == {0}


def test_the_clock_is_that_of_the_contact() -> None:
    book = Book(TENANTS[4])
    for _ in range(64):
        book.add(0)
    book.look_at_clocks(20_000 * DAY)

    # At midnight UTC it is 05:30 in Kolkata, 04:00 in Dubai and 05:45 in Kathmandu.
    assert {book.clock(20_000 * DAY, number) / HOUR for number in range(64)} == {5.5, 4.0, 5.75}


def test_a_book_has_a_size_between_few_and_many() -> None:
    assert size_for(0) == 50
    assert size_for(6_000) == 1_000
    assert size_for(10**9) == 250_000
