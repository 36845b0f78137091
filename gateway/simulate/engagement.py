"""What people and machines do with a message that arrived, and what people write themselves."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from gateway.simulate.calendar import Calendar
from gateway.simulate.chance import STEPS
from gateway.simulate.contacts import Book
from gateway.simulate.moments import HOUR, text
from gateway.simulate.profiles import (
    ANSWER,
    CLICK_MAIL,
    CLICK_TEXT,
    MACHINE,
    OPEN,
    OPT_OUT,
    READ,
    REPLY,
    Profile,
)
from gateway.simulate.rhythm import WAKES
from gateway.simulate.templates import Template, inbound_fields, inbox_templates
from gateway.simulate.tenants import Tenant

SLEEPS = 0.85  # chance that a message of the night is looked at in the morning only
AGAIN = 0.3  # chance that someone who opened or clicked does so once more
ANSWERED = 0.55  # of what people write

Send = Callable[[int, int, Template], None]


class Engagement:
    """Plays the readers of one organization; `send` is called for what they are answered."""

    def __init__(
        self, tenant: Tenant, book: Book, calendar: Calendar, random: Random, prefix: str, send: Send
    ) -> None:
        self._organization = tenant.slug
        self._book = book
        self._calendar = calendar
        self._random = random.random
        self._prefix = f"{prefix}in_"
        self._send = send
        self._written = 0
        self._fields = {source: inbound_fields(tenant, source) for source in ("inbox", "keyword")}
        self._answers = inbox_templates(tenant)

    def happened(self, at: int, message_id: str, event: str) -> dict[str, Any]:
        """The record of one event, put into the calendar; it may still be added to."""
        record = {
            "type": "event",
            "organization": self._organization,
            "message_id": message_id,
            "event": event,
            "at": text(at),
        }
        self._calendar.put(at, record)
        return record

    def follow(self, message_id: str, contact: int, delivered: int, template: Template) -> int | None:
        """Everything that follows a delivery; says when it was complained of."""
        profile = template.profile
        draw = self._random
        seen = delivered
        if profile.open:
            seen = self._look_into_mail(message_id, contact, delivered, template)
        else:
            if profile.read and draw() < profile.read:
                seen = self._awake(delivered + READ[int(draw() * STEPS)], contact)
                self.happened(seen, message_id, "read")
            if draw() < profile.click:
                self._click(
                    self._awake(seen + CLICK_TEXT[int(draw() * STEPS)], contact), message_id, template
                )
        if profile.machine_click and draw() < profile.machine_click:
            self._by_machine(delivered, message_id, "clicked", template.link)
        if draw() < profile.reply:
            at = self._awake(seen + REPLY[int(draw() * STEPS)], contact)
            self.happened(at, message_id, "replied")
            self.write(at, contact, "inbox")
        if draw() < profile.unsubscribe + profile.complaint:
            return self._leave(message_id, contact, seen, profile)
        return None

    def write(self, at: int, contact: int, source: str) -> None:
        """Let a contact write a message, which may be answered."""
        if at >= self._calendar.end:
            return
        fields = self._fields[source]
        chosen = fields[int(self._random() * len(fields))]
        self._written += 1
        moment = text(at)
        record = {
            **chosen,
            "id": f"{self._prefix}{self._written:06d}",
            "contact_id": self._book.ids[contact],
            "created_at": moment,
        }
        if "cost_micros" in chosen:
            record["charged_at"] = moment
        self._calendar.put(at, record)
        if source == "inbox" and self._random() < ANSWERED:
            answer = at + ANSWER[int(self._random() * STEPS)]
            if answer < self._calendar.end:
                self._send(answer, contact, self._answers[int(self._random() * len(self._answers))])

    def _look_into_mail(self, message_id: str, contact: int, delivered: int, template: Template) -> int:
        profile = template.profile
        draw = self._random
        if draw() < profile.machine_open:
            self._by_machine(delivered, message_id, "opened", "")
        if draw() >= profile.open:
            return delivered
        opened = self._awake(delivered + OPEN[int(draw() * STEPS)], contact)
        self.happened(opened, message_id, "opened")["id"] = f"{message_id}:open:1"
        if draw() < AGAIN:
            again = opened + OPEN[int(draw() * STEPS)]
            self.happened(again, message_id, "opened")["id"] = f"{message_id}:open:2"
        if draw() < profile.click:
            self._click(opened + CLICK_MAIL[int(draw() * STEPS)], message_id, template)
        return opened

    def _click(self, at: int, message_id: str, template: Template) -> None:
        self.happened(at, message_id, "clicked").update(id=f"{message_id}:click:1", link=template.link)
        if self._random() < AGAIN:
            again = at + CLICK_TEXT[int(self._random() * STEPS)]
            self.happened(again, message_id, "clicked").update(id=f"{message_id}:click:2", link=template.link)

    def _by_machine(self, delivered: int, message_id: str, event: str, link: str) -> None:
        at = delivered + MACHINE[int(self._random() * STEPS)]
        record = self.happened(at, message_id, event)
        record["actor"] = "machine"
        if link:
            record["link"] = link

    def _leave(self, message_id: str, contact: int, seen: int, profile: Profile) -> int | None:
        at = self._awake(seen + OPT_OUT[int(self._random() * STEPS)], contact)
        if at >= self._calendar.end:
            return None
        if self._random() * (profile.unsubscribe + profile.complaint) < profile.complaint:
            self.happened(at, message_id, "complained")
            return at
        self.happened(at, message_id, "unsubscribed")
        self._calendar.put(at, self._book.opt_out(contact, at))
        if not profile.open:
            self.write(at, contact, "keyword")  # the word STOP
        return None

    def _awake(self, at: int, contact: int) -> int:
        clock = self._book.clock(at, contact)
        if clock < WAKES and self._random() < SLEEPS:
            return at + WAKES - clock + int(self._random() * 2 * HOUR)
        return at
