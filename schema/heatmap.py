"""The heatmap: a metric by local weekday and hour, or by weekday and part of the day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeAlias

import strawberry
from strawberry.types import Info

from models import MESSAGES
from resolvers.question import HOUR, WEEKDAY, Question, Table
from resolvers.series import value
from schema.arguments import Last30Days, WhichMessages, Zone
from schema.context import context
from schema.enums import enum_of
from schema.families import MESSAGE
from schema.metrics import asked as asked_of
from schema.metrics import chosen, measured
from schema.rows import Rows
from schema.scalars import Number
from schema.sizes import HEAVY, NUMBERS, holds
from schema.time import Clock, WindowInput, WindowType

Resolution: Any = enum_of(
    "HeatmapResolution",
    "How fine a day is cut.",
    {"hour": "24 hours.", "day_part": "Night, early morning, office hours and evening."},
)
DayPart: Any = enum_of(
    "DayPart",
    "A part of the day.",
    {
        "nighttime": "From midnight to 6 o'clock.",
        "early_morning": "From 6 to 9 o'clock.",
        "office_hours": "From 9 to 17 o'clock.",
        "evening": "From 17 o'clock to midnight.",
    },
)
HOURS = tuple((None, hour, hour + 1) for hour in range(24))
DAY_PARTS = (
    (DayPart.NIGHTTIME, 0, 6),
    (DayPart.EARLY_MORNING, 6, 9),
    (DayPart.OFFICE_HOURS, 9, 17),
    (DayPart.EVENING, 17, 24),
)
SENDS = "attempted"
Cell: TypeAlias = tuple[int, Any, int, int]  # weekday, part of the day, first hour, end


@strawberry.type(description="One hour, or one part of the day, of the week.")
class HeatmapCell:
    weekday: int = strawberry.field(description="0 is Monday, 6 is Sunday.")
    day_part: DayPart | None = strawberry.field(description="The part of the day; null for an hour.")
    hour: int = strawberry.field(description="Its first hour, 0–23, in the zone of the heatmap.")
    until: int = strawberry.field(description="The first hour that no longer belongs, up to 24.")
    value: Number | None = strawberry.field(
        description="The metric; 0 where nothing was counted, null for a ratio of nothing."
    )
    metrics: MESSAGE.metrics = strawberry.field(description="Every measure.")


@strawberry.type(
    description="What happens at which hour of the week; the cells add up to the total of the window."
)
class Heatmap:
    timezone: str = strawberry.field(description="The IANA zone of weekdays and hours.")
    window: WindowType = strawberry.field(description="The span that is counted.")
    as_of: datetime = strawberry.field(description="Up to here everything that had come in is counted.")
    total: Number | None = strawberry.field(description="The metric over the whole window.")
    cells: list[HeatmapCell] = strawberry.field(
        description="Monday 0 o'clock first: 168 hours, or 28 parts of days.", metadata=holds(168)
    )
    best: HeatmapCell | None = strawberry.field(
        description="The cell with the highest metric of those at which anything left us; of equal ones the "
        "one with more of it, then the earlier. null when nothing did."
    )
    best_hour: HeatmapCell | None = strawberry.field(description="The best single hour inside the best cell.")


@dataclass(frozen=True)
class HeatmapAsked:
    """The arguments of `heatmap`, as GraphQL gave them."""

    metric: Any
    window: WindowInput | None
    timezone: str | None
    filter: Any
    clock: Clock
    resolution: Any


async def heatmap(info: Info, wanted: HeatmapAsked) -> Heatmap:
    """The heatmap of a metric."""
    here = context(info)
    name = here.zone(wanted.timezone)
    span = here.window(wanted.window, name)
    metric = wanted.metric.value
    question = Question(
        MESSAGES,
        here.caller.organization.id,
        tuple(dict.fromkeys((metric, SENDS, *asked_of(info, MESSAGES)))),
        span,
        None,
        name,
        (WEEKDAY, HOUR),
        chosen(MESSAGES, wanted.filter),
        wanted.clock,
    )
    as_of = await here.as_of(info, MESSAGES.name)
    table = await here.loaders.tables.load(question)
    week, parts = _Week(table, metric), DAY_PARTS if wanted.resolution is Resolution.DAY_PART else HOURS
    cells: Any = week.cells([(day, *part) for day in range(7) for part in parts])
    best = best_hour = week.best(cells)
    if best is not None and parts is DAY_PARTS:
        best_hour = week.best(week.cells([(best.weekday, *one) for one in HOURS[best.hour : best.until]]))
    return Heatmap(
        timezone=name,
        window=WindowType(start=span.start, end=span.end),
        as_of=as_of,
        total=value(MESSAGES, metric, table.total()),
        cells=cells,
        best=best,
        best_hour=best_hour,
    )


class _Week:
    """The numbers of a week, hour by hour."""

    def __init__(self, table: Table, metric: str) -> None:
        self._metric = metric
        self._hours = {name: [0] * len(HOURS) * 7 for name in table.sums}
        for (weekday, hour), sums in table.groups.items():
            for name, (number,) in sums.items():
                self._hours[name][24 * int(weekday) + int(hour)] = number

    def cells(self, wanted: list[Cell]) -> Rows:
        """The numbers of some hours of a weekday together, cell by cell."""
        weekdays, parts, hours, ends = zip(*wanted, strict=True)

        def summed(name: str) -> list[int]:
            line = self._hours[name]
            return [sum(line[24 * day + hour : 24 * day + until]) for day, _, hour, until in wanted]

        metrics = measured(MESSAGES, len(wanted), summed)
        columns = {"weekday": weekdays, "day_part": parts, "hour": hours, "until": ends, "metrics": metrics}
        return Rows(
            len(wanted), lambda name: metrics.column(self._metric) if name == "value" else columns[name]
        )

    def best(self, cells: Rows) -> Any:
        """The best of the cells at which anything left us."""
        metrics: Any = cells.column("metrics")
        values, sends = cells.column("value"), metrics.column(SENDS)
        sent = [at for at in range(len(cells)) if values[at] is not None and sends[at] > 0]
        return cells[max(sent, key=lambda at: (values[at], sends[at]))] if sent else None


_OPENED = MESSAGE.metric["OPENED"]


@strawberry.type
class HeatmapFields:
    """The root field of the heatmap."""

    @strawberry.field(
        description="A metric by local weekday and hour: when do people read, click, answer?",
        metadata=HEAVY | NUMBERS,
    )
    async def heatmap(
        self,
        info: Info,
        metric: Annotated[MESSAGE.metric, strawberry.argument(description="What to count.")] = _OPENED,
        window: Last30Days = None,
        timezone: Zone = None,
        filter: WhichMessages = None,
        clock: Annotated[
            Clock, strawberry.argument(description="Which moment puts a message into a cell.")
        ] = Clock.CREATED,
        resolution: Annotated[
            Resolution, strawberry.argument(description="Hours, or parts of the day.")
        ] = Resolution.HOUR,
    ) -> Heatmap:
        wanted = HeatmapAsked(metric, window, timezone, filter, clock, resolution)
        return await heatmap(info, wanted)
