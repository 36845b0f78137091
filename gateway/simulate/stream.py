"""The simulation itself: slot by slot, every organization lives on and what has arrived comes out."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import orjson

from gateway.simulate.billing import Billing
from gateway.simulate.calendar import Batch, Calendar, Record
from gateway.simulate.chatbot import Chatbot
from gateway.simulate.deliverability import Deliverability
from gateway.simulate.disorder import Disorder
from gateway.simulate.moments import HOUR, SECOND, of
from gateway.simulate.plan import Plan
from gateway.simulate.shop import Shop
from gateway.simulate.tenants import Tenant
from gateway.simulate.traffic import Traffic

PER_SLOT = 3_000  # records, about; they should stay in the processor's cache between making and sorting
WIDEST = HOUR


def records(plan: Plan) -> Iterator[Record]:
    """Records in about the order they arrive; a repeated one may be the same object."""
    for batch in _batches(plan):
        for _, record in batch:
            yield record


def lines(plan: Plan) -> Iterator[bytes]:
    """The records as NDJSON, a line each."""
    dumps, newline = orjson.dumps, orjson.OPT_APPEND_NEWLINE
    for batch in _batches(plan):
        for _, record in batch:
            yield dumps(record, None, newline)


def _batches(plan: Plan) -> Iterator[Batch]:
    calendar = Calendar(of(plan.start), of(plan.end), _width(plan))
    # The span is part of the seed, lest two simulations give the same id to different messages.
    luck = f"{plan.seed} {calendar.start} {calendar.end}"
    organizations = [
        _traffic(tenant, plan.messages_of(tenant), calendar, f"{luck} {tenant.slug}")
        for tenant in plan.organizations
    ]
    disorder = Disorder(calendar, Random(f"{luck} disorder"))
    yield [(calendar.start, each.organization()) for each in organizations]
    for each in organizations:
        for contact in each.first_contacts():
            yield [(calendar.start, contact)]
        each.begin()
    for begin, until in calendar.windows():
        for each in organizations:
            each.live(begin, until)
        for batch in calendar.take(begin):
            disorder.disturb(batch)
            yield batch
    yield from calendar.rest()


def _traffic(tenant: Tenant, messages: int, calendar: Calendar, luck: str) -> Traffic:
    if tenant.is_shop:
        shop = Shop(tenant, calendar, Random(f"{luck} shop"))
        shop.open()
        calendar = shop
    billing = Billing(tenant, messages, calendar, Random(f"{luck} billing"))
    post = Deliverability(tenant, calendar, Random(f"{luck} deliverability"))
    chatbot = Chatbot(tenant, messages, calendar, Random(f"{luck} chatbot"))
    return Traffic(tenant, messages, calendar, Random(luck), billing, post, chatbot)


def _width(plan: Plan) -> int:
    span = of(plan.end) - of(plan.start)
    return int(min(max(span * PER_SLOT / max(plan.expected_records, 1), SECOND), WIDEST))
