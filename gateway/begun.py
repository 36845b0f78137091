"""Waiting for what may be there already, without what waiting costs."""

from __future__ import annotations

from collections.abc import Awaitable, Generator
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class Begun(Generic[Result]):
    """Something awaitable, gone as far as it can without waiting. Await it for its result, also twice."""

    def __init__(self, awaitable: Awaitable[Result]) -> None:
        self._steps: Any = awaitable.__await__()
        self._result: Any = None
        self._waits_for: Any = None
        self.is_over = False
        self._step(self._steps.__next__)

    def __await__(self) -> Generator[Any, Any, Result]:
        """The rest of it."""
        while not self.is_over:
            try:
                sent = yield self._waits_for
            except BaseException as error:  # noqa: BLE001  such as being cancelled: it is told, as if awaited itself
                self._step(self._steps.throw, error)
            else:
                self._step(self._steps.send, sent)
        return self._result

    def _step(self, go_on: Any, *given: Any) -> None:
        try:
            self._waits_for = go_on(*given)
        except StopIteration as end:
            self.is_over, self._result = True, end.value
