"""One drill for real, on a small load, and what the table says of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from drills.__main__ import one
from drills.catalogue import ALONE, DRILLS, SQLITE
from drills.table import told
from drills.verdict import Verdict


async def test_nothing_is_lost_when_a_server_is_killed(tmp_path: Path) -> None:
    kill_server = next(drill for drill in DRILLS if drill.name == "kill_server")

    patient = replace(kill_server.allowed, recovery_s=60, slowest_s=60)  # other tests run beside this one
    small = replace(kill_server, store=SQLITE, cast=ALONE, allowed=patient)

    verdict = await one(small, None, tmp_path, warm_s=0.5)

    assert verdict.wrong == []
    assert (verdict.lost, verdict.twice) == (0, 0)
    assert verdict.acknowledged > 0


def test_each_drill_has_a_name_of_its_own() -> None:
    assert len({drill.name for drill in DRILLS}) == len(DRILLS)


def test_what_did_not_hold_stands_in_the_table() -> None:
    verdict = Verdict("stop_pg", "PostgreSQL stopped", 1_200, 40, lost=3, wrong=["rows lost"])

    assert told([verdict]).splitlines()[2] == (
        "| stop_pg | PostgreSQL stopped | 1,200 | 40 | 3 | 0 | 0 | 0 | 0.0 s | never | – | – | – | **no**: rows lost |"
    )
