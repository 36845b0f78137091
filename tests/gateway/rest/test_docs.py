"""The examples in docs/vendors are what the gateway really answers, and their twins really their twins."""

from __future__ import annotations

import json
import re
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.door import Document
from gateway.rest import VENDORS
from gateway.rest.penguinmails import documents
from gateway.rest.slicktext import SLICKTEXT
from gateway.rest.vendor import Vendor
from resolvers.caller import METRICS_READ, Caller
from tests.gateway.rest.penguin import COMPARE, Penguin, back, happened, mail, mailing, opened
from tests.gateway.rest.sender import (
    EXPORT,
    JWT_SECRET,
    OVERVIEW,
    URLS,
    Sender,
    campaign,
    contact,
    delivered,
    failed,
)
from tests.gateway.rest.slick import Slick, founded, opt_in, order, person, thread_event
from tests.gateway.rest.twins import question_of
from tests.gateway.rest.whato import HELP, LONG_AGO, Whato, called, handed, heard, into, out, ran, session
from tests.gateway.rest.whato import away as on_break
from tests.gateway.rest.world import World, at, attempt, received, sent
from tests.house import House, bearer

DOCS = Path(__file__).parents[3] / "docs" / "vendors"
EXAMPLE = re.compile(
    r"```sh\ncurl (?:[^\n]*-d '(?P<body>[^\n]*)' )?[^\n]*\$URL(?P<url>/[^\"]*)\"\n```"
    r"\s+```(?:json|csv)\n(?P<answer>.*?)```"
    r"(?:\s+Its GraphQL twin:\s+```graphql\n(?P<document>.*?)```(?:\s+```json\n(?P<variables>.*?)```)?)?",
    re.DOTALL,
)


async def evening(world: World) -> None:
    """The hours before midnight on 2026-05-05, as the docs tell of them."""
    hour = "2026-05-05T{}:00Z".format
    await world.take(
        *(sent(f"s{i}", hour(f"20:{i:02}"), cost_micros=7900) for i in range(12)),
        *(sent(f"m{i}", hour(f"20:3{i}"), channel="mms", cost_micros=21_000) for i in range(2)),
        *(sent(f"l{i}", hour(f"21:{i:02}"), cost_micros=7900) for i in range(9)),
        sent("n1", hour("23:10"), cost_micros=7900),
        *(received(f"i{i}", hour(f"21:{i:02}")) for i in range(3)),
        received("j1", hour("21:40"), channel="mms"),
        *(attempt(f"a{i}", hour(f"20:0{i}"), "retry", http_status=503) for i in range(2)),
        attempt("b1", hour("22:15"), "retry", http_status=503),
        attempt("b2", hour("22:20"), "retry", http_status=0),
    )
    await world.count_until("2026-05-05T23:59:43Z")


