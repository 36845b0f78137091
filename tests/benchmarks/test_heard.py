"""What a log tells of the statements that were executed."""

from __future__ import annotations

from benchmarks.heard import executed

LOG = b"""\
2026-11-21 12:00:00.001 UTC [7] LOG:  statement: BEGIN;
2026-11-21 12:00:00.002 UTC [7] LOG:  execute __asyncpg_stmt_1__: SELECT sum(total)
\tFROM message_day WHERE note = 'LOG: statement: none'
2026-11-21 12:00:00.002 UTC [7] DETAIL:  Parameters: $1 = '1'
2026-11-21 12:00:00.003 UTC [8] LOG:  execute <unnamed>: SELECT 1
2026-11-21 12:00:00.004 UTC [1] LOG:  received SIGHUP, reloading configuration files
"""


def test_each_statement_counts_once_however_it_was_sent() -> None:
    assert executed(LOG) == 3  # BEGIN, a prepared one of two lines, one without a name
    assert executed(b"") == 0
