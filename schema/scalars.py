"""Scalars that GraphQL lacks: moments, dates, and numbers that outgrow 32 bits."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NewType

import strawberry

from models.moments import calendar_day, printed, rfc3339

BigInt = NewType("BigInt", int)
if TYPE_CHECKING:
    Number = float
else:
    Number = NewType("Number", float)


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("A DateTime is a text such as 2026-05-05T00:00:00Z.")
    try:
        return rfc3339(value)
    except ValueError as error:
        raise ValueError(f"A DateTime {error}.") from error


def _date(value: object) -> date:
    if not isinstance(value, str):
        raise ValueError("A Date is a text such as 2026-05-05.")
    try:
        return calendar_day(value)
    except ValueError as error:
        raise ValueError("A Date is a text such as 2026-05-05.") from error


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("A BigInt is a whole number.")
    return value


def _refuse(_: object) -> Any:
    raise ValueError("A Number is only ever an answer.")


SCALARS: dict[object, Any] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment as RFC 3339 text, with its offset; answers are in UTC: 2026-05-05T00:00:00Z.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=printed,
        parse_value=_moment,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day of the calendar: 2026-05-05.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date.html",
        serialize=date.isoformat,
        parse_value=_date,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number of any size, as a JSON number.",
        serialize=int,
        parse_value=_whole,
    ),
    Number: strawberry.scalar(
        name="Number",
        description="A JSON number: whole for counts and sums, with decimals for ratios.",
        serialize=lambda value: value,
        parse_value=_refuse,
    ),
}
