"""Rollup tables for migrations: made and dropped whole, for what they hold can be counted again.

A fact without a watermark is counted anew by the first worker that runs (`Worker.refresh`). What retention
took the raw rows of is lost to it: a migration that drops tiers names its facts in `RECOUNTS`, so that
nobody upgrades without knowing (`history.py`).

The release before 0002 knew nothing of that: who goes back to it enrolls and rebuilds each organization.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

SLIM = ("slim_quarter", "minute")


def make(
    fact: str,
    tiers: Sequence[str],
    dimensions: Sequence[str],
    sums: Sequence[str],
    wide: Sequence[str] = (),
) -> None:
    """The outbox and the tiers of a fact; slim quarters and minutes go without the `wide` dimensions."""
    op.create_table(
        f"{fact}_outbox",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("clock", sa.SmallInteger(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        *_columns(dimensions, sums),
    )
    for tier in tiers:
        kept = [name for name in dimensions if not (tier in SLIM and name in wide)]
        _make_tier(f"{fact}_{tier}", kept, sums)
        if tier == "minute":
            op.create_index(f"ix_{fact}_{tier}_slot", f"{fact}_{tier}", ["slot"])


def drop(fact: str, tiers: Sequence[str]) -> None:
    """Take the rollups of a fact away, and its watermarks, so that it is counted anew."""
    for name in ("outbox", *tiers):
        op.drop_table(f"{fact}_{name}")
    watermarks = sa.table("watermarks", sa.column("fact"))
    op.execute(sa.delete(watermarks).where(watermarks.c.fact == fact))


def _make_tier(table: str, dimensions: Sequence[str], sums: Sequence[str]) -> None:
    key = ["organization_id", "clock", "slot", *dimensions]
    op.create_table(
        table,
        sa.Column("organization_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("clock", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        *_columns(dimensions, sums),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
        sqlite_with_rowid=False,
    )
    if "campaign" in dimensions:
        by_campaign = ["organization_id", "clock", "campaign", "slot"]
        op.create_index(f"ix_{table}_{'_'.join(by_campaign)}", table, by_campaign)


def _columns(dimensions: Sequence[str], sums: Sequence[str]) -> list[sa.Column[Any]]:
    return [
        *(sa.Column(name, sa.String(), nullable=False) for name in dimensions),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in sums),
    ]
