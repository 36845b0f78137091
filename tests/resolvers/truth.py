"""What is true of a small world, counted by hand: the oracle that every tier and the raw rows must equal.

A world is drawn as truth first; its records only tell it. Nothing here reads a fact, a period or SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from models.records import (
    AiCallRecord,
    BotSessionRecord,
    CampaignRecord,
    ContactEventRecord,
    ContactRecord,
    FlowRunRecord,
    KeywordHitRecord,
    MailboxDayRecord,
    OrderRecord,
    Record,
    TransferRecord,
    WebhookDeliveryRecord,
    WorkflowEntryRecord,
)
from tests.worlds import at, entry, event, message

MINUTE = timedelta(minutes=1)
# Around these moments clocks change, days are skipped or cut, months and years end.
CENTERS = tuple(
    at(text)
    for text in (
        "2025-03-09 10:00",  # Los Angeles: 02:00 becomes 03:00
        "2025-11-02 09:00",  # Los Angeles: 02:00 becomes 01:00
        "2025-04-05 15:00",  # Lord Howe: 02:00 becomes 01:30
        "2025-10-04 15:30",  # Lord Howe: 02:00 becomes 02:30
        "2018-11-04 03:00",  # São Paulo: midnight becomes 01:00
        "2018-02-18 02:00",  # São Paulo: midnight becomes 23:00
        "2011-12-30 10:00",  # Apia: 30 December never was
        "2024-12-31 18:30",  # Kolkata's New Year
        "2021-01-03 12:00",  # the end of ISO week 53
        "2024-02-29 00:00",
    )
)
ZONES = (
    "UTC",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
)
FIELD_MOMENTS = (
    "sent_at",
    "delivered_at",
    "read_at",
    "failed_at",
    "hard_bounced_at",
    "soft_bounced_at",
    "opened_at",
    "machine_opened_at",
    "clicked_at",
    "machine_clicked_at",
    "replied_at",
    "complained_at",
    "unsubscribed_at",
    "charged_at",
)
LEFT = ("sent_at", "delivered_at", "failed_at", "hard_bounced_at", "soft_bounced_at")
# The events that set a moment and are not rows of their own.
PLAIN_EVENTS: dict[str, dict[str, str]] = {
    "sent_at": {"kind": "sent"},
    "delivered_at": {"kind": "delivered"},
    "read_at": {"kind": "read"},
    "failed_at": {"kind": "failed"},
    "hard_bounced_at": {"kind": "bounced", "bounce": "hard"},
    "soft_bounced_at": {"kind": "bounced", "bounce": "soft"},
    "complained_at": {"kind": "complained"},
    "unsubscribed_at": {"kind": "unsubscribed"},
}
ENGAGED = {
    ("opened", "human"): "opened_at",
    ("opened", "machine"): "machine_opened_at",
    ("clicked", "human"): "clicked_at",
    ("clicked", "machine"): "machine_clicked_at",
    ("replied", "human"): "replied_at",
}


@dataclass
class Truth:
    """One message as it is: attributes '' or 0 when never told, the first moment of each thing."""

    id: str
    created: datetime
    labels: dict[str, str]
    amounts: dict[str, int]
    characters: int
    is_test: bool
    contact: str = ""
    moments: dict[str, datetime] = field(default_factory=dict)
    events: list[tuple[str, str, datetime]] = field(default_factory=list)


@dataclass
class Other:
    """What is told whole: a webhook delivery, a campaign, a contact, an entry of the ledger, a mailbox's day.

    `sums` are what it adds, with where they happened, when that is not where it was created.
    """

    created: datetime
    labels: dict[str, str]
    sums: list[tuple[str, datetime | None, int]]


@dataclass
class World:
    """What is true, the records that tell it, and the moment it all lies around."""

    center: datetime
    messages: list[Truth] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)  # of contacts that were told of
    others: dict[str, list[Other]] = field(default_factory=lambda: defaultdict(list))
    records: list[Record] = field(default_factory=list)
    handed: set[str] = field(default_factory=set)  # sessions that a person took over


@dataclass(frozen=True)
class Line:
    """Numbers that count at one moment."""

    at: datetime
    labels: dict[str, str]
    sums: dict[str, int]


def moments(center: datetime) -> st.SearchStrategy[datetime]:
    """Moments around a center, at and just before whole minutes, quarters, hours, days and months."""
    units = st.sampled_from([1, 15, 60, 60, 1440, 1440, 31 * 1440])
    micros = st.sampled_from([0, 0, -1, 1, 29_999_999])
    return st.builds(
        lambda unit, number, micro: center + number * unit * MINUTE + timedelta(microseconds=micro),
        units,
        st.integers(-7, 7),
        micros,
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Up to ten messages with everything that may happen to them, and a few of everything else."""
    world = World(draw(st.sampled_from(CENTERS)))
    some = moments(world.center)
    for number in range(draw(st.integers(1, 10))):
        _message(draw, world, f"m{number}", some)
    for fact, tell in OTHERS.items():
        for number in range(draw(st.integers(0, 3))):
            world.others[fact].append(tell(draw, world, str(number), some))
    world.records = draw(st.permutations(world.records))
    return world


