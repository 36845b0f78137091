"""Records of one organization into one told state a row.

Telling is commutative, associative and idempotent: two tellings of a column become the smaller or the
greater of both, so the order, the number and the lateness of records cannot matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Any

import orjson
import sqlalchemy as sa

from models import (
    AiCall,
    Availability,
    BillingAccount,
    BotFlow,
    BotSession,
    Campaign,
    CampaignAudience,
    Contact,
    ContactEvent,
    ContactList,
    CreditEntry,
    CreditProduct,
    Domain,
    FlowRun,
    InboxEvent,
    InboxTag,
    InboxThread,
    IpAddress,
    IpCheck,
    KeywordHit,
    Link,
    Mailbox,
    MailboxDay,
    Message,
    Order,
    Segment,
    Sender,
    Subscription,
    Transfer,
    User,
    WebhookDelivery,
    Workflow,
    WorkflowEntry,
)
from models.base import micros
from models.records import (
    AiCallRecord,
    AvailabilityRecord,
    BillingAccountRecord,
    BotFlowRecord,
    BotSessionRecord,
    CampaignAudienceRecord,
    CampaignRecord,
    ContactEventRecord,
    ContactListRecord,
    ContactRecord,
    CreditEntryRecord,
    CreditProductRecord,
    DomainRecord,
    EventRecord,
    FlowRunRecord,
    InboxEventRecord,
    InboxTagRecord,
    InboxThreadRecord,
    IpAddressRecord,
    IpCheckRecord,
    KeywordHitRecord,
    LinkRecord,
    MailboxDayRecord,
    MailboxRecord,
    MessageRecord,
    OrderRecord,
    Record,
    SegmentRecord,
    SenderRecord,
    SubscriptionRecord,
    TransferRecord,
    UserRecord,
    WebhookDeliveryRecord,
    WorkflowEntryRecord,
    WorkflowRecord,
    quick,
)

Told = dict[str, Any]
RULES: dict[str, Callable[[Any, Any], Any]] = {
    # An announced message's own time beats any guess from events: (False, t) sorts before (True, t).
    "birth": min,
    **{c.name: c.info["merge"] for c in Message.__table__.columns if "merge" in c.info},
}
_MOMENT_OF = {
    ("opened", "human"): "opened_at",
    ("opened", "machine"): "machine_opened_at",
    ("clicked", "human"): "clicked_at",
    ("clicked", "machine"): "machine_clicked_at",
}
NO_TOUCH: Told = dict.fromkeys(("touch", "message_id", "campaign_id", "source", "source_id"), "")
_COUNTED_EACH_TIME = frozenset({"opened", "clicked", "replied"})
_NOT_ATTRIBUTES = (
    *("type", "id", "organization", "created_at"),
    *("message_id", "event", "at", "actor", "bounce", "link"),
)


@dataclass
class Folded:
    """What the records of a batch tell, by the id of the row; `kept` holds whole rows, by their table."""

    messages: dict[str, Told] = field(default_factory=dict)
    events: dict[str, Told] = field(default_factory=dict)
    kept: dict[sa.Table, dict[str, Told]] = field(default_factory=dict)


def fold(records: Iterable[Record]) -> Folded:
    """The records of one organization, folded. Organization records are not for this place."""
    folded = Folded()
    for record in records:
        if quick.is_event(record):
            _event(folded, record)
        elif quick.is_message(record):
            told = _attributes(record)
            told["birth"] = (False, record.created_at)
            _tell(folded, record.id, told)
        else:
            table, row_of = KEPT[type(record)]
            _keep_latest(folded.kept.setdefault(table, {}), record.id, row_of(record))
    return folded


def _tell(folded: Folded, key: str, told: Told) -> None:
    if (state := folded.messages.get(key)) is None:
        folded.messages[key] = told
    else:
        tell(state, told)


def tell(state: Told, told: Told) -> None:
    """Add what is told to a state, column by column."""
    for column, value in told.items():
        held = state.get(column)
        state[column] = value if held is None else RULES[column](held, value)


def later(held: Told | None, told: Told) -> Told:
    """The row with the later `updated_at`; of two as late, the one whose content sorts last."""
    return told if held is None or _age(told) > _age(held) else held


def _age(row: Told) -> tuple[datetime, bytes]:
    stamp = row.get("updated_at") or row["at"]
    # as numbers: the same moment is written in as many ways as there are offsets
    return stamp, orjson.dumps(row, _plain, orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)


def _plain(value: date) -> int | str:
    return micros(value) if isinstance(value, datetime) else value.isoformat()


def _keep_latest(rows: dict[str, Told], key: str, told: Told) -> None:
    rows[key] = later(rows.get(key), told)


def _attributes(record: MessageRecord | EventRecord) -> Told:
    told = quick.told(record)
    for name in _NOT_ATTRIBUTES:
        told.pop(name, None)
    return told


def _event(folded: Folded, record: EventRecord) -> None:
    told = _attributes(record)
    told["birth"] = (True, record.at)
    told[_moment_of(record)] = record.at
    _tell(folded, record.message_id, told)
    if record.event in _COUNTED_EACH_TIME:
        # with the length in front, no two pairs of ids read the same
        key = f"{len(record.message_id)}:{record.message_id}:{record.id or _event_key(record)}"
        row = {
            "id": key,
            "message_id": record.message_id,
            "kind": record.event,
            "actor": record.actor,
            "link": record.link,
            "at": record.at,
        }
        _keep_latest(folded.events, key, row)


def _moment_of(record: EventRecord) -> str:
    if record.event == "bounced":
        return f"{record.bounce}_bounced_at"
    return _MOMENT_OF.get((record.event, record.actor)) or f"{record.event}_at"


def _event_key(record: EventRecord) -> str:
    told = (record.event, record.actor, record.link, record.at.astimezone(UTC))
    return blake2b(orjson.dumps(told, option=orjson.OPT_UTC_Z), digest_size=16).hexdigest()


def _row(record: Any) -> Told:
    return record.model_dump(exclude={"type", "organization"})


def _stamped(record: Any, *moments: str) -> Told:
    """The row of a record that says when it was told last, or else the latest of these moments."""
    told = _row(record)
    told["updated_at"] = record.updated_at or max(m for name in moments if (m := told[name]) is not None)
    return told


def _campaign(record: CampaignRecord) -> Told:
    told = _stamped(record, "created_at", "started_at", "completed_at")
    if record.completion_percent is None and record.status == "completed":
        told["completion_percent"] = 100
    return {**told, "channel": record.channel or ""}


def _contact(record: ContactRecord) -> Told:
    told = _stamped(record, "created_at", "opt_in_changed_at", "deleted_at")
    told["name"] = record.name or f"{record.first_name} {record.last_name}".strip()
    told["custom"] = orjson.dumps(
        {name: _text(value) for name, value in record.custom.items() if value is not None},
        option=orjson.OPT_SORT_KEYS,
    ).decode()
    wants = record.opt_in_status in (None, "subscribed") if record.is_opted_in is None else record.is_opted_in
    status = record.opt_in_status or ("subscribed" if wants else "unsubscribed")
    return {**told, "is_opted_in": wants, "opt_in_status": status}


def _text(value: str | float) -> str:
    if isinstance(value, bool | float):
        return orjson.dumps(value).decode()
    return str(value)  # whole numbers too: they may be longer than orjson writes


def _of_contact(record: ContactEventRecord) -> Told:
    return {**_stamped(record, "at"), "contact_source": ""}


def _order(record: OrderRecord) -> Told:
    return {**_stamped(record, "at"), **NO_TOUCH}


def _workflow(record: WorkflowRecord) -> Told:
    return _stamped(record, "created_at", "activated_at", "deactivated_at", "cleared_at")


def _workflow_entry(record: WorkflowEntryRecord) -> Told:
    return _stamped(record, "entered_at", "exited_at")


def _span(record: BotSessionRecord | AvailabilityRecord) -> Told:
    return _stamped(record, "started_at", "ended_at")


def _flow_run(record: FlowRunRecord) -> Told:
    return _stamped(record, "started_at", "completed_at")


def _transfer(record: TransferRecord) -> Told:
    return _stamped(record, "transferred_at", "assigned_at", "first_response_at", "resumed_at")


def _at(record: CreditEntryRecord | InboxEventRecord | KeywordHitRecord | AiCallRecord) -> Told:
    return _stamped(record, "at")


def _created(record: CampaignAudienceRecord | LinkRecord | UserRecord | InboxThreadRecord) -> Told:
    return _stamped(record, "created_at")


def _ip_address(record: IpAddressRecord) -> Told:
    return {**_row(record), "domain_ids": orjson.dumps(sorted(set(record.domain_ids))).decode()}


def _ip_check(record: IpCheckRecord) -> Told:
    return {**_row(record), "updated_at": record.at}


def _mailbox_day(record: MailboxDayRecord) -> Told:
    told = _row(record)
    at = datetime.combine(told.pop("day"), time(), UTC)
    score = -1 if record.health_score is None else record.health_score
    updated_at = record.updated_at or at + timedelta(days=1)
    return {**told, "id": record.id, "at": at, "health_score": score, "updated_at": updated_at}


def _webhook(record: WebhookDeliveryRecord) -> Told:
    told = _row(record)
    status = told.pop("http_status")
    told["http_status_class"] = f"{status // 100}xx" if status else "none"
    return told


# Records that are told whole: where they are kept, and as what row. The one told last wins.
KEPT: dict[type, tuple[Any, Callable[[Any], Told]]] = {
    CampaignRecord: (Campaign.__table__, _campaign),
    ContactRecord: (Contact.__table__, _contact),
    WebhookDeliveryRecord: (WebhookDelivery.__table__, _webhook),
    BillingAccountRecord: (BillingAccount.__table__, _row),
    SubscriptionRecord: (Subscription.__table__, _row),
    CreditProductRecord: (CreditProduct.__table__, _row),
    CreditEntryRecord: (CreditEntry.__table__, _at),
    DomainRecord: (Domain.__table__, _row),
    MailboxRecord: (Mailbox.__table__, _row),
    IpAddressRecord: (IpAddress.__table__, _ip_address),
    IpCheckRecord: (IpCheck.__table__, _ip_check),
    MailboxDayRecord: (MailboxDay.__table__, _mailbox_day),
    ContactEventRecord: (ContactEvent.__table__, _of_contact),
    ContactListRecord: (ContactList.__table__, _row),
    SegmentRecord: (Segment.__table__, _row),
    CampaignAudienceRecord: (CampaignAudience.__table__, _created),
    LinkRecord: (Link.__table__, _created),
    OrderRecord: (Order.__table__, _order),
    UserRecord: (User.__table__, _created),
    WorkflowRecord: (Workflow.__table__, _workflow),
    WorkflowEntryRecord: (WorkflowEntry.__table__, _workflow_entry),
    InboxThreadRecord: (InboxThread.__table__, _created),
    InboxTagRecord: (InboxTag.__table__, _row),
    InboxEventRecord: (InboxEvent.__table__, _at),
    SenderRecord: (Sender.__table__, _row),
    BotSessionRecord: (BotSession.__table__, _span),
    BotFlowRecord: (BotFlow.__table__, _row),
    FlowRunRecord: (FlowRun.__table__, _flow_run),
    KeywordHitRecord: (KeywordHit.__table__, _at),
    AiCallRecord: (AiCall.__table__, _at),
    TransferRecord: (Transfer.__table__, _transfer),
    AvailabilityRecord: (Availability.__table__, _span),
}
