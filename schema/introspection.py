"""What the schema says of itself, told beside everything else.

The question that GraphiQL and code generators begin with takes seconds for some hundred types, and
holds for as long as the process: it is worked out in a thread, one after another, and kept.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import orjson
from graphql import ExecutionResult

from schema.asking import Asking, Given
from schema.roots import ABOUT_SCHEMA, TYPENAME, root_names

MOST_KEPT = 8  # half a megabyte each


def is_about_schema(asking: Asking) -> bool:
    """Whether an operation asks about the schema and nothing else."""

    def found() -> bool:
        names = root_names(asking.fragments, asking.operation.selection_set) - {TYPENAME}
        return bool(names) and names <= ABOUT_SCHEMA

    return asking.here.planned(("about schema", asking.operation.name), found)


class Introspection:
    """Answers about the schema."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[Given, Future[ExecutionResult]]] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, "introspection")

    async def told(self, asking: Asking, work: Callable[[], ExecutionResult]) -> ExecutionResult:
        """The answer, worked out unless it is kept; who asks meanwhile waits for the same."""
        key = id(asking.given)
        if key not in self._kept:
            self._kept[key] = asking.given, self._thread.submit(_written, work)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        _, coming = self._kept[key]
        try:
            result = await asyncio.shield(asyncio.wrap_future(coming))  # who gives up leaves it to the others
        except Exception:
            self._kept.pop(key, None)
            raise
        if result.errors is not None:
            self._kept.pop(key, None)
        return result


def _written(work: Callable[[], ExecutionResult]) -> ExecutionResult:
    result = work()
    data: Any = result.data if result.errors else orjson.Fragment(orjson.dumps(result.data))
    return ExecutionResult(data, result.errors)
