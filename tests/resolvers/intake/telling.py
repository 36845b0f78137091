"""Records that contradict one another: few ids, few moments, many attributes, every kind of record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from models.records import (
    AiCallRecord,
    BillingAccountRecord,
    BotSessionRecord,
    CampaignRecord,
    ContactRecord,
    CreditProductRecord,
    DomainRecord,
    FlowRunRecord,
    IpAddressRecord,
    IpCheckRecord,
    MailboxDayRecord,
    MailboxRecord,
    Record,
    SubscriptionRecord,
    TransferRecord,
    WebhookDeliveryRecord,
)
from tests.worlds import at, entry, event, message

BASE = at("2026-03-29 00:55")  # five minutes before Europe's clocks change
OFFSETS = (UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9, minutes=-30)))


def moments() -> st.SearchStrategy[datetime]:
    """A few moments, each of which may be written with another offset."""
    steps = (0, 1, 14, 15, 60, 1440)
    return st.builds(
        lambda step, offset: (BASE + timedelta(minutes=step)).astimezone(offset),
        st.sampled_from(steps),
        st.sampled_from(OFFSETS),
    )


def some(**choices: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these fields."""
    return st.fixed_dictionaries({}, optional=choices)


ATTRIBUTES = {
    "direction": st.sampled_from(["outbound", "inbound"]),
    "channel": st.sampled_from(["sms", "email"]),
    "campaign_id": st.sampled_from(["spring", "autumn"]),
    "error_code": st.sampled_from(["", "30003", "30005"]),
    "bounce_reason": st.sampled_from(["", "full", "unknown"]),
    "segments": st.integers(0, 3),
    "characters": st.sampled_from([0, 480, 481]),
    "is_test": st.booleans(),
}
MESSAGE_IDS = st.sampled_from(["a", "b", "a:b"])


def messages() -> st.SearchStrategy[Record]:
    fields = some(**ATTRIBUTES, sent_at=moments(), failed_at=moments(), opened_at=moments())
    return st.builds(lambda id, created, told: message(id, created, **told), MESSAGE_IDS, moments(), fields)


def events() -> st.SearchStrategy[Record]:
    kinds = ["sent", "delivered", "failed", "bounced", "opened", "clicked", "replied", "opened", "clicked"]
    fields = some(
        id=st.sampled_from(["c", "b:c"]),
        actor=st.sampled_from(["human", "machine"]),
        bounce=st.sampled_from(["hard", "soft"]),
        link=st.sampled_from(["https://x.example", "https://y.example"]),
        **ATTRIBUTES,
    )
    return st.builds(
        lambda id, kind, moment, told: event(id, kind, moment, **told),
        MESSAGE_IDS,
        st.sampled_from(kinds),
        moments(),
        fields,
    )


def campaigns() -> st.SearchStrategy[Record]:
    fields = some(
        name=st.sampled_from(["Spring", "Spring!"]),
        status=st.sampled_from(["sending", "completed"]),
        started_at=moments(),
        updated_at=moments(),
        audience_size=st.integers(0, 2),
    )
    return st.builds(
        lambda created, told: CampaignRecord(type="campaign", id="spring", created_at=created, **told),
        moments(),
        fields,
    )


def contacts() -> st.SearchStrategy[Record]:
    fields = some(is_opted_in=st.booleans(), updated_at=moments(), name=st.sampled_from(["Ada", "Bea"]))
    return st.builds(
        lambda created, told: ContactRecord(type="contact", id="1", created_at=created, **told),
        moments(),
        fields,
    )


def webhooks() -> st.SearchStrategy[Record]:
    return st.builds(
        lambda id, status, outcome, moment: WebhookDeliveryRecord(
            type="webhook_delivery",
            id=id,
            endpoint_id="crm",
            kind="message.sent",
            http_status=status,
            outcome=outcome,
            at=moment,
        ),
        st.sampled_from(["w", "x"]),
        st.sampled_from([0, 204, 503]),
        st.sampled_from(["success", "retry", "dead"]),
        moments(),
    )


def entries() -> st.SearchStrategy[Record]:
    fields = some(updated_at=moments(), expires_at=moments(), reference=st.sampled_from(["a", "b"]))
    return st.builds(
        lambda id, kind, credits, moment, told: entry(id, kind, credits, moment, **told),
        st.sampled_from(["e", "f"]),
        st.sampled_from(["purchase", "grant", "debit", "refund", "expire"]),
        st.integers(0, 2),
        moments(),
        fields,
    )


