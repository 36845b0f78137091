"""The SQL that a good engineer would write by hand over our rollup tables, in PostgreSQL's own placeholders.

$1 is always the organization. Days and minutes count from 1970; clock 0 is the moment of creation.
"""

from __future__ import annotations

OVERVIEW_SUMS = (
    "total",
    "logged",
    "received",
    "attempted",
    "sent",
    "delivered",
    "read",
    "failed",
    "opened",
    "clicked",
)
RATE_SUMS = ("confirmed", "delivered_or_read")
SUMMARY_SUMS = ("total", "logged", "sent", "delivered", "read", "failed", "opened", "clicked")
SERIES_SUMS = ("logged", "sent", "delivered", "read", "failed")
YEAR_SUMS = ("logged", "delivered", "confirmed")


def _sums(names: tuple[str, ...]) -> str:
    return ", ".join(f"sum({name})::bigint AS {name}" for name in names)


_OF_DAYS = "FROM message_day WHERE organization_id = $1 AND clock = 0 AND slot >= $2 AND slot < $3"
_OF_QUARTERS = (
    "FROM message_slim_quarter WHERE organization_id = $1 AND clock = 0 AND slot >= $2 AND slot < $3"
)
_OF_CAMPAIGNS = "FROM message_day WHERE organization_id = $1 AND clock = 0 AND campaign = ANY($2)"

TOTALS = f"SELECT {_sums((*OVERVIEW_SUMS, *RATE_SUMS))} {_OF_DAYS}"
DAYS = f"SELECT slot, {_sums(('delivered',))} {_OF_DAYS} GROUP BY slot"
HOURS = f"SELECT slot - slot % 60 AS hour, {_sums(('delivered',))} {_OF_QUARTERS} GROUP BY hour"
YEAR = f"SELECT slot, {_sums(YEAR_SUMS)} {_OF_DAYS} GROUP BY slot"
WEEK = (
    f"SELECT (slot / 1440 + 3) % 7 AS weekday, slot % 1440 / 60 AS hour, {_sums(('delivered',))} "
    f"{_OF_QUARTERS} GROUP BY weekday, hour"
)
CAMPAIGNS = (
    "SELECT id, name FROM campaigns WHERE organization_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2"
)
SUMMARIES = f"SELECT campaign, {_sums(SUMMARY_SUMS)} {_OF_CAMPAIGNS} GROUP BY campaign"
SERIES = (
    f"SELECT campaign, slot, {_sums(SERIES_SUMS)} {_OF_CAMPAIGNS} AND slot >= $3 AND slot < $4 "
    "GROUP BY campaign, slot"
)
