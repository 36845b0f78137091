"""Records of every kind there is, so that hardly a table is empty."""

from __future__ import annotations

from typing import Any

from tests.house import House, event, message

MOMENT, AN_HOUR_LATER = "2026-05-05T10:00:00Z", "2026-05-05T11:00:00Z"


async def a_small_day(house: House) -> None:
    """Records of every kind, counted, told again differently, and the organization moved to another zone."""
    records = [
        {"type": "organization", "id": "acme", "aliases": {"slicktext": "7"}},
        *_of_campaigns(),
        *_of_senders(),
        *_of_billing(),
        *_of_a_chat(),
        *_of_contacts(),
    ]
    await house.take(*records)
    await house.take(message("b", MOMENT, campaign_id="spring"), event("a", "failed", MOMENT))
    await house.take(
        told("contact", "1", created_at=MOMENT, updated_at=AN_HOUR_LATER, source="form"),
        event("b", "clicked", MOMENT, id="again"),
        told("order", "1", contact_id="1", total_micros=6, at=MOMENT, updated_at=AN_HOUR_LATER),
    )
    await house.take({"type": "organization", "id": "acme", "timezone": "Asia/Kolkata"})
    await house.take(*records)


def told(type: str, id: str, **more: Any) -> dict[str, Any]:
    """A record of `acme`."""
    return {"type": type, "organization": "acme", "id": id, **more}


def _of_campaigns() -> list[dict[str, Any]]:
    return [
        message("a", MOMENT, campaign_id="spring", sent_at=MOMENT),
        event("a", "opened", MOMENT),
        event("b", "clicked", MOMENT, link="https://x.example"),
        told("campaign", "spring", created_at=MOMENT, status="sending"),
        told("campaign", "summer", created_at=MOMENT),
        told("contact", "1", created_at=MOMENT),
        told("webhook_delivery", "w", endpoint_id="crm", kind="message.sent", outcome="success", at=MOMENT),
    ]


def _of_senders() -> list[dict[str, Any]]:
    mailbox_day = {"mailbox_id": "m", "day": "2026-05-05", "health_score": 9}
    return [
        told("domain", "d", updated_at=MOMENT),
        told("mailbox", "m", domain_id="d", updated_at=MOMENT),
        told("ip_address", "i", domain_ids=["d"], updated_at=MOMENT),
        told("ip_check", "k", ip_id="i", is_listed=True, at=MOMENT),
        {"type": "mailbox_day", "organization": "acme", **mailbox_day},
    ]


def _of_billing() -> list[dict[str, Any]]:
    return [
        told("billing_account", "1", updated_at=MOMENT, pricing_model="full_service"),
        told("subscription", "1", updated_at=MOMENT),
        told("credit_product", "1", updated_at=MOMENT, credits=10, price_cents=1),
        told("credit_entry", "1", updated_at=MOMENT, kind="grant", credits=10, at=MOMENT),
    ]


def _of_a_chat() -> list[dict[str, Any]]:
    """A conversation of the chatbot that was handed over to somebody, and all around it."""
    return [
        told("sender", "main", name="main", updated_at=MOMENT),
        told("user", "ada", name="Ada", created_at=MOMENT),
        told("bot_session", "s", sender_id="main", started_at=MOMENT),
        told("bot_flow", "f", name="FAQ", updated_at=MOMENT),
        told("flow_run", "r", flow_id="f", started_at=MOMENT),
        told("keyword_hit", "k", keyword="order", at=MOMENT),
        told("ai_call", "c", tokens_in=1, at=MOMENT),
        told("transfer", "t", session_id="s", user_id="ada", transferred_at=MOMENT),
        told("availability", "v", user_id="ada", is_available=False, started_at=MOMENT),
    ]


def _of_contacts() -> list[dict[str, Any]]:
    """Records of what contacts want, buy, go through and write, and of those who answer."""
    return [
        message("c", MOMENT, contact_id="1", campaign_id="spring", delivered_at=MOMENT),
        event("b", "clicked", MOMENT, contact_id="1", id="again"),
        told("contact_event", "1", contact_id="1", opt_in_status="subscribed", at=MOMENT),
        told("contact_list", "1", updated_at=MOMENT),
        told("segment", "1", updated_at=MOMENT),
        told("campaign_audience", "1", campaign_id="spring", list_id="1", created_at=MOMENT),
        told("link", "1", url="https://x.example", created_at=MOMENT),
        told("order", "1", contact_id="1", total_micros=5, at=MOMENT),
        told("user", "1", created_at=MOMENT),
        told("workflow", "1", created_at=MOMENT),
        told("workflow_entry", "1", workflow_id="1", contact_id="1", entered_at=MOMENT),
        told("inbox_thread", "1", contact_id="1", created_at=MOMENT),
        told("inbox_tag", "1", updated_at=MOMENT),
        *(
            told("inbox_event", kind, thread_id="1", kind=kind, user_id="1", tag_id="1", at=MOMENT)
            for kind in ("opened", "assigned", "tag_added", "answered", "closed", "tag_removed")
        ),
    ]
