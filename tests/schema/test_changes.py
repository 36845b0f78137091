"""Buckets that are told anew whenever they move."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from gateway.door import Answer, Document
from resolvers.caller import METRICS_READ, Caller
from tests.house import ACME, House, message, open_house
from tests.schema.test_campaigns import counted
from tests.worlds import PATIENCE_S, reads_fail

# It is midnight, the watermark stands at 23:59:55: of three hours one is over, one runs, one is to come.
HOURS = "granularity: HOUR, window: {last: {count: 3, unit: HOUR}}"
FIELDS = (
    "asOf revision isWhole granularity timezone bucketCount total window { start end }"
    " buckets { start end state value groups { key value } }"
)
OFTEN_S = 0.02
MOST_LOOKS = int(PATIENCE_S / OFTEN_S)


@pytest.fixture
async def house(store_url: str) -> AsyncIterator[House]:
    """A gateway that looks often; the test runs once on each store."""
    async with open_house(store_url, refresh_seconds=OFTEN_S) as opened:
        await opened.take(ACME)
        yield opened


AWAY = OSError("cannot open /secret/path")  # a store that is not there


async def caller_of(house: House) -> Caller:
    """Somebody of acme."""
    return Caller(await house.organization("acme"), frozenset({METRICS_READ}), "")


def asked(question: str) -> Document:
    """The subscription to a question."""
    return Document(f"subscription {{ bucketsChanged(question: {{{question}}}) {{ {FIELDS} }} }}")


async def watch(house: House, question: str) -> AsyncGenerator[Answer]:
    """The answers to a question that is asked for ever."""
    async with aclosing(house.gateway.door.watch(await caller_of(house), asked(question))) as answers:
        async for answer in answers:
            yield answer


class Listener:
    """A client that takes every event as it comes, unless it is made to wait."""

    def __init__(self, answers: AsyncGenerator[Answer]) -> None:
        self._answers = answers

    async def next(self) -> dict[str, Any]:
        """The next event."""
        answer = await asyncio.wait_for(anext(self._answers), PATIENCE_S)
        assert not answer.errors and answer.data is not None, answer.errors
        return answer.plain["bucketsChanged"]

    async def buckets(self) -> dict[str, tuple[str, Any]]:
        """State and value of each bucket of the next event, by the hour it starts at."""
        return {one["start"][11:16]: (one["state"], one["value"]) for one in (await self.next())["buckets"]}


@asynccontextmanager
async def listening(house: House, question: str) -> AsyncGenerator[Listener]:
    """A listener who has hung up at the end."""
    async with aclosing(watch(house, question)) as answers:
        yield Listener(answers)


async def test_the_first_event_is_what_the_field_answers(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T22:10:00Z"), message("b", "2026-05-05T23:10:00Z"))
    field = f"messageBuckets({HOURS}) {{ {FIELDS.replace('revision isWhole', '')} }}"

    async with listening(house, f"messages: {{{HOURS}}}") as listener:
        first = await listener.next()

    found = await house.ask(key, f"{{ {field} freshness {{ fact revision }} }}")
    [revision] = [one["revision"] for one in found["freshness"] if one["fact"] == "message"]
    assert first == {**found["messageBuckets"], "revision": revision, "isWhole": True}
    assert [(one["state"], one["value"]) for one in first["buckets"]] == [
        ("FINAL", 1),
        ("PROVISIONAL", 1),
        ("PENDING", None),
    ]


async def test_later_events_hold_only_what_has_moved(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T22:10:00Z"), message("b", "2026-05-05T23:10:00Z"))

    async with listening(house, f"messages: {{{HOURS}}}") as listener:
        first = await listener.next()
        await house.take(message("c", "2026-05-05T23:20:00Z"), message("d", "2026-05-05T23:59:00Z"))
        second = await listener.next()
        await house.take(message("late", "2026-05-05T22:59:00Z"))
        third = await listener.next()

    assert (second["isWhole"], second["total"], second["bucketCount"]) == (False, 4, 3)
    assert [(one["start"], one["value"]) for one in second["buckets"]] == [("2026-05-05T23:00:00Z", 3)]
    assert [(one["start"], one["state"], one["value"]) for one in third["buckets"]] == [
        ("2026-05-05T22:00:00Z", "FINAL", 2)
    ]
    assert first["revision"] < second["revision"] < third["revision"]


async def test_what_moves_elsewhere_is_not_told(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T23:10:00Z", channel="sms"))

    async with listening(house, f'messages: {{{HOURS}, filter: {{channel: ["sms"]}}}}') as listener:
        await listener.next()
        await house.take(message("b", "2026-05-05T23:10:00Z", channel="email"))
        await house.take(message("c", "2026-05-05T12:00:00Z", channel="sms"))
        await house.take(message("d", "2026-05-05T22:10:00Z", channel="sms"))

        assert await listener.buckets() == {"22:00": ("FINAL", 1)}


async def test_a_group_that_moves_is_told_though_its_bucket_adds_up_to_the_same(
    house: House, key: str
) -> None:
    # A message that is not announced yet is outbound and without a channel; announced it changes its group.
    await house.take(
        {
            "type": "event",
            "organization": "acme",
            "message_id": "a",
            "event": "sent",
            "at": "2026-05-05T22:10:00Z",
        },
        message("b", "2026-05-05T23:10:00Z", channel="email"),
    )
    async with listening(house, f"messages: {{{HOURS}, groupBy: [CHANNEL]}}") as listener:
        first = await listener.next()
        await house.take(message("a", "2026-05-05T22:10:00Z", channel="sms"))
        second = await listener.next()

    assert [one["groups"] for one in first["buckets"]] == [
        [{"key": [""], "value": 1}],
        [{"key": ["email"], "value": 1}],  # nothing without a channel: 0, so it is not named
        None,
    ]
    assert [(one["value"], one["groups"]) for one in second["buckets"]] == [
        (1, [{"key": ["sms"], "value": 1}])
    ]


async def test_a_ratio_names_groups_of_zero_percent(house: House, key: str) -> None:
    sent = {"sent_at": "2026-05-05T22:10:00Z", "channel": "sms"}
    await house.take(message("a", "2026-05-05T22:10:00Z", **sent), message("b", "2026-05-05T22:10:00Z"))
    question = f"messages: {{{HOURS}, metric: FAILURE_RATE, groupBy: [CHANNEL]}}"

    async with listening(house, question) as listener:
        first = await listener.next()

    # 100 × 0 failed ÷ 1 logged in each group; in the running hour there is nothing to divide by
    assert first["buckets"][0]["groups"] == [{"key": [""], "value": 0}, {"key": ["sms"], "value": 0}]
    assert (first["buckets"][1]["value"], first["buckets"][1]["groups"]) == (None, [])


async def test_numbers_that_move_without_moving_the_metric_are_not_told(house: House, key: str) -> None:
    failed = {"failed_at": "2026-05-05T22:11:00Z"}
    await house.take(message("a", "2026-05-05T22:10:00Z"), message("b", "2026-05-05T22:10:00Z", **failed))

    async with listening(house, f"messages: {{{HOURS}, metric: FAILURE_RATE}}") as listener:
        first = await listener.buckets()
        await house.take(message("c", "2026-05-05T22:10:00Z"), message("d", "2026-05-05T22:10:00Z", **failed))
        coming = asyncio.create_task(listener.buckets())
        await asyncio.sleep(5 * OFTEN_S)  # 1 of 2 failed, and now 2 of 4: nothing to tell
        await house.take(message("e", "2026-05-05T23:10:00Z"))
        second = await coming

    assert first["22:00"] == ("FINAL", 50)
    assert second == {"23:00": ("PROVISIONAL", 0)}


async def test_time_alone_moves_states_and_the_window_without_asking_for_numbers(
    house: House, key: str
) -> None:
    await house.take(message("a", "2026-05-05T23:10:00Z"), message("b", "2026-05-05T22:10:00Z"))

    async with listening(house, f"messages: {{{HOURS}}}") as listener:
        await listener.next()
        with counted(house) as statements:
            house.now += timedelta(seconds=10)
            await house.gateway.worker.refresh()  # the watermark stands at 00:00:05
            passed = await listener.buckets()
        house.now += timedelta(hours=1)
        slid = await listener.next()

    assert passed == {"23:00": ("FINAL", 1), "00:00": ("PROVISIONAL", 0)}
    assert [one for one in statements if "FROM message" in one] == []
    assert (slid["isWhole"], slid["total"], slid["bucketCount"]) == (False, 1, 3)
    assert slid["window"] == {"start": "2026-05-05T23:00:00Z", "end": "2026-05-06T02:00:00Z"}
    assert [(one["start"], one["state"]) for one in slid["buckets"]] == [("2026-05-06T01:00:00Z", "PENDING")]


async def test_a_bucket_that_leaves_the_window_is_news_of_its_own(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-04T14:00:00Z"), message("b", "2026-05-05T14:00:00Z"))

    async with listening(house, "messages: {window: {last: {count: 36, unit: HOUR}}}") as listener:
        first = await listener.next()
        house.now += timedelta(hours=11)  # 36 hours back from 11:00, the running one included, is midnight
        second = await listener.next()

    assert (first["window"]["start"], first["total"]) == ("2026-05-04T00:00:00Z", 2)
    assert (second["window"]["start"], second["total"]) == ("2026-05-05T00:00:00Z", 1)
    assert (second["isWhole"], second["buckets"]) == (False, [])


async def test_who_is_slow_hears_everything_since_in_one_event(house: House, key: str) -> None:
    async with listening(house, f"messages: {{{HOURS}}}") as listener:
        await listener.next()
        for name, at in (("a", "22:10"), ("b", "23:10"), ("c", "23:20")):
            await house.take(message(name, f"2026-05-05T{at}:00Z"))
            await asyncio.sleep(3 * OFTEN_S)

        assert await listener.buckets() == {"22:00": ("FINAL", 1), "23:00": ("PROVISIONAL", 2)}
        coming = asyncio.create_task(listener.next())
        _, waiting = await asyncio.wait({coming}, timeout=10 * OFTEN_S)
        assert waiting == {coming}
        await house.take(message("d", "2026-05-05T23:30:00Z"))
        assert (await coming)["total"] == 4


async def test_listeners_share_one_look_and_equal_questions_one_statement(store_url: str) -> None:
    async with open_house(store_url, refresh_seconds=3600) as house:  # the first look is the only one
        await house.take(ACME, message("a", "2026-05-05T22:10:00Z"))
        with counted(house) as statements:
            everyone = [watch(house, f"messages: {{{HOURS}}}") for _ in range(5)]
            firsts = await asyncio.gather(*(anext(one) for one in everyone))
        for one in everyone:
            await one.aclose()

    assert len({str(first.plain) for first in firsts}) == 1
    assert sum("watermarks" in one for one in statements) == 1
    assert sum("FROM message" in one for one in statements) == 1


async def test_who_hangs_up_leaves_nothing_behind(house: House, key: str) -> None:
    before = len(asyncio.all_tasks())  # those of the gateway itself begin anew every few seconds
    pool: Any = house.gateway.store.reader.sync_engine.pool
    for _ in range(5):
        waits, reads = watch(house, f"messages: {{{HOURS}}}"), watch(house, f"messages: {{{HOURS}}}")
        await anext(waits)
        waiting = asyncio.ensure_future(anext(waits))
        await anext(reads)
        await asyncio.sleep(random.uniform(0, 2 * OFTEN_S))
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        await waits.aclose()
        await reads.aclose()
        # numbers that were under way come in, for others may wait for them
        async with asyncio.timeout(PATIENCE_S):
            while len(asyncio.all_tasks()) > before or pool.checkedout():  # noqa: ASYNC110
                await asyncio.sleep(0.001)
    with counted(house) as statements:
        await asyncio.sleep(5 * OFTEN_S)
    assert statements == []


async def test_one_who_hangs_up_while_numbers_come_does_not_take_them_from_others(store_url: str) -> None:
    async with open_house(store_url, refresh_seconds=3600) as house:
        await house.take(ACME, message("a", "2026-05-05T22:10:00Z"))
        goes, stays = (watch(house, f"messages: {{{HOURS}}}") for _ in range(2))
        with counted(house) as statements:
            going, staying = (asyncio.ensure_future(anext(one)) for one in (goes, stays))
            while not any("FROM message" in one for one in statements):  # noqa: ASYNC110  no time may pass
                await asyncio.sleep(0)
            going.cancel()
            answer = await asyncio.wait_for(staying, PATIENCE_S)
        await stays.aclose()

    assert answer.data is not None and answer.plain["bucketsChanged"]["total"] == 1
    assert going.cancelled()


async def test_an_outage_is_waited_for(house: House, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(house, f"messages: {{{HOURS}}}") as listener:
        await listener.next()
        with monkeypatch.context() as patch:
            reads_fail(patch, AWAY)
            coming = asyncio.create_task(listener.buckets())
            await asyncio.sleep(5 * OFTEN_S)
            assert not coming.done()
        await house.take(message("a", "2026-05-05T22:10:00Z"))

        assert await coming == {"22:00": ("FINAL", 1)}


async def test_an_outage_without_end_ends_it(house: House, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolvers.known.LONGEST_S", OFTEN_S)  # what is known needs no store for so long
    answers = watch(house, f"messages: {{{HOURS}}}")
    await anext(answers)
    monkeypatch.setattr("resolvers.pulse.PATIENCE_S", 3 * OFTEN_S)
    reads_fail(monkeypatch, AWAY)

    ends = [answer async for answer in answers]

    assert [error["extensions"]["code"] for end in ends for error in end.errors] == ["UNAVAILABLE"]
    assert "secret" not in str(ends)


async def test_without_a_store_it_does_not_begin(
    house: House, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = await caller_of(house)
    reads_fail(monkeypatch, AWAY)

    ends = [answer async for answer in house.gateway.door.watch(caller, asked(f"messages: {{{HOURS}}}"))]

    assert [error["extensions"]["code"] for end in ends for error in end.errors] == ["UNAVAILABLE"]


REFUSED = {
    "messages: {granularity: MINUTE, window: {last: {count: 90, unit: DAY}}}": "WINDOW_TOO_LARGE",
    'messages: {timezone: "Mars"}': "UNKNOWN_TIMEZONE",
    "messages: {groupBy: [CHANNEL, CHANNEL]}": "INVALID_INPUT",
    "webhooks: {clock: SENT}": "INVALID_INPUT",
    "messages: {}, webhooks: {}": "GRAPHQL_VALIDATION_FAILED",
}


async def test_what_the_field_refuses_is_refused_here_too(house: House) -> None:
    for question, code in REFUSED.items():
        answers = [answer async for answer in watch(house, question)]

        codes = [error["extensions"]["code"] for answer in answers for error in answer.errors]
        assert codes == [code], question


KINDS = "messages engagements webhooks campaigns contacts optIns orders workflowEntries recipients credits mailboxDays"
MORE_KINDS = "sessions flowRuns keywordHits aiCalls transfers"


async def test_every_kind_of_buckets_can_be_listened_to(house: House) -> None:
    for kind in (*KINDS.split(), *MORE_KINDS.split()):
        async with listening(house, f"{kind}: {{window: {{lifetime: {{}}}}}}") as listener:
            first = await listener.next()

        assert first["isWhole"] and first["bucketCount"] == len(first["buckets"]) == 1, kind


async def test_all_time_begins_where_the_earliest_record_comes_to_lie(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T23:10:00Z"))

    async with listening(house, "messages: {window: {lifetime: {}}}") as listener:
        first = await listener.next()
        await house.take(message("b", "2026-05-03T12:00:00Z"))
        second = await listener.next()

    assert [one["start"][:10] for one in first["buckets"]] == ["2026-05-05", "2026-05-06"]
    assert [(one["start"][:10], one["value"]) for one in second["buckets"]] == [
        ("2026-05-03", 1),
        ("2026-05-04", 0),
    ]


async def test_details_that_no_revision_knows_of_move_buckets_too(house: House, key: str) -> None:
    contact = {"type": "contact", "organization": "acme", "id": "1", "created_at": "2026-05-01T00:00:00Z"}
    await house.take(
        {**contact, "city": "Lyon", "updated_at": "2026-05-01T00:00:00Z"},
        message("a", "2026-05-05T22:10:00Z", contact_id="1"),
    )
    question = f'messages: {{{HOURS}, filter: {{ofContact: {{city: ["Lyon"]}}}}}}'

    async with listening(house, question) as listener:
        first = await listener.next()
        await house.take({**contact, "city": "Nice", "updated_at": "2026-05-02T00:00:00Z"}, count=False)
        moved = await listener.buckets()

    assert first["total"] == 1
    assert moved == {"22:00": ("FINAL", 0)}


async def test_another_zone_of_the_organization_is_another_series(house: House, key: str) -> None:
    await house.take(message("a", "2026-05-05T22:10:00Z"))

    async with listening(house, "messages: {window: {last: {count: 2, unit: DAY}}}") as listener:
        first = await listener.next()
        await house.take({**ACME, "timezone": "Europe/Madrid"})
        while (second := await listener.next())["timezone"] == "UTC":
            pass

    assert first["timezone"] == "UTC"
    # in Madrid the message was made at 00:10 of the 6th
    assert (second["isWhole"], [one["value"] for one in second["buckets"]]) == (True, [0, 1])


class Client:
    """Puts events together, whenever it gets around to it."""

    def __init__(self, answers: AsyncGenerator[Answer]) -> None:
        self.answers, self.coming = answers, asyncio.ensure_future(anext(answers))
        self.told: dict[str, Any] = {}
        self.buckets: dict[str, Any] = {}

    async def catch_up(self) -> None:
        """Take events until none has come for a moment."""
        while (await asyncio.wait({self.coming}, timeout=OFTEN_S))[0]:
            answer = await self.coming
            assert not answer.errors and answer.data is not None, answer.errors
            self.told = answer.plain["bucketsChanged"]
            held = {} if self.told["isWhole"] else self.buckets
            first = self.told["window"]["start"]
            moved = {one["start"]: one for one in self.told["buckets"]}
            self.buckets = {at: one for at, one in {**held, **moved}.items() if at >= first}
            self.coming = asyncio.ensure_future(anext(self.answers))

    def knows(self) -> dict[str, Any]:
        """What it has put together."""
        told = [self.buckets[start] for start in sorted(self.buckets)]
        buckets = [{**one, "groups": one["groups"] or None} for one in told]
        return {"buckets": buckets, "total": self.told.get("total"), "window": self.told.get("window")}


def told_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The same of an answer: of a group that has nothing in a bucket there is nothing to tell."""
    buckets = [
        {**one, "groups": [part for part in one["groups"] or () if part["value"] is not None] or None}
        for one in answer["buckets"]
    ]
    return {"buckets": buckets, "total": answer["total"], "window": answer["window"]}