def _message(draw: st.DrawFn, world: World, key: str, some: st.SearchStrategy[datetime]) -> None:
    told = _attributes(draw)
    created = draw(some)
    labels = {
        "campaign": told.get("campaign_id", ""),
        "channel": told.get("channel", ""),
        "direction": told.get("direction", "outbound"),
        "error_code": told.get("error_code", ""),
        "content_type": told.get("content_type", ""),
        "source": told.get("source", ""),
        "sender": told.get("sender_id", ""),
        "bounce_reason": told.get("bounce_reason", ""),
        "session": told.get("session_id", ""),
    }
    amounts = {name: told.get(name, 0) for name in ("segments", "credits", "cost_micros")}
    truth = Truth(key, created, labels, amounts, told.get("characters", 0), told.get("is_test", False))
    truth.contact = told.get("contact_id", "")
    happened = draw(st.dictionaries(st.sampled_from(FIELD_MOMENTS), some, max_size=5))
    as_events = {name for name in happened if name in PLAIN_EVENTS and draw(st.booleans())}
    fields = {name: moment for name, moment in happened.items() if name not in as_events}
    world.records.append(message(key, created, **told, **fields))
    for name in sorted(as_events):
        world.records.append(event(key, moment=happened[name], **PLAIN_EVENTS[name]))
    truth.moments = dict(happened)
    rows = st.tuples(st.sampled_from(sorted(ENGAGED)), some)
    for number, ((kind, actor), moment) in enumerate(draw(st.lists(rows, max_size=4))):
        world.records.append(event(key, kind, moment, actor=actor, id=f"e{number}"))
        truth.events.append((kind, actor, moment))
        name = ENGAGED[kind, actor]
        truth.moments[name] = min(moment, truth.moments.get(name, moment))
    world.messages.append(truth)


def _attributes(draw: st.DrawFn) -> dict[str, Any]:
    """Some of the attributes, none of them twice as likely as any."""
    choices: dict[str, list[Any]] = {
        "direction": ["outbound", "inbound"],
        "channel": ["sms", "mms", "email"],
        "campaign_id": ["spring", "autumn"],
        "contact_id": ["0", "1", "3"],  # of 3 nothing else is ever told
        "error_code": ["30003"],
        "content_type": ["text"],
        "source": ["api"],
        "sender_id": ["+1555"],
        "bounce_reason": ["mailbox full"],
        "session_id": ["0", "1"],
        "segments": [1, 3],
        "characters": [480, 481, 961],
        "credits": [5],
        "cost_micros": [7_500],
        "is_test": [True, False, False, False],
    }
    drawn = {name: draw(st.sampled_from([None, *values])) for name, values in choices.items()}
    return {name: value for name, value in drawn.items() if value is not None}


def _webhook(draw: st.DrawFn, world: World, key: str, some: st.SearchStrategy[datetime]) -> Other:
    labels = {
        "endpoint": draw(st.sampled_from(["crm", "shop"])),
        "kind": "message.delivered",
        "http_status_class": draw(st.sampled_from(["2xx", "5xx", "none"])),
    }
    outcome: Any = draw(st.sampled_from(["success", "retry", "dead"]))
    moment = draw(some)
    world.records.append(
        WebhookDeliveryRecord(
            type="webhook_delivery",
            id=key,
            endpoint_id=labels["endpoint"],
            kind=labels["kind"],
            http_status={"2xx": 204, "5xx": 503, "none": 0}[labels["http_status_class"]],
            outcome=outcome,
            at=moment,
        )
    )
    name = {"success": "delivered", "retry": "retried", "dead": "failed"}[outcome]
    return Other(moment, labels, [("attempted", None, 1), (name, None, 1)])


