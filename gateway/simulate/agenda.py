"""Which campaigns an organization plans in a span: how many, how large, when, and how they end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from gateway.simulate.campaigns import Campaign
from gateway.simulate.chance import bag
from gateway.simulate.moments import DAY, HOUR, MINUTE, SECOND, local, of, offset
from gateway.simulate.rhythm import WEEKDAYS, quiet
from gateway.simulate.tenants import Tenant
from models.zones import zone

MOST_PER_DAY = 3
MESSAGES_PER_SECOND = 15
FIRST_NUMBER = 41_001

# What becomes of some of the last ones: the status, days from the end of the span to their start, share sent.
UNUSUAL = (
    ("cancelled", -9.0, 0.0),
    ("failed", -5.5, 0.0),
    ("paused", -2.3, 0.4),
    ("queued", 0.0, 0.0),
    ("scheduled", 1.4, 0.0),
    ("scheduled", 6.2, 0.0),
    ("draft", 12.0, 0.0),
    ("draft", 20.0, 0.0),
)


def campaign_uuid(slug: str, number: int) -> str:
    """The id of an organization's campaign of that number, the same in every simulation."""
    return str(uuid5(NAMESPACE_URL, f"https://{slug}.example/campaigns/{number}"))


def campaign_code(slug: str, number: int) -> str:
    """A short id of the same campaign."""
    return f"cmp_{campaign_uuid(slug, number)[:8]}"


class Agenda:
    """Makes the campaigns of one organization from `start` to `end`."""

    def __init__(self, tenant: Tenant, random: Random, start: int, end: int) -> None:
        self._tenant = tenant
        self._random = random
        self._start = start
        self._end = end
        self._zone = zone(tenant.timezone)
        self._channels = bag(*tenant.channels)
        self._made = 0

    def campaigns(self, messages: int, largest: int) -> Iterator[Campaign]:
        """Those that send `messages` in all, by their start; then the one being sent and the unusual ones."""
        sizes = self._sizes(messages, largest)
        for size, start in zip(sizes, sorted(self._moment() for _ in sizes), strict=True):
            yield self._campaign(size, start)
        usual = min(max(messages // len(sizes), 1), largest)
        yield self._campaign(usual, max(self._end - 20 * MINUTE, self._start), HOUR)
        for ends, days, share_sent in UNUSUAL:
            start = self._at_hour(self._end + int(days * DAY), self._tenant.hours[0]) if days else self._end
            yield replace(self._campaign(usual, max(start, self._start)), ends=ends, share_sent=share_sent)

    def _sizes(self, messages: int, largest: int) -> list[int]:
        # The two unusual ones that send something are part of the whole.
        days = (self._end - self._start) / DAY
        count = max(1, round(min(0.4 * messages**0.5, MOST_PER_DAY * days)), 2 * messages // largest)
        draws = [self._random.lognormvariate(0.0, 0.8) for _ in range(count)]
        whole = sum(draws)
        messages = round(messages * count / (count + 0.7))
        return [min(max(1, round(messages * draw / whole)), largest) for draw in draws]

    def _moment(self) -> int:
        at = self._start
        for _ in range(20):
            at = self._start + int(self._random.random() * (self._end - self._start))
            planned = self._at_hour(at, self._random.choice(self._tenant.hours))
            weekday = WEEKDAYS[local(planned, self._zone).weekday()]
            likely = self._random.random() * max(WEEKDAYS) < weekday
            if likely and self._start <= planned < self._end:
                return planned
        return at  # the span is shorter than a day

    def _at_hour(self, at: int, hour: int) -> int:
        minute = self._random.choice((0, 0, 15, 30))
        return of(local(at, self._zone).replace(hour=hour, minute=minute, second=0, microsecond=0))

    def _campaign(self, size: int, start: int, lasts: int = 2 * MINUTE) -> Campaign:
        self._made += 1
        name = self._random.choice(self._tenant.campaign_names)
        channel = self._random.choice(self._channels)
        ahead = timedelta(hours=self._random.uniform(3, 200)) // timedelta(milliseconds=1)
        campaign = Campaign(
            id=self._id(name),
            name=f"{name} {self._made}",
            channel=channel,
            body=f"Hi {{{{first_name}}}}, {name.lower()}: https://{self._tenant.slug}.example/{self._made}",
            size=size,
            created=max(min(start, self._end) - ahead, self._start),
            start=start,
            duration=min(max(size * SECOND // MESSAGES_PER_SECOND, lasts), 3 * HOUR),
        )
        return campaign if channel == "email" else replace(campaign, delays=self._delays(campaign))

    def _delays(self, campaign: Campaign) -> tuple[int, ...]:
        zones: tuple[ZoneInfo, ...] = tuple(zone(name) for name, _ in self._tenant.zones)
        starts = (campaign.start + offset(campaign.start, each) for each in zones)
        return tuple(quiet(start, start + campaign.duration) for start in starts)

    def _id(self, name: str) -> str:
        match self._tenant.campaign_ids:
            case "uuid":
                return campaign_uuid(self._tenant.slug, self._made)
            case "code":
                return campaign_code(self._tenant.slug, self._made)
            case "number":
                return str(FIRST_NUMBER + self._made - 1)
            case _:
                return f"cmp_{name.lower().replace(' ', '_')}_{self._made}"
