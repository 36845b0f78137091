"""How big a document may be, before anything is looked up: tokens, depth, fields, aliases.

Each fragment is measured once, however often it is spread, so that measuring takes time in proportion to
the text: a few hundred characters can spread into a million fields.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from models.errors import DocumentTooBig

MAX_CHARACTERS = 50_000
MAX_TOKENS = 2_000
MAX_DEPTH = 20
MAX_FIELDS = 1_000
MAX_ALIASES = 300
MAX_REPEATS = 30  # of one name in one place: validation holds each against each
MAX_COMPARISONS = 20_000  # of such fields, with all that is below them: some thirty milliseconds


class Extent(NamedTuple):
    """How far a document reaches with every fragment spread: levels, fields, fields under another name, and
    the most fields of one name in one place."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    repeats: int = 0


class Measured(NamedTuple):
    """The extent of a selection, and how often each name stands in it."""

    extent: Extent
    names: Counter[str]


MOST = Extent(MAX_DEPTH, MAX_FIELDS, MAX_ALIASES, MAX_REPEATS)
CHEAPER = (
    "Ask for less in one go: leave levels out, or begin further down, at `campaign(id)` say.",
    "Ask for fewer fields, or in several requests.",
    "Ask in several requests, or by `groupBy` what the aliases ask one by one.",
    "Write each field once.",
)


def check_extent(document: DocumentNode) -> None:
    """Raises DocumentTooBig, which names the limit, when an operation of the document is over one."""
    measure = _Measure(document)
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            found = measure.of(operation.selection_set).extent
            for name, number, most, cheaper in zip(Extent._fields, found, MOST, CHEAPER, strict=True):
                if number > most:
                    raise too_big(name, most, number, cheaper)


def too_big(limit: str, most: int, number: int | None, cheaper: str) -> DocumentTooBig:
    """The refusal of a document that is over a limit; without a number where counting stopped at it."""
    told = "more" if number is None or number > 10**6 else f"{number:,}"
    return DocumentTooBig(
        f"The document's {limit} may be {most:,} at most, and it has {told}. {cheaper}",
        limit=limit,
        max=most,
    )


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The fragments of a document by their names."""
    return {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}


NOTHING = Measured(Extent(), Counter())


class _Measure:
    """Measures selections, each fragment once."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = fragments_of(document)
        self._known: dict[str, Measured] = {}

    def of(self, selected: SelectionSetNode | None) -> Measured:
        """What is selected, with its fragments spread."""
        parts = [self._part(one) for one in selected.selections] if selected is not None else []
        if not parts:
            return NOTHING
        names = sum((part.names for part in parts), Counter[str]())
        depths, fields, aliases, repeats = zip(*(part.extent for part in parts), strict=True)
        most = max(*repeats, *names.values(), 0)
        return Measured(Extent(max(depths), sum(fields), sum(aliases), most), names)

    def _part(self, selection: SelectionNode) -> Measured:
        if isinstance(selection, FieldNode):
            depth, fields, aliases, repeats = self.of(selection.selection_set).extent
            name = selection.alias or selection.name
            extent = Extent(depth + 1, fields + 1, aliases + (selection.alias is not None), repeats)
            return Measured(extent, Counter((name.value,)))
        if isinstance(selection, InlineFragmentNode):
            return self.of(selection.selection_set)
        assert isinstance(selection, FragmentSpreadNode)
        return self._spread(selection.name.value)

    def _spread(self, name: str) -> Measured:
        if name not in self._known:
            self._known[name] = NOTHING  # of one that spreads itself; validation refuses it
            if name in self._fragments:
                self._known[name] = self.of(self._fragments[name].selection_set)
        return self._known[name]