async def first_days_of_may(sender: Sender) -> None:
    """The days before 2026-05-06 of a small organization in New York, as the docs tell of them."""
    blast, reminder = "b2c3d4e5-f6a7-8901-bcde-f23456789012", "c3d4e5f6-a7b8-4012-8def-345678901234"
    told = {"type": "organization", "id": sender.slug, "timezone": "America/New_York"}
    april, may, june = "2026-04-20T00:00:00Z", "2026-05-01T04:00:00Z", "2026-06-01T04:00:00Z"
    monday, tuesday = "2026-05-04T13:05:{:02}Z".format, "2026-05-05T14:10:{:02}Z".format
    await sender.take(
        told,
        campaign(
            blast,
            "2026-05-04T13:00:00Z",
            name="April Fundraiser Blast",
            audience_size=24,
            completed_at="2026-05-04T13:20:00Z",
        ),
        campaign(
            reminder,
            "2026-05-05T14:00:00Z",
            name="Volunteers, Saturday",
            audience_size=10,
            completed_at="2026-05-05T14:15:00Z",
        ),
        campaign("gala", "2026-05-05T16:00:00Z", "scheduled", name="Gala Invitation", audience_size=40),
        *(delivered(f"b{i}", monday(i), campaign_id=blast) for i in range(22)),
        sent("b22", monday(22), campaign_id=blast),
        failed("b23", monday(23), campaign_id=blast),
        *(delivered(f"r{i}", tuesday(i), campaign_id=reminder) for i in range(10)),
        *(delivered(f"s{i}", f"2026-05-05T17:3{i}:00Z") for i in range(5)),
        failed("s5", "2026-05-05T17:35:00Z"),
        *(contact(f"p{i}", is_textable=i > 0, is_opted_in=i < 10) for i in range(12)),
        {
            "type": "billing_account",
            "id": "acct_1",
            "brand": "amplifi",
            "pricing_model": "full_service",
            "customer_portal_url": "https://billing.example/portal",
            "updated_at": april,
        },
        {
            "type": "subscription",
            "id": "sub_abc123",
            "plan_type": "full_service",
            "paid_through": "2026-05-31",
            "current_period_end": june,
            "next_billing_date": "2026-06-01",
            "provider": "amplifi",
            "updated_at": april,
        },
        {
            "type": "credit_product",
            "id": "prod_xyz789",
            "name": "10,000 Credits",
            "credits": 10_000,
            "price_cents": 4_900,
            "updated_at": april,
        },
        {"type": "credit_entry", "id": "pur_1", "kind": "purchase", "credits": 24_500, "at": april},
        {
            "type": "credit_entry",
            "id": "grant_1",
            "kind": "grant",
            "credits": 10_000,
            "at": may,
            "expires_at": june,
        },
    )
    await sender.count_until("2026-05-06T00:00:00Z")


SUMMER, PLACES = "cmp_e75e3218", "cmp_5d9b6a24"  # the demo's


async def first_letters_of_may(penguin: Penguin) -> None:
    """Two campaigns of a small workspace in Madrid, as the docs tell of them."""
    long_ago, monday, tuesday = "2026-01-01T00:00:00Z", "2026-05-04T08:{:02}:00Z", "2026-05-05T16:{:02}:00Z"
    box = {"sender_id": "hola@penguin.example"}
    summer = {"campaign_id": SUMMER, **box}
    await penguin.take(
        mailing(SUMMER, "2026-05-03T09:00:00Z", "completed", name="Summer course"),
        mailing(PLACES, "2026-05-05T09:00:00Z", "sending", name="Last places"),
        *(mail(f"s{i}", monday.format(i), **summer) for i in range(38)),
        *(back(f"s{i}", monday.format(i), "hard", "Mailbox does not exist", **summer) for i in range(38, 40)),
        happened("s37", "bounced", "2026-05-05T06:00:00Z", bounce="soft", bounce_reason="Mailbox full"),
        *(happened(f"s{i}", "opened", "2026-05-04T12:00:00Z") for i in range(12)),
        *(happened(f"s{i}", "opened", "2026-05-05T07:00:00Z") for i in range(12, 15)),
        *(happened(f"s{i}", "clicked", "2026-05-04T12:01:00Z") for i in range(4)),
        happened("s1", "replied", "2026-05-05T09:30:00Z"),
        happened("s20", "complained", "2026-05-05T10:00:00Z"),
        *(mail(f"p{i}", tuesday.format(i), campaign_id=PLACES, **box) for i in range(30)),
        *(happened(f"p{i}", "opened", "2026-05-05T19:00:00Z") for i in range(6)),
        happened("p0", "clicked", "2026-05-05T19:01:00Z"),
        {"type": "domain", "id": "dom_penguin", "name": "penguin.example", "updated_at": long_ago},
        {
            "type": "mailbox",
            "id": box["sender_id"],
            "address": box["sender_id"],
            "domain_id": "dom_penguin",
            "updated_at": long_ago,
        },
        {
            "type": "ip_address",
            "id": "203.0.113.25",
            "address": "203.0.113.25",
            "domain_ids": ["dom_penguin"],
            "updated_at": long_ago,
        },
        {
            "type": "ip_check",
            "id": "chk_1",
            "ip_id": "203.0.113.25",
            "provider": "spamhaus",
            "is_listed": False,
            "at": "2026-05-06T04:10:00Z",
        },
        *(
            {
                "type": "mailbox_day",
                "mailbox_id": box["sender_id"],
                "day": day,
                "sent": number,
                "health_score": score,
            }
            for day, number, score in (("2026-05-04", 40, 94), ("2026-05-05", 30, 87))
        ),
    )
    await penguin.count_until("2026-05-06T10:00:00Z")


