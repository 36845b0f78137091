"""Retention: since when events are kept finely, and the ids of the rows that are gone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import Utc

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "horizons",
        sa.Column("organization_id", number, autoincrement=False, nullable=False),
        sa.Column("detailed_from", sa.Integer(), nullable=False),
        sa.Column("daily_from", sa.Integer(), nullable=False),
        sa.Column("raised_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name="pk_horizons"),
    )
    op.create_table(
        "forgotten",
        sa.Column("organization_id", number, autoincrement=False, nullable=False),
        sa.Column("fact", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "fact", "id", name="pk_forgotten"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reached",
        sa.Column("organization_id", number, autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "campaign_id", "contact_id", name="pk_reached"),
        sqlite_with_rowid=False,
    )
    op.add_column(
        "watermarks", sa.Column("counted_from", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )


def downgrade() -> None:
    horizons = sa.table("horizons", sa.column("detailed_from"))
    taken = sa.select(sa.func.count()).select_from(horizons).where(horizons.c.detailed_from > 0)
    if op.get_bind().execute(taken).scalar_one():
        raise RuntimeError("Retention has taken rows, and the release before knows nothing of it.")
    op.drop_column("watermarks", "counted_from")
    op.drop_table("reached")
    op.drop_table("forgotten")
    op.drop_table("horizons")
