from __future__ import annotations

import asyncio
from secrets import token_hex
from typing import Any

import pytest

from gateway.answer import LONGEST
from schema.documents import MOST_ERRORS
from tests.gateway.abuse.documents import unfit, unwieldy
from tests.house import ACME, House, bearer, message, open_house

INTERNAL = (
    "Traceback",
    "sqlalchemy",
    "asyncpg",
    "sqlite",
    "SELECT ",
    "syntax error at",
    "/gateway/",
    "/schema/",
)
FAULTS = "INTERNAL", "UNAVAILABLE", "TOOK_TOO_LONG"
LARGEST_REFUSAL = 8 * 1024
LETTERS = str.maketrans("0123456789", "ghijklmnop")  # an alias begins with none of these


async def test_nothing_too_large_and_nothing_that_is_no_request_breaks_anything(
    sqlite_store_url: str,
) -> None:
    async with open_house(sqlite_store_url) as house:
        await house.take(ACME, count=False)
        await asked(house, await house.key("acme"), unwieldy())


async def test_no_value_breaks_anything(house: House, key: str) -> None:
    await asked(house, key, unfit())


async def asked(house: House, key: str, bodies: dict[str, bytes]) -> None:
    """Send all of them; then everything must be as before."""
    await house.take(
        {"type": "campaign", "organization": "acme", "id": "spring", "created_at": "2026-05-05T10:00:00Z"},
        message("a", "2026-05-05T10:00:00Z", campaign_id="spring", contact_id="1"),
        {"type": "contact", "organization": "acme", "id": "1", "created_at": "2026-05-05T10:00:00Z"},
    )
    headers = {**bearer(key), "Content-Type": "application/json"}
    for name, body in bodies.items():
        response = await house.client.post("/graphql", content=body, headers=headers)
        assert faults(response.status_code, response.text, response.json()) == [], (name, response.text[:500])

    assert await house.ask(key, "{ messageBuckets { total } }") == {"messageBuckets": {"total": 1}}


def test_there_are_more_than_two_hundred_cases() -> None:
    assert len({**unwieldy(), **unfit()}) > 200


def faults(status: int, text: str, told: dict[str, Any]) -> list[str]:
    """What is wrong with an answer to anything."""
    errors = told.get("errors", [])
    found = [f"status {status}"] if status >= 500 else []
    found += [word for word in INTERNAL if word in text]
    found += [one["message"] for one in errors if one["extensions"]["code"] in FAULTS]
    found += ["too many errors"] if len(errors) > MOST_ERRORS else []
    found += ["a long refusal"] if errors and told.get("data") is None and len(text) > LARGEST_REFUSAL else []
    found += ["a long message"] if any(len(one["message"]) > LONGEST + 1 for one in errors) else []
    found += ["an error without a word"] if not all(one["message"] for one in errors) else []
    return found


async def test_a_plain_question_beside_a_long_one_about_the_schema_is_answered_first(
    house: House, key: str
) -> None:
    new = token_hex(4)  # none that is kept
    slow = " ".join(f"a{new}{n}: __schema {{ types {{ fields {{ name }} }} }}" for n in range(10))
    order: list[str] = []

    async def ask(name: str, query: str) -> None:
        await house.ask(key, query)
        order.append(name)

    await asyncio.gather(ask("long", f"{{ {slow} }}"), ask("short", "{ organization { slug } }"))
    assert order == ["short", "long"]


async def test_what_the_schema_says_of_itself_is_worked_out_once(house: House, key: str) -> None:
    query, kept = "{ __schema { types { name } } }", house.gateway.door.schema.introspection._kept

    one = await house.ask(key, query)
    size = len(kept)
    other = await house.ask(key, query)

    assert one == other
    assert len(kept) == size
    assert {"name": "Query"} in one["__schema"]["types"]


async def test_who_asks_the_same_of_the_schema_at_once_waits_for_the_same(house: House, key: str) -> None:
    query, schema = (
        f"{{ {token_hex(4).translate(LETTERS)}: __schema {{ types {{ name }} }} }}",
        house.gateway.door.schema,
    )
    worked = 0

    def counted(work: Any, *more: Any) -> Any:
        nonlocal worked
        worked += 1
        return submit(work, *more)

    submit = schema.introspection._thread.submit
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema.introspection._thread, "submit", counted)
        answers = await asyncio.gather(*(house.ask(key, query) for _ in range(9)))

    assert worked == 1
    assert all(answer == answers[0] for answer in answers)


async def test_the_schema_beside_data_costs_more(house: House, key: str) -> None:
    alone = await house.post(key, "{ __schema { types { name } } }")
    beside = await house.post(key, "{ organization { slug } __schema { types { name } } }")

    # 300 types at a time and one for `types` itself; beside data 25 times that, and the slug
    costs = [told.json()["extensions"]["cost"]["requested"] for told in (alone, beside)]
    assert costs[1] == 25 * costs[0] + 1
