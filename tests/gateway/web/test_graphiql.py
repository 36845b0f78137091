"""GraphiQL as a page, and in a browser."""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, expect

from gateway.headers import PAGE_POLICY
from gateway.web.graphiql import MANIFEST, STATIC, PageSettings, page
from gateway.web.questions import Question
from tests.gateway.web.site import app, serve
from tests.gateway.web.tabs import new_tab, noted

KEY = "Bearer demo-key-1"
WHO = Question("Who am I", "# The organization behind the key.\nquery WhoAmI {\n  organization { name }\n}\n")
ZONE = Question("Our zone", "# Where our days begin.\nquery OurZone {\n  organization { timezone }\n}\n")
MORE = tuple(Question(f"More {n}", f"query More{n} {{ organization {{ name }} }}\n") for n in range(4))
LAST = Question("The last one", "query TheLastOne { organization { timezone } }\n", '{"unused": 1}')
SETTINGS = PageSettings(headers={"Authorization": KEY}, questions=(WHO, ZONE, *MORE, LAST))


def settings_in(html: str) -> dict:
    """What a browser would read out of the page's settings element."""
    (settings,) = re.findall(r'<script id="settings" type="application/json">(.*?)</script>', html)
    return json.loads(settings)


def test_a_hostile_key_stays_inside_the_settings():
    key = "</script><script>alert(1)</script><!-- & \u2028 {brace} '\""

    html = page(PageSettings(headers={"Authorization": key}))

    assert "alert(1)</script>" not in html
    assert "<!--" not in html
    assert html.count("<script") == 2
    assert settings_in(html)["headers"] == {"Authorization": key}


def test_a_hostile_folder_stays_inside_its_attribute():
    html = page(PageSettings(static='"><script>'))

    assert html.count("<script") == 2


def test_without_a_demo_key_the_header_waits_for_one():
    assert settings_in(page(PageSettings()))["headers"] == {"Authorization": "Bearer "}


def test_the_page_loads_only_files_that_are_there():
    html = page(SETTINGS)

    for address in re.findall(r'(?:src|href)="/static/([^"]+)"', html):
        assert (STATIC / address).is_file()
    assert set(MANIFEST) == {"script", "style"}


def test_the_policy_allows_no_foreign_host_and_no_inline_script():
    rules = {name: value for name, _, value in (rule.partition(" ") for rule in PAGE_POLICY.split("; "))}

    assert rules["default-src"] == "'self'"
    assert rules["style-src"] == "'self' 'unsafe-inline'"
    assert "script-src" not in rules
    assert not any(word in PAGE_POLICY for word in ("http", "*", "unsafe-eval"))


@asynccontextmanager
async def opened(browser: Browser, site: str, faults: list[str], asked: list[str]) -> AsyncGenerator[Page]:
    """The page at `/graphql`, with the console's complaints and every address asked for noted down."""
    async with new_tab(browser) as tab:
        noted(tab, faults, asked)
        await tab.goto(f"{site}/graphql")
        await expect(tab.locator(".graphiql-query-editor .view-line").first).to_be_visible()
        yield tab


async def test_a_newcomer_runs_the_first_question(browser: Browser):
    keys: list[str | None] = []
    faults: list[str] = []
    asked: list[str] = []

    with serve(app(SETTINGS, keys)) as site:
        async with opened(browser, site, faults, asked) as tab:
            await expect(tab.locator(".graphiql-tab")).to_have_count(4)
            await expect(tab.locator(".graphiql-tab").first).to_contain_text("WhoAmI")
            await expect(tab.locator(".graphiql-query-editor")).to_contain_text("organization")
            await expect(tab.locator(".graphiql-editor-tool")).to_contain_text("demo-key-1")
            await tab.get_by_role("button", name="Execute").click()
            await expect(tab.locator(".graphiql-response")).to_contain_text("Northwind Clinic")

    assert len(keys) == 2  # the schema, then the question
    assert set(keys) == {KEY}
    assert [url for url in asked if not url.startswith((site, "data:"))] == []
    assert faults == []


async def test_the_gallery_opens_any_question_and_own_tabs_stay(browser: Browser):
    faults: list[str] = []

    with serve(app(SETTINGS, [])) as site:
        async with opened(browser, site, faults, []) as tab:
            await tab.get_by_role("button", name="The last one").click()
            await expect(tab.locator(".graphiql-tab")).to_have_count(5)
            await expect(tab.locator(".graphiql-tab-active")).to_contain_text("TheLastOne")
            await tab.get_by_role("button", name="Who am I").click()
            await expect(tab.locator(".graphiql-tab-active")).to_contain_text("WhoAmI")
            await expect(tab.locator(".graphiql-tab")).to_have_count(5)
            await tab.wait_for_timeout(700)  # tabs are stored half a second after a change
            await tab.reload()
            await expect(tab.locator(".graphiql-tab")).to_have_count(5)
            await expect(tab.locator(".graphiql-tab").last).to_contain_text("TheLastOne")

    assert faults == []
