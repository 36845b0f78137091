"""When messages do best: by the hour of the day and by the day of the week they were sent."""

from collections import defaultdict
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import MESSAGES, Clock
from resolvers.question import HOUR, WEEKDAY, Question, Table
from resolvers.series import value
from schema.arguments import Last90Days, WhichMessages, Zone
from schema.context import Context, context
from schema.families import MESSAGE
from schema.metrics import Measures, chosen
from schema.metrics import asked as asked_of
from schema.scalars import Number
from schema.sizes import HEAVY, NUMBERS
from schema.time import Granularity, Last, WindowInput, WindowType

LAST_90_DAYS = Last(count=90, unit=Granularity.DAY)


@strawberry.type(description="What became of the messages sent in one hour of the day.")
class SendHour:
    hour: int = strawberry.field(description="0–23, in the zone asked for.")
    value: Number | None = strawberry.field(description="The metric; null for a ratio of nothing.")
    metrics: MESSAGE.metrics = strawberry.field(description="Every measure.")


@strawberry.type(description="What became of the messages sent on one day of the week.")
class SendWeekday:
    weekday: int = strawberry.field(description="0 is Monday, 6 is Sunday.")
    value: Number | None = strawberry.field(description="The metric; null for a ratio of nothing.")
    metrics: MESSAGE.metrics = strawberry.field(description="Every measure.")


@strawberry.type(
    description="When sending does best. Every message counts where it was sent, whenever it was delivered."
)
class BestSendTimes:
    timezone: str = strawberry.field(description="The IANA zone of hours and weekdays.")
    window: WindowType = strawberry.field(description="The span that is counted.")
    as_of: datetime = strawberry.field(description="Up to here everything that had come in is counted.")
    by_hour: list[SendHour] = strawberry.field(description="Hours in which anything was sent, from 0 on.")
    by_weekday: list[SendWeekday] = strawberry.field(
        description="Weekdays on which anything was sent, from Monday on."
    )


async def best_send_times(
    here: Context,
    metric: str,
    asked: tuple[str, ...],
    window: WindowInput | None,
    timezone: str | None,
    wanted: Any,
) -> BestSendTimes:
    """The send times of a window, the last 90 days without one."""
    name = here.zone(timezone)
    span = here.window(window or WindowInput(last=strawberry.Some(LAST_90_DAYS)), name)
    question = Question(
        MESSAGES,
        here.caller.organization.id,
        tuple(dict.fromkeys((metric, "attempted", *asked))),
        span,
        None,
        name,
        (WEEKDAY, HOUR),
        chosen(MESSAGES, wanted),
        Clock.SENT,
    )
    mark = await here.loaders.mark(MESSAGES.name)
    table = await here.loaders.tables.load(question)

    def rows(place: int) -> list[tuple[int, Any, Any]]:
        return [
            (key, value(MESSAGES, metric, sums), Measures(MESSAGES, sums))
            for key, sums in sorted(_added(table, place).items())
            if sums["attempted"]
        ]

    return BestSendTimes(
        timezone=name,
        window=WindowType(start=span.start, end=span.end),
        as_of=mark.as_of,
        by_hour=[SendHour(hour=key, value=number, metrics=made) for key, number, made in rows(1)],
        by_weekday=[SendWeekday(weekday=key, value=number, metrics=made) for key, number, made in rows(0)],
    )


def _added(table: Table, place: int) -> dict[int, dict[str, int]]:
    """The sums by one part of the group: 0 for the weekday, 1 for the hour."""
    added: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(table.sums, 0))
    for group, sums in table.groups.items():
        held = added[int(group[place])]
        for name in table.sums:
            held[name] += sums[name][0]
    return added


_CONFIRMATION_RATE = MESSAGE.metric["CONFIRMATION_RATE"]


@strawberry.type
class SendTimeFields:
    """The root field of send times."""

    @strawberry.field(
        description="When sending does best, by the hour and by the weekday of sending.",
        metadata=HEAVY | NUMBERS,
    )
    async def best_send_times(
        self,
        info: Info,
        metric: Annotated[
            MESSAGE.metric, strawberry.argument(description="What to count.")
        ] = _CONFIRMATION_RATE,
        window: Last90Days = None,
        timezone: Zone = None,
        filter: WhichMessages = None,
    ) -> BestSendTimes:
        names = asked_of(info, MESSAGES)
        return await best_send_times(context(info), metric.value, names, window, timezone, filter)