def _campaign(draw: st.DrawFn, world: World, key: str, some: st.SearchStrategy[datetime]) -> Other:
    labels = {
        "status": draw(st.sampled_from(["draft", "sending", "completed", "cancelled"])),
        "channel": draw(st.sampled_from(["", "sms", "email"])),
    }
    created, started, finished = draw(some), draw(st.none() | some), draw(st.none() | some)
    audience = draw(st.integers(0, 3))

    def tell(updated: datetime, status: str, audience: int) -> Record:
        moments: Any = {"created_at": created, "started_at": started, "completed_at": finished}
        told: Any = {"channel": labels["channel"] or None, "status": status, "audience_size": audience}
        return CampaignRecord(type="campaign", id=key, updated_at=updated, **moments, **told)

    _tell(draw, world, tell, (labels["status"], audience), ("draft", 9))
    sums = [("total", None, 1), (labels["status"], None, 1), ("audience", None, audience)]
    sums += [("started", started, 1)] if started else []
    sums += [("finished", finished, 1)] if finished else []
    return Other(created, labels, sums)


def _contact(draw: st.DrawFn, world: World, key: str, some: st.SearchStrategy[datetime]) -> Other:
    """A contact; one that was deleted counts where it says so and nowhere else."""
    source, created = draw(st.sampled_from(["", "import"])), draw(some)
    textable, deleted = draw(st.booleans()), draw(st.none() | st.none() | some)
    said, asked = draw(st.sampled_from([None, *STATUSES])), draw(st.sampled_from([None, True, False]))

    def tell(updated: datetime, textable: bool, said: Any, asked: Any) -> Record:
        told: Any = {"source": source, "is_textable": textable, "deleted_at": deleted}
        wants: Any = {"opt_in_status": said, "is_opted_in": asked}
        return ContactRecord(type="contact", id=key, created_at=created, updated_at=updated, **told, **wants)

    _tell(draw, world, tell, (textable, said, asked), (True, "pending", None))
    world.sources[key] = source
    opted_in = said in (None, "subscribed") if asked is None else asked
    labels = {"source": source, "id": key}
    labels["opt_in_status"] = said or ("subscribed" if opted_in else "unsubscribed")
    if deleted is not None:
        return Other(created, labels, [("created", None, 1), ("deleted", deleted, 1)])
    sums = [("created", None, 1), ("total", None, 1), ("textable", None, int(textable))]
    return Other(created, labels, [*sums, ("opted_in" if opted_in else "opted_out", None, 1)])


def _entry(draw: st.DrawFn, world: World, key: str, some: st.SearchStrategy[datetime]) -> Other:
    kind, moment = draw(st.sampled_from(sorted(KINDS))), draw(some)
    credits, paid = draw(st.integers(0, 500)), draw(st.sampled_from([0, 7_500]))

    def tell(updated: datetime, kind: str, credits: int) -> Record:
        return entry(key, kind, credits, moment, amount_micros=paid, updated_at=updated)

    _tell(draw, world, tell, (kind, credits), ("debit", 77))
    sums = [("entries", None, 1), (KINDS[kind], None, credits), ("amount_micros", None, paid)]
    return Other(moment, {"kind": kind}, sums)


def _mailbox_day(draw: st.DrawFn, world: World, key: str, some: st.SearchStrategy[datetime]) -> Other:
    """A day of a mailbox of its own, which lies where that day begins in UTC; -1 stands for no score."""
    moment = draw(some).replace(hour=0, minute=0, second=0, microsecond=0)
    mailbox, sent = f"box{key}", draw(st.integers(0, 40))
    score = draw(st.sampled_from([-1, 0, 71, 100]))

    def tell(updated: datetime, sent: int, score: int) -> Record:
        told: Any = {"mailbox_id": mailbox, "sent": sent, "health_score": None if score < 0 else score}
        return MailboxDayRecord(type="mailbox_day", day=moment.date(), updated_at=updated, **told)

    _tell(draw, world, tell, (sent, score), (99, 50))
    sums: list[tuple[str, datetime | None, int]] = [("days", None, 1)]
    if score >= 0:
        sums += [("scored_days", None, 1), ("sent", None, sent), ("score", None, score)]
        sums += [("weighted_score", None, score * sent)]
    return Other(moment, {"mailbox": mailbox}, sums)


