"""MessageSender's export: a CSV file that any spreadsheet reads as it was meant."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import httpx2

from tests.gateway.rest.sender import EXPORT, Sender, campaign, delivered, failed, queued
from tests.gateway.rest.world import sent

HEADER = "Campaign Name,Status,Total Recipients,Sent,Delivered,Failed,Created At,Completed At"
MAY = {"startDate": "2026-05-01", "endDate": "2026-05-06"}


async def exported(sender: Sender, **params: Any) -> httpx2.Response:
    """The file."""
    answer = await sender.get(EXPORT, **params)
    assert answer.status_code == 200, answer.text
    return answer


def rows(answer: httpx2.Response) -> list[list[str]]:
    """Its rows, without the header."""
    header, *found = csv.reader(StringIO(answer.text, newline=""))
    assert ",".join(header) == HEADER
    return found


async def test_the_file_byte_by_byte(sender: Sender) -> None:
    await sender.take(
        campaign("c1", "2026-05-03T10:00:00Z", audience_size=12, completed_at="2026-05-03T11:00:00.25Z"),
        campaign("c2", "2026-05-04T10:00:00Z", "draft", name="Über 10 % off – today"),
        campaign("c3", "2026-05-06T00:00:00Z"),
        *(delivered(f"d{i}", "2026-05-03T10:01:00Z", campaign_id="c1") for i in range(3)),
        sent("s1", "2026-05-03T10:01:00Z", campaign_id="c1"),
        failed("f1", "2026-05-03T10:01:00Z", campaign_id="c1"),
        queued("q1", "2026-05-03T10:01:00Z", campaign_id="c1"),
    )
    await sender.count_until("2026-05-06T00:00:00Z")

    answer = await exported(sender, type="campaigns", **MAY)

    # the newest first; sent 3 + 1; a draft has no end
    assert answer.content.decode("utf-8") == (
        f"{HEADER}\r\n"
        "Über 10 % off – today,draft,0,0,0,0,2026-05-04T10:00:00.000Z,\r\n"
        "c1,completed,12,4,3,1,2026-05-03T10:00:00.000Z,2026-05-03T11:00:00.250Z\r\n"
    )
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert (
        answer.headers["content-disposition"] == 'attachment; filename="campaigns-2026-05-01-2026-05-06.csv"'
    )
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_a_range_without_campaigns_is_a_header(sender: Sender) -> None:
    for dates in (MAY, {"startDate": "2026-05-03", "endDate": "2026-05-03"}):
        answer = await exported(sender, **dates)
        assert answer.text == f"{HEADER}\r\n"
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert (
        answer.headers["content-disposition"] == 'attachment; filename="campaigns-2026-05-03-2026-05-03.csv"'
    )
    default = await exported(sender)
    assert (
        default.headers["content-disposition"] == 'attachment; filename="campaigns-2026-04-06-2026-05-06.csv"'
    )


async def test_names_may_hold_anything_and_run_as_nothing(sender: Sender) -> None:
    plain = ["a,b", 'say "hi"', "two\nlines", "two\r\nlines", "a=b", "", "'quoted'", "1 - 2", "+1", "-0.5"]
    formulas = ["=1+1", " =1+1", "+1+1", "-1 %", "@SUM(A1)", "\t=1", "\r=1", "＝1", "=a\nb"]
    names = plain + formulas
    await sender.take(
        *(campaign(f"c{i:02}", f"2026-05-03T10:00:{59 - i:02}Z", name=name) for i, name in enumerate(names))
    )
    await sender.count_until("2026-05-06T00:00:00Z")

    told = [row[0] for row in rows(await exported(sender, **MAY))]

    assert told == plain + [f"'{name}" for name in formulas]


async def test_all_pages_are_in_the_file(sender: Sender) -> None:
    # 250 campaigns are three pages; every tenth has messages
    first = datetime(2026, 5, 3, tzinfo=UTC)
    moments = [(first + timedelta(minutes=i // 2)).isoformat() for i in range(250)]  # two at each moment
    await sender.take(
        *(campaign(f"c{i:03}", moment) for i, moment in enumerate(moments)),
        *(delivered(f"m{i}", "2026-05-05T10:00:00Z", campaign_id=f"c{i:03}") for i in range(0, 250, 10)),
    )
    await sender.count_until("2026-05-06T00:00:00Z")

    found = rows(await exported(sender, **MAY))

    assert [row[0] for row in found] == [f"c{i:03}" for i in reversed(range(250))]
    assert [row[0] for row in found if row[4] == "1"] == [f"c{i:03}" for i in reversed(range(0, 250, 10))]


async def test_head_says_what_get_would_send_and_sends_nothing(sender: Sender) -> None:
    await sender.take(campaign("c1", "2026-05-03T10:00:00Z"))
    await sender.count_until("2026-05-06T00:00:00Z")

    got = await exported(sender, **MAY)
    head = await sender.http.head(EXPORT, params=MAY, headers=sender.headers())

    assert (head.status_code, head.content) == (200, b"")
    names = ("content-type", "content-disposition", "cache-control", "vary", "link")
    assert {name: head.headers[name] for name in names} == {name: got.headers[name] for name in names}


async def test_an_unknown_type_is_refused_before_anything_is_sent(sender: Sender) -> None:
    for params in ({"type": "messages"}, {"type": ""}, {"startDate": "soon"}):
        answer = await sender.get(EXPORT, **params)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")
        assert "content-disposition" not in answer.headers


async def test_every_status_is_told_in_its_own_word(sender: Sender) -> None:
    statuses = ("cancelled", "completed", "draft", "failed", "paused", "queued", "scheduled", "sending")
    await sender.take(*(campaign(status, "2026-05-03T10:00:00Z", status) for status in statuses))
    await sender.count_until("2026-05-06T00:00:00Z")

    assert sorted(row[:2] for row in rows(await exported(sender, **MAY))) == [[one, one] for one in statuses]
