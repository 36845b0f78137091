"""Who is the database of a gateway, and who is somebody else."""

from __future__ import annotations

from typing import Any

import pytest

from drills.processes import reached
from tests.outward import strangers

SOCKET = "postgresql+asyncpg://u@/db?host=/run/ours"
NUMBER = "postgresql+asyncpg://u@127.0.0.1:6000/db"
NAME = "postgresql+asyncpg://u@localhost/db"


@pytest.mark.parametrize(
    ("url", "called"),
    [
        (SOCKET, "/run/ours/.s.PGSQL.5432"),
        (NUMBER, ("127.0.0.1", 6000)),
        (NAME, ("127.0.0.1", 5432)),
        (NAME, ("localhost", 5432)),
    ],
)
def test_the_database_is_no_stranger(url: str, called: Any) -> None:
    assert strangers({called}, url) == set()


@pytest.mark.parametrize(
    ("url", "called"),
    [
        (SOCKET, "/run/theirs/.s.PGSQL.5432"),
        (SOCKET, "/run/ours-too/.s.PGSQL.5432"),
        (SOCKET, ("127.0.0.1", 5432)),
        (NUMBER, ("127.0.0.1", 5432)),
        (NUMBER, ("192.0.2.1", 6000)),
        (NAME, ("192.0.2.1", 5432)),
        (NAME, ("2001:db8::1", 5432, 0, 0)),
        ("sqlite+aiosqlite:////data/store.db", "/run/ours/.s.PGSQL.5432"),
        ("sqlite+aiosqlite:////data/store.db", ("127.0.0.1", 5432)),
    ],
)
def test_who_shares_nothing_but_the_port_is_one(url: str, called: Any) -> None:
    assert strangers({called}, url) == {called}


def test_a_database_in_a_file_is_nowhere_on_the_network() -> None:
    assert reached("sqlite+aiosqlite:////data/store.db") == reached(SOCKET) == set()
