"""Documents run: once, in parts as @defer wants it, or for as long as a subscription goes on."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from inspect import isawaitable
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    ExecutionResult,
    ExperimentalIncrementalExecutionResults,
    InitialIncrementalExecutionResult,
    OperationType,
    SubsequentIncrementalExecutionResult,
    experimental_execute_incrementally,
    subscribe,
)
from strawberry import Schema
from strawberry.execution import optimized_is_awaitable

from schema.asking import Asking
from schema.bulk import in_bulk
from schema.context import Context

Part: TypeAlias = ExecutionResult | InitialIncrementalExecutionResult | SubsequentIncrementalExecutionResult
Variables: TypeAlias = dict[str, Any] | None


async def run(
    schema: Schema,
    document: DocumentNode,
    operation: str | None,
    variables: Variables,
    here: Context,
    asking: Asking | None,
) -> ExecutionResult:
    """What a query or a mutation without @defer answers."""
    if asking is not None and asking.operation.operation is OperationType.QUERY:
        data: Any = await in_bulk(asking)
        if data is not None:
            return ExecutionResult(data)
    result = await _executed(schema, document, operation, variables, here)
    assert isinstance(result, ExecutionResult)
    return result


async def parts(
    schema: Schema, document: DocumentNode, operation: str | None, variables: Variables, here: Context
) -> AsyncGenerator[Part]:
    """What a query answers, part by part."""
    result = await _executed(schema, document, operation, variables, here)
    if not isinstance(result, ExperimentalIncrementalExecutionResults):
        yield result
        return
    yield result.initial_result
    try:
        async for part in result.subsequent_results:
            yield part
    finally:
        await result.subsequent_results.aclose()


async def follow(
    schema: Schema, document: DocumentNode, operation: str | None, variables: Variables, here: Context
) -> AsyncGenerator[ExecutionResult]:
    """Every answer of a subscription."""
    source: Any = subscribe(
        schema._schema,
        document,
        variable_values=variables,
        operation_name=operation,
        context_value=here,
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


async def _executed(
    schema: Schema, document: DocumentNode, operation: str | None, variables: Variables, here: Context
) -> ExecutionResult | ExperimentalIncrementalExecutionResults:
    is_awaitable: Any = optimized_is_awaitable  # Strawberry's own way, quicker for what it resolves
    result = experimental_execute_incrementally(
        schema._schema,
        document,
        variable_values=variables,
        operation_name=operation,
        context_value=here,
        executor_class=schema.execution_context_class,
        is_awaitable=is_awaitable,
    )
    return await result if isawaitable(result) else result
