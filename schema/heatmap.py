"""The heatmap: a metric by local weekday and hour."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from models import MESSAGES
from resolvers.question import HOUR, WEEKDAY, Question, Table
from resolvers.series import value
from schema.context import Context
from schema.families import MESSAGE
from schema.metrics import chosen, measures
from schema.scalars import Number
from schema.time import Clock, WindowInput, WindowType, window_of

DAYS, HOURS = 7, 24


@strawberry.type(description="One hour of the week.")
class HeatmapCell:
    weekday: int = strawberry.field(description="0 is Monday, 6 is Sunday.")
    hour: int = strawberry.field(description="0–23, in the zone of the heatmap.")
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
    cells: list[HeatmapCell] = strawberry.field(description="168 cells, Monday 0 o'clock first.")


async def heatmap(
    here: Context,
    metric: str,
    asked: tuple[str, ...],
    window: WindowInput | None,
    timezone: str | None,
    wanted: Any,
    clock: Clock,
) -> Heatmap:
    """The heatmap of a metric."""
    name = timezone or here.caller.organization.timezone
    span = window_of(window, name, here.now)
    question = Question(
        MESSAGES,
        here.caller.organization.id,
        tuple(dict.fromkeys((metric, *asked))),
        span,
        None,
        name,
        (WEEKDAY, HOUR),
        chosen(MESSAGES, wanted),
        clock,
    )
    mark = await here.loaders.mark(MESSAGES.name)
    table = await here.loaders.tables.load(question)
    return Heatmap(
        timezone=name,
        window=WindowType(start=span.start, end=span.end),
        as_of=mark.as_of,
        total=value(MESSAGES, metric, table.total()),
        cells=[_cell(table, metric, place) for place in range(DAYS * HOURS)],
    )


def _cell(table: Table, metric: str, place: int) -> HeatmapCell:
    held = table.groups.get((place // HOURS, place % HOURS))
    sums = dict.fromkeys(table.sums, 0) if held is None else {name: held[name][0] for name in table.sums}
    return HeatmapCell(
        weekday=place // HOURS,
        hour=place % HOURS,
        value=value(MESSAGES, metric, sums),
        metrics=measures(MESSAGE.metrics, MESSAGES, sums),
    )
