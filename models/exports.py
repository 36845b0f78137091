"""Exports: each row is a job, and then the file that came of it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Utc

PENDING, PROCESSING = "pending", "processing"
COMPLETED, FAILED, EXPIRED = "completed", "failed", "expired"
UNFINISHED = (PENDING, PROCESSING)


class Export(Base):
    """One export that somebody asked for.

    `rows` grows while it is written. `file` is the name it is stored under, '' until it is there. Whoever
    works on it is its `holder` until `lease_until`; `as_of` is what is taken for counted, as it was asked.
    """

    __tablename__ = "exports"
    __table_args__ = (
        sa.Index(None, "organization_id", "created_at", "id"),
        sa.Index(None, "status", "lease_until"),  # every worker looks for what waits
    )

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    format: Mapped[str]
    params: Mapped[str] = mapped_column(sa.Text)
    requested_by: Mapped[str]
    status: Mapped[str]
    rows: Mapped[int] = mapped_column(sa.BigInteger)
    bytes: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str]
    file: Mapped[str]
    error: Mapped[str]
    as_of: Mapped[datetime] = mapped_column(Utc)
    created_at: Mapped[datetime] = mapped_column(Utc)
    started_at: Mapped[datetime | None] = mapped_column(Utc)
    completed_at: Mapped[datetime | None] = mapped_column(Utc)
    expires_at: Mapped[datetime | None] = mapped_column(Utc)
    attempts: Mapped[int]
    holder: Mapped[str]
    lease_until: Mapped[datetime | None] = mapped_column(Utc)
