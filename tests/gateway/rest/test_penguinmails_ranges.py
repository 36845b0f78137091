"""PenguinMails' ranges: which moments lie in one, and every name a parameter may be given by."""

from __future__ import annotations

import pytest

from tests.gateway.rest.penguin import DELIVERABILITY, HEATMAP, OVERVIEW, Penguin, back, mail, mailing
from tests.gateway.rest.world import at

CAMPAIGN = "campaigns/cmp_1/analytics"


async def emails(penguin: Penguin, **params: str) -> tuple[int, dict[str, str]]:
    """How many e-mails the overview counts, and the range it tells."""
    told = await penguin.told(OVERVIEW, **params)
    return told["summary"]["emails_sent"], told["time_range"]


async def at_moments(penguin: Penguin, *moments: str) -> None:
    """An e-mail at each of these moments."""
    await penguin.take(*(mail(f"m{i}", moment) for i, moment in enumerate(moments)))
    await penguin.count_until("2026-05-06T10:00:00Z")


@pytest.mark.parametrize(
    ("period", "first", "before"),
    [
        ("7d", "2026-04-29", "2026-04-28"),
        ("30d", "2026-04-06", "2026-04-05"),
        ("90d", "2026-02-05", "2026-02-04"),
    ],
)
async def test_so_many_days_before_today_and_today(
    penguin: Penguin, period: str, first: str, before: str
) -> None:
    await at_moments(penguin, f"{before}T23:59:59.999999Z", f"{first}T00:00:00Z", "2026-05-06T09:59:59Z")
    await penguin.take(mailing("cmp_1"))

    found = await emails(penguin, timeRange=period)
    points = (await penguin.told(CAMPAIGN, timeRange=period))["time_series"]

    assert found == (2, {"start": f"{first}T00:00:00Z", "end": "2026-05-06T23:59:59Z", "period": period})
    assert len(points) == int(period[:-1]) + 1


async def test_without_a_range_it_is_30d_and_today_ends_at_midnight_in_utc(penguin: Penguin) -> None:
    await penguin.take({"type": "organization", "id": penguin.slug, "timezone": "America/New_York"})
    penguin.house.now = at("2026-05-06T23:59:59.9Z")
    late = await emails(penguin)
    penguin.house.now = at("2026-05-07T00:00:00Z")
    early = await emails(penguin)

    assert late == (0, {"start": "2026-04-06T00:00:00Z", "end": "2026-05-06T23:59:59Z", "period": "30d"})
    assert early == (0, {"start": "2026-04-07T00:00:00Z", "end": "2026-05-07T23:59:59Z", "period": "30d"})


CUSTOM = (
    # days: both belong
    ("2026-05-05", "2026-05-05", 4, "2026-05-05T00:00:00Z", "2026-05-05T23:59:59Z"),
    ("2026-05-04", "2026-05-06", 6, "2026-05-04T00:00:00Z", "2026-05-06T23:59:59Z"),
    # moments: the second of the end belongs
    ("2026-05-05T08:00:00Z", "2026-05-05T12:30:00Z", 2, "2026-05-05T08:00:00Z", "2026-05-05T12:30:00Z"),
    (
        "2026-05-05T08:00:00.5Z",
        "2026-05-05T12:29:59Z",
        1,
        "2026-05-05T08:00:00.500000Z",
        "2026-05-05T12:29:59Z",
    ),
    ("2026-05-05", "2026-05-05T12:29:58Z", 2, "2026-05-05T00:00:00Z", "2026-05-05T12:29:58Z"),
    ("2026-05-05", "2026-05-05T00:00:01", 1, "2026-05-05T00:00:00Z", "2026-05-05T00:00:01Z"),
    # with an offset, and a day as the end of a moment
    ("2026-05-05T10:00:00+02:00", "2026-05-05", 3, "2026-05-05T08:00:00Z", "2026-05-05T23:59:59Z"),
    ("2026-05-05T01:00:00-05:00", "2026-05-05T23:59:59Z", 3, "2026-05-05T06:00:00Z", "2026-05-05T23:59:59Z"),
)


async def test_a_custom_range_is_of_days_or_of_moments(penguin: Penguin) -> None:
    await at_moments(
        penguin,
        "2026-05-04T23:59:59.999999Z",
        *("2026-05-05T00:00:00Z", "2026-05-05T08:00:00Z", "2026-05-05T12:29:59.999999Z"),
        "2026-05-05T23:59:59.999999Z",
        "2026-05-06T00:00:00Z",
    )

    for start, end, count, told_start, told_end in CUSTOM:
        found = await emails(penguin, timeRange="custom", startDate=start, endDate=end)
        told = {"start": told_start, "end": told_end, "period": "custom"}
        assert (start, end, *found) == (start, end, count, told)


