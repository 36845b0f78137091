"""How the whole organization did in a window: one row, or one for each day."""

from __future__ import annotations

from models import MESSAGES
from resolvers.exports.measures import measure_cells, measure_columns
from resolvers.exports.performance import DATE, MEASURES, PerformanceParams, by_date, check_performance
from resolvers.exports.source import Asking, Rows, Source
from resolvers.formats.columns import Column, moment, text


def _columns(params: PerformanceParams) -> tuple[Column, ...]:
    when = (DATE,) if params.granularity else (moment("start"), moment("end"))
    who = (text("organization_id"), text("organization_name"))
    return (*when, *who, *measure_columns(MESSAGES, MEASURES))


async def _rows(asking: Asking, params: PerformanceParams) -> Rows:
    question = params.question(asking.organization.id)
    table = await asking.table(question)
    size = 1 if table.buckets is None else len(table.buckets)
    sums = table.groups.get((), {name: [0] * size for name in table.sums})
    ends = () if params.granularity else (params.window.start, params.window.end)
    who = (asking.organization.slug, asking.organization.name)
    yield [
        (*day, *ends, *who, *measure_cells(MESSAGES, MEASURES, told))
        for day, told in by_date(asking, question, table, sums)
    ]


OVERALL_PERFORMANCE = Source(
    "overall_performance",
    "How the whole organization did in a window: one row, or one for each day.",
    MESSAGES,
    PerformanceParams,
    _columns,
    _rows,
    check_performance,
)
