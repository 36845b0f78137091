"""Tables of rows that are told whole, for migrations."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from models.base import Utc


def texts(*names: str) -> list[sa.Column[Any]]:
    """Columns of text."""
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def moment(name: str, optional: bool = False) -> sa.Column[Any]:
    """A column of moments."""
    return sa.Column(name, Utc(), nullable=optional)


def make(name: str, *columns: sa.Column[Any]) -> None:
    """A tenant's table of rows that are told whole."""
    op.create_table(
        name,
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        *columns,
        moment("updated_at"),
        sa.PrimaryKeyConstraint("organization_id", "id", name=f"pk_{name}"),
    )
