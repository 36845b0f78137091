"""How a question is answered: read from the plan that answers it, so that it is the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from models import Clock, Fact, Sum, Tier
from models.engine import Store
from models.fact import columns_of
from resolvers.periods import Window
from resolvers.plan import planned
from resolvers.question import Home, Question
from resolvers.statement import prepared


@dataclass(frozen=True)
class Part:
    """A part of a question, and the tier that answers it; None stands for the raw rows."""

    question: Question
    tier: Tier | None

    @property
    def window(self) -> Window:
        """The time that it is about."""
        span = self.question.span
        assert span is not None
        return span


def answered_by(question: Question, home: Home) -> list[Part]:
    """The parts of a question that has a span, in order of time."""
    found = [Part(part, tier) for part, tier in planned(question, home)]
    return sorted(found, key=lambda part: part.window.start)


def spelled(part: Part, home: Home, store: Store) -> str:
    """The statement that answers a part, in the store's own dialect, with names for its parameters; their
    values follow as a comment."""
    named: Any = type(store.reader.dialect)
    dialect = named(paramstyle="named")
    select, values = prepared(part.question, part.tier, home)
    made = select.compile(dialect=dialect).construct_expanded_state(values)
    return f"{made.statement}\n-- {orjson.dumps(made.parameters, default=str).decode()}"


def counted_at(fact: Fact, item: Sum, clock: Clock) -> str:
    """The columns that say when a sum counts: 'sent_at, else delivered_at'."""
    return ", else ".join(columns_of(fact.counted_at(item, clock)))
