"""Telling subscribers what happened, again and again while they do not listen."""

from __future__ import annotations

from random import Random

from gateway.simulate.calendar import Calendar
from gateway.simulate.chance import bag
from gateway.simulate.moments import DAY, HOUR, MINUTE, SECOND, text
from gateway.simulate.tenants import Tenant

WAITS = (30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR)  # before each further attempt
DEAF = 0.025  # chance that one attempt fails on an ordinary day
DEAF_IN_OUTAGE = 0.97
OUTAGE_EVERY = 11 * DAY
OUTAGE_LASTS = 5 * HOUR
ACCEPTED = bag((200, 14), (202, 2), (204, 4))
DENIED = bag((500, 5), (503, 4), (502, 2), (429, 2), (0, 3), (404, 1))


class Webhooks:
    """The subscribers of one organization."""

    def __init__(self, tenant: Tenant, calendar: Calendar, random: Random) -> None:
        self._tenant = tenant
        self._calendar = calendar
        self._random = random.random
        self._prefix = f"whd_{random.getrandbits(24):06x}_"
        self._outage_from = random.randrange(OUTAGE_EVERY)
        self._made = 0

    def tell(self, at: int, kind: str) -> None:
        """Let one subscriber hear of what happened at `at`, if it is one of those that are handed on."""
        if not self._tenant.endpoints or self._random() >= self._tenant.webhook_share:
            return
        place = int(self._random() * len(self._tenant.endpoints))
        at += 300 + int(self._random() * 2 * SECOND)
        for wait in (*WAITS, None):
            if self._attempt(at, kind, place, last=wait is None):
                return
            at += wait or 0

    def _attempt(self, at: int, kind: str, place: int, *, last: bool) -> bool:
        # The last endpoint of the list is the one with outages.
        out = (
            place == len(self._tenant.endpoints) - 1
            and (at - self._outage_from) % OUTAGE_EVERY < OUTAGE_LASTS
        )
        heard = self._random() >= (DEAF_IN_OUTAGE if out else DEAF)
        answers = ACCEPTED if heard else DENIED
        self._made += 1
        record = {
            "type": "webhook_delivery",
            "organization": self._tenant.slug,
            "id": f"{self._prefix}{self._made:07d}",
            "endpoint_id": self._tenant.endpoints[place],
            "kind": kind,
            "http_status": answers[int(self._random() * len(answers))],
            "outcome": "success" if heard else "dead" if last else "retry",
            "at": text(at),
        }
        self._calendar.put(at, record)
        return heard
