"""Documents made ready to run: parsed, measured, validated, and kept, a bounded number of them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    VariableNode,
    get_variable_values,
    parse,
    specified_rules,
    validate,
    visit,
)
from graphql.execution.values import VariableValues
from graphql.language import REMOVE, Visitor
from graphql.validation.rules import overlapping_fields_can_be_merged as repeated_fields
from graphql.validation.validate import ValidationAbortedError
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from models.errors import DocumentTooBig
from schema.asking import Asking, Given
from schema.context import Context
from schema.limits import (
    MAX_CHARACTERS,
    MAX_COMPARISONS,
    MAX_DEPTH,
    MAX_TOKENS,
    check_extent,
    fragments_of,
    too_big,
)

# graphql-core reads it whenever it validates; a comparison costs two. Its own is twelve times as much.
if not hasattr(repeated_fields, "MAX_COMPLEXITY_BUDGET"):
    raise ImportError("graphql-core has no MAX_COMPLEXITY_BUDGET: comparisons of fields would be unlimited")
repeated_fields.MAX_COMPLEXITY_BUDGET = 2 * MAX_COMPARISONS  # ty: ignore[invalid-assignment]

MOST_KEPT = 512
MOST_CHARACTERS_KEPT = 500_000
MOST_ERRORS = 5  # that are told, so no more are looked for: to say what was perhaps meant takes long
ABORTED = {  # what the parser says it has had too many of
    "deeply": ("depth", MAX_DEPTH),
    "comments": ("comments", MAX_TOKENS),
    "code points": ("characters", MAX_CHARACTERS),
    "tokens": ("tokens", MAX_TOKENS),
}
DEFER = "defer"
MOST_WAYS = 64  # combinations of conditions
MOST_GIVEN, LARGEST_GIVEN = 16, 2_000  # variables of a document that are remembered, and their bytes


class Unsound(Exception):
    """A document cannot run; `errors` say why."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__()
        self.errors = errors


