"""One organization's life, slot by slot: new contacts, campaigns on their way and everything between."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from gateway.simulate.agenda import Agenda
from gateway.simulate.billing import Billing
from gateway.simulate.calendar import Calendar, Record
from gateway.simulate.campaigns import Campaign, life
from gateway.simulate.chatbot import Chatbot
from gateway.simulate.contacts import Book, size_for
from gateway.simulate.deliverability import Deliverability
from gateway.simulate.journeys import Journeys
from gateway.simulate.moments import DAY, MINUTE, text
from gateway.simulate.profiles import CONTENT, PLAIN
from gateway.simulate.rhythm import Rhythm
from gateway.simulate.sending import Sending
from gateway.simulate.templates import CREDITS, SEGMENTS, Template, campaign_template, other_templates
from gateway.simulate.tenants import Tenant
from gateway.simulate.texts import lengthened
from models.zones import zone

IN_CAMPAIGNS = 0.68  # of all messages
UNASKED = 0.1  # inbound messages beside each that a program sends
KNOWN_AT_START = 0.6  # of all contacts
TESTS = 2  # messages to a colleague before each campaign
TEST_TAKES = 2_400


class Traffic:
    """Plays one organization into a calendar."""

    def __init__(
        self,
        tenant: Tenant,
        messages: int,
        calendar: Calendar,
        random: Random,
        billing: Billing,
        post: Deliverability,
        chatbot: Chatbot,
    ) -> None:
        self._tenant = tenant
        self._calendar = calendar
        self._random = random
        self._billing = billing
        self._post = post
        self._chatbot = chatbot
        self._in_campaigns = round(messages * IN_CAMPAIGNS)
        self._others = messages - self._in_campaigns
        self._contacts = size_for(messages)
        self._rhythm = Rhythm(zone(tenant.timezone), calendar.start, calendar.end)
        self._book = Book(tenant)
        self._journeys = Journeys(tenant, self._book, calendar, random, billing, post)
        self._templates = other_templates(tenant)
        self._coming: deque[Sending] = deque()
        self._under_way: list[Sending] = []
        self._passed = 0.0

    def organization(self) -> Record:
        """Who it is; to be told before anything else."""
        return {
            "type": "organization",
            "id": self._tenant.slug,
            "name": self._tenant.name,
            "timezone": self._tenant.timezone,
            "plan": self._tenant.plan,
            "aliases": self._tenant.aliases,
        }

    def first_contacts(self) -> Iterator[Record]:
        """Who is known at the start; to be told before anything happens."""
        for _ in range(round(self._contacts * KNOWN_AT_START)):
            age = int(self._random.random() ** 2 * 500 * DAY)
            contact = self._book.add(self._calendar.start - age)
            self._calendar.told(contact)
            yield contact

    def begin(self) -> None:
        """Put into the calendar the account, the mailboxes, the chatbot and the life of every campaign."""
        self._billing.open()
        self._post.open()
        self._chatbot.open()
        agenda = Agenda(self._tenant, self._random, self._calendar.start, self._calendar.end)
        sendings = [
            self._announce(campaign) for campaign in agenda.campaigns(self._in_campaigns, len(self._book))
        ]
        real = (sending for sending in sendings if sending.campaign.planned)
        self._coming.extend(sorted(real, key=lambda sending: sending.campaign.start))

    def live(self, begin: int, until: int) -> None:
        """Put into the calendar what starts in `begin` … `until`."""
        self._book.look_at_clocks(begin)
        share = self._rhythm.share(begin, until)
        self._passed += share
        self._meet(begin, until)
        self._send_others(begin, until, share)
        while self._coming and self._coming[0].campaign.start < until:
            self._under_way.append(self._coming.popleft())
        for sending in self._under_way:
            sending.go_on(begin, until)
        self._under_way = [sending for sending in self._under_way if not sending.done]
        self._billing.live(until)
        self._post.live(until)
        self._chatbot.live(begin, until, share, self._book)

    def _meet(self, begin: int, until: int) -> None:
        known = round(self._contacts * (KNOWN_AT_START + (1 - KNOWN_AT_START) * self._passed))
        for _ in range(known - len(self._book)):
            at = self._moment(begin, until)
            self._calendar.put(at, self._book.add(at))

    def _send_others(self, begin: int, until: int, share: float) -> None:
        draw = self._random.random
        mean = self._others * share * (0.7 + 0.6 * draw())
        for _ in range(int(mean + draw())):
            template = self._templates[int(draw() * len(self._templates))]
            self._journeys.send(self._moment(begin, until), int(draw() * len(self._book)), template)
        for _ in range(int(mean * UNASKED + draw())):
            self._journeys.receive(self._moment(begin, until), int(draw() * len(self._book)))

    def _moment(self, begin: int, until: int) -> int:
        return begin + int(self._random.random() * (until - begin))

    def _announce(self, campaign: Campaign) -> Sending:
        channel = campaign.channel
        segments = self._random.choice(SEGMENTS) if channel in CREDITS else 1
        content = self._random.choice(CONTENT[channel].get("campaign", PLAIN))
        sender = self._random.choice(self._tenant.senders)
        if self._tenant.billing and channel == "sms":
            campaign = replace(campaign, body=lengthened(campaign.body, segments))
        template = campaign_template(self._tenant, campaign, segments, content, sender)
        self._billing.expect(campaign.start, campaign.planned * template.draws)
        for at, record in life(campaign, self._tenant.slug):
            self._calendar.put(at, record)
        for number in range(TESTS if campaign.planned else 0):
            self._test(campaign, template, number)
        return Sending(campaign, template, self._book, self._journeys, self._random.random())

    def _test(self, campaign: Campaign, template: Template, number: int) -> None:
        at = campaign.start - (number + 1) * 25 * MINUTE
        if at < self._calendar.start:
            return
        delivered = at + TEST_TAKES
        record = {
            **template.shared,
            "id": f"test_{campaign.id}_{number + 1}",
            "contact_id": self._book.ids[number],
            "created_at": text(at),
            "sent_at": text(at),
            "delivered_at": text(delivered),
            "is_test": True,
        }
        self._calendar.put(delivered, record)
