"""Breakdowns: groups without buckets, the greatest first."""

from __future__ import annotations

import pytest

from tests.house import House, message

MAY = 'window: {days: {first: "2026-05-01", last: "2026-05-05"}}'


async def some(house: House) -> None:
    """Six messages of two channels; three of five outbound ones arrived, all of them SMS. The 4th of May was
    a Monday."""
    moment = "2026-05-0{}T10:00:00Z".format
    await house.take(
        *(
            message(f"s{i}", moment(4), channel="sms", delivered_at=moment(4), contact_id="a")
            for i in range(3)
        ),
        *(message(f"w{i}", moment(5), channel="whatsapp", contact_id="b") for i in range(2)),
        message("in", moment(5), channel="sms", direction="inbound", contact_id="a"),
        message("old", "2026-04-01T10:00:00Z", channel="email"),
        {"type": "contact", "organization": "acme", "id": "a", "created_at": moment(1), "source": "form"},
    )


async def test_groups_come_with_their_share_the_greatest_first(house: House, key: str) -> None:
    await some(house)
    groups = "total groupCount groups { key value share metrics { delivered deliveryRate } }"

    found = await house.ask(
        key,
        f"{{ breakdown({MAY}) {{ messages(metric: TOTAL, groupBy: [CHANNEL]) {{ {groups} }} }} }}",
    )

    assert found["breakdown"]["messages"] == {
        "total": 6,
        "groupCount": 2,
        "groups": [
            {
                "key": ["sms"],
                "value": 4,
                "share": 100 * 4 / 6,
                "metrics": {"delivered": 3, "deliveryRate": 100},
            },
            {
                "key": ["whatsapp"],
                "value": 2,
                "share": 100 * 2 / 6,
                "metrics": {"delivered": 0, "deliveryRate": 0},
            },
        ],
    }


async def test_without_a_window_it_is_all_time_and_without_groups_one(house: House, key: str) -> None:
    await some(house)

    found = await house.ask(
        key,
        "{ breakdown { messages(metric: TOTAL) { total groups { key value share } } "
        "few: messages(metric: TOTAL, groupBy: [CHANNEL], first: 1) { groupCount groups { key } } "
        "orders { total groups { key } } } }",
    )

    assert found["breakdown"] == {
        "messages": {"total": 7, "groups": [{"key": [], "value": 7, "share": 100}]},
        "few": {"groupCount": 3, "groups": [{"key": ["sms"]}]},
        "orders": {"total": 0, "groups": [{"key": []}]},
    }


async def test_ratios_have_no_share_and_details_and_weekdays_are_groups_too(house: House, key: str) -> None:
    await some(house)

    found = await house.ask(
        key,
        f"{{ breakdown({MAY}) {{"
        " rates: messages(metric: DELIVERY_RATE, groupBy: [CHANNEL]) { total groups { value share } }"
        " days: messages(metric: TOTAL, groupBy: [WEEKDAY]) { groups { key value } }"
        " both: messages(metric: TOTAL, groupBy: [STATUS, CONTACT_SOURCE]) { groups { key value } }"
        ' form: messages(metric: TOTAL, filter: {ofContact: {source: ["form"]}}) { total } } }',
    )

    assert found["breakdown"] == {
        "rates": {"total": 60, "groups": [{"value": 100, "share": None}, {"value": 0, "share": None}]},
        "days": {"groups": [{"key": ["0"], "value": 3}, {"key": ["1"], "value": 3}]},
        "both": {
            "groups": [
                {"key": ["delivered", "form"], "value": 3},
                {"key": ["logged", ""], "value": 2},
                {"key": ["received", "form"], "value": 1},
            ]
        },
        "form": {"total": 4},
    }


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{ breakdown { messages(first: 0) { total } } }", "between 1 and 10000"),
        ("{ breakdown { messages(first: 10001) { total } } }", "between 1 and 10000"),
        ("{ breakdown { messages(groupBy: [CHANNEL, CHANNEL]) { total } } }", "different dimensions"),
        ("{ breakdown { orders(clock: SENT) { total } } }", "messages only"),
        ("{ breakdown(window: {lifetime: {}}) { messages { total } } }", "leave the window out"),
        ('{ campaign(id: "c") { engagement(granularity: DAY) { asOf } } }', "need a 'window'"),
        ('{ campaign(id: "c") { engagement(compareTo: WEEK) { asOf } } }', "need a 'window'"),
        ("{ inbox(compareTo: WEEK) { users { name } } }", "needs a 'window'"),
        ("{ overview(window: {lifetime: {}}) { timezone } }", "for series"),
    ],
)
async def test_what_makes_no_sense_is_refused(house: House, key: str, document: str, said: str) -> None:
    await house.take(
        {"type": "campaign", "organization": "acme", "id": "c", "created_at": "2026-05-01T00:00:00Z"}
    )

    (error,) = (await house.post(key, document)).json()["errors"]

    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert said in error["message"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ('{ inbox(timezone: "Mars/Olympus") { users { name } } }', "UNKNOWN_TIMEZONE"),
        (
            '{ contacts { growth(window: {lifetime: {until: "0001-01-01T00:00:00Z"}}) { asOf } } }',
            "INVALID_TIME_RANGE",
        ),
        (
            '{ inbox(window: {lifetime: {until: "9999-01-01T00:00:00Z"}}) { users { name } } }',
            "INVALID_TIME_RANGE",
        ),
    ],
)
async def test_what_lies_out_of_reach_is_told_so(house: House, key: str, document: str, code: str) -> None:
    (error,) = (await house.post(key, document)).json()["errors"]

    assert error["extensions"]["code"] == code


async def test_a_lifetime_begins_with_the_first_thing_and_may_end_before_now(house: House, key: str) -> None:
    await some(house)
    asked = "messageBuckets(metric: TOTAL, granularity: MONTH, window: {lifetime: %s}) { window { start end } total }"

    until = '{until: "2026-05-01T00:00:00Z"}'

    found = await house.ask(key, f"{{ all: {asked % '{}'} some: {asked % until} }}")

    assert found["all"] == {
        "window": {"start": "2026-04-01T00:00:00Z", "end": "2026-06-01T00:00:00Z"},
        "total": 7,
    }
    assert found["some"]["total"] == 1
    assert found["some"]["window"]["end"] == "2026-05-01T00:00:00Z"


async def test_a_clipped_window_is_compared_with_one_as_long(house: House, key: str) -> None:
    await house.take(message("now", "2026-05-05T10:29:59Z"), message("then", "2026-05-05T09:45:00Z"))
    ragged = '{between: {start: "2026-05-05T10:15:30Z", end: "2026-05-05T10:45:30Z"}}'
    asked = f"messageBuckets(granularity: HOUR, window: {ragged}, clip: true, compareTo: PRIOR_PERIOD, groupBy: [CHANNEL])"

    found = await house.ask(
        key,
        f"{{ {asked} {{ total comparison {{ priorTotal window {{ start }} }} "
        "columns { priorStart priorValue groups { value priorValue priorTotal } } } }",
    )

    # half an hour before: 9:45:30 to 10:15:30, which begins just after the other message
    assert found["messageBuckets"]["total"] == 1
    assert found["messageBuckets"]["comparison"] == {
        "priorTotal": 0,
        "window": {"start": "2026-05-05T09:45:30Z"},
    }
    assert found["messageBuckets"]["columns"]["priorStart"] == ["2026-05-05T09:45:30Z"]
    assert found["messageBuckets"]["columns"]["groups"] == [
        {"value": [1], "priorValue": [0], "priorTotal": 0}
    ]