@dataclass(frozen=True)
class Ready:
    """A document that can run. `whole` is the same without @defer, for who cannot be told in parts;
    `conditions` are the variables that decide what of it is left out; `made` says of what the answer to each
    operation is made, see schema/keeping.py."""

    document: DocumentNode
    whole: DocumentNode
    conditions: tuple[str, ...] = ()
    _ways: dict[tuple[Any, ...], dict[Any, Any]] = field(default_factory=dict)
    made: dict[str | None, Any] = field(default_factory=dict)
    _given: dict[tuple[Any, bytes], Given] = field(default_factory=dict)

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation that is meant: the named one, or the only one. None where there is no such."""
        return operation_of(self.document, name)

    def asking(
        self,
        schema: GraphQLSchema,
        name: str | None,
        variables: dict[str, Any] | None,
        written: bytes,
        here: Context,
    ) -> Asking | None:
        """The operation as it is asked, with variables that are `written` as JSON in one way for equal ones;
        None when they do not fit, which running it tells."""
        operation = operation_of(self.whole, name)
        assert operation is not None
        given = self._given_of(schema, operation, variables, written)
        if given is None:
            return None
        here.ways = self._ways_with(given.variables)
        return Asking(schema, operation, self.fragments, given, here)

    def _given_of(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        variables: dict[str, Any] | None,
        written: bytes,
    ) -> Given | None:
        key = operation.name, written
        if (held := self._given.get(key)) is not None:
            return held
        found = get_variable_values(schema, operation.variable_definitions or (), variables or {})
        if not isinstance(found, VariableValues):
            return None
        given = Given(found)
        if len(written) <= LARGEST_GIVEN:
            if len(self._given) >= MOST_GIVEN:
                self._given.clear()
            self._given[key] = given
        return given

    @cached_property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        """The fragments of the whole document, by their names."""
        return fragments_of(self.whole)

    def _ways_with(self, variables: VariableValues) -> dict[Any, Any]:
        """What has been planned for these values of the conditions."""
        if len(self._ways) >= MOST_WAYS:
            self._ways.clear()
        return self._ways.setdefault(tuple(variables.coerced.get(name) for name in self.conditions), {})

    @property
    def is_deferred(self) -> bool:
        """Whether it asks to be answered in parts."""
        return self.document is not self.whole


# what came of a text; of what is too big only what took long to find out
Read: TypeAlias = Ready | list[GraphQLError] | DocumentTooBig


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The named operation, or the only one."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if name is None:
        return operations[0] if len(operations) == 1 else None
    named = (one for one in operations if one.name is not None and one.name.value == name)
    return next(named, None)


class Documents:
    """Reads documents and remembers what it has read lately, sound or not."""

    def __init__(self, schema: GraphQLSchema, introspection: bool = True) -> None:
        self._schema, self._introspection, self._characters = schema, introspection, 0
        self._rules = (*specified_rules, _NoNull, OneOfInputValidationRule)
        if not introspection:
            self._rules += (NoSchemaIntrospectionCustomRule,)
        self._kept: OrderedDict[str, Read] = OrderedDict()

    def ready(self, text: str) -> Ready:
        """The document of this text, ready to run. Raises Unsound, DocumentTooBig, RecursionError."""
        found = self._kept.get(text)
        if found is None:
            found = self._read(text)
            self._keep(text, found)
        self._kept.move_to_end(text)  # the one used last goes last
        if isinstance(found, list):
            raise Unsound(found)
        if isinstance(found, DocumentTooBig):
            raise DocumentTooBig(found.message, **found.details)  # for whoever asks, one of their own
        return found

    def _keep(self, text: str, found: Read) -> None:
        self._kept[text] = found
        self._characters += len(text)
        while len(self._kept) > MOST_KEPT or self._characters > MOST_CHARACTERS_KEPT:
            oldest, _ = self._kept.popitem(last=False)
            self._characters -= len(oldest)

    def _read(self, text: str) -> Read:
        try:
            document = parse(
                text,
                max_lexical_tokens=MAX_TOKENS,
                max_comments=MAX_TOKENS,
                max_source_length=MAX_CHARACTERS,
            )
        except GraphQLSyntaxError as error:
            limits = [found for word, found in ABORTED.items() if word in error.message]
            if "Parsing aborted" in error.message and limits:
                raise too_big(*limits[0], None, "Send it in several parts.") from error
            return [_coded(error, "GRAPHQL_PARSE_FAILED")]
        except GraphQLError as error:
            return [_coded(error, "GRAPHQL_PARSE_FAILED")]
        check_extent(document)
        errors = validate(
            self._schema,
            document,
            self._rules,
            max_errors=MOST_ERRORS,
            hide_suggestions=not self._introspection,
        )
        if errors and isinstance(errors[-1], ValidationAbortedError) and len(errors) <= MOST_ERRORS:
            return too_big("comparisons", MAX_COMPARISONS, None, "Ask for each field once in a place.")
        if errors:
            return [_coded(error, "GRAPHQL_VALIDATION_FAILED") for error in errors]
        whole, conditions = visit(document, _Whole()), _Conditions()
        visit(whole, conditions)
        return Ready(document, whole, tuple(sorted(conditions.names)))


class _NoNull(MaybeNullValidationRule):
    """Refuses a null where a value may only be left out, in words of GraphQL instead of Python's."""

    def report_error(self, error: GraphQLError) -> None:
        """One more of them."""
        super().report_error(
            GraphQLError("There cannot be a null here; leave it out, or give a value.", error.nodes)
        )


class _Whole(Visitor):
    """Takes @defer away."""

    def enter_directive(self, node: Any, *_: Any) -> Any:
        return REMOVE if node.name.value == DEFER else None


class _Conditions(Visitor):
    """Collects the variables of @skip and @include."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: Any, *_: Any) -> Any:
        """All that a directive is told."""
        told = (argument.value for argument in node.arguments or ())
        self.names |= {value.name.value for value in told if isinstance(value, VariableNode)}


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    error.extensions = {"code": code}
    return error
