"""What both performance exports share: their window, and how it is cut into days, weeks or months."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from models import MESSAGES, Clock
from models.errors import InvalidInput
from models.zones import zone
from resolvers.caller import Caller
from resolvers.exports.measures import at
from resolvers.exports.source import Asking, Params, home_of
from resolvers.filters import Where
from resolvers.formats.columns import Column, Kind
from resolvers.limits import check_buckets, check_granularity
from resolvers.periods import Granularity, Window
from resolvers.plan import parts
from resolvers.question import Question, Table
from resolvers.series import Series

MEASURES = tuple(MESSAGES.measures)
DATE = Column("date", Kind.DAY)


class PerformanceParams(Params):
    """A window, as a whole or cut into days, weeks, months or years."""

    window: Window
    zone: str
    granularity: Granularity | None = None
    clock: Clock = Clock.CREATED
    where: Where = ()

    def question(self, organization_id: int, by: tuple[str, ...] = ()) -> Question:
        """Every measure of the messages."""
        ends = (self.window, self.granularity, self.zone)
        return Question(MESSAGES, organization_id, MEASURES, *ends, by, self.where, self.clock)

    def whole(self, organization_id: int) -> Question:
        """The same over the window as a whole."""
        return replace(self.question(organization_id), granularity=None)


async def check_performance(db: AsyncConnection, caller: Caller, params: PerformanceParams) -> None:
    """Raises what the plan does not allow, InvalidInput for buckets that are no days, and Expired."""
    if params.granularity is not None:
        if not params.granularity.is_local:
            raise InvalidInput("A time series of performance has buckets of a DAY, WEEK, MONTH or YEAR.")
        check_granularity(caller.plan, params.granularity)
        check_buckets(caller.plan, params.window, params.granularity, params.zone)
    parts(params.question(caller.organization.id), await home_of(db, caller.organization))


def by_date(
    asking: Asking, question: Question, table: Table, sums: dict[str, list[int]]
) -> list[tuple[tuple[date, ...], dict[str, int] | None]]:
    """The sums of each bucket with the local date it begins on, () for the window as a whole.

    None where nothing is counted yet, or no longer kept.
    """
    if table.buckets is None:
        return [((), at(sums, 0))]
    series = Series(question, table.buckets, table, asking.as_of)
    dates = [moment.astimezone(zone(question.zone)).date() for moment in table.buckets.moments[:-1]]
    return [
        ((day,), at(sums, place) if series.is_counted(place) else None) for place, day in enumerate(dates)
    ]
