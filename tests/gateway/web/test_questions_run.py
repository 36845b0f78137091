"""The questions that GraphiQL opens with, run against the real schema."""

from __future__ import annotations

import json
from contextlib import aclosing

import pytest

from gateway.demo import DEMO_KEYS
from gateway.door import Document
from gateway.web.questions import Question, questions
from resolvers.caller import METRICS_READ, Caller
from tests.house import House, open_house

# those that the question of a comparison names
CAMPAIGNS = [
    {"type": "campaign", "organization": "acme", "id": id, "created_at": "2026-05-01T10:00:00Z"}
    for key in DEMO_KEYS
    if key.vendor == "penguinmails"
    for id in key.ids["campaigns"]
]


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.title)
async def test_a_question_runs_as_it_stands(question: Question, sqlite_store_url: str) -> None:
    async with open_house(sqlite_store_url) as house:
        await house.take({"type": "organization", "id": "acme", "plan": "growth"}, *CAMPAIGNS)

        answer = await _asked(house, question)

    assert answer


async def _asked(house: House, question: Question) -> object:
    variables = json.loads(question.variables or "{}")
    if "subscription" not in question.document:
        return await house.ask(await house.key("acme"), question.document, **variables)
    caller = Caller(await house.organization("acme"), frozenset({METRICS_READ}), "")
    async with aclosing(house.gateway.door.watch(caller, Document(question.document, variables))) as answers:
        first = await anext(answers)
    assert first.errors == []
    return first.plain
