"""What may be asked of SlickText's endpoints. An empty text stands for nothing, as in the vendor's pages."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, create_model

from gateway.rest.read import whole
from gateway.rest.slicktext.filters import Resource
from gateway.rest.slicktext.stamps import When
from gateway.rest.typed import Asked
from gateway.rest.vendor import CHOICE

USUAL_LIMIT, MOST = 50, 10_000
FILTER = "by_"
Compare = Literal["YoY", "QoQ", "MoM", "WoW", "DoD", "PoP"]
Frequency = Literal["hour", "day", "month", "year"]


def _nothing(value: Any) -> Any:
    return None if value == "" else value


def _number(value: Any) -> Any:
    return None if value == "" else whole(value)


Comparison = Annotated[Compare | None, BeforeValidator(_nothing)]
Whole = Annotated[int | None, BeforeValidator(_number), WithJsonSchema({"type": "integer"})]


class Params(Asked):
    """What every endpoint takes."""

    timezone: Annotated[str | None, BeforeValidator(_nothing)] = Field(
        None,
        description="IANA zone of all dates, as the vendor's own pages send it; the brand's own when absent.",
        json_schema_extra=CHOICE,
    )

    @property
    def filters(self) -> list[tuple[str, str]]:
        """The fields that were given to filter by."""
        fields = type(self).model_fields
        given = (
            (fields[name].alias or "", getattr(self, name)) for name in fields if name.startswith(FILTER)
        )
        return [(name, value) for name, value in given if value]


class RangeParams(Params):
    """A span of time, and what to hold it against."""

    compare: Comparison = Field(
        None,
        description="Hold it against a year, a quarter, a month, a week or a day earlier, or the period "
        "right before. Our choice: the answer gains `compare`.",
    )
    start: When = Field(None, description="The first second; from the first event on when absent.")
    end: When = Field(None, description="The last second, included (our choice); now when absent.")


class SeriesParams(RangeParams):
    """A series."""

    frequency: Annotated[Frequency | None, BeforeValidator(_nothing)] = Field(
        None,
        description="How wide the buckets are. Our choice: day when absent.",
        json_schema_extra=CHOICE,
    )


class EventParams(SeriesParams):
    """Add and delete events."""

    kind: Literal["", "Creation", "Deletion"] = Field("", alias="type", description="Only one of the two.")


class PageParams(RangeParams):
    """A part of a list."""

    limit: Whole = Field(None, ge=1, le=MOST, description=f"How many; {USUAL_LIMIT} when absent.")
    offset: Whole = Field(None, ge=0, description="How many to leave out.")
    page: Whole = Field(None, ge=1, le=1_000_000, description="Which page, instead of an offset.")
    page_size: Whole = Field(None, alias="pageSize", ge=1, le=MOST, description="How many are on a page.")


def params(
    name: str, base: type[Params], resource: Resource | None = None, groups: tuple[str, ...] = ()
) -> Any:
    """The parameters of an endpoint: the base, what it can be grouped by, and the fields that filter it."""
    fields: dict[str, Any] = {}
    if groups:
        fields["group"] = (_group(groups), Field((), description=_about(groups)))
    for place, field in enumerate(resource.names if resource else ()):
        about = f"Only those whose {field.strip('_')} is exactly this."
        fields[f"{FILTER}{place}"] = (
            str | None,
            Field(None, alias=field, max_length=1000, description=about),
        )
    return create_model(name, __base__=base, **fields)


def _group(groups: tuple[str, ...]) -> Any:
    def chosen(value: Any) -> Any:
        names = tuple(name.strip() for name in value.split(",")) if value else ()
        if len(names) > 2 or len(set(names)) < len(names) or not set(names) <= set(groups):
            both = ", or two of them with a comma between" if len(groups) > 1 else ""
            raise ValueError(f"must be {' or '.join(groups)}{both}")
        return names

    kind = {"type": "string", "examples": [groups[0]]}
    return Annotated[tuple[str, ...], BeforeValidator(chosen), WithJsonSchema(kind)]


def _about(groups: tuple[str, ...]) -> str:
    both = " Our choice: two at once with a comma between." if len(groups) > 1 else ""
    return f"Group by {' or '.join(groups)}.{both}"
