"""What is remembered is forgotten in time, and never too much of it."""

from __future__ import annotations

import pytest

from gateway import memory
from gateway.memory import Memory


def test_what_is_remembered_is_forgotten_after_three_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(memory, "monotonic", lambda: now[0])
    held: Memory[str, int] = Memory()
    held.keep("a", 1)

    now[0] += memory.REMEMBERED_S
    assert held.get("a") == 1
    now[0] += 0.001
    assert held.get("a") is None
    assert held.get("b") is None


def test_when_there_is_too_much_everything_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_REMEMBERED", 2)
    held: Memory[str, int] = Memory()
    for number, name in enumerate("abc"):
        held.keep(name, number)

    assert [held.get(name) for name in "abc"] == [None, None, 2]