def billing() -> st.SearchStrategy[Record]:
    """What is told of an account, its subscription and what it can buy."""
    days = st.sampled_from([None, BASE.date(), BASE.date() + timedelta(days=1)])
    account = some(status=st.sampled_from(["active", "past_due"]), customer_portal_url=st.just("x"))
    subscription = some(paid_through=days, next_billing_date=days, current_period_end=moments())
    product = some(is_active=st.booleans(), name=st.sampled_from(["small", "large"]))
    return st.one_of(
        _told(account, lambda **told: BillingAccountRecord(type="billing_account", id="1", **told)),
        _told(subscription, lambda **told: SubscriptionRecord(type="subscription", id="1", **told)),
        _told(
            product,
            lambda **told: CreditProductRecord(
                type="credit_product", id="1", credits=1, price_cents=1, **told
            ),
        ),
    )


def deliverability() -> st.SearchStrategy[Record]:
    """What is told of a domain, its mailbox, its address, what was looked up, and a mailbox's days."""
    days = st.sampled_from([BASE.date(), BASE.date() + timedelta(days=1)])
    mailbox = some(address=st.sampled_from(["a@d", "b@d"]), domain_id=st.sampled_from(["d", "e"]))
    address = some(domain_ids=st.lists(st.sampled_from(["d", "e"]), max_size=3))
    health = some(health_score=st.sampled_from([None, 0, 80]), sent=st.integers(0, 2), updated_at=moments())
    return st.one_of(
        _told(some(name=st.just("d.example")), lambda **told: DomainRecord(type="domain", id="d", **told)),
        _told(mailbox, lambda **told: MailboxRecord(type="mailbox", id="m", **told)),
        _told(address, lambda **told: IpAddressRecord(type="ip_address", id="i", **told)),
        st.builds(
            lambda moment, is_listed: IpCheckRecord(
                type="ip_check", id="k", ip_id="i", is_listed=is_listed, at=moment
            ),
            moments(),
            st.booleans(),
        ),
        st.builds(
            lambda day, told: MailboxDayRecord(type="mailbox_day", mailbox_id="m", day=day, **told),
            days,
            health,
        ),
    )


def chats() -> st.SearchStrategy[Record]:
    """What is told of a conversation of the chatbot, and of the person it was handed to."""
    session = some(
        status=st.just("active"), sender_id=st.sampled_from(["main", "help"]), updated_at=moments()
    )
    run = some(completed_at=moments(), flow_id=st.sampled_from(["faq", "order"]), updated_at=moments())
    call = some(tokens_in=st.integers(0, 2), cost_micros=st.integers(0, 2), updated_at=moments())
    transfer = some(
        status=st.sampled_from(["active", "resumed", "expired"]),
        user_id=st.sampled_from(["ada", "bo"]),
        updated_at=moments(),
    )
    return st.one_of(
        _of(session, lambda at, **told: BotSessionRecord(type="bot_session", id="s", started_at=at, **told)),
        _of(run, lambda at, **told: FlowRunRecord(type="flow_run", id="r", started_at=at, **_run(told))),
        _of(call, lambda at, **told: AiCallRecord(type="ai_call", id="c", at=at, **told)),
        _of(
            transfer,
            lambda at, **told: TransferRecord(
                type="transfer", id="t", session_id="s", transferred_at=at, **told
            ),
        ),
    )


def _run(told: dict[str, Any]) -> dict[str, Any]:
    return {"flow_id": "faq", **told}


def _of(fields: st.SearchStrategy[dict[str, Any]], make: Callable[..., Record]) -> Any:
    return st.builds(lambda moment, told: make(moment, **told), moments(), fields)


def _told(fields: st.SearchStrategy[dict[str, Any]], make: Callable[..., Record]) -> Any:
    return st.builds(lambda moment, told: make(updated_at=moment, **told), moments(), fields)


RECORDS = st.lists(
    st.one_of(
        *(messages(), events(), events(), campaigns(), contacts(), webhooks(), entries(), billing()),
        *(deliverability(), chats()),
    ),
    min_size=1,
    max_size=14,
)
