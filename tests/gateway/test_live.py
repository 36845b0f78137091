"""How much an organization may follow at a time."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from gateway import live
from gateway.live import TIMES, Live
from models.errors import TooManyOperations
from models.tenants import Organization
from resolvers.caller import Caller
from tests.house import NOW


def caller(id: int) -> Caller:
    organization = Organization(id=id, slug="", name="", timezone="UTC", plan="growth", created_at=NOW)
    return Caller(organization, frozenset(), "")


def test_what_is_open_counts_until_it_is_closed_and_for_its_own_organization_only() -> None:
    open_ones, half = Live(), TIMES * 100_000 // 2

    with open_ones.following(caller(1), half), open_ones.following(caller(1), half):
        with pytest.raises(TooManyOperations, match="500,000"), open_ones.following(caller(1), 1):
            pass
        with open_ones.following(caller(2), 1):
            pass
    with open_ones.following(caller(1), 2 * half):
        pass
    assert open_ones._open == {}


def test_there_is_a_most_of_streams_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_STREAMS", 3)
    open_ones = Live()

    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(open_ones.following(caller(1), 0))
        with pytest.raises(TooManyOperations), open_ones.following(caller(1), 0):
            pass
