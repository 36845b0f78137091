"""Questions drawn around the moments where time is odd, and their answers counted by hand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from models import FACTS, MESSAGES, SESSIONS, Clock, Fact, Organization
from resolvers.periods import Granularity, Window, moment
from resolvers.question import HOUR, WEEKDAY, Question, Table
from tests.resolvers.truth import ZONES, World, label, lines

ASKED = (*FACTS, SESSIONS)
Counts = dict[tuple[Any, ...], dict[str, int]]
LONGEST = {"minute": 1440, "quarter_hour": 15 * 400, "hour": 60 * 400}  # minutes, so that a test stays quick

# What only the raw rows hold, and the filters through a related row, that the oracle knows of.
DETAILS = {
    "message": ("id", "status", "contact", "contact_source"),
    "engagement": ("source", "contact", "contact_source"),
    "contact": ("id",),
    "opt_in": ("contact",),
    "order": ("contact", "contact_source"),
    "workflow_entry": ("contact", "contact_source"),
}
RELATED = dict.fromkeys(("message", "engagement", "opt_in", "order", "workflow_entry"), ("contact.source",))


def expected(world: World, question: Question) -> Counts:
    """The answer by (bucket, group …), counted by hand; what is zero throughout is left out."""
    found: Counts = defaultdict(lambda: defaultdict(int))
    made = question.buckets
    granularity = question.granularity
    wanted: set[Any] = set()
    if made is not None and granularity is not None:
        wanted = {label(moment(start), granularity, question.zone) for start in made.bounds[:-1]}
        assert len(wanted) == len(made), "two buckets look the same on the wall"
    is_cut = granularity is None or question.clip
    for line in lines(world, question.fact.name, question.clock.name):
        if any(line.labels.get(name) not in values for name, values in question.where):
            continue
        if is_cut and question.window and not question.window.start <= line.at < question.window.end:
            continue
        key: tuple[Any, ...] = ()
        if granularity is not None:
            if (bucket := label(line.at, granularity, question.zone)) not in wanted:
                continue
            key = (bucket,)
        local = line.at.astimezone(ZoneInfo(question.zone))
        times: dict[str, Any] = {WEEKDAY: local.weekday(), HOUR: local.hour}
        group = tuple(times[name] if name in times else line.labels[name] for name in question.by)
        for name, number in line.sums.items():
            if number and name in question.measures:
                found[(*key, *group)][name] += number
    return {key: dict(sums) for key, sums in found.items()}


def read(question: Question, table: Table) -> Counts:
    """A table as the oracle writes it."""
    made, found = table.buckets, {}
    for group, columns in table.groups.items():
        for place in range(1 if made is None else len(made)):
            sums = {name: column[place] for name, column in columns.items() if column[place]}
            if sums and (made is None or question.granularity is None):
                found[group] = sums
            elif sums and made is not None and question.granularity is not None:
                start = moment(made.bounds[place])
                found[(label(start, question.granularity, question.zone), *group)] = sums
    return found


@dataclass(frozen=True)
class Asked:
    """A question, as it is printed when an example fails."""

    fact: str
    sums: tuple[str, ...]
    window: Window | None
    granularity: Granularity | None
    zone: str
    by: tuple[str, ...]
    where: tuple[tuple[str, tuple[str, ...]], ...]
    clock: Clock
    clip: bool = False

    def by_whom(self, organization: Organization) -> Question:
        """The question, asked by an organization."""
        fact = next(fact for fact in ASKED if fact.name == self.fact)
        kept = (self.window, self.granularity, self.zone, self.by, self.where, self.clock, self.clip)
        return Question(fact, organization.id, self.sums, *kept)


@st.composite
def questions(draw: st.DrawFn, center: datetime, home: str) -> Asked:
    """A question about the time around a center."""
    fact = draw(st.sampled_from([MESSAGES, MESSAGES, MESSAGES, *ASKED]))
    granularity = draw(st.sampled_from([None, None, *Granularity]))
    zone = draw(st.sampled_from([home, home, *ZONES]))
    details = DETAILS.get(fact.name, ())
    splits = [*(d.name for d in fact.dimensions), *details, WEEKDAY, HOUR]
    by = tuple(draw(st.lists(st.sampled_from(splits), max_size=2, unique=True)))
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    if draw(st.booleans()):
        values = {
            "campaign": ("spring", ""),
            "channel": ("sms",),
            "direction": ("outbound",),
            "endpoint": ("crm",),
            "source": ("", "import"),
            "mailbox": ("box0", "box2"),
            "sender": ("main",),
            "user": ("ada",),
            "flow": ("faq",),
            "keyword": ("order", "none"),
            "model": ("", "small"),
            "outcome": ("transferred", "abandoned"),
            "kind": ("purchase", "grant", "message.delivered"),
            "contact_source": ("import",),
            "opt_in_status": ("subscribed", "pending"),
            "touch": ("click", "view"),
            "exit_reason": ("finished",),
            "status": ("delivered", "read", "sending"),
            "contact": ("0", "3"),
            "contact.source": ("import", ""),
        }
        filters = (*(d.name for d in fact.dimensions), *details, *RELATED.get(fact.name, ()))
        name = draw(st.sampled_from([name for name in filters if name in values]))
        where = ((name, values[name]),)
    window = None if granularity is None and draw(st.booleans()) else draw(windows(center, home, granularity))
    clock = draw(st.sampled_from(fact.clocks))
    sums = names(fact)
    if draw(st.integers(0, 2)):
        sums = tuple(draw(st.lists(st.sampled_from(sums), min_size=1, max_size=4, unique=True)))
    clip = window is not None and draw(st.booleans())
    return Asked(fact.name, sums, window, granularity, zone, by, where, clock, clip)


@st.composite
def windows(draw: st.DrawFn, center: datetime, home: str, granularity: Granularity | None) -> Window:
    """A window near a center: of any microsecond, whole quarters, or whole days or months of home."""
    kind = draw(st.sampled_from(["any", "quarters", "days", "months"]))
    if kind == "any":
        start = center + timedelta(microseconds=draw(st.integers(-(10**12), 10**11)))
        end = start + timedelta(microseconds=draw(st.integers(1, 10**12)))
    elif kind == "quarters":
        start = center + draw(st.integers(-1500, 40)) * timedelta(minutes=15)
        end = start + draw(st.integers(1, 3000)) * timedelta(minutes=15)
    else:
        step = 1 if kind == "days" else 31
        first = center.date() + timedelta(days=draw(st.integers(-3, 0)) * step)
        last = first + timedelta(days=draw(st.integers(1, 5)) * step)
        if kind == "months":
            first, last = first.replace(day=1), last.replace(day=1)
        start, end = midnight(first, home), midnight(last, home)
    longest = None if granularity is None else LONGEST.get(granularity.value)
    if longest is not None:
        end = min(end, start + timedelta(minutes=longest))
    return Window(start, end) if start < end else Window(start, start + timedelta(days=1))


def midnight(day: date, zone: str) -> datetime:
    """Where a day of a zone begins."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def core(world: World, home: str, zone: str, clock: Clock) -> list[Asked]:
    """All sums of messages in buckets of every width and by weekday; of every fact as a whole, and in the
    days of a window that begins and ends with something to count, wherever that is."""
    center, found = world.center, []
    for fact in ASKED:
        known = clock if clock in fact.clocks else Clock.CREATED
        found.append(Asked(fact.name, names(fact), None, None, zone, (), (), known))
        moments = [line.at for line in lines(world, fact.name, known.name)] or [center]
        ragged = Window(min(moments), max(moments) + timedelta(microseconds=1))
        cut = (ragged, Granularity.DAY, zone, (), (), known, True)
        found.append(Asked(fact.name, names(fact), *cut))
    for granularity in Granularity:
        reach = {"minute": timedelta(hours=2), "quarter_hour": timedelta(hours=20)}
        days = reach.get(granularity.value, timedelta(days=granularity.rank * 3))
        window = Window(center - days, center + days)
        found.append(Asked(MESSAGES.name, names(MESSAGES), window, granularity, zone, (), (), clock))
    week = (center.date() + timedelta(days=days) for days in (-3, 4))
    window = Window(*(midnight(day, home) for day in week))
    return [*found, Asked(MESSAGES.name, names(MESSAGES), window, None, zone, (WEEKDAY,), (), clock)]


def names(fact: Fact) -> tuple[str, ...]:
    """The sums of a fact."""
    return tuple(s.name for s in fact.sums)
