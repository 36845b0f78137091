"""How big a document may be, measured in time that grows with its text only."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from graphql import get_introspection_query, parse

from models.errors import DocumentTooBig
from schema.build import build
from schema.documents import MOST_KEPT, Documents, Unsound
from schema.limits import (
    MAX_ALIASES,
    MAX_CHARACTERS,
    MAX_COMPARISONS,
    MAX_DEPTH,
    MAX_FIELDS,
    MAX_REPEATS,
    MAX_TOKENS,
    check_extent,
)

# 30 times the same field, and 25 times one below each: 750 fields, each held against each
ALIKE = "{" + ("organization{" + "name " * 25 + "}") * 30 + "}"


def bomb(fragments: int) -> str:
    """Fragments that each spread the next one twice: 2 to the power of their number fields."""
    links = [f"fragment F{n} on Query{{...F{n + 1} ...F{n + 1}}}" for n in range(fragments)]
    return f"{{...F0}}{''.join(links)}fragment F{fragments} on Query{{__typename}}"


def refusal(text: str) -> DocumentTooBig:
    with pytest.raises(DocumentTooBig) as refused:
        build().documents.ready(text)
    return refused.value


def test_a_fragment_bomb_of_724_characters_is_refused_before_it_goes_off() -> None:
    text = bomb(18).ljust(724)

    assert refusal(text).details["limit"] == "fields"
    assert len(text) == 724
    assert calls(text) < 2_000  # 2 to the power of 18 fields are 262,144


def test_twice_the_fragments_take_no_more_than_a_few_times_as_long() -> None:
    # measured as calls, not seconds: each fragment once
    small, large = (calls(bomb(fragments)) for fragments in (50, 100))

    assert large < 3 * small


def calls(text: str) -> int:
    """How many functions run while a document is measured."""
    document = parse(text)
    return counted(lambda: check_extent(document))


def counted(measure: Callable[[], object]) -> int:
    """How many functions run until it is refused, if it is."""
    ran = 0

    def count(*_: object) -> None:
        nonlocal ran
        ran += 1

    sys.setprofile(count)
    try:
        measure()
    except DocumentTooBig:
        pass
    finally:
        sys.setprofile(None)
    return ran


@pytest.mark.parametrize(
    ("limit", "most", "text"),
    [
        ("depth", MAX_DEPTH, "{" + "a{" * MAX_DEPTH + "b" + "}" * MAX_DEPTH + "}"),
        ("depth", MAX_DEPTH, "{" + "a{" * 300 + "b" + "}" * 300 + "}"),
        (
            "fields",
            MAX_FIELDS,
            "{" + "".join(f"a{n} " for n in range(MAX_FIELDS - 1)) + "...F ...F} fragment F on Q{x}",
        ),
        ("repeats", MAX_REPEATS, "{" + "a{b}" * (MAX_REPEATS + 1) + "}"),
        ("repeats", MAX_REPEATS, "{...F " + "a{b}" * MAX_REPEATS + "} fragment F on Query{a{b}}"),
        ("aliases", MAX_ALIASES, "{" + "".join(f"a{n}:b " for n in range(MAX_ALIASES + 1)) + "}"),
        ("tokens", MAX_TOKENS, "{" + "a " * MAX_TOKENS + "}"),
        ("fields", MAX_FIELDS, bomb(20)),
        ("comments", MAX_TOKENS, "#\n" * (MAX_TOKENS + 1) + "{a}"),
        ("characters", MAX_CHARACTERS, f'{{a(b: "{"x" * MAX_CHARACTERS}")}}'),
        ("comparisons", MAX_COMPARISONS, ALIKE),
    ],
)
def test_a_refusal_names_the_limit_and_what_to_do(limit: str, most: int, text: str) -> None:
    refused = refusal(text)

    assert refused.details == {"limit": limit, "max": most}
    assert f"{limit} may be {most:,} at most" in refused.message
    assert refused.message.count(".") >= 2


def test_what_is_just_within_the_limits_is_measured_as_such() -> None:
    check_extent(parse("{" + "a{" * (MAX_DEPTH - 1) + "b" + "}" * (MAX_DEPTH - 1) + "}"))
    check_extent(parse("{" + "".join(f"a{n} " for n in range(MAX_FIELDS)) + "}"))
    check_extent(parse("{" + "a " * MAX_REPEATS + "}"))
    check_extent(parse("{" + "".join(f"a{n}:b " for n in range(MAX_ALIASES)) + "}"))
    check_extent(parse(get_introspection_query(input_value_deprecation=True)))


def test_fragments_that_spread_each_other_are_told_by_validation() -> None:
    with pytest.raises(Unsound) as told:
        build().documents.ready("{...A} fragment A on Query{...B} fragment B on Query{...A}")

    assert "itself" in told.value.errors[0].message
    assert told.value.errors[0].extensions == {"code": "GRAPHQL_VALIDATION_FAILED"}


def test_documents_are_read_once_and_not_kept_for_ever() -> None:
    documents: Documents = build().documents
    first = documents.ready("{organization{slug}}")

    assert documents.ready("{organization{slug}}") is first
    for n in range(MOST_KEPT):
        documents.ready(f"{{a{n}:__typename}}")
    assert documents.ready("{organization{slug}}") is not first
    assert len(documents._kept) == MOST_KEPT


def test_what_takes_long_to_refuse_is_refused_at_once_the_next_time() -> None:
    documents: Documents = Documents(build()._schema)
    first, second = refused_by(documents), refused_by(documents)

    assert (second.message, second.details) == (first.message, first.details)
    assert second is not first  # whoever is told may add to it
    assert counted(lambda: documents.ready(ALIKE)) < 50  # the first time, some 480,000


def refused_by(documents: Documents) -> DocumentTooBig:
    with pytest.raises(DocumentTooBig) as refused:
        documents.ready(ALIKE)
    return refused.value


def test_a_library_without_a_limit_for_comparisons_is_not_used() -> None:
    """Nobody would notice: setting what is not read sets nothing."""
    rules = "graphql.validation.rules.overlapping_fields_can_be_merged"
    without = f"import {rules} as rules; del rules.MAX_COMPLEXITY_BUDGET; import schema.documents"

    ran = subprocess.run([sys.executable, "-c", without], capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert "ImportError: graphql-core" in ran.stderr


def test_a_document_without_its_defer_is_at_hand() -> None:
    ready = build().documents.ready("{organization{slug ...@defer{name}}}")

    assert ready.is_deferred
    assert not build().documents.ready("{organization{slug ...{name}}}").is_deferred


def test_a_null_where_a_value_can_only_be_left_out_is_told_in_words_of_graphql() -> None:
    nothing = "mutation { createExport(input: {source: {campaigns: null}}) { id } }"

    with pytest.raises(Unsound) as refused:
        build().documents.ready(nothing)

    told = [error.message for error in refused.value.errors]
    assert "There cannot be a null here; leave it out, or give a value." in told
    assert not any("Maybe" in message for message in told)