async def test_dates_make_a_range_custom_by_themselves(penguin: Penguin) -> None:
    dates = {"startDate": "2026-05-01", "endDate": "2026-05-02"}

    for params in (dates, {**dates, "timeRange": "7d"}):
        _, told = await emails(penguin, **params)
        assert told == {"start": "2026-05-01T00:00:00Z", "end": "2026-05-02T23:59:59Z", "period": "custom"}


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"timeRange": "custom"}, "A custom time range needs a start date and an end date"),
        ({"startDate": "2026-05-01"}, "A custom time range needs a start date and an end date"),
        ({"endDate": "2026-05-01"}, "A custom time range needs a start date and an end date"),
        ({"startDate": "2026-05-02", "endDate": "2026-05-01"}, "Start date must be before end date"),
        (
            {"startDate": "2026-05-01T08:00:00Z", "endDate": "2026-05-01T08:00:00Z"},
            "Start date must be before end date",
        ),
        (
            {"startDate": "2026-05-01", "endDate": "2026-05-01T00:00:00Z"},
            "Start date must be before end date",
        ),
    ],
)
async def test_half_a_range_or_one_that_is_reversed_is_refused(
    penguin: Penguin, params: dict[str, str], sentence: str
) -> None:
    await penguin.take(mailing("cmp_1"), mailing("cmp_2"))
    body = {
        {"startDate": "start_date", "endDate": "end_date"}.get(k, "time_range"): v for k, v in params.items()
    }

    for answer in (
        await penguin.ask(OVERVIEW, **params),
        await penguin.ask(CAMPAIGN, **params),
        await penguin.post({"campaign_ids": ["cmp_1", "cmp_2"], **body}),
    ):
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["message"]) == (400, "INVALID_TIME_RANGE", sentence)


async def test_the_widest_range_there_is(penguin: Penguin) -> None:
    await at_moments(penguin, "2026-05-05T08:00:00Z")
    await penguin.take(mailing("cmp_1"))
    ages = {"startDate": "1970-01-08", "endDate": "2099-12-31"}

    assert (await emails(penguin, **ages))[0] == 1
    assert len((await penguin.told(CAMPAIGN, groupBy="month", **ages))["time_series"]) == 130 * 12
    for end in ("2100-01-01", "2100-01-02"):
        beyond = await penguin.ask(OVERVIEW, startDate="2026-05-01", endDate=end)
        assert (end, beyond.status_code) == (end, 400), beyond.text


async def test_more_days_than_an_answer_carries_are_refused(penguin: Penguin) -> None:
    await penguin.take(mailing("cmp_1"))

    answer = await penguin.ask(CAMPAIGN, startDate="1970-01-08", endDate="2099-12-31")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_TIME_RANGE")
    assert "The window holds" in answer.json()["error"]["message"]


async def test_parameters_are_known_by_other_names_too(penguin: Penguin) -> None:
    await penguin.take(
        mailing("cmp_1"),
        back("m1", "2026-05-05T08:00:00Z"),
        mail("c1", "2026-05-04T08:00:00Z", campaign_id="cmp_1", sender_id="box"),
        {"type": "domain", "id": "dom_1", "updated_at": "2026-05-01T00:00:00Z"},
        {"type": "mailbox", "id": "box", "domain_id": "dom_1", "updated_at": "2026-05-01T00:00:00Z"},
    )
    await penguin.count_until("2026-05-06T10:00:00Z")
    same: tuple[tuple[str, dict[str, str], tuple[dict[str, str], ...]], ...] = (
        (OVERVIEW, {"timeRange": "7d"}, ({"time_range": "7d"},)),
        (
            CAMPAIGN,
            {"startDate": "2026-05-01", "endDate": "2026-05-05", "groupBy": "week"},
            (
                {"start_date": "2026-05-01", "end_date": "2026-05-05", "group_by": "week"},
                {"start_date": "2026-05-01", "endDate": "2026-05-05", "granularity": "week"},
            ),
        ),
        (DELIVERABILITY, {"campaignId": "cmp_1"}, ({"campaign_id": "cmp_1"},)),
        (DELIVERABILITY, {"domainId": "dom_1"}, ({"domain_id": "dom_1"}, {"domain": "dom_1"})),
        (
            HEATMAP,
            {"campaignId": "cmp_1", "timeRange": "90d"},
            ({"campaign_id": "cmp_1", "time_range": "90d"},),
        ),
    )

    for tail, params, others in same:
        expected = await penguin.told(tail, **params)
        for other in others:
            assert await penguin.told(tail, **other) == expected
        assert expected != await penguin.told(tail)  # so that the parameter did something
        await penguin.told(tail, page="2", tenant="x")  # what it does not know it leaves alone


async def test_a_comparison_takes_the_same_ranges(penguin: Penguin) -> None:
    await penguin.take(
        mailing("cmp_1"),
        mailing("cmp_2"),
        mail("m1", "2026-05-01T00:00:00Z", campaign_id="cmp_1"),
        mail("m2", "2026-04-20T00:00:00Z", campaign_id="cmp_2"),
    )
    await penguin.count_until("2026-05-06T10:00:00Z")

    async def delivered(**more: str) -> list[float]:
        told = await penguin.compared("cmp_1", "cmp_2", metrics=["delivery_rate"], **more)
        return [one["metrics"]["delivery_rate"] for one in told["comparison"]]

    assert await delivered() == await delivered(time_range="30d") == [100.0, 100.0]
    assert await delivered(timeRange="7d") == [100.0, 0.0]
    assert await delivered(start_date="2026-04-20", end_date="2026-04-20") == [0.0, 100.0]
    assert await delivered(time_range="custom", startDate="2026-04-20", endDate="2026-05-01") == [
        100.0,
        100.0,
    ]
