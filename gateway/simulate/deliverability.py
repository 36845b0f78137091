"""Where an organization's e-mail leaves from, and how well that is thought of.

hand-offs, bounces, complaints → each mailbox's days → its health; addresses → daily looks into blacklists
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from gateway.simulate.calendar import Calendar, Record
from gateway.simulate.moments import DAY, HOUR, text
from gateway.simulate.tenants import Tenant

PROVIDERS = ("barracuda", "spamhaus")
LISTED = 1 / 80  # chance that a listing begins on a day
LISTED_DAYS = 2  # a listing lasts, at most
LOOKED_AT = 4 * HOUR  # after midnight, and up to an hour more
TOLD_AT = 2 * HOUR  # after midnight: when yesterday's health is worked out
REMEMBERED = 7  # days that a mailbox's health looks back on
PER_BOUNCE = 250.0  # points that are lost when everything bounces
PER_COMPLAINT = 1_500.0  # and when everything is complained of
BEST = 98.0
RUFFLED = 3.0  # points that nobody can explain, at most

Day = tuple[str, int]  # whose, and which: days since 1970


def domain_id(name: str) -> str:
    """What a domain is called by its organization."""
    return f"dom_{name.removesuffix('.example').replace('.', '_')}"


class Deliverability:
    """Plays the mailboxes and addresses of one organization; nothing of one without addresses."""

    def __init__(self, tenant: Tenant, calendar: Calendar, random: Random) -> None:
        self._tenant = tenant
        self._calendar = calendar
        self._random = random.random
        self._is_told = bool(tenant.addresses)
        self._looks_at = self._scores = calendar.start // DAY  # the next day of each
        self._sent: Counter[Day] = Counter()
        self._bounced: Counter[Day] = Counter()
        self._complained: Counter[Day] = Counter()
        self._listed_until: Counter[tuple[str, str]] = Counter()  # by address and provider

    def open(self) -> None:
        """Put into the calendar the domains, the mailboxes and the addresses."""
        if self._is_told:
            for record in (*self._domains(), *self._mailboxes(), *self._addresses()):
                self._calendar.put(self._calendar.start, record)

    def left(self, at: int, mailbox: str) -> None:
        """Know of a message that a mailbox handed off."""
        if self._is_told:
            self._sent[mailbox, at // DAY] += 1

    def came_back(self, at: int, mailbox: str) -> None:
        """Know of a message that bounced."""
        if self._is_told:
            self._bounced[mailbox, at // DAY] += 1

    def complained(self, at: int, mailbox: str) -> None:
        """Know of a message that was reported as spam."""
        if self._is_told:
            self._complained[mailbox, at // DAY] += 1

    def live(self, until: int) -> None:
        """Put into the calendar the looks of days that begin before `until`, and the scores of those that
        end by then; what happened on these must be known."""
        while self._is_told and self._looks_at * DAY < until:
            self._look(self._looks_at)
            self._looks_at += 1
        while self._is_told and (self._scores + 1) * DAY <= until:
            self._score(self._scores)
            self._scores += 1

    def _look(self, day: int) -> None:
        for ip, _ in self._tenant.addresses:
            for provider in PROVIDERS:
                at = day * DAY + LOOKED_AT + int(self._random() * HOUR)
                if self._listed_until[ip, provider] <= day and self._random() < LISTED:
                    self._listed_until[ip, provider] = day + 1 + int(self._random() * LISTED_DAYS)
                if at < self._calendar.start:
                    continue
                record = self._record(
                    "ip_check",
                    f"chk_{ip}_{provider}_{day}",
                    ip_id=ip,
                    provider=provider,
                    is_listed=self._listed_until[ip, provider] > day,
                    at=text(at),
                )
                self._calendar.put(at, record)

    def _score(self, day: int) -> None:
        at = (day + 1) * DAY + TOLD_AT
        for mailbox in self._tenant.senders:
            record = {
                "type": "mailbox_day",
                "organization": self._tenant.slug,
                "mailbox_id": mailbox,
                "day": text(day * DAY)[:10],
                "sent": self._sent[mailbox, day],
                "health_score": self._health(mailbox, day),
                "warmup_status": "warm",
                "updated_at": text(at),
            }
            self._calendar.put(at, record)
            for counted in (self._sent, self._bounced, self._complained):
                del counted[mailbox, day - REMEMBERED + 1]

    def _health(self, mailbox: str, day: int) -> int:
        days = [(mailbox, day - back) for back in range(REMEMBERED)]
        sent = max(sum(self._sent[each] for each in days), 1)
        bounces = sum(self._bounced[each] for each in days) / sent
        complaints = sum(self._complained[each] for each in days) / sent
        lost = PER_BOUNCE * bounces + PER_COMPLAINT * complaints + RUFFLED * self._random()
        return round(min(max(BEST - lost, 0.0), 100.0))

    def _domains(self) -> list[Record]:
        names = sorted({sender.partition("@")[2] for sender in self._tenant.senders})
        return [self._told("domain", domain_id(name), name=name) for name in names]

    def _mailboxes(self) -> list[Record]:
        return [
            self._told("mailbox", sender, address=sender, domain_id=domain_id(sender.partition("@")[2]))
            for sender in self._tenant.senders
        ]

    def _addresses(self) -> list[Record]:
        return [
            self._told("ip_address", ip, address=ip, domain_ids=[domain_id(name) for name in domains])
            for ip, domains in self._tenant.addresses
        ]

    def _told(self, kind: str, name: str, /, **fields: Any) -> Record:
        return self._record(kind, name, **fields, updated_at=text(self._calendar.start))

    def _record(self, kind: str, id: str, /, **fields: Any) -> Record:
        return {"type": kind, "organization": self._tenant.slug, "id": id, **fields}
