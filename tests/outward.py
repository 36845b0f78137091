"""Whom this process calls."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from drills.processes import reached


@contextmanager
def calls() -> Generator[set[Any]]:
    """The addresses that are connected to meanwhile, and the names that are looked up."""
    called: set[Any] = set()
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def noted(self: socket.socket, address: Any) -> None:
        called.add(address)
        connect(self, address)

    def looked_up(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        called.add((host, port))
        return look_up(host, port, *more, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", noted)
        patch.setattr(socket, "getaddrinfo", looked_up)
        yield called


def strangers(called: set[Any], url: str) -> set[Any]:
    """Those among them that are not the database of that URL."""
    store = sa.make_url(url)
    at_home = {f"{store.query.get('host')}/.s.PGSQL.{store.port or 5432}", *reached(store)}
    return {one for one in called if (one if isinstance(one, str) else one[:2]) not in at_home}