def _opt_in(draw: st.DrawFn, world: World, key: str, some: st.SearchStrategy[datetime]) -> Other:
    """A contact that changed its mind: counted with the source of the contact, told before or after."""
    contact, moment = draw(CONTACT), draw(some)
    status, source = draw(st.sampled_from(STATUSES)), draw(st.sampled_from(["", "import", "keyword"]))

    def tell(updated: datetime, contact: str, status: Any) -> Record:
        told: Any = {"contact_id": contact, "opt_in_status": status, "source": source}
        return ContactEventRecord(type="contact_event", id=key, at=moment, updated_at=updated, **told)

    _tell(draw, world, tell, (contact, status), ("0", "pending"))
    sums: list[tuple[str, datetime | None, int]] = [("changes", None, 1)]
    if status in ("subscribed", "unsubscribed"):
        sums.append((status, None, 1))
    labels = {"opt_in_status": status, "source": source, **of_contact(world, contact)}
    return Other(moment, labels, sums)


def _order(draw: st.DrawFn, world: World, key: str, some: st.SearchStrategy[datetime]) -> Other:
    """An order, often where it is just still, or no longer, put down to something."""
    touches = [(one.contact, moment) for one in world.messages for moment in _came_or_clicked(one)]
    contact, touch = draw(st.sampled_from([(draw(CONTACT), draw(some)), *touches]))
    after = st.sampled_from([*AFTER, None])
    moment = draw(some) if (later := draw(after)) is None else touch + later
    contact = contact or "0"
    total, currency = draw(st.integers(0, 9)), draw(st.sampled_from(["", "USD"]))

    def tell(updated: datetime, contact: str, total: int) -> Record:
        told: Any = {"contact_id": contact, "total_micros": total, "currency": currency}
        return OrderRecord(type="order", id=key, at=moment, updated_at=updated, **told)

    _tell(draw, world, tell, (contact, total), ("1", 77))
    why, message = put_down(world, contact, moment)
    known = {name: message.labels[name] if message else "" for name in ("campaign", "source")}
    sums = [("orders", None, 1), ("revenue_micros", None, total)]
    if message is not None:
        sums += [("attributed_orders", None, 1), ("attributed_revenue_micros", None, total)]
    labels = {"touch": why, "currency": currency, **known, **of_contact(world, contact)}
    return Other(moment, labels, sums)


def _came_or_clicked(one: Truth) -> list[datetime]:
    came = _first(one, "delivered_at", "read_at")
    clicks = [moment for kind, actor, moment in one.events if (kind, actor) == ("clicked", "human")]
    return clicks if came is None else [*clicks, came]


def put_down(world: World, contact: str, ordered: datetime) -> tuple[str, Truth | None]:
    """What an order is put down to, and why: the last click of fourteen days, or the last message that came
    within the day, whichever was later; of two at once the click."""
    theirs = [one for one in world.messages if one.contact == contact and not one.is_test]
    clicks = [
        (moment, one.id, number, one)
        for one in theirs
        for number, (kind, actor, moment) in enumerate(one.events)
        if (kind, actor) == ("clicked", "human") and timedelta() <= ordered - moment <= timedelta(days=14)
    ]
    views = [
        (came, one.id, one)
        for one in theirs
        if one.labels["direction"] == "outbound"
        and (came := _first(one, "delivered_at", "read_at")) is not None
        and timedelta() <= ordered - came <= timedelta(hours=24)
    ]
    click, view = max(clicks, default=None, key=_age), max(views, default=None, key=_age)
    if click is not None and (view is None or click[0] >= view[0]):
        return "click", click[-1]
    return ("view", view[-1]) if view is not None else ("", None)


def _age(touch: tuple[Any, ...]) -> tuple[Any, ...]:
    return touch[:-1]


