"""What a shop knows beside its messages: lists, links, orders, workflows, and the people in its inbox.

It watches the records on their way into the calendar and tells what follows from them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from random import Random
from typing import Any

from gateway.simulate.calendar import Calendar, Record
from gateway.simulate.moments import DAY, HOUR, MINUTE, text
from gateway.simulate.tenants import Tenant

USERS = (("11", "Nora Whitfield"), ("12", "Marcus Bell"), ("13", "Inés Duarte"))
TAGS = (("1", "Catering", "#23ddcd"), ("2", "Complaint", "#e4572e"), ("3", "Nashville", "#7b61ff"))
CITIES = (
    ("Nashville", "TN", "37203"),
    ("Chicago", "IL", "60607"),
    ("St. Louis", "MO", "63103"),
    ("Memphis", "TN", "38103"),
)
WORKFLOWS = ("Welcome Series", "We miss you", "Birthday slice")
LISTS = (("71", "Guests"), ("72", "Loyalty club"))
SEGMENT = ("81", "Ordered in the last month")
REMEMBERED = 20_000  # messages whose contact is known
ORDERS_AFTER_CLICK = 0.35
ORDERS_UNASKED = 0.004  # after a message that was not clicked
LEAVES_AT = 0.04  # chance that a contact is deleted some day
CLOSED = 0.85


class Shop(Calendar):
    """The calendar of an organization that is a shop: what is put into it brings more."""

    def __init__(self, tenant: Tenant, inner: Calendar, random: Random) -> None:
        self.start, self.end, self.width = inner.start, inner.end, inner.width
        self._inner = inner
        self._slug = tenant.slug
        self._workflows = tenant.workflows
        self._random = random
        self._number = 0
        self._contact_of: OrderedDict[str, str] = OrderedDict()
        self._known: set[str] = set()
        self._follow: dict[str, Callable[[int, Record], None]] = {
            "contact": self._contact,
            "campaign": self._campaign,
            "message": self._message,
            "event": self._event,
        }

    def put(self, at: int, record: Record) -> None:
        """Let a record arrive, and what follows from it."""
        self._inner.put(at, record)
        follow = self._follow.get(record["type"])
        if follow is not None:
            follow(at, record)

    def told(self, record: Record) -> None:
        """Know of a contact from before the start."""
        self._contact(self.start, record)

    def put_late(self, arrives: int, record: Record) -> None:
        """Let a record arrive later; nothing follows from it again."""
        self._inner.put_late(arrives, record)

    def open(self) -> None:
        """Put into the calendar who and what there is from the start."""
        began = text(self.start)
        for key, name in USERS:
            email = f"{name.split()[0].lower()}@{self._slug}.example"
            self._tell(self.start, "user", key, name=name, email=email, created_at=began)
        for key, name, color in TAGS:
            self._tell(self.start, "inbox_tag", key, name=name, color=color, updated_at=began)
        for key, name in LISTS:
            self._tell(self.start, "contact_list", key, name=name, updated_at=began)
        self._tell(self.start, "segment", SEGMENT[0], name=SEGMENT[1], updated_at=began)
        for key, name in zip(self._workflows, WORKFLOWS, strict=True):
            self._tell(
                *(self.start, "workflow", key),
                name=name,
                entry_rule="one_at_a_time",
                created_at=began,
                activated_at=began,
            )
            self._link(self.start, "workflow", key, name)

    def _known_of(self, record: Record) -> Record:
        """What else the shop knows of a contact."""
        number = int(record["id"].rpartition("_")[2])
        first, _, last = record["name"].partition(" ")
        city, state, code = CITIES[number % len(CITIES)]
        return {
            "first_name": first,
            "last_name": last,
            "carrier": ("Verizon", "T-Mobile", "AT&T")[number % 3],
            "city": city,
            "state": state,
            "zip": code,
            "country": "US",
            "language": "es" if number % 9 == 0 else "en",
            "custom": {"favorite": ("Margherita", "Funghi", "Diavola")[number % 3], "visits": number % 12},
        }

    def _contact(self, at: int, record: Record) -> None:
        record.update(self._known_of(record))
        key = record["id"]
        opted_out = record["is_opted_in"] is False
        if key in self._known and not opted_out:
            return
        status, source = ("unsubscribed", "keyword") if opted_out else ("subscribed", record["source"])
        changed = record["updated_at"] if opted_out else record["created_at"]
        record.update(opt_in_status=status, opt_in_changed_at=changed)
        self._tell(
            *(at, "contact_event", f"{key}:{status}"),
            contact_id=key,
            opt_in_status=status,
            source=source,
            at=changed,
        )
        if key not in self._known and self._random.random() < LEAVES_AT:
            gone = at + int(self._random.random() * 90 * DAY)
            moments = {"deleted_at": text(gone), "updated_at": text(gone)}
            self._inner.put(gone, {**record, **moments})
        self._known.add(key)

    def _campaign(self, at: int, record: Record) -> None:
        key, size = record["id"], record["audience_size"]
        record["created_by"] = USERS[len(record["name"]) % len(USERS)][0]
        if record["status"] != "draft":
            return
        half = size // 2
        parts = ({"list_id": LISTS[0][0], "size": size - half}, {"segment_id": SEGMENT[0], "size": half})
        for place, part in enumerate(parts):
            self._tell(
                *(at, "campaign_audience", f"{key}{place}"), campaign_id=key, created_at=text(at), **part
            )
        self._link(at, "campaign", key, record["name"])

    def _message(self, at: int, record: Record) -> None:
        if "created_at" not in record or "contact_id" not in record:
            return
        contact = record["contact_id"]
        if record.get("direction") == "inbound":
            if record.get("source") == "inbox":
                self._conversation(at, contact)
            return
        record["encoding"] = "gsm7"
        self._contact_of[record["id"]] = contact
        if len(self._contact_of) > REMEMBERED:
            self._contact_of.popitem(last=False)
        if record.get("source") == "workflow":
            self._enter(at, record["source_id"], contact)
        if self._random.random() < ORDERS_UNASKED:
            self._order(at + int(self._random.random() * 20 * HOUR), contact)

    def _event(self, at: int, record: Record) -> None:
        contact = self._contact_of.get(record["message_id"])
        human = record.get("actor", "human") == "human"
        if record["event"] == "clicked" and human and contact and self._random.random() < ORDERS_AFTER_CLICK:
            self._order(at + int(self._random.expovariate(1 / DAY)), contact)

    def _order(self, at: int, contact: str) -> None:
        total = self._random.randrange(1_150, 7_900, 25) * 10_000
        self._tell(
            at,
            "order",
            self._new_id("ord"),
            contact_id=contact,
            total_micros=total,
            currency="USD",
            at=text(at),
        )

    def _enter(self, at: int, workflow: str, contact: str) -> None:
        entry = {"workflow_id": workflow, "contact_id": contact, "entered_at": text(at)}
        key = self._new_id("ent")
        self._tell(at, "workflow_entry", key, **entry)
        left = at + int(self._random.expovariate(1 / (3 * DAY)))
        self._tell(left, "workflow_entry", key, **entry, exited_at=text(left), exit_reason="finished")

    def _conversation(self, at: int, contact: str) -> None:
        """Somebody wrote: a thread is opened, given to a user, answered, tagged now and then, and closed."""
        thread, (user, _) = f"thr_{contact}", self._random.choice(USERS)
        self._tell(at, "inbox_thread", thread, contact_id=contact, created_at=text(at))
        self._happened(at, thread, "opened")
        steps = [(10 * MINUTE, "assigned", {}), (25 * MINUTE, "answered", {})]
        if self._random.random() < 0.3:
            steps.append((5 * MINUTE, "tag_added", {"tag_id": self._random.choice(TAGS)[0]}))
        if self._random.random() < CLOSED:
            steps.append((3 * HOUR, "closed", {}))
        for mean, kind, more in steps:
            at += int(self._random.expovariate(1 / mean))
            self._happened(at, thread, kind, user_id=user, **more)

    def _happened(self, at: int, thread: str, kind: str, **fields: Any) -> None:
        self._tell(at, "inbox_event", self._new_id("ie"), thread_id=thread, kind=kind, at=text(at), **fields)

    def _link(self, at: int, source: str, key: str, name: str) -> None:
        self._tell(
            *(at, "link", f"{len(key)}{key}"),
            name=name,
            url=f"https://{self._slug}.example/{key}",
            kind="website",
            source=source,
            source_id=key,
            created_at=text(at),
        )

    def _new_id(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}_{self._number:06d}"

    def _tell(self, at: int, kind: str, id: str, /, **fields: Any) -> None:
        self._inner.put(at, {"type": kind, "organization": self._slug, "id": id, **fields})
