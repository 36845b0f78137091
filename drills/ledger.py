"""What is told to the gateway, what it has acknowledged, and what must therefore be counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import orjson

EACH = 10  # records of a batch
LATE_SHARE, LATEST = 0.1, timedelta(hours=48)
RESENT_SHARE = 0.05
KINDS = ("sent", "delivered", "failed", "clicked")
Record = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """Some records as one body."""

    records: tuple[Record, ...]

    @property
    def body(self) -> bytes:
        """NDJSON."""
        return b"\n".join(map(orjson.dumps, self.records))


@dataclass
class Ledger:
    """Messages and what happened to them, in no order: some late, some again, some before their message."""

    random: Random
    acknowledged: list[Record] = field(default_factory=list)
    _told: list[Batch] = field(default_factory=list)
    _waiting: list[Batch] = field(default_factory=list)
    _pool: list[Record] = field(default_factory=list)
    _under_way: int = 0
    _made: int = 0

    def batch(self, now: datetime) -> Batch:
        """What to send next: what nobody has acknowledged, at times what somebody has, else new records."""
        self._under_way += 1
        if self._waiting:
            return self._waiting.pop(0)
        if self._told and self.random.random() < RESENT_SHARE:
            return self.random.choice(self._told)
        while len(self._pool) < 4 * EACH:
            self._pool += self._message(now)
        self.random.shuffle(self._pool)
        records, self._pool = self._pool[:EACH], self._pool[EACH:]
        return Batch(tuple(records))

    def acknowledge(self, batch: Batch) -> None:
        """The gateway says that it has these."""
        self._under_way -= 1
        self.acknowledged += batch.records
        self._told.append(batch)

    def doubt(self, batch: Batch) -> None:
        """Nobody knows whether it has these: they are sent again."""
        self._under_way -= 1
        self._waiting.append(batch)

    @property
    def has_waiting(self) -> bool:
        """Whether anything is to be sent again."""
        return bool(self._waiting)

    @property
    def is_settled(self) -> bool:
        """Whether everything that was sent is acknowledged."""
        return not self._waiting and not self._under_way

    def numbers(self) -> Counter[str]:
        """What everything acknowledged counts for, reckoned here and not by the gateway."""
        of = {kind: set() for kind in (*KINDS, "total", "clicks")}
        for record in self.acknowledged:
            if record["type"] == "message":
                of["total"].add(record["id"])
                continue
            of["total"].add(record["message_id"])
            of[record["event"]].add(record["message_id"])
            if record["event"] == "clicked":
                of["clicks"].add(record["id"])
        return Counter({name: len(ids) for name, ids in of.items()})

    def _message(self, now: datetime) -> list[Record]:
        self._made += 1
        name, draw = f"m{self._made:07}", self.random.random
        is_late = draw() < LATE_SHARE
        created = now - timedelta(minutes=1) - draw() * (LATEST if is_late else timedelta(minutes=1))
        told: Record = {"type": "message", "id": name, "created_at": _text(created), "channel": "sms"}
        told["campaign_id"] = f"campaign-{self._made % 5}"
        kinds = ["sent", "failed"] if draw() < 0.2 else ["sent", "delivered", *["clicked"] * int(3 * draw())]
        events: list[Record] = [
            {
                "type": "event",
                "id": f"{name}-{place}",
                "message_id": name,
                "event": kind,
                "at": _text(created + timedelta(seconds=1 + place)),
            }
            for place, kind in enumerate(kinds)
        ]
        return [told, *events]


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