def _workflow_entry(draw: st.DrawFn, world: World, key: str, some: st.SearchStrategy[datetime]) -> Other:
    contact, entered, exited = draw(CONTACT), draw(some), draw(st.none() | some)
    workflow, reason = draw(st.sampled_from(["welcome", "birthday"])), "" if exited is None else "finished"

    def tell(updated: datetime, exited: datetime | None, reason: str) -> Record:
        told: Any = {"workflow_id": workflow, "contact_id": contact, "entered_at": entered}
        left: Any = {"exited_at": exited, "exit_reason": reason}
        return WorkflowEntryRecord(type="workflow_entry", id=key, updated_at=updated, **told, **left)

    _tell(draw, world, tell, (exited, reason), (None, ""))
    sums: list[tuple[str, datetime | None, int]] = [("entrances", None, 1)]
    sums.append(("current", None, 1) if exited is None else ("exits", exited, 1))
    return Other(entered, {"workflow": workflow, "exit_reason": reason, **of_contact(world, contact)}, sums)


def of_contact(world: World, contact: str) -> dict[str, str]:
    """What a row says of its contact: of a stranger no source, and no row to filter it by."""
    labels = {"contact": contact, "contact_source": world.sources.get(contact, "")}
    known = contact in world.sources
    return {**labels, "contact.source": world.sources[contact]} if known else labels


# The chatbot and its agents.


def _flow_run(draw: st.DrawFn, world: World, key: str, some: st.SearchStrategy[datetime]) -> Other:
    labels = {"flow": draw(st.sampled_from(["faq", "order"])), "sender": draw(SENDERS)}
    started, completed = draw(some), draw(st.none() | some)

    def tell(updated: datetime, flow: str, completed: datetime | None) -> Record:
        told: Any = {"flow_id": flow, "sender_id": labels["sender"], "completed_at": completed}
        return FlowRunRecord(type="flow_run", id=key, started_at=started, updated_at=updated, **told)

    _tell(draw, world, tell, (labels["flow"], completed), ("returns", None))
    done = [] if completed is None else [("completed", completed, 1)]
    return Other(started, labels, [("started", None, 1), *done])


def _keyword_hit(draw: st.DrawFn, world: World, key: str, some: st.SearchStrategy[datetime]) -> Other:
    labels = {"keyword": draw(st.sampled_from(["order", "stop"])), "sender": draw(SENDERS)}
    moment = draw(some)
    told: Any = {"keyword": labels["keyword"], "sender_id": labels["sender"]}
    world.records.append(KeywordHitRecord(type="keyword_hit", id=key, at=moment, **told))
    return Other(moment, labels, [("hits", None, 1)])


def _ai_call(draw: st.DrawFn, world: World, key: str, some: st.SearchStrategy[datetime]) -> Other:
    labels, moment = {"model": draw(st.sampled_from(["", "small"])), "sender": draw(SENDERS)}, draw(some)
    tokens_in, tokens_out, cost = (draw(st.integers(0, 900)) for _ in range(3))

    def tell(updated: datetime, tokens_in: int, tokens_out: int, cost: int) -> Record:
        told: Any = {"tokens_in": tokens_in, "tokens_out": tokens_out, "cost_micros": cost}
        told |= {"model": labels["model"], "sender_id": labels["sender"]}
        return AiCallRecord(type="ai_call", id=key, at=moment, updated_at=updated, **told)

    _tell(draw, world, tell, (tokens_in, tokens_out, cost), (7, 7, 7))
    counted = {"input_tokens": tokens_in, "output_tokens": tokens_out, "tokens": tokens_in + tokens_out}
    sums = [(name, None, number) for name, number in {**counted, "cost_micros": cost}.items()]
    return Other(moment, labels, [("requests", None, 1), *sums])


