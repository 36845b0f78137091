"""What becomes of one message: refused, handed off, lost, delivered.

send → refused | handed off → lost | never heard of | delivered → engagement
"""

from __future__ import annotations

from random import Random

from gateway.simulate.billing import Billing
from gateway.simulate.calendar import Calendar, Record
from gateway.simulate.chance import STEPS
from gateway.simulate.contacts import Book
from gateway.simulate.deliverability import Deliverability
from gateway.simulate.engagement import Engagement
from gateway.simulate.moments import DAY, HOUR, text
from gateway.simulate.profiles import BOUNCE, HANDOFF
from gateway.simulate.templates import Template
from gateway.simulate.tenants import Tenant
from gateway.simulate.webhooks import Webhooks

TROUBLE_EVERY = 23 * DAY  # a carrier loses far more than usual for a few hours
TROUBLE_LASTS = 3 * HOUR
TROUBLE = 7.0
FIRST_NUMBER = 1_000_000  # of messages, so that their ids are equally long


class Journeys:
    """Plays the messages of one organization, one at a time."""

    def __init__(
        self,
        tenant: Tenant,
        book: Book,
        calendar: Calendar,
        random: Random,
        billing: Billing,
        post: Deliverability,
    ) -> None:
        self._tenant = tenant
        self._book = book
        self._calendar = calendar
        self._billing = billing
        self._post = post
        self._random = random.random
        self._prefix = f"msg_{random.getrandbits(24):06x}_"
        self._trouble_from = random.randrange(TROUBLE_EVERY)
        self._made = FIRST_NUMBER
        self._webhooks = Webhooks(tenant, calendar, random)
        self._engagement = Engagement(tenant, book, calendar, random, self._prefix, self.send)

    def send(self, at: int, contact: int, template: Template) -> None:
        """Let one message be made at `at`."""
        self._made += 1
        message_id = f"{self._prefix}{self._made}"
        message = template.shared.copy()
        message["id"] = message_id
        message["contact_id"] = self._book.ids[contact]
        message["created_at"] = text(at)
        profile = template.profile
        draw = self._random
        fate = draw()
        if fate < profile.refused:
            self._refuse(at, message, template)
            return
        in_trouble = (at - self._trouble_from) % TROUBLE_EVERY < TROUBLE_LASTS
        lost = profile.lost * TROUBLE if in_trouble else profile.lost
        fate -= profile.refused
        sent = at + HANDOFF[int(draw() * STEPS)]
        self._hand_off(sent, message, template)
        if fate < lost:
            self._lose(sent, message, template)
        elif fate > lost + profile.silent:
            delivered = sent + profile.delivery[int(draw() * STEPS)]
            if delivered < self._calendar.end:
                self._deliver(delivered, message, template)
                complained = self._engagement.follow(message_id, contact, delivered, template)
                if complained is not None:
                    self._post.complained(complained, message["sender_id"])

    def receive(self, at: int, contact: int) -> None:
        """Let a contact write unasked."""
        self._engagement.write(at, contact, "inbox")

    def _hand_off(self, sent: int, message: Record, template: Template) -> None:
        moment = text(sent)
        if self._tenant.charged == "sent":
            message |= template.bill
            message["charged_at"] = moment
        if self._tenant.tells_sent:
            self._engagement.happened(sent, message["id"], "sent")
        else:
            message["sent_at"] = moment
        # The message is told of at its hand-off, so that nothing in it lies ahead of its arrival.
        self._calendar.put(sent, message)
        self._post.left(sent, message["sender_id"])
        if template.draws:
            self._billing.draw(sent, template.draws)

    def _deliver(self, delivered: int, message: Record, template: Template) -> None:
        if self._tenant.charged == "delivered":
            moment = text(delivered)
            record = {
                "type": "message",
                "organization": self._tenant.slug,
                "id": message["id"],
                "created_at": message["created_at"],
                "delivered_at": moment,
                "charged_at": moment,
                **template.bill,
            }
            self._calendar.put(delivered, record)
        else:
            self._engagement.happened(delivered, message["id"], "delivered")
        self._webhooks.tell(delivered, "message.delivered")

    def _lose(self, sent: int, message: Record, template: Template) -> None:
        reasons = template.profile.reasons
        at = sent + BOUNCE[int(self._random() * STEPS)]
        kind, reason = reasons[int(self._random() * len(reasons))]
        if kind == "failed":
            self._engagement.happened(at, message["id"], "failed")["error_code"] = reason
            self._webhooks.tell(at, "message.failed")
        else:
            self._engagement.happened(at, message["id"], "bounced").update(bounce=kind, bounce_reason=reason)
            self._webhooks.tell(at, "message.bounced")
            self._post.came_back(at, message["sender_id"])
        if template.draws:
            self._billing.draw(at, -template.draws)

    def _refuse(self, at: int, message: Record, template: Template) -> None:
        refusals = template.profile.refusals
        code = refusals[int(self._random() * len(refusals))]
        self._calendar.put(at, {**message, "failed_at": message["created_at"], "error_code": code})
        self._webhooks.tell(at, "message.failed")
