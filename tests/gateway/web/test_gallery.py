"""The gallery of GraphiQL in a browser, over a whole gateway."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Response, expect

from gateway.app import utc_now
from gateway.rest import VENDORS
from gateway.rest.examples import shelves
from gateway.web.graphiql import PageSettings
from gateway.web.questions import questions
from tests.gateway.graphql.wire import listening
from tests.gateway.web.tabs import new_tab
from tests.house import House, bearer, message, open_house

PASTE, FILTER = "Paste a vendor’s URL or curl line", "Filter questions and URLs"
FIRST_OPEN = "document.querySelectorAll('.gallery details').forEach((one, at) => one.open = at === 0)"


@asynccontextmanager
async def visited(browser: Browser, store_url: str, as_sender: bool = False) -> AsyncGenerator[Page]:
    """The page of a gateway that knows three messages of yesterday, two of which were delivered.

    With `as_sender` MessageSender's URLs are asked with the key of another organization, which has none.
    """
    async with open_house(store_url, utc_now()) as house:
        key = await filled(house)
        lent = {"messagesender": bearer(await house.key("other"))} if as_sender else {}
        page = PageSettings(headers=bearer(key), questions=questions(), shelves=shelves(lent))
        async with listening(house, page) as site, new_tab(browser) as tab:
            await tab.goto(f"http://{site}/graphql")
            await expect(tab.locator(".graphiql-query-editor .view-line").first).to_be_visible()
            yield tab


@pytest.fixture(scope="module")
async def gallery(browser: Browser, shared_sqlite_store_url: str) -> AsyncIterator[Page]:
    """One page for who does not mind what others have opened: to load it takes longer than to use it."""
    async with visited(browser, shared_sqlite_store_url) as tab:
        yield tab


@pytest.fixture
async def tab(gallery: Page) -> Page:
    """That page, with nothing filtered and only the first group open, as it was at first."""
    await gallery.get_by_label(FILTER).fill("")
    await gallery.evaluate(FIRST_OPEN)
    return gallery


async def filled(house: House) -> str:
    yesterday = f"{(house.now - timedelta(days=1)).date()}T12:00:00Z"
    arrived = {"sent_at": yesterday, "delivered_at": yesterday, "channel": "sms"}
    await house.take(
        {"type": "organization", "id": "acme", "plan": "growth"},
        {"type": "organization", "id": "other", "plan": "growth"},
        message("a", yesterday, **arrived),
        message("b", yesterday, **arrived),
        message("c", yesterday, channel="sms", sent_at=yesterday),
    )
    return await house.key("acme")


async def run(tab: Page) -> Any:
    """What the gateway answered when play was pressed."""
    async with tab.expect_response(is_asked) as answer:
        await tab.get_by_role("button", name="Execute").click()
    return await (await answer.value).json()


def is_asked(response: Response) -> bool:
    """Whether it answers a person, and does not tell the page of the schema."""
    asked = response.request.post_data or ""
    return response.url.endswith("/graphql") and asked != "" and "IntrospectionQuery" not in asked


async def test_questions_are_grouped_and_then_every_vendor(tab: Page) -> None:
    groups = await tab.locator(".gallery summary").all_inner_texts()
    titles = [title.split("\n")[0].rstrip(" 0123456789") for title in groups]

    themes = list(dict.fromkeys(question.theme for question in questions()))
    assert titles == [*themes, *(vendor.title for vendor in VENDORS)]
    assert sum(int(title.split()[-1]) for title in groups[-len(VENDORS) :]) == sum(
        len(vendor.endpoints) for vendor in VENDORS
    )
    await expect(tab.get_by_role("button", name="Messages per day")).to_be_visible()
    await expect(tab.get_by_role("button", name="/api/credits/balance")).to_be_hidden()


async def test_the_filter_leaves_what_has_every_word(tab: Page) -> None:
    await tab.get_by_label(FILTER).fill("campaign rates")
    await expect(tab.get_by_role("button", name="Rates, and how sure they are")).to_be_visible()
    await expect(tab.get_by_role("button", name="Messages per day")).to_have_count(0)

    await tab.get_by_label(FILTER).fill("SlickText growth")
    await expect(tab.get_by_role("button", name="/contacts/growth?frequency=month")).to_be_visible()
    await expect(tab.get_by_text("1 found")).to_be_visible()

    await tab.get_by_label(FILTER).fill("no such thing")
    await expect(tab.get_by_text("Nothing has all of these words.")).to_be_visible()


async def test_a_vendors_url_opens_its_twin_with_the_key_of_the_page(tab: Page) -> None:
    await tab.get_by_text("AgentMessage metrics").click()
    await tab.get_by_role("button", name="/v1/metrics/messages").click()
    await expect(tab.locator(".graphiql-tab-active")).to_contain_text("AgentMessageMessages")
    await expect(tab.locator(".graphiql-query-editor")).to_contain_text("# GET /v1/metrics/messages")
    await expect(tab.locator(".graphiql-query-editor")).to_contain_text("# documentId: sha256:")
    await expect(tab.locator(".graphiql-editor-tool").first).to_contain_text('"DELIVERED"')
    answer = await run(tab)

    # two of the three messages were delivered, yesterday; the example asks for thirty days and today
    (sms,) = answer["data"]["series"]["columns"]["groups"]
    assert sms == {"key": ["sms"], "value": [*[0] * 29, 2, 0]}


async def test_an_example_that_needs_a_range_begins_so_many_days_before_the_page_is_looked_at(
    tab: Page,
) -> None:
    await tab.get_by_text("MessageSender analytics").click()
    await tab.get_by_role("button", name="/api/analytics/top-campaigns").click()
    since = (utc_now() - timedelta(days=90)).date()
    await expect(tab.locator(".graphiql-editor-tool").first).to_contain_text(f'"{since}T00:00:00Z"')


async def test_on_a_page_that_lends_a_key_a_vendors_url_is_asked_with_it(
    browser: Browser, sqlite_store_url: str
) -> None:
    async with visited(browser, sqlite_store_url, as_sender=True) as tab:
        await tab.get_by_text("MessageSender analytics").click()
        await tab.get_by_role("button", name="/api/analytics/overview").click()
        await expect(tab.locator(".graphiql-tab-active")).to_contain_text("MessageSenderOverview")
        told = await run(tab)
        assert told["data"]["overview"]["messages"]["total"] == 0

        # also after the page was loaded anew
        await tab.wait_for_timeout(700)  # tabs are stored half a second after a change
        await tab.reload()
        await expect(tab.locator(".graphiql-tab-active")).to_contain_text("MessageSenderOverview")
        told = await run(tab)
        assert told["data"]["overview"]["messages"]["total"] == 0

        # and the next question is asked with the page's own again
        await tab.get_by_role("button", name="Several numbers in one request").click()
        assert (await run(tab))["data"]["logged"]["total"] == 3


async def test_a_pasted_curl_line_opens_and_runs(tab: Page) -> None:
    line = (
        "curl -H 'Authorization: Bearer somebody-elses' \\\n"
        "  -H 'x-organization-id: 5b0c6f1e-8f5e-4f0b-9a57-2d3f6f1c7a10' \\\n"
        "  https://vendor.example/api/analytics/overview"
    )

    await tab.get_by_label(PASTE).fill(line)
    await tab.get_by_label(PASTE).press("Enter")
    await expect(tab.locator(".graphiql-tab-active")).to_contain_text("MessageSenderOverview")
    await run(tab)

    # three messages, all of them handed over, two of them confirmed
    response = tab.locator(".graphiql-response")
    for line in ('"total": 3', '"sent": 3', '"delivered": 2', '"failed": 0'):
        await expect(response).to_contain_text(line)
    assert "somebody-elses" not in await tab.locator(".graphiql-sessions").inner_text()


async def test_a_bad_paste_is_told_in_a_sentence_below_the_field(tab: Page) -> None:
    field, told = tab.get_by_label(PASTE), tab.locator(".gallery-paste [aria-live]")
    before = await tab.locator(".graphiql-tab").count()
    await field.fill("GET /api/analytics/trends?metric=money")
    await tab.get_by_role("button", name="Show the GraphQL").click()
    await expect(told).to_have_text("metric must be 'messages' or 'campaigns'.")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(tab.locator(".graphiql-tab")).to_have_count(before)

    await field.fill("GET /api/analytics/trends?metric=messages")
    await field.press("Enter")
    await expect(tab.locator(".graphiql-tab")).to_have_count(before + 1)
    await expect(told).to_have_text("")


async def test_without_a_key_it_says_where_to_type_one(browser: Browser, sqlite_store_url: str) -> None:
    async with (
        open_house(sqlite_store_url) as house,
        listening(house, PageSettings(shelves=shelves())) as site,
        new_tab(browser) as tab,
    ):
        await tab.goto(f"http://{site}/graphql")
        await tab.get_by_label(PASTE).fill("/api/analytics/overview")
        await tab.get_by_label(PASTE).press("Enter")
        await expect(tab.locator(".gallery-paste [aria-live]")).to_contain_text(
            "Type your key into the headers below the editor."
        )


async def test_a_subscription_ticks_with_a_key_that_was_typed_into_the_headers(
    browser: Browser, sqlite_store_url: str
) -> None:
    async with open_house(sqlite_store_url, utc_now()) as house:
        key, hour = await filled(house), timedelta(hours=1)
        page = PageSettings(questions=questions(), shelves=shelves())
        async with listening(house, page) as site, new_tab(browser) as tab:
            await tab.goto(f"http://{site}/graphql")
            await tab.locator(".graphiql-editor-tool .view-line:visible").first.click()
            for press in ("ControlOrMeta+Home", "ArrowDown", "End", "ArrowLeft"):  # behind "Bearer
                await tab.keyboard.press(press)
            await tab.keyboard.type(key)
            await tab.locator(".gallery summary", has_text="Live").click()
            await tab.get_by_role("button", name="Watch the last day").click()
            await tab.get_by_role("button", name="Execute").click()

            # first the whole day, and then the one hour that moved: three of yesterday noon, or none of them,
            # and two more of an hour ago
            told = tab.locator(".graphiql-response")
            await expect(told).to_contain_text('"isWhole": true')
            await house.take(*(message(id, (house.now - hour).isoformat(), channel="sms") for id in "de"))
            await expect(told).to_contain_text('"isWhole": false')
            await expect(told).to_contain_text('"value": 2')
            await tab.get_by_role("button", name="Stop").click()


async def test_what_is_deferred_ends_in_one_answer(tab: Page) -> None:
    await tab.locator(".gallery summary", has_text="Live").click()
    await tab.get_by_role("button", name="What is quick first").click()
    async with tab.expect_response(is_asked) as answer:
        await tab.get_by_role("button", name="Execute").click()
    assert (await (await answer.value).header_value("content-type") or "").startswith("multipart/mixed")

    # of three handed over two were delivered: 66.7 %
    told = tab.locator(".graphiql-response")
    await expect(told).to_contain_text('"delivered": 2')
    await expect(told).to_contain_text('"total": 66.6')
