"""What SQL would say of one row: the expressions that facts are made of, worked out here."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import elements, functions

from models.base import millis_between
from models.fact import element

Row = Mapping[str, Any]
Worked = Callable[[Row], Any]
_MILLISECOND = timedelta(milliseconds=1)
_OPERATORS: dict[Any, Callable[[Any, Any], Any]] = {
    sa.sql.operators.floordiv: operator.floordiv,
    **{one: one for one in (operator.eq, operator.ne, operator.gt, operator.ge, operator.add, operator.mul)},
}


def worked(expression: Any) -> Worked:
    """The value of an expression over a row. Raises TypeError for what no fact has needed so far."""
    made_of = element(expression)
    for kind, made in _KINDS:
        if isinstance(made_of, kind):
            return made(made_of)
    raise TypeError(f"intake cannot work out {type(made_of).__name__}: {made_of}")


def _constant(value: Any) -> Worked:
    return lambda _: value


def _column(part: sa.ColumnClause[Any]) -> Worked:
    return _constant(int(part.name)) if part.is_literal else operator.itemgetter(part.name)


def _case(part: sa.Case[Any]) -> Worked:
    whens = [(worked(when), worked(then)) for when, then in part.whens]
    otherwise = _constant(None) if part.else_ is None else worked(part.else_)

    def first(row: Row) -> Any:
        return next((then for when, then in whens if when(row)), otherwise)(row)

    return first


def _all_or_any(whole: elements.BooleanClauseList) -> Worked:
    parts, hold = [worked(part) for part in whole.clauses], any if whole.operator is operator.or_ else all
    return lambda row: hold(part(row) for part in parts)


def _binary(part: sa.BinaryExpression[Any]) -> Worked:
    left, right = worked(part.left), worked(part.right)
    if part.operator is sa.sql.operators.is_:
        return lambda row: left(row) is right(row)
    if part.operator is sa.sql.operators.is_not:
        return lambda row: left(row) is not right(row)
    work = _OPERATORS[part.operator]

    def both(row: Row) -> Any:
        one, other = left(row), right(row)
        return None if one is None or other is None else work(one, other)

    return both


def _first_known(whole: functions.coalesce[Any]) -> Worked:
    parts = [worked(part) for part in whole.clauses]
    return lambda row: next((value for part in parts if (value := part(row)) is not None), None)


def _millis(whole: millis_between) -> Worked:
    start, end = (worked(part) for part in whole.clauses)

    def between(row: Row) -> int | None:
        one, other = start(row), end(row)
        if one is None or other is None:
            return None
        return (other - one) // _MILLISECOND if other >= one else -((one - other) // _MILLISECOND)

    return between


_KINDS: tuple[tuple[type, Callable[[Any], Worked]], ...] = (
    (elements.Grouping, lambda part: worked(part.element)),
    (sa.BindParameter, lambda element: _constant(element.value)),
    (elements.Null, lambda _: _constant(None)),
    (elements.True_, lambda _: _constant(True)),
    (elements.False_, lambda _: _constant(False)),
    (sa.ColumnClause, _column),
    (sa.Case, _case),
    (elements.BooleanClauseList, _all_or_any),
    (sa.BinaryExpression, _binary),
    (functions.coalesce, _first_known),
    (millis_between, _millis),
)