def _transfer(draw: st.DrawFn, world: World, key: str, some: st.SearchStrategy[datetime]) -> Other:
    labels = {
        "user": draw(st.sampled_from(["", "ada"])),
        "source": draw(st.sampled_from(["manual", "flow"])),
        "status": draw(st.sampled_from(["active", "resumed", "expired"])),
        "sender": draw(SENDERS),
    }
    session, begun = draw(st.sampled_from(["", "0", "1"])), draw(some)
    waits = [draw(st.none() | st.integers(0, 10**7)) for _ in range(3)]  # milliseconds
    assigned, answered, resumed = (
        None if wait is None else begun + timedelta(milliseconds=wait) for wait in waits
    )

    def tell(updated: datetime, status: str, user: str) -> Record:
        told: Any = {"session_id": session, "sender_id": labels["sender"], "source": labels["source"]}
        told |= {"assigned_at": assigned, "first_response_at": answered, "resumed_at": resumed}
        told |= {"status": status, "user_id": user, "transferred_at": begun, "updated_at": updated}
        return TransferRecord(type="transfer", id=key, **told)

    _tell(draw, world, tell, (labels["status"], labels["user"]), ("active", "bo"))
    world.handed.add(session)
    name = {"active": "active", "resumed": "handled", "expired": "expired"}[labels["status"]]
    sums: list[tuple[str, datetime | None, int]] = [("transfers", None, 1), (name, None, 1)]
    steps = [
        ("assigned", "queue_time", assigned, waits[0]),
        ("answered", "first_response_time", answered, waits[1]),
    ]
    if labels["status"] == "resumed":
        steps.append(("resolved", "resolution_time", resumed, waits[2]))
    for count, time, moment, wait in steps:
        if moment is not None and wait is not None:
            sums += [(count, moment, 1), (f"{time}_millis", moment, wait)]
    return Other(begun, labels, sums)


def _session(draw: st.DrawFn, world: World, key: str, some: st.SearchStrategy[datetime]) -> Other:
    """A session of that key, drawn after the transfers and the messages that may name it."""
    status: Any = draw(st.sampled_from(["active", "completed", "cancelled", "timeout"]))
    sender, begun, lasted = draw(SENDERS), draw(some), draw(st.integers(0, 10**7))
    ended = None if status == "active" else begun + timedelta(milliseconds=lasted)

    def tell(updated: datetime, status: Any, ended: datetime | None) -> Record:
        told: Any = {"sender_id": sender, "status": status, "started_at": begun, "ended_at": ended}
        return BotSessionRecord(type="bot_session", id=key, updated_at=updated, **told)

    _tell(draw, world, tell, (status, ended), ("active", None))
    usual = {"active": "active", "completed": "auto_resolved"}.get(status, "abandoned")
    outcome = "transferred" if key in world.handed else usual
    sums: list[tuple[str, datetime | None, int]] = [("started", None, 1), (outcome, None, 1)]
    if outcome != "active":
        said = sum(one.labels["session"] == key and not one.is_test for one in world.messages)
        sums += [("concluded", None, 1), ("messages", None, said)]
    if outcome == "auto_resolved":
        sums.append(("resolution_time_millis", None, lasted))
    return Other(begun, {"outcome": outcome, "status": status, "sender": sender}, sums)


def _tell(draw: st.DrawFn, world: World, tell: Callable[..., Record], true: Any, stale: Any) -> None:
    """What is true, told last; at times something else before, which must not count."""
    world.records.append(tell(world.center + timedelta(days=1), *true))
    if draw(st.booleans()):
        world.records.append(tell(world.center, *stale))


SENDERS = st.sampled_from(["", "main"])
KINDS = {
    "purchase": "purchased",
    "grant": "granted",
    "debit": "debited",
    "refund": "refunded",
    "expire": "expired",
}
STATUSES = ("not_subscribed", "pending", "subscribed", "unsubscribed")
CONTACT = st.sampled_from(["0", "1", "3"])
MICROSECOND = timedelta(microseconds=1)
# After a click or an arrival: at once, and on both sides of the day and of the fourteen days that it reaches.
AFTER = (
    -MICROSECOND,
    timedelta(),
    timedelta(hours=24),
    timedelta(hours=24) + MICROSECOND,
    timedelta(days=14),
    timedelta(days=14) + MICROSECOND,
)
OTHERS = {
    "webhook": _webhook,
    "campaign": _campaign,
    "contact": _contact,
    "opt_in": _opt_in,  # these three after the contacts: they know where theirs came from
    "order": _order,
    "workflow_entry": _workflow_entry,
    "credit": _entry,
    "mailbox_day": _mailbox_day,
    "flow_run": _flow_run,
    "keyword_hit": _keyword_hit,
    "ai_call": _ai_call,
    "transfer": _transfer,
    "session": _session,  # after the transfers
}