@pytest.mark.parametrize("seed", range(2))
async def test_all_events_put_together_are_what_the_field_answers(store_url: str, seed: int) -> None:
    chance = random.Random(seed)
    arguments = f"{HOURS.replace('3', '5')}, groupBy: [CHANNEL], metric: DELIVERY_RATE"
    async with open_house(store_url, refresh_seconds=0.005) as house:
        await house.take(ACME)
        client = Client(watch(house, f"messages: {{{arguments}}}"))
        for step in range(25):
            await something_happens(house, chance, step)
            if chance.random() < 0.4:
                await client.catch_up()
        fields = FIELDS.replace("revision isWhole", "")
        found = await house.ask(await house.key("acme"), f"{{ messageBuckets({arguments}) {{ {fields} }} }}")
        wanted = told_of(found["messageBuckets"])
        for _ in range(MOST_LOOKS):
            await client.catch_up()
            if client.knows() == wanted:
                break
        client.coming.cancel()

    assert client.knows() == wanted
    assert {one["state"] for one in wanted["buckets"]} >= {"FINAL", "PROVISIONAL"}


async def something_happens(house: House, chance: random.Random, step: int) -> None:
    """Time passes; messages come in, some of them late, some delivered, or none do."""
    house.now += timedelta(minutes=chance.choice((0, 0, 7, 40)))
    moments = [
        house.now - timedelta(minutes=chance.randrange(1, 400)) for _ in range(chance.choice((0, 1, 3)))
    ]
    await house.take(
        *(
            message(
                f"{step}-{place}",
                f"{at:%Y-%m-%dT%H:%M:00Z}",
                channel=chance.choice(("sms", "email")),
                **({"delivered_at": f"{at:%Y-%m-%dT%H:%M:30Z}"} if chance.random() < 0.5 else {}),
            )
            for place, at in enumerate(moments)
        )
    )
