"""The organization in one row: its campaigns, its contacts and what became of its messages in a window."""

from __future__ import annotations

from models import CAMPAIGNS, CONTACTS, MESSAGES, Fact
from resolvers.exports.measures import measure_cells, measure_columns
from resolvers.exports.performance import MEASURES, PerformanceParams, check_performance
from resolvers.exports.source import Asking, Rows, Source
from resolvers.formats.columns import Column, moment, text
from resolvers.periods import Window
from resolvers.question import Question


def _prefixed(fact: Fact) -> tuple[Column, ...]:
    """The measures of a fact, with its name in front: campaign_total."""
    columns = measure_columns(fact, tuple(fact.measures))
    return tuple(Column(f"{fact.name}_{one.name}", one.kind, one.unit) for one in columns)


def _columns(_: PerformanceParams) -> tuple[Column, ...]:
    who = (text("organization_id"), text("organization_name"), moment("start"), moment("end"))
    return (*who, *_prefixed(CAMPAIGNS), *_prefixed(CONTACTS), *measure_columns(MESSAGES, MEASURES))


async def _rows(asking: Asking, params: PerformanceParams) -> Rows:
    organization = asking.organization

    async def cells(fact: Fact, window: Window | None) -> list[object]:
        names = tuple(fact.measures)
        question = Question(fact, organization.id, names, window, None, params.zone)
        return [*measure_cells(fact, names, (await asking.table(question)).total())]

    messages = (await asking.table(params.whole(organization.id))).total()
    yield [
        (
            *(organization.slug, organization.name, params.window.start, params.window.end),
            *await cells(CAMPAIGNS, params.window),
            *await cells(CONTACTS, None),
            *measure_cells(MESSAGES, MEASURES, messages),
        )
    ]


WORKSPACE_SUMMARY = Source(
    "workspace_summary",
    "The organization in one row: campaigns created in a window, all contacts, and the window's messages.",
    MESSAGES,
    PerformanceParams,
    _columns,
    _rows,
    check_performance,
)