def lines(world: World, fact: str, clock: str) -> Iterator[Line]:
    """Everything that counts, at the moment where it counts on that clock: CREATED, HAPPENED or SENT."""
    for other in world.others[fact]:
        for name, happened, number in other.sums:
            moment = happened if happened is not None and clock == "HAPPENED" else other.created
            yield Line(moment, other.labels, {name: number})
    for one in world.messages:
        if one.is_test:
            continue
        labels = {**one.labels, "id": one.id, "status": status(one), **of_contact(world, one.contact)}
        if fact == "engagement":
            for kind, actor, moment in one.events:
                name = {"opened": "opens", "clicked": "clicks", "replied": "replies"}[kind]
                sums = {name if actor == "human" else f"machine_{name}": 1}
                yield Line(moment if clock == "HAPPENED" else one.created, labels, sums)
        elif fact == "message":
            left = _first(one, *LEFT)
            for name, moment, number in _counts(one):
                place = {"CREATED": one.created, "HAPPENED": moment, "SENT": left}[clock]
                if place is not None:
                    yield Line(place, labels, {name: number})


def status(one: Truth) -> str:
    """How far a message has come; what speaks against it weighs more."""
    if one.labels["direction"] == "inbound":
        return "received"
    if "failed_at" in one.moments:
        return "failed"
    if _first(one, "hard_bounced_at", "soft_bounced_at") is not None:
        return "bounced"
    furthest = (name for name in ("read", "delivered", "sent") if f"{name}_at" in one.moments)
    return next(furthest, "logged")


def _first(one: Truth, *names: str) -> datetime | None:
    """The first of these moments that is there, in the order named."""
    return next((one.moments[name] for name in names if name in one.moments), None)


def price(channel: str, characters: int, told: int) -> int:
    """The credits that a message draws when it is handed over: told, or worked out."""
    begun = 1 + (characters - 1) // 480  # 0 of no characters, but an SMS is never free
    return told or {"mms": 2, "sms": max(begun, 1)}.get(channel, 0)


def _counts(one: Truth) -> Iterator[tuple[str, datetime, int]]:
    """(sum, where it happened, how much) of one message."""
    charged = _first(one, "charged_at", "sent_at") or one.created
    yield from ((name, charged, number) for name, number in one.amounts.items())
    yield "total", one.created, 1
    if one.labels["direction"] == "inbound":
        yield "received", one.created, 1
        return
    yield "logged", one.created, 1
    has_failed, handed = "failed_at" in one.moments, _first(one, "sent_at", "delivered_at")
    if handed is not None:  # who delivers has been handed it, told or not
        credits = price(one.labels["channel"], one.characters, one.amounts["credits"])
        yield "credits_drawn", handed, credits
        if has_failed:
            yield "credits_returned", one.moments["failed_at"], credits
    seen = {
        "attempted": _first(one, *LEFT),
        "sent": _first(one, "sent_at"),
        "handed_off": None if has_failed else handed,
        "confirmed": None if has_failed else _first(one, "delivered_at"),
        "delivered_or_read": _first(one, "delivered_at", "read_at"),
        "bounced": _first(one, *LEFT[-2:]),
        **{name.removesuffix("_at"): _first(one, name) for name in FIELD_MOMENTS[1:-1]},
    }
    yield from ((name, moment, 1) for name, moment in seen.items() if moment is not None)


def label(moment: datetime, granularity: str, zone: str) -> tuple[int, ...]:
    """What a clock and a calendar on the wall say of a moment, as coarse as the granularity."""
    local = moment.astimezone(ZoneInfo(zone))
    if granularity in WIDTHS:
        offset = local.utcoffset() or timedelta()
        day_minutes = local.hour * 60 + local.minute
        # An hour is told apart from its twin by the offset, but only by what it shifts the hands within it.
        wall = local.replace(tzinfo=UTC, second=0, microsecond=0)
        start = wall - (day_minutes % WIDTHS[granularity]) * MINUTE - offset
        return (int(start.timestamp()) // 60,)
    return CALENDAR[granularity](local)


WIDTHS = {"minute": 1, "quarter_hour": 15, "hour": 60}
CALENDAR: dict[str, Callable[[datetime], tuple[int, ...]]] = {
    "day": lambda local: (local.year, local.month, local.day),
    "week": lambda local: tuple(local.isocalendar()[:2]),
    "month": lambda local: (local.year, local.month),
    "year": lambda local: (local.year,),
}
