"""GraphQL documents that frontends have registered, to be asked for by their id."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Utc


class PersistedDocument(Base):
    """A document of the whole installation; `id` is 'sha256:' and the hash of its text."""

    __tablename__ = "persisted_documents"

    id: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    label: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Utc)
