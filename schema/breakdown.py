"""Breakdowns: what a window holds of each group, without buckets."""

import re
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import Clock
from resolvers.limits import check_page
from resolvers.question import Question, Table
from resolvers.series import Group, names_of, value
from schema.answering import check_clock, check_groups, span_in
from schema.arguments import AllTime, Zone
from schema.context import context
from schema.families import FAMILIES, Family, buckets_arguments
from schema.metrics import Measures, asked, chosen, of_table
from schema.scalars import Number
from schema.sizes import NUMBERS
from schema.time import WindowInput

MOST_GROUPS = 10_000
USUAL_GROUPS = 100


@strawberry.type
class BreakdownBase:
    """What the breakdowns of every fact have in common."""

    as_of: datetime = strawberry.field(description="Up to here everything that had come in is counted.")
    total: Number | None = strawberry.field(description="The metric of all groups together.")
    group_count: int = strawberry.field(description="How many groups have any number.")


def _group_type(family: Family, name: str) -> Any:
    body: dict[str, Any] = {
        "__annotations__": {
            "key": list[str],
            "value": Number | None,
            "share": Number | None,
            "metrics": family.metrics,
        },
        "key": strawberry.field(description="One text for each dimension of `groupBy`, '' for none."),
        "value": strawberry.field(description="The metric of this group."),
        "share": strawberry.field(description="Out of all groups, in percent; null for ratios."),
        "metrics": strawberry.field(description="Every measure of this group."),
    }
    return strawberry.type(type(name, (), body), name=name, description=f"One group. {family.fact.about}")


def _breakdown_type(family: Family, name: str, group: Any) -> Any:
    body: dict[str, Any] = {
        "__annotations__": {"metrics": family.metrics, "groups": list[group]},
        "metrics": strawberry.field(description="Every measure of all groups together."),
        "groups": strawberry.field(description="The groups, those with the greatest value first."),
    }
    about = f"Group by group. {family.fact.about}"
    return strawberry.type(type(name, (BreakdownBase,), body), name=name, description=about)


def breakdown_field(family: Family, metric: str) -> Any:
    """A field with the groups of this family, over the window of its parent."""
    name = family.bucket.__name__.removesuffix("Bucket")
    group = _group_type(family, f"{name}Group")
    made = _breakdown_type(family, f"{name}Breakdown", group)

    async def resolve(
        self: Any,
        info: Info,
        metric: Any = family.metric[metric],
        group_by: Any = None,
        filter: Any = None,
        clock: Clock = Clock.CREATED,
        first: int = USUAL_GROUPS,
    ) -> Any:
        here = context(info)
        check_page(first, MOST_GROUPS)
        check_clock(family, clock)
        as_of = await here.as_of(info, family.fact.mark)
        table = await here.loaders.tables.load(
            Question(
                family.fact,
                here.caller.organization.id,
                tuple(dict.fromkeys((metric.value, *asked(info, family.fact)))),
                span_in(here, self.window, self.timezone),
                None,
                self.timezone,
                check_groups(group_by),
                chosen(family.fact, filter),
                clock,
            )
        )
        here.budget.spend(len(table.groups) + min(first, len(table.groups)) * (2 + len(table.sums)))
        return made(
            as_of=as_of,
            total=value(family.fact, metric.value, table.total()),
            group_count=len(table.groups),
            metrics=of_table(family.fact, table),
            groups=[group(**one) for one in _groups(family, metric.value, table)[:first]],
        )

    arguments = buckets_arguments(family)
    kept = ("info", "metric", "group_by", "filter", "clock")
    resolve.__annotations__ = {name: arguments[name] for name in kept}
    resolve.__annotations__["first"] = Annotated[
        int, strawberry.argument(description=f"How many groups, up to {MOST_GROUPS:,}.")
    ]
    resolve.__annotations__["return"] = made
    return strawberry.field(resolver=resolve, description=family.fact.about)


def _groups(family: Family, metric: str, table: Table) -> list[dict[str, Any]]:
    """The groups with any number, the greatest value first, then by name."""
    fact = family.fact
    found: list[tuple[Group, dict[str, int]]] = [
        (group, table.total(columns)) for group, columns in table.groups.items()
    ]
    values = {group: value(fact, metric, sums) for group, sums in found}
    total = sum(sums[metric] for _, sums in found) if metric in table.sums else 0
    found.sort(key=lambda one: (-(values[one[0]] or 0), names_of(one[0])))
    return [
        {
            "key": [str(part) for part in group],
            "value": values[group],
            "share": 100 * sums[metric] / total if total else None,
            "metrics": Measures(fact, sums),
        }
        for group, sums in found
    ]


def _breakdown() -> Any:
    body: dict[str, Any] = {
        "__annotations__": {
            "window": strawberry.Private[WindowInput | None],
            "timezone": strawberry.Private[str],
        }
    }
    for family in FAMILIES:
        usual = next(iter(family.fact.measures)).upper()
        body[_plural(family.fact.name)] = breakdown_field(family, usual)
    made = type("Breakdown", (), body)
    about = "What a window holds of each group: by channel, by status, by source, by weekday, …"
    return strawberry.type(made, name="Breakdown", description=about)


def _plural(name: str) -> str:
    if name == "inbox":
        return name
    return f"{name[:-1]}ies" if re.search("[^aeiou]y$", name) else f"{name}s"


Breakdown = _breakdown()


@strawberry.type
class BreakdownFields:
    """The root field of breakdowns."""

    @strawberry.field(
        graphql_type=Breakdown,
        description="What a window holds of each group, without buckets.",
        metadata=NUMBERS,
    )
    def breakdown(self, info: Info, window: AllTime = None, timezone: Zone = None) -> Any:
        return Breakdown(window=window, timezone=context(info).zone(timezone))
