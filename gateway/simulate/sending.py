"""A campaign under way: whom it has reached, and whom it reaches next."""

from __future__ import annotations

from math import gcd

from gateway.simulate.campaigns import Campaign
from gateway.simulate.contacts import Book
from gateway.simulate.journeys import Journeys
from gateway.simulate.templates import Template

GOLDEN = 0.618


class Sending:
    """Walks through the address book in strides, so nobody is written to twice and nobody is remembered.

    `luck` between 0 and 1 says where in the book it starts.
    """

    def __init__(
        self, campaign: Campaign, template: Template, book: Book, journeys: Journeys, luck: float
    ) -> None:
        self.campaign = campaign
        self.done = False
        self._template = template
        self._book = book
        self._journeys = journeys
        self._luck = luck
        self._reached = 0
        self._steps = 0
        self._known = 0
        self._stride = 1

    def go_on(self, begin: int, until: int) -> None:
        """Send what leaves in `begin` … `until`."""
        if not self._known:
            self._open_book()
        campaign = self.campaign
        target = campaign.place_at(until)
        delays, zones, opted_out = campaign.delays, self._book.zones, self._book.opted_out
        while self._reached < target and self._steps < self._known:
            contact = (int(self._luck * self._known) + self._steps * self._stride) % self._known
            self._steps += 1
            if contact in opted_out:
                continue
            at = max(campaign.moment_of(self._reached), begin)
            if delays:
                at += delays[zones[contact]]
            self._reached += 1
            self._journeys.send(at, contact, self._template)
        self.done = self._reached >= campaign.planned or self._steps >= self._known

    def _open_book(self) -> None:
        self._known = len(self._book)
        self._stride = max(int(self._known * GOLDEN), 1)
        while gcd(self._stride, self._known) != 1:
            self._stride += 1
