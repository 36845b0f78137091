"""Campaigns: one planned sending each, and the records that tell of its life."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, exp, log1p
from typing import Any

from gateway.simulate.moments import MINUTE, SECOND, text

STEEPNESS = 3.0  # e to the power of this is how much faster a sending ends than it began
_REST = exp(STEEPNESS) - 1
_STARTED = frozenset(("sending", "paused", "completed", "failed"))


@dataclass(frozen=True, slots=True)
class Campaign:
    """One sending; moments in milliseconds. `ends` is its last status when the span does not cut it short."""

    id: str
    name: str
    channel: str
    body: str
    size: int  # of its audience
    created: int
    start: int  # when it is scheduled
    duration: int  # of the ramp, for those who need not wait for their morning
    ends: str = "completed"
    share_sent: float = 1.0  # of the audience, before it stopped
    delays: tuple[int, ...] = ()  # how long each zone waits for its morning

    @property
    def planned(self) -> int:
        """How many messages leave, but for those that come too late."""
        return round(self.size * self.share_sent)

    @property
    def finish(self) -> int:
        """When the last message has left."""
        return self.start + self.duration + max(self.delays, default=0) + 20 * SECOND

    def moment_of(self, place: int) -> int:
        """When the message at `place` of the queue leaves: slowly at first, exponentially faster."""
        return self.start + int(self.duration * log1p(place / self.size * _REST) / STEEPNESS)

    def place_at(self, at: int) -> int:
        """How many messages have left before `at`."""
        if at >= self.start + self.duration:
            return self.planned
        passed = max(at - self.start, 0) / self.duration
        return min(ceil(self.size * (exp(STEEPNESS * passed) - 1) / _REST), self.planned)


def life(campaign: Campaign, organization: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """What is told of the campaign and when, from draft to its last status."""
    record: dict[str, Any] = {
        "type": "campaign",
        "organization": organization,
        "id": campaign.id,
        "name": campaign.name,
        "channel": campaign.channel,
        "body": campaign.body,
        "audience_size": campaign.size,
        "created_at": text(campaign.created),
    }
    for at, status in _stations(campaign):
        if status != "draft":
            record["scheduled_at"] = text(campaign.start)
        if status in _STARTED:
            record["started_at"] = text(campaign.start)
        if status == "completed":
            record["completed_at"] = text(at)
        yield at, {**record, "status": status, "updated_at": text(at)}


def _stations(campaign: Campaign) -> Iterator[tuple[int, str]]:
    yield campaign.created, "draft"
    if campaign.ends == "draft":
        return
    yield campaign.created + min(40 * MINUTE, (campaign.start - campaign.created) // 3), "scheduled"
    if campaign.ends == "scheduled":
        return
    if campaign.ends == "cancelled":
        yield campaign.created + (campaign.start - campaign.created) // 2, "cancelled"
        return
    yield campaign.start - min(30 * SECOND, (campaign.start - campaign.created) // 3), "queued"
    if campaign.ends == "queued":
        return
    yield campaign.start, "sending"
    if campaign.ends == "paused":
        yield campaign.start + campaign.duration // 2, "paused"
    elif campaign.ends == "failed":
        yield campaign.start + min(campaign.duration, 2 * MINUTE), "failed"
    else:
        yield campaign.finish, "completed"