async def a_december_week(slick: Slick) -> None:
    """Some days before 2024-12-18 of a brand whose clocks show UTC, as the docs tell of them."""
    early, sale, day = "2024-11-05T19:57:49Z", "2024-12-18T08:00:00Z", "2024-12-{:02}T09:00:00Z".format
    link = {"url": "https://slick.example/sale", "source": "campaign", "source_id": "123"}
    await slick.take(
        *(person(f"{i}", day(14 + i % 4), source=("import", "form")[i % 2]) for i in range(12)),
        person("90", day(15), deleted_at=day(17)),
        *(opt_in(f"{i}", f"{i}", "subscribed", day(14 + i % 4), source="import") for i in range(12)),
        opt_in("u", "3", "unsubscribed", day(17), source="keyword"),
        {
            **person("3", day(17), source="form", opt_in_status="unsubscribed"),
            "updated_at": "2024-12-17T09:00:00Z",
        },
        sale_of(sale),
        {"type": "contact_list", "id": "222", "name": "Guests", "updated_at": early},
        {"type": "campaign_audience", "id": "111", "campaign_id": "123", "created_at": sale}
        | {"list_id": "222", "size": 12},
        {"type": "link", "id": "456", "name": "Sale", "kind": "website", "created_at": sale, **link},
        *(
            sent(f"s{i}", sale, campaign_id="123", source="campaign", contact_id=f"{i}", credits=1)
            | {"delivered_at": sale}
            for i in range(12)
        ),
        *(happened(f"s{i}", "clicked", "2024-12-18T08:30:00Z", link=link["url"]) for i in (0, 1, 4)),
        happened("s1", "clicked", "2024-12-18T08:40:00Z", id="again", link=link["url"]),
        happened("s7", "unsubscribed", "2024-12-18T08:45:00Z"),
        order("1", "4", 33.5, "2024-12-18T09:00:00Z"),
        *(received(f"i{i}", day(17), source="inbox", contact_id=f"{i}") for i in range(3)),
        {
            "type": "workflow",
            "id": "2222",
            "name": "Welcome Series",
            "entry_rule": "one_at_a_time",
            "created_at": early,
            "activated_at": early,
        },
        *(
            {"type": "workflow_entry", "id": f"{i}", "workflow_id": "2222", "contact_id": f"{i}"}
            | {"entered_at": day(17), "exited_at": day(18) if i else None}
            for i in range(4)
        ),
        sent("w", day(17), source="workflow", source_id="2222", contact_id="0", credits=2),
        *(
            {"type": "user", "id": id, "name": name, "created_at": early}
            for id, name in (("1", "John Slick"), ("2", "Ann Bee"))
        ),
        *(
            {"type": "inbox_tag", "id": id, "name": name, "color": "#23ddcd", "updated_at": early}
            for id, name in (("3", "Nashville"), ("4", "Catering"))
        ),
        {"type": "inbox_thread", "id": "t", "contact_id": "0", "created_at": day(17)},
        *(
            thread_event(kind, "t", kind, f"2024-12-17T09:{minute:02}:00Z", **by)
            for kind, minute, by in (
                ("opened", 0, {}),
                ("assigned", 2, {"user_id": "1"}),
                ("answered", 3, {"user_id": "1"}),
                ("tag_added", 4, {"user_id": "1", "tag_id": "3"}),
                ("closed", 20, {"user_id": "1"}),
            )
        ),
    )
    await slick.count_until("2024-12-18T10:00:00Z")


def sale_of(moment: str) -> dict[str, Any]:
    """The campaign of the docs."""
    moments = dict.fromkeys(("created_at", "started_at", "completed_at"), moment)
    body = "This weekend only, 20% off everything in store."
    told = {"id": "123", "name": "Sale", "body": body, "audience_size": 12, "status": "completed"}
    return {"type": "campaign", "created_by": "1", **told, **moments}


