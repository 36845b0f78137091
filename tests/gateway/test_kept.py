"""Kept answers: the same bytes as fresh ones, for as long as they are true, and never another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.door import Document
from gateway.kept import MOVING, NEVER, SETTLED, Answers, Reply
from resolvers.caller import METRICS_READ, Caller
from tests.house import ACME, House, message, open_house
from tests.schema.test_bulk import DAYS, document
from tests.worlds import bounded

OTHER = {"type": "organization", "id": "other", "timezone": "UTC"}  # told apart by nothing but who it is
FIXED = 'window: {days: {first: "2026-05-03", last: "2026-05-04"}}'
PAST = f"{{ messageBuckets({FIXED}) {{ buckets {{ start value }} }} }}"
TOTAL = "{ overview(window: {lifetime: {}}) { messages { logged } } }"
MADE = "2026-05-04T10:00:00Z"


@asynccontextmanager
async def kept_house(store_url: str) -> AsyncGenerator[House]:
    """A house with two organizations."""
    async with open_house(store_url) as house:
        await house.take(ACME, OTHER)
        yield house


@pytest.fixture
async def keeps(store_url: str) -> AsyncGenerator[House]:
    async with kept_house(store_url) as house:
        yield house


async def ask(house: House, text: str, slug: str = "acme", anew: bool = False) -> Reply:
    """The reply to a document, as the endpoint gets it."""
    return await house.gateway.answers.ask(await caller(house, slug), Document(text), anew=anew)


async def caller(house: House, slug: str) -> Caller:
    return Caller(await house.organization(slug), frozenset({METRICS_READ}), "hg_live_test")


def values(reply: Reply) -> list[int]:
    return [bucket["value"] for bucket in orjson.loads(reply.body)["data"]["messageBuckets"]["buckets"]]


async def test_what_was_answered_is_given_again(keeps: House) -> None:
    await keeps.take(message("a", MADE))

    first, second = await ask(keeps, PAST), await ask(keeps, PAST)

    assert (first.answer is None, second.answer is None) == (False, True)
    assert first.body == second.body
    assert values(second) == [0, 1]


async def test_who_counts_anew_is_answered_anew(keeps: House) -> None:
    await keeps.take(message("a", MADE))
    before = await ask(keeps, PAST)

    await keeps.take(message("b", MADE))

    assert (values(before), values(await ask(keeps, PAST))) == ([0, 1], [0, 2])


async def test_another_organization_has_its_own(keeps: House) -> None:
    await keeps.take(message("a", MADE))

    mine, theirs = await ask(keeps, PAST), await ask(keeps, PAST, "other")

    assert (values(mine), values(theirs)) == ([0, 1], [0, 0])
    assert theirs.answer is not None


@pytest.mark.parametrize("change", [{"timezone": "Asia/Tokyo"}, {"plan": "scale"}])
async def test_another_zone_or_plan_is_another_question(keeps: House, change: dict[str, str]) -> None:
    await ask(keeps, PAST)
    same = await caller(keeps, "acme")
    for name, value in change.items():
        setattr(same.organization, name, value)

    reply = await keeps.gateway.answers.ask(same, Document(PAST))

    assert reply.answer is not None


async def test_other_scopes_are_another_question(keeps: House) -> None:
    await ask(keeps, PAST)
    wider = replace(await caller(keeps, "acme"), scopes=frozenset({METRICS_READ, "explain:sql"}))

    reply = await keeps.gateway.answers.ask(wider, Document(PAST))

    assert reply.answer is not None


async def test_a_comparison_that_ended_at_the_last_quarter_is_worked_out_again(keeps: House) -> None:
    """All is counted up to 23:59:55, and to be exact on every tier both windows are cut at 23:45."""
    ended = 'window: {between: {start: "2026-05-05T23:00:00Z", end: "2026-05-05T23:50:00Z"}}'
    text = (
        f"{{ messageBuckets({ended}, granularity: HOUR, clip: true, compareTo: PRIOR_PERIOD) "
        "{ comparison { until } } }"
    )
    replies = [await ask(keeps, text)]
    keeps.now += timedelta(minutes=10)
    await keeps.gateway.worker.refresh()
    replies.append(await ask(keeps, text))

    told = [orjson.loads(one.body)["data"]["messageBuckets"]["comparison"]["until"] for one in replies]
    assert told == ["2026-05-05T23:45:00Z", "2026-05-05T23:50:00Z"]
    assert replies[0].cache_control == MOVING


async def test_a_sliding_window_is_true_for_a_second(keeps: House) -> None:
    sliding = f"{{ messageBuckets({DAYS}) {{ total }} }}"
    await ask(keeps, sliding)
    again = await ask(keeps, sliding)

    keeps.now += timedelta(seconds=1)

    assert again.answer is None
    assert (await ask(keeps, sliding)).answer is not None


async def test_a_watermark_that_moves_ends_only_what_shows_it(keeps: House) -> None:
    shown = f"{{ messageBuckets({FIXED}) {{ asOf total }} }}"
    running = '{ messageBuckets(window: {days: {first: "2026-05-05", last: "2026-05-06"}}) { total } }'
    for text in (PAST, shown, running):
        await ask(keeps, text)

    keeps.now += timedelta(minutes=10)
    await keeps.gateway.worker.refresh()

    # the watermark has entered the second day of `running`: one bucket more is known
    replies = [await ask(keeps, text) for text in (PAST, shown, running)]
    assert [reply.answer is None for reply in replies] == [True, False, False]


NOT_KEPT = (
    ("{ organization { slug } }", NEVER),
    ("{ freshness { asOf } }", NEVER),
    ("{ __typename }", NEVER),
    (
        f"{{ organization {{ slug }} ...F }} fragment F on Query {{ messageBuckets({FIXED}) {{ total }} }}",
        NEVER,
    ),
    ('{ messageBuckets(timezone: "Nowhere") { total } }', NEVER),
    ("{ nothing }", NEVER),
)


async def test_what_is_not_made_of_what_comes_in_is_not_kept(keeps: House) -> None:
    for text, cache_control in NOT_KEPT:
        replies = [await ask(keeps, text) for _ in range(2)]

        assert all(reply.answer is not None for reply in replies), text
        assert [reply.cache_control for reply in replies] == [cache_control] * 2, text


KEPT = (
    (PAST, SETTLED),
    (f"{{ overview({FIXED}) {{ messages {{ logged }} }} }}", SETTLED),
    (f"{{ heatmap({FIXED}) {{ total }} }}", SETTLED),
    (f"{{ overview({FIXED}) {{ asOf }} }}", MOVING),
    (f"{{ messageBuckets({DAYS}) {{ total }} }}", MOVING),
    (
        '{ overview(window: {days: {first: "2026-05-05", last: "2026-05-06"}}) { messages { logged } } }',
        MOVING,
    ),
    ("{ campaigns { edges { cursor } } }", MOVING),
)


async def test_only_numbers_of_what_is_over_are_settled(keeps: House) -> None:
    for text, cache_control in KEPT:
        made, kept = await ask(keeps, text), await ask(keeps, text)

        assert (made.cache_control, kept.cache_control) == (cache_control, cache_control), text
        assert kept.answer is None, text


async def test_who_wants_it_anew_gets_it_and_leaves_it_to_others(keeps: House) -> None:
    await ask(keeps, PAST)

    anew = await ask(keeps, PAST, anew=True)

    assert anew.answer is not None
    assert (await ask(keeps, PAST)).body == anew.body


async def test_equal_questions_at_the_same_moment_are_answered_once(keeps: House) -> None:
    who = await caller(keeps, "acme")

    replies = await asyncio.gather(*(keeps.gateway.answers.ask(who, Document(PAST)) for _ in range(5)))

    assert sum(reply.answer is not None for reply in replies) == 1
    assert len({reply.body for reply in replies}) == 1


async def test_who_waits_for_an_answer_that_never_comes_asks_itself(keeps: House) -> None:
    who = await caller(keeps, "acme")
    first, second = (asyncio.create_task(keeps.gateway.answers.ask(who, Document(PAST))) for _ in range(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    first.cancel()

    assert values(await second) == [0, 0]


async def test_no_more_is_kept_than_there_is_room_for(keeps: House) -> None:
    # each of the three takes some 1,200 bytes, and may take an eighth of the room: 12,000 hold nine of them
    answers, who = Answers(keeps.gateway.door, 12_000), await caller(keeps, "acme")
    texts = [PAST.replace("messageBuckets", f"b{number}: messageBuckets") for number in range(15)]
    for text in texts:
        await answers.ask(who, Document(text))

    again = [(await answers.ask(who, Document(text))).answer is None for text in reversed(texts[-8:])]

    assert again == [True] * 8
    assert (await answers.ask(who, Document(texts[0]))).answer is not None


async def test_without_room_nothing_is_kept(keeps: House) -> None:
    answers, who = Answers(keeps.gateway.door, 0), await caller(keeps, "acme")

    replies = [await answers.ask(who, Document(PAST)) for _ in range(2)]

    assert all(reply.answer is not None for reply in replies)


DEEDS = st.lists(st.sampled_from(["ask", "ask", "ask", "take", "count", "wait"]), min_size=12, max_size=24)


@given(seed=st.integers(0, 2**32), deeds=DEEDS)
@bounded(3)
async def test_whatever_happens_what_is_kept_is_what_would_be_answered(
    store_url: str, seed: int, deeds: list[str]
) -> None:
    """Two organizations ask a few questions again and again, while records come in and time passes."""
    random = Random(seed)
    texts = [document(random) for _ in range(3)]
    texts += [text.replace(DAYS, FIXED) for text in texts]
    async with kept_house(store_url) as house:
        for place, deed in enumerate(deeds):
            slug = random.choice(["acme", "other"])
            if deed == "wait":
                house.now += timedelta(seconds=random.choice([0.2, 7, 4000]))
            elif deed == "count":
                await house.gateway.worker.refresh()
            elif deed == "take":
                one = message(f"{seed}-{place}", f"2026-05-0{random.randint(3, 5)}T10:00:00Z", channel="sms")
                await house.take(one | {"organization": slug}, count=random.random() < 0.5)
            else:
                text = random.choice(texts)
                given = await ask(house, text, slug)
                fresh = await house.gateway.door.ask(await caller(house, slug), Document(text))
                assert given.body == orjson.dumps(fresh.body)
