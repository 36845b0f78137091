"""Connections of callers: what is being worked out for one who has hung up is given up."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.logs import HUNG_UP, TASK


class CallerProtocol(HttpToolsProtocol):
    """Cancels the answer under way when its connection is lost, and with it what it asks of the store."""

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller hung up, or the line broke."""
        super().connection_lost(exc)
        if self.cycle is None or not self.cycle.disconnected:
            return
        scope = cast(dict[str, Any], self.cycle.scope)
        task: asyncio.Task[Any] | None = scope.get(TASK)
        if task is not None:
            scope[HUNG_UP] = True
            task.cancel()
