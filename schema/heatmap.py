"""The heatmap: a metric by local weekday and hour, or by weekday and part of the day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import MESSAGES
from resolvers.question import HOUR, WEEKDAY, Question, Table
from resolvers.series import value
from schema.arguments import Last30Days, WhichMessages, Zone
from schema.context import context
from schema.enums import enum_of
from schema.families import MESSAGE
from schema.metrics import Measures, chosen
from schema.metrics import asked as asked_of
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
    week = _Week(await here.loaders.tables.load(question), metric)
    parts = DAY_PARTS if wanted.resolution is Resolution.DAY_PART else HOURS
    cells = [week.cell(day, *part) for day in range(7) for part in parts]
    best = week.best(cells)
    hours = (
        []
        if best is None
        else [week.cell(best.weekday, None, h, h + 1) for h in range(best.hour, best.until)]
    )
    return Heatmap(
        timezone=name,
        window=WindowType(start=span.start, end=span.end),
        as_of=as_of,
        total=value(MESSAGES, metric, week.table.total()),
        cells=cells,
        best=best,
        best_hour=week.best(hours),
    )


@dataclass(frozen=True)
class _Week:
    """The numbers of a week, hour by hour."""

    table: Table
    metric: str

    def cell(self, weekday: int, part: Any, hour: int, until: int) -> HeatmapCell:
        """The hours [hour, until) of a weekday together."""
        held = [self.table.groups.get((weekday, at)) for at in range(hour, until)]
        sums = {name: sum(one[name][0] for one in held if one is not None) for name in self.table.sums}
        return HeatmapCell(
            weekday=weekday,
            day_part=part,
            hour=hour,
            until=until,
            value=value(MESSAGES, self.metric, sums),
            metrics=Measures(MESSAGES, sums),
        )

    def best(self, cells: list[HeatmapCell]) -> HeatmapCell | None:
        """The best of the cells at which anything left us."""
        sent = [cell for cell in cells if cell.value is not None and getattr(cell.metrics, SENDS) > 0]
        return max(sent, key=lambda cell: (cell.value, getattr(cell.metrics, SENDS)), default=None)


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
