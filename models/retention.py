"""What retention took: since when the events of an organization are kept finely, and whose rows are gone."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc


class Horizon(Base):
    """Since when an organization's events are kept: minutes since 1970 at which local days begin.

    `detailed_from`: raw rows, minutes and quarters of an hour. `daily_from`: days. Both only rise, from 0 or
    no row: since ever. Since `raised_at` no question looks below.
    """

    __tablename__ = "horizons"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    detailed_from: Mapped[int] = mapped_column(sa.Integer)
    daily_from: Mapped[int] = mapped_column(sa.Integer)
    raised_at: Mapped[datetime] = mapped_column(Utc)


class Forgotten(Base):
    """The id of a row that retention took: what comes late of it must not count it again."""

    __tablename__ = "forgotten"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  it is how SQLAlchemy wants it

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    fact: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
