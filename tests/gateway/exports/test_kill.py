"""kill -9 at every step of an export: another worker makes it, and its file is the same."""

from __future__ import annotations

import asyncio
import sys

import pytest

from tests.gateway.exports.asking import looked, requested
from tests.gateway.exports.killed import LEASE
from tests.house import NOW, House

MANY = 40  # more than there are steps
FEWEST_STEPS = 12  # a claim, four pieces of the file, a rename and a completion have two each


@pytest.mark.parametrize("format", ["CSV", "NDJSON"])
async def test_a_kill_at_any_step_leaves_the_same_file(
    stocked: House, key: str, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.exports.requests.MOST_UNFINISHED", MANY)
    asked = [await requested(stocked, key, format, messages={}) for _ in range(MANY)]

    steps = await killed(stocked)
    left = sum(path.name.endswith(".part") for path in stocked.folder.iterdir())
    stocked.now = NOW + LEASE
    while await stocked.gateway.exporter.make_one():
        pass

    found = [await looked(stocked, key, one["id"]) for one in asked]
    assert FEWEST_STEPS < steps < MANY
    assert left > 5, "nobody was killed while it wrote"
    assert {one["status"] for one in found} == {"COMPLETED"}
    assert len({one["sha256"] for one in found}) == 1
    files = [path.read_bytes() for path in stocked.folder.iterdir()]
    assert len(files) == MANY
    assert len(set(files)) == 1
    assert files[0].count(b"2026-05-05T01:00:00Z") == 1


async def killed(house: House) -> int:
    """Let the other process do its work; how many steps it counted."""
    url = house.gateway.store.url.render_as_string(hide_password=False)
    command = (sys.executable, "-m", "tests.gateway.exports.killed", url, str(house.folder))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    said, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()
    return int(said.split()[-1])  # after the lines of its log
