"""One small simulation, made once and looked at from many sides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.simulate import Plan, records

START = datetime(2026, 2, 2, tzinfo=UTC)  # a Monday
END = datetime(2026, 3, 2, tzinfo=UTC)
PLAN = Plan(start=START, end=END, seed=3, events=30_000)


@pytest.fixture(scope="session")
def plan() -> Plan:
    """Four weeks of five organizations."""
    return PLAN


@pytest.fixture(scope="session")
def arrived(plan: Plan) -> list[dict[str, Any]]:
    """Its records, in the order they arrive."""
    return list(records(plan))
