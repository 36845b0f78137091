"""How often an organization asked."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId


class RequestLog(Base):
    """The requests of the last minute that count towards one limit, as a JSON list of Unix times."""

    __tablename__ = "request_logs"

    organization_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(primary_key=True)
    moments: Mapped[str] = mapped_column(sa.Text)
