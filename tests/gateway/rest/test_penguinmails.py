"""PenguinMails' campaign analytics and overview: numbers worked out by hand, and what does not count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.rest.penguinmails import answers, shape
from gateway.rest.penguinmails.params import RATES
from gateway.rest.penguinmails.ranges import Range
from models import MESSAGES, Ratio
from tests.gateway.rest.penguin import (
    COMPARE,
    OVERVIEW,
    READING,
    Penguin,
    back,
    happened,
    mail,
    mailing,
)
from tests.gateway.rest.world import at, received, sent
from tests.house import bearer

CAMPAIGN = "campaigns/cmp_1/analytics"
POINT = ("sent", "delivered", "opened", "clicked", "replied", "bounced", "spam_complaints")
MONTH = {"start": "2026-04-06T00:00:00Z", "end": "2026-05-06T23:59:59Z", "period": "30d"}


def point(date: str, *numbers: int) -> dict[str, Any]:
    """A point of a time series."""
    return {"date": date, **dict(zip(POINT, numbers, strict=True))}


def rates(**sums: int) -> dict[str, float]:
    """Every rate of these sums, as it is printed."""
    found = {}
    for name, metric in shape.METRICS.items():
        ratio = MESSAGES.measures[metric.lower()]
        assert isinstance(ratio, Ratio)
        found[name] = shape.half_up(ratio.of(sums))
    return found


async def spring(penguin: Penguin) -> None:
    """One campaign whose eleven e-mails count, and all that does not."""
    await penguin.take(
        mailing("cmp_1", name="Q4 Outreach"),
        mailing("cmp_2", status="completed"),
        # the 30th of April: six leave, one comes back at once
        *(mail(f"m{i}", f"2026-04-30T10:0{i}:00Z", campaign_id="cmp_1") for i in range(5)),
        back("m5", "2026-04-30T10:05:00Z", campaign_id="cmp_1"),
        # the 5th of May: five leave, one of which has no channel; one comes back the night after
        *(mail(f"m{i}", f"2026-05-05T09:0{i}:00Z", campaign_id="cmp_1") for i in range(6, 9)),
        mail("m9", "2026-05-05T09:09:00Z", campaign_id="cmp_1"),
        mail("m10", "2026-05-05T12:00:00Z", campaign_id="cmp_1", channel=None),
        happened("m9", "bounced", "2026-05-06T01:00:00Z", bounce="soft", bounce_reason="Mailbox full"),
        # m0 is opened twice, a day apart: the first time counts
        happened("m0", "opened", "2026-05-01T11:00:00Z", id="again"),
        happened("m0", "opened", "2026-04-30T11:00:00Z", id="first"),
        happened("m0", "clicked", "2026-04-30T11:01:00Z"),
        happened("m0", "replied", "2026-05-02T08:00:00Z"),
        # a machine opens m1 before its reader does, and m2 without one
        happened("m1", "opened", "2026-04-30T10:05:00Z", actor="machine"),
        happened("m1", "opened", "2026-05-05T07:00:00Z"),
        happened("m2", "opened", "2026-04-30T10:06:00Z", actor="machine"),
        happened("m2", "clicked", "2026-04-30T10:06:01Z", actor="machine"),
        happened("m3", "complained", "2026-05-01T12:00:00Z"),
        happened("m3", "unsubscribed", "2026-05-01T12:01:00Z"),
        happened("m6", "opened", "2026-05-05T10:00:00Z"),
        happened("m6", "clicked", "2026-05-05T10:05:00Z", link="a"),
        happened("m6", "clicked", "2026-05-05T10:06:00Z", link="b"),
        # none of these counts: a test, another channel, an inbound one, one just before the range
        mail(
            "x1", "2026-05-01T10:00:00Z", campaign_id="cmp_1", is_test=True, opened_at="2026-05-01T10:01:00Z"
        ),
        sent("x2", "2026-05-01T10:00:00Z", campaign_id="cmp_1", clicked_at="2026-05-01T10:01:00Z"),
        received("x3", "2026-05-01T10:00:00Z", campaign_id="cmp_1", channel="email"),
        mail("x4", "2026-04-05T23:59:59.999Z", campaign_id="cmp_1"),
    )
    await penguin.count_until("2026-05-06T10:00:00Z")


async def test_a_campaign(penguin: Penguin) -> None:
    await spring(penguin)

    body = (await penguin.ask(CAMPAIGN)).json()
    told = body["data"]

    answers.CampaignAnswer.model_validate(body)
    assert list(told) == ["campaign_id", "campaign_name", "time_range", "summary", "rates", "time_series"]
    assert (told["campaign_id"], told["campaign_name"]) == ("cmp_1", "Q4 Outreach")
    assert told["time_range"] == MONTH
    assert told["summary"] == {
        "emails_sent": 11,
        "emails_delivered": 9,  # 11 − 2
        "emails_bounced": 2,  # m5 and m9
        "emails_opened": 3,  # m0, m1 and m6
        "emails_clicked": 2,  # m0 and m6
        "emails_replied": 1,
        "spam_complaints": 1,
        "unsubscribes": 1,
    }
    assert told["rates"] == {
        "delivery_rate": 81.82,  # 9 ÷ 11
        "open_rate": 33.33,  # 3 ÷ 9: out of what was delivered
        "click_rate": 22.22,  # 2 ÷ 9
        "click_to_open_rate": 66.67,  # 2 ÷ 3
        "reply_rate": 11.11,  # 1 ÷ 9
        "bounce_rate": 18.18,  # 2 ÷ 11
        "spam_rate": 9.09,  # 1 ÷ 11: out of what was sent
        "unsubscribe_rate": 11.11,  # 1 ÷ 9
    }


async def test_a_day_counts_what_happened_on_it_and_no_day_is_left_out(penguin: Penguin) -> None:
    await spring(penguin)

    series = (await penguin.told(CAMPAIGN))["time_series"]

    assert len(series) == 31  # thirty days and today
    assert [one["date"] for one in (series[0], series[-1])] == ["2026-04-06", "2026-05-06"]
    assert [one for one in series if any(one[name] for name in POINT)] == [
        point("2026-04-30", 6, 5, 1, 1, 0, 1, 0),
        point("2026-05-01", 0, 0, 0, 0, 0, 0, 1),
        point("2026-05-02", 0, 0, 0, 0, 1, 0, 0),
        point("2026-05-05", 5, 5, 2, 1, 0, 0, 0),
        # nothing left us and one came back: taken off here, so that days add up to the summary
        point("2026-05-06", 0, -1, 0, 0, 0, 1, 0),
    ]


async def test_weeks_begin_on_monday_and_months_on_the_first_even_where_the_range_cuts_them(
    penguin: Penguin,
) -> None:
    await spring(penguin)
    custom = {"startDate": "2026-04-29", "endDate": "2026-05-05"}  # Wednesday to Tuesday

    weeks = (await penguin.told(CAMPAIGN, groupBy="week"))["time_series"]
    months = (await penguin.told(CAMPAIGN, groupBy="month"))["time_series"]
    cut_weeks = (await penguin.told(CAMPAIGN, groupBy="week", **custom))["time_series"]
    cut_months = (await penguin.told(CAMPAIGN, groupBy="month", **custom))["time_series"]

    nothing = (0,) * 7
    assert weeks == [
        *(point(f"2026-04-{day}", *nothing) for day in ("06", "13", "20")),
        point("2026-04-27", 6, 5, 1, 1, 1, 1, 1),
        point("2026-05-04", 5, 4, 2, 1, 0, 1, 0),
    ]
    assert months == [
        point("2026-04-01", 6, 5, 1, 1, 0, 1, 0),  # without x4, which lies before the range
        point("2026-05-01", 5, 4, 2, 1, 1, 1, 1),
    ]
    assert cut_weeks == [weeks[3], point("2026-05-04", 5, 5, 2, 1, 0, 0, 0)]
    assert cut_months == [months[0], point("2026-05-01", 5, 5, 2, 1, 1, 0, 1)]


async def test_the_overview(penguin: Penguin) -> None:
    await spring(penguin)
    await penguin.take(
        mailing("draft", created_at="2026-05-06T09:00:00Z", status="draft"),
        mailing("today", created_at="2026-05-06T00:00:00Z"),
        mailing("text", channel="sms"),
        mail("w1", "2026-05-03T10:00:00Z", opened_at="2026-05-03T10:01:00Z"),  # of a workflow
        mail("c1", "2026-05-03T11:00:00Z", campaign_id="cmp_2", clicked_at="2026-05-03T11:01:00Z"),
        mail("c2", "2026-05-03T11:00:00Z", campaign_id="cmp_2", opened_at="2026-05-03T11:01:00Z"),
    )
    await penguin.count_until("2026-05-06T10:00:00Z")

    body = (await penguin.ask(OVERVIEW)).json()

    answers.OverviewAnswer.model_validate(body)
    # 11 + 3 e-mails, 2 of which came back; 3 + 2 opened, 2 + 1 clicked
    assert body["data"] == {
        "workspace_id": penguin.workspace,
        "time_range": MONTH,
        "summary": {
            "total_campaigns": 4,  # cmp_1, cmp_2, draft and today; not the one by SMS
            "active_campaigns": 2,  # cmp_1 and today, which are being sent now
            "emails_sent": 14,
            "emails_delivered": 12,
            "emails_opened": 5,
            "emails_clicked": 3,
            "emails_replied": 1,
        },
        "rates": {"delivery_rate": 85.71, "open_rate": 41.67, "click_rate": 25.0, "reply_rate": 8.33},
        "top_campaigns": [
            {"campaign_id": "cmp_2", "campaign_name": "cmp_2", "open_rate": 50.0, "reply_rate": 0.0},
            {"campaign_id": "cmp_1", "campaign_name": "Q4 Outreach", "open_rate": 33.33, "reply_rate": 11.11},
        ],
    }
    yesterday = (await penguin.told(OVERVIEW, startDate="2026-05-03", endDate="2026-05-05"))["summary"]
    # those that there were when the range ended; being sent is about now
    assert (yesterday["total_campaigns"], yesterday["active_campaigns"]) == (2, 2)


async def test_the_five_best_campaigns_by_opens_then_replies_then_id(penguin: Penguin) -> None:
    noon = "2026-05-05T12:00:00Z"

    def sends(campaign: str, *fates: str) -> list[dict[str, Any]]:
        return [
            mailing(campaign),
            *(
                mail(
                    f"{campaign}-{i}",
                    noon,
                    campaign_id=campaign,
                    **{f"{one}_at": noon for one in fate.split()},
                )
                for i, fate in enumerate(fates)
            ),
        ]

    await penguin.take(
        *sends("d", "opened", ""),  # 1 ÷ 2
        *sends("c", "opened", ""),  # the same: by id
        *sends("b", "opened replied", ""),  # as many opens and a reply
        *sends("e", "opened", "hard_bounced"),  # 1 ÷ 1
        *sends("f", "", "", ""),
        *sends("g", "", ""),
        *sends("a", "hard_bounced"),  # nothing arrived: it has no rate
        *sends("z"),
    )
    await penguin.count_until("2026-05-06T10:00:00Z")

    top = (await penguin.told(OVERVIEW))["top_campaigns"]

    assert [(one["campaign_id"], one["open_rate"], one["reply_rate"]) for one in top] == [
        ("e", 100.0, 0.0),
        ("b", 50.0, 50.0),
        ("c", 50.0, 0.0),
        ("d", 50.0, 0.0),
        ("f", 0.0, 0.0),  # before g by id; the sixth is left out
    ]


async def test_a_workspace_in_which_nothing_was_counted_is_all_zeros(penguin: Penguin) -> None:
    await penguin.take(mailing("cmp_1"))

    campaign, overview = await penguin.told(CAMPAIGN), await penguin.told(OVERVIEW)

    assert not any(campaign["summary"].values()) and not any(campaign["rates"].values())
    assert [one["sent"] for one in campaign["time_series"]] == [0] * 31
    assert overview["summary"]["emails_sent"] == 0
    assert overview["top_campaigns"] == []


def test_the_rates_of_their_examples() -> None:
    # spec/vendors.md, 9: 5,000 sent, 100 of them came back
    assert rates(
        attempted=5000, bounced=100, opened=1470, clicked=245, replied=98, complained=5, unsubscribed=12
    ) == {
        "delivery_rate": 98.0,
        "open_rate": 30.0,
        "click_rate": 5.0,
        "click_to_open_rate": 16.67,
        "reply_rate": 2.0,
        "bounce_rate": 2.0,
        "spam_rate": 0.1,
        "unsubscribe_rate": 0.24,
    }
    assert set(shape.METRICS) == set(RATES)
    nothing = dict.fromkeys(
        ("attempted", "bounced", "opened", "clicked", "replied", "complained", "unsubscribed"), 0
    )
    assert set(rates(**nothing).values()) == {0.0}


def test_halves_go_up_and_nothing_of_nothing_is_zero() -> None:
    # 1 ÷ 800 is 0.125 %, 1 ÷ 160 is 0.625 %: written as a double both are exact
    assert [shape.half_up(number) for number in (0.125, 0.625, 100 / 3, None)] == [0.13, 0.63, 33.33, 0.0]
    assert shape.half_up(23.35, 1) == 23.4  # though the double is a little less
    assert shape.half_up(0.029943, 4) == 0.0299


def test_a_point_that_is_not_counted_yet_is_zero() -> None:
    asked = Range(
        datetime(2026, 5, 6, tzinfo=UTC), datetime(2026, 5, 7, tzinfo=UTC), "30d", _Grouped("day"), {}
    )

    assert shape._point(asked, {"start": "2026-05-06T00:00:00Z", "metrics": None}) == point(
        "2026-05-06", *(0,) * 7
    )


class _Grouped:
    def __init__(self, group_by: str) -> None:
        self.group_by = group_by


@pytest.mark.parametrize("name", ["workspace", "slug"])
async def test_a_workspace_is_named_by_its_id_or_its_slug(penguin: Penguin, name: str) -> None:
    await spring(penguin)
    called = getattr(penguin, name)

    answer = await penguin.get(penguin.url(OVERVIEW, called))

    assert answer.json()["data"]["workspace_id"] == called
    assert answer.json()["data"]["summary"]["emails_sent"] == 11


async def test_every_url_answers_under_the_tenant_and_under_the_vendors_name_too(penguin: Penguin) -> None:
    await spring(penguin)
    tenant = f"/api/v1/tenant/workspaces/{penguin.workspace}"

    for tail in READING:
        bare = await penguin.ask(tail)
        others = [penguin.url(tail), f"{tenant}/{tail}"]
        assert bare.status_code == 200
        assert bare.headers["cache-control"] == "private, no-cache"
        assert bare.headers["vary"] == "Authorization"
        for url in (f"/penguinmails{others[0]}", others[1], f"/penguinmails{others[1]}"):
            other = await penguin.get(url)
            assert (other.status_code, other.content) == (200, bare.content), url
        head = await penguin.http.head(penguin.url(tail), headers=bearer(penguin.key))
        assert (head.status_code, head.headers["content-type"]) == (200, "application/json")
    body = {"campaign_ids": ["cmp_1", "cmp_2"]}
    compared = await penguin.post(body)
    for url in (f"/penguinmails{penguin.url(COMPARE)}", f"{tenant}/{COMPARE}"):
        other = await penguin.http.post(url, json=body, headers=bearer(penguin.key))
        assert (other.status_code, other.content) == (200, compared.content)


async def test_what_is_counted_late_lies_in_the_day_it_happened_on(penguin: Penguin) -> None:
    await spring(penguin)
    before = await penguin.told(CAMPAIGN)

    # told now, on the 6th, of the 20th of April
    await penguin.take(
        mail("late", "2026-04-20T10:00:00Z", campaign_id="cmp_1"),
        happened("late", "replied", "2026-04-21T00:00:00Z"),
    )
    await penguin.count_until("2026-05-06T10:00:00Z")
    after = await penguin.told(CAMPAIGN)

    changed = [
        two for one, two in zip(before["time_series"], after["time_series"], strict=True) if one != two
    ]
    assert changed == [point("2026-04-20", 1, 1, 0, 0, 0, 0, 0), point("2026-04-21", 0, 0, 0, 0, 1, 0, 0)]
    assert penguin.house.now == at("2026-05-06T10:00:00Z")
