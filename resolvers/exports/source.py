"""What can be exported: a source names its columns and gives its rows, some at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Fact, Organization
from resolvers.caller import Caller
from resolvers.formats.columns import Column, Row
from resolvers.question import Home, Question, Table
from resolvers.tables import answer
from resolvers.watermarks import progress

Rows = AsyncIterator[list[Row]]


class Params(BaseModel):
    """What an export is about, kept as JSON in its row."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Asking:
    """One organization, asked over one snapshot of the store; nothing after `as_of` is taken for counted."""

    db: AsyncConnection
    organization: Organization
    home: Home
    as_of: datetime

    async def table(self, question: Question) -> Table:
        """The numbers of a question."""
        return await answer(self.db, question, self.home)


async def home_of(db: AsyncConnection, organization: Organization) -> Home:
    """What the planner must know of an organization."""
    found = await progress(db, organization.id)
    return Home(organization.timezone, found.minutes_from, found.kept)


async def _fine(_: AsyncConnection, __: Caller, ___: Any) -> None:
    """Nothing to refuse."""


@dataclass(frozen=True)
class Source:
    """One thing that can be exported. The watermark of its `fact` is pinned when an export is asked for.

    `check` refuses what the caller may not ask. Rows that are one SELECT of the columns may be given as
    `select` too: stores that can write it into a file by themselves then do.
    """

    name: str
    about: str
    fact: Fact
    params: type[Params]
    columns: Callable[[Any], tuple[Column, ...]]
    rows: Callable[[Asking, Any], Rows]
    check: Callable[[AsyncConnection, Caller, Any], Awaitable[None]] = _fine
    select: Callable[[Asking, Any], sa.Select[Any]] | None = None
    takes: timedelta = timedelta(seconds=10)  # a guess, for who waits