async def test_slicktexts_examples_are_real(house: House) -> None:
    house.now = at("2024-12-18T10:00:00Z")
    slick = await founded(house, "26136")
    await a_december_week(slick)

    examples = await _checked(slick, "slicktext")

    assert sum(bool(example["document"]) for example in examples) == 3
    assert len(examples) == len(SLICKTEXT.endpoints) + 1


async def a_week_of_chats(whato: Whato) -> None:
    """The first days of May of a small shop, as the docs tell of them."""
    monday, tuesday = "2026-05-04T08:{:02}:00Z".format, "2026-05-05T09:{:02}:00Z".format
    ada = {"user_id": "ada", "session_id": "s9"}
    await whato.take(
        {"type": "user", "id": "bo", "name": "Bo", "created_at": LONG_AGO},
        *(
            contact(
                f"c{i}", created_at="2026-04-20T08:00:00Z" if i < 16 else monday(0), first_name=f"Contact {i}"
            )
            for i in range(18)
        ),
        campaign("festival", "2026-04-30T08:00:00Z", "completed", completed_at="2026-05-02T08:00:00Z"),
        campaign("monsoon", "2026-05-05T08:00:00Z", "scheduled"),
        *(
            out(f"t{i}", monday(i), content_type="template", delivered_at=monday(i), read_at=monday(i + 1))
            for i in range(30)
        ),
        *(
            out(f"u{i}", monday(i), content_type="template", delivered_at=monday(i), sender_id=HELP)
            for i in range(19)
        ),
        out("u19", monday(19), content_type="template", failed_at=monday(20)),
        *(
            into(f"q{i}", tuesday(i), session_id=f"s{i}", body="Where is my order?", contact_id=f"c{i}")
            for i in range(10)
        ),
        *(
            out(
                f"r{i}",
                tuesday(i),
                session_id=f"s{i}",
                body="On its way.",
                contact_id=f"c{i}",
                delivered_at=tuesday(i),
                read_at=tuesday(i),
            )
            for i in range(10)
        ),
        out("r10", tuesday(20), user_id="ada", body="I am on it.", contact_id="c9", session_id="s9"),
        *(session(f"s{i}", tuesday(i), tuesday(i + 2)) for i in range(8)),
        session("s8", tuesday(8), tuesday(38), status="timeout"),
        session("s9", tuesday(9), tuesday(40)),
        session("s10", "2026-05-06T08:00:00Z", "2026-05-06T08:01:00Z"),
        handed(
            "h1",
            tuesday(10),
            **ada,
            source="flow",
            status="resumed",
            assigned_at=tuesday(14),
            first_response_at=tuesday(20),
            resumed_at=tuesday(40),
        ),
        handed("h2", "2026-05-06T09:55:00Z", source="keyword"),
        {"type": "bot_flow", "id": "f1", "name": "Order Status", "updated_at": LONG_AGO},
        *(ran(f"o{i}", "f1", tuesday(i), tuesday(i + 1) if i < 5 else None) for i in range(6)),
        *(heard(f"k{i}", "order", tuesday(i)) for i in range(7)),
        *(heard(f"l{i}", "return", tuesday(i)) for i in range(2)),
        *(called(f"a{i}", tuesday(i), (200, 50), 5_000) for i in range(4)),
        on_break("b1", tuesday(0), tuesday(10), "bo"),
        on_break("b2", "2026-05-06T09:45:00Z", user="ada"),
    )
    await whato.count_until("2026-05-06T10:00:00Z")


async def test_agentmessages_examples_are_real(world: World) -> None:
    await evening(world)

    examples = await _checked(world, "agentmessage")

    assert [bool(example["document"]) for example in examples] == [True, False, True, True, False]


async def test_messagesenders_examples_are_real(sender: Sender) -> None:
    await first_days_of_may(sender)

    examples = await _checked(sender, "messagesender")

    assert {example["url"].partition("?")[0] for example in examples if example["document"]} == set(URLS)


