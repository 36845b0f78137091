"""The questions that GraphiQL opens with, run against the real schema."""

from __future__ import annotations

import json

import pytest

from gateway.web.questions import Question, questions
from tests.house import House, open_house


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.title)
async def test_a_question_runs_as_it_stands(question: Question, sqlite_store_url: str) -> None:
    async with open_house(sqlite_store_url) as house:
        await house.take({"type": "organization", "id": "acme", "plan": "growth"})

        answer = await _asked(house, question)

    assert answer


async def _asked(house: House, question: Question) -> object:
    return await house.ask(
        await house.key("acme"), question.document, **json.loads(question.variables or "{}")
    )
