"""PostgreSQL holds every transaction to the organization that it says it is for."""

from __future__ import annotations

from models.migrations.lock import lock, tenants_tables, unlock

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lock(tenants_tables())


def downgrade() -> None:
    unlock(tenants_tables())
