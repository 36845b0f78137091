"""Answers of several are compared as the same JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orjson

from benchmarks.floor import written
from benchmarks.questions import QUESTIONS, Question, Statement, canonical
from benchmarks.reads import difference
from benchmarks.servers import BARE, ON_SQLITE, OURS, POSTGRAPHILE
from benchmarks.world import World

WORLD = World("postgresql+asyncpg://nowhere/at-all", organization=1, writer=2, size=1)


def test_whole_numbers_and_moments_are_spelled_in_one_way() -> None:
    told = {
        "start": "2026-10-01T02:00:00+02:00",
        "value": "-12",
        "rate": 0.5,
        "name": "cmp_1",
        "__typename": "T",
    }

    assert canonical([told]) == [
        {"start": "2026-10-01T00:00:00Z", "value": -12, "rate": 0.5, "name": "cmp_1"}
    ]


def test_equal_answers_do_not_differ() -> None:
    assert difference({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}) is None


def test_a_difference_is_told_by_its_place() -> None:
    assert difference({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}) == ".a[1].b: 2 and 3"
    assert difference([1], [1, 2]) == "the top: [1] and [1, 2]"
    assert difference({"a": 1}, {"b": 1}) == "the top: {'a': 1} and {'b': 1}"


def test_the_values_of_a_statement_take_the_places_of_their_numbers() -> None:
    at = datetime(2026, 10, 1, tzinfo=UTC)
    statement = Statement("SELECT $1, $2, $10 + $1", (7, ["a", "it's"], *range(3, 10), at))

    assert written(statement) == "SELECT 7, ARRAY['a', 'it''s'], '2026-10-01T00:00:00+00:00' + 7"


def test_postgraphile_s_answers_come_into_the_gateway_s_shape() -> None:
    question = next(one for one in QUESTIONS if one.name == "b30")
    start = "2026-10-01T00:00:00"
    bare = {"messageBuckets": {"total": 5, "buckets": [{"start": f"{start}Z", "value": 5}]}}
    theirs = {"data": {"found": [{"start": f"{start}+00:00", "value": "5"}]}}

    assert question.read(POSTGRAPHILE, orjson.dumps(theirs)) == bare
    assert question.read(OURS, orjson.dumps({"data": bare})) == bare
    assert question.read(BARE, orjson.dumps(bare)) == bare


def test_each_question_has_a_name_of_its_own() -> None:
    names = [question.name for question in QUESTIONS]

    assert len(set(names)) == len(names)


def test_the_window_of_ten_thousand_buckets_has_ten_thousand_hours() -> None:
    question = next(one for one in QUESTIONS if one.name == "b10k")

    assert isinstance(question, Question)
    assert question.span == timedelta(hours=10_000)
    first, last = question.sql(WORLD)[0].values[1:]
    assert (last - first) / 60 == 10_000


def test_what_was_kept_is_asked_of_the_gateway_alone_and_made_by_the_bare_handler() -> None:
    kept, tagged = (next(one for one in QUESTIONS if one.name == name) for name in ("kept", "304"))
    overview = next(one for one in QUESTIONS if one.name == "overview")

    asks = {question.name: question.asks(WORLD) for question in (overview, kept, tagged)}

    assert set(asks["kept"]) == set(asks["304"]) == {BARE, OURS, ON_SQLITE}
    assert asks["kept"][BARE] == asks["304"][BARE] == asks["overview"][BARE]
    assert asks["kept"][OURS].request == asks["overview"][OURS].request.replace(
        b"Cache-Control: no-cache\r\n", b""
    )
    assert asks["304"][OURS].tagged
    assert asks["304"][OURS].request.startswith(b"GET /graphql?query=query+")
