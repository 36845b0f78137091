"""kill -9 at any step of an export: another worker makes it, and its file is the same.

Each run begins at a step of its own, so that all of them have their turn; KILL_EVERY=1 takes all at once.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys

import pytest

from tests.gateway.exports.asking import looked, requested
from tests.gateway.exports.killed import LEASE, NOW
from tests.house import House

STRIDE = 5
MOST_STEPS = 30
FEWEST_STEPS = 12  # a claim, four pieces of the file, a rename and a completion have two each


@pytest.mark.parametrize("format", ["CSV", "NDJSON"])
async def test_a_kill_at_any_step_leaves_the_same_file(
    stocked: House, key: str, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stride = int(os.environ.get("KILL_EVERY", STRIDE))
    many = 3 + MOST_STEPS // stride  # two of them are made by workers who live
    monkeypatch.setattr("resolvers.exports.requests.MOST_UNFINISHED", many)
    asked = [await requested(stocked, key, format, messages={}) for _ in range(many)]
    assert stocked.now == NOW, "the other process has the same clock"

    begin = random.randint(1, stride)
    steps = await killed(stocked, begin, stride)
    left = sum(path.name.endswith(".part") for path in stocked.folder.iterdir())
    stocked.now = NOW + LEASE
    while await stocked.gateway.exporter.make_one():
        pass

    told = f"it began at step {begin}; KILL_EVERY=1 takes all"
    found = [await looked(stocked, key, one["id"]) for one in asked]
    assert FEWEST_STEPS < steps < MOST_STEPS
    assert left >= 5 // stride, "nobody was killed while it wrote"
    assert {one["status"] for one in found} == {"COMPLETED"}, told
    assert len({one["sha256"] for one in found}) == 1, told
    files = [path.read_bytes() for path in stocked.folder.iterdir()]
    assert len(files) == many, told
    assert len(set(files)) == 1, told
    assert files[0].count(b"2026-05-05T01:00:00Z") == 1


async def killed(house: House, begin: int, stride: int) -> int:
    """Let the other process do its work; how many steps it counted."""
    url = house.gateway.store.url.render_as_string(hide_password=False)
    given = (url, str(house.folder), str(begin), str(stride))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.gateway.exports.killed", *given), stdout=pipe, stderr=pipe
    )
    said, complained = await process.communicate()
    assert process.returncode == 0, f"begun at step {begin}: {complained.decode()}"
    return int(said.split()[-1])  # after the lines of its log
