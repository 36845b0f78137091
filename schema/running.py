"""Documents run: once, in parts as @defer wants it, or for as long as a subscription goes on."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import (
    DocumentNode,
    ExecutionResult,
    ExperimentalIncrementalExecutionResults,
    InitialIncrementalExecutionResult,
    OperationType,
    SubsequentIncrementalExecutionResult,
    execute_sync,
    experimental_execute_incrementally,
    subscribe,
)
from strawberry.execution import optimized_is_awaitable

from schema.asking import Asking
from schema.bulk import in_bulk
from schema.context import Context
from schema.documents import Ready
from schema.introspection import is_about_schema

if TYPE_CHECKING:
    from schema.build import Schema

Part: TypeAlias = ExecutionResult | InitialIncrementalExecutionResult | SubsequentIncrementalExecutionResult


@dataclass(frozen=True)
class Run:
    """A document as it is to be run. `asking` is what is known of it where its variables fit."""

    schema: Schema
    ready: Ready
    operation: str | None
    variables: dict[str, Any] | None
    here: Context
    asking: Asking | None

    @property
    def is_about_schema(self) -> bool:
        """Whether it asks about the schema alone."""
        return self.asking is not None and is_about_schema(self.asking)


async def once(run: Run) -> ExecutionResult:
    """What a query or a mutation answers as a whole."""
    asking = run.asking
    if asking is not None and run.is_about_schema:
        return await run.schema.introspection.told(asking, partial(_about_schema, run))
    if asking is not None and asking.operation.operation is OperationType.QUERY:
        data: Any = await in_bulk(asking)
        if data is not None:
            return ExecutionResult(data)
    result = await _executed(run, run.ready.whole)
    assert isinstance(result, ExecutionResult)
    return result


async def parts(run: Run) -> AsyncGenerator[Part]:
    """What a query answers, part by part."""
    if run.is_about_schema:
        yield await once(run)
        return
    result = await _executed(run, run.ready.document)
    if not isinstance(result, ExperimentalIncrementalExecutionResults):
        yield result
        return
    yield result.initial_result
    try:
        async for part in result.subsequent_results:
            yield part
    finally:
        await result.subsequent_results.aclose()


async def follow(run: Run) -> AsyncGenerator[ExecutionResult]:
    """Every answer of a subscription."""
    schema: Any = run.schema
    source: Any = subscribe(
        schema._schema,
        run.ready.whole,
        variable_values=run.variables,
        operation_name=run.operation,
        context_value=run.here,
        executor_class=schema.execution_context_class,
    )
    source = await source if isawaitable(source) else source
    if isinstance(source, ExecutionResult):
        yield source
        return
    assert isinstance(source, AsyncGenerator)
    try:
        async for result in source:
            yield result
    finally:
        await source.aclose()


def _about_schema(run: Run) -> ExecutionResult:
    return execute_sync(run.schema._schema, run.ready.whole, None, None, run.variables, run.operation)


async def _executed(
    run: Run, document: DocumentNode
) -> ExecutionResult | ExperimentalIncrementalExecutionResults:
    schema: Any = run.schema
    is_awaitable: Any = optimized_is_awaitable  # Strawberry's own way, quicker for what it resolves
    result = experimental_execute_incrementally(
        schema._schema,
        document,
        variable_values=run.variables,
        operation_name=run.operation,
        context_value=run.here,
        executor_class=schema.execution_context_class,
        is_awaitable=is_awaitable,
    )
    return await result if isawaitable(result) else result
