"""What an upgrade would lose: tiers that it counts anew know nothing of what retention has taken.

A migration that drops tiers names their facts in `RECOUNTS`.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from models import Horizon
from models.errors import HistoryWouldGo
from models.lock import EVERYONE, turn


def check(connection: sa.Connection, config: Config) -> None:
    """Raises HistoryWouldGo, before anything has changed."""
    if not config.attributes.get("may_lose_history"):
        check_facts(connection, pending(connection, config))
    connection.rollback()  # Alembic begins a transaction of its own


def pending(connection: sa.Connection, config: Config) -> set[str]:
    """The facts that are counted anew by the migrations that have not been applied."""
    current = MigrationContext.configure(connection).get_current_revision()
    revisions = ScriptDirectory.from_config(config).iterate_revisions("heads", current or "base")
    return {fact for one in revisions for fact in getattr(one.module, "RECOUNTS", ())}


def check_facts(connection: sa.Connection, facts: Iterable[str]) -> None:
    """Raises HistoryWouldGo when raw rows of these facts are gone in any organization."""
    named = ", ".join(sorted(facts))
    if not named or not sa.inspect(connection).has_table(Horizon.__tablename__):
        return
    turn(connection, EVERYONE)
    number = sa.select(sa.func.count()).select_from(Horizon).where(Horizon.detailed_from > 0)
    if organizations := connection.execute(number).scalar_one():
        raise HistoryWouldGo(
            f"This upgrade counts anew ({named}), and retention has taken the rows of {organizations} "
            "organizations: their older days and months would go too. Make a backup, then run "
            "'heliograph migrate --lose-history'.",
            organizations=organizations,
        )