async def test_penguinmails_examples_are_real(house: House) -> None:
    house.now = at("2026-05-06T10:00:00Z")
    penguin = await opened(house, "ws_penguin", timezone="Europe/Madrid")
    await first_letters_of_may(penguin)

    examples = await _checked(penguin, "penguinmails")

    assert sum(bool(example["document"]) for example in examples) == 5


async def test_whatomates_examples_are_real(whato: Whato) -> None:
    await a_week_of_chats(whato)

    examples = await _checked(whato, "whatomate")

    assert {example["url"].partition("?")[0] for example in examples} >= {
        *("/api/analytics/dashboard", "/api/analytics/messages", "/api/analytics/chatbot"),
        *("/api/analytics/agents", "/api/analytics/agents/comparison", "/api/analytics/agents/ada"),
    }
    assert sum(bool(example["document"]) for example in examples) == 4


async def test_the_examples_of_graphql_run(world: World) -> None:
    page = (DOCS.parent / "graphql.md").read_text(encoding="utf-8")
    told = re.findall(r"```graphql\n(.*?)```", page, re.DOTALL)
    await world.take(
        mailing("cmp_1"),
        mailing("cmp_2"),
        {"type": "domain", "id": "dom_1", "updated_at": "2026-05-01T00:00:00Z"},
    )

    for document in told:
        assert await (first_event if document.startswith("subscription") else World.graphql)(world, document)
    assert len(told) == 13


async def first_event(world: World, document: str) -> dict[str, Any] | None:
    """What a subscription tells first."""
    caller = Caller(await world.house.organization(world.slug), frozenset({METRICS_READ}), "")
    async with aclosing(world.house.gateway.door.watch(caller, Document(document))) as answers:
        return (await anext(answers)).plain


async def test_the_token_that_messagesenders_page_makes_is_taken(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (DOCS / "messagesender.md").read_text("utf-8"), re.DOTALL)
    monkeypatch.setenv("ORG", sender.uuid)
    monkeypatch.setenv("JWT_SECRET", JWT_SECRET)
    sender.house.now = datetime.now(UTC)  # the page goes by the clock of the wall

    exec(code, {})  # our own page

    assert (await sender.get(OVERVIEW, capsys.readouterr().out.strip())).status_code == 200


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.name)
def test_a_vendors_docs_name_every_option_and_url(vendor: Vendor) -> None:
    docs = (DOCS / f"{vendor.name}.md").read_text(encoding="utf-8")

    for endpoint in vendor.endpoints:
        assert f"{endpoint.method} {endpoint.path}`" in docs
    for name in vendor.options:
        assert f"`{vendor.name}.{name}`" in docs


async def _checked(world: World, vendor: str) -> list[re.Match[str]]:
    """The examples of a vendor's page, each held against what the world answers."""
    examples = list(EXAMPLE.finditer((DOCS / f"{vendor}.md").read_text(encoding="utf-8")))
    for example in examples:
        url = example["url"].replace("$WORKSPACE", "ws_penguin").replace("$CAMPAIGN", SUMMER)
        if example["body"]:
            answer = await world.http.post(url, content=example["body"], headers=bearer(world.key))
        else:
            answer = await world.get(url)
        if EXPORT in example["url"]:
            assert answer.text.splitlines() == example["answer"].splitlines()
        else:
            assert _same(answer.json()) == _same(json.loads(example["answer"])), example["url"]
        if example["document"] and COMPARE in url:  # a POST has no link
            assert _words(example["document"]) == _words(documents.COMPARE)
            assert await world.graphql(example["document"], **json.loads(example["variables"]))
        elif example["document"]:
            document, variables = question_of(answer)
            assert _words(example["document"]) == _words(document)
            assert json.loads(example["variables"] or "{}") == variables
    return examples


def _same(body: Any) -> Any:
    """The body without what is another each time."""
    if isinstance(body, dict):
        if "success" in body and "error" in body:
            body["error"]["request_id"] = body["timestamp"] = ""
        if "organization_id" in body:
            body["organization_id"] = ""
    return body


def _words(document: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s,]", document)
