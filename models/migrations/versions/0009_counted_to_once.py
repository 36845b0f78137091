"""Up to when everything is counted is kept once, not with every fact of every organization."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.base import Utc

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NEVER = {"sqlite": "0", "postgresql": "'1970-01-01 00:00:00+00'"}
LOCK = sa.table("refresh_lock", sa.column("counted_to", Utc()))
MARKS = sa.table("watermarks", sa.column("as_of", Utc()))


def upgrade() -> None:
    op.add_column("refresh_lock", _moment("counted_to"))
    latest = sa.select(sa.func.max(MARKS.c.as_of)).scalar_subquery()
    op.execute(sa.update(LOCK).values(counted_to=sa.func.coalesce(latest, LOCK.c.counted_to)))
    op.drop_column("watermarks", "as_of")


def downgrade() -> None:
    op.add_column("watermarks", _moment("as_of"))
    op.execute(sa.update(MARKS).values(as_of=sa.select(LOCK.c.counted_to).scalar_subquery()))
    op.drop_column("refresh_lock", "counted_to")


def _moment(name: str) -> sa.Column:
    never = sa.text(NEVER[op.get_bind().dialect.name])
    return sa.Column(name, Utc(), server_default=never, nullable=False)
