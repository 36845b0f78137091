"""The page about a vendor's URLs in a browser, under the policy it is sent with."""

from __future__ import annotations

from playwright.async_api import Browser, expect
from starlette.applications import Starlette

from gateway.rest import VENDORS
from gateway.rest.pages import page_routes
from tests.gateway.web.site import serve
from tests.gateway.web.tabs import new_tab, noted


async def test_the_page_opens_without_a_word_from_outside_or_against_the_policy(
    browser: Browser,
) -> None:
    faults: list[str] = []
    asked: list[str] = []
    vendor = VENDORS[0]  # the others' differ in their document only
    with serve(Starlette(routes=page_routes(vendor))) as site:
        async with new_tab(browser) as tab:
            noted(tab, faults, asked)
            await tab.goto(f"{site}/{vendor.name}/docs/")
            await expect(tab.locator(".opblock")).to_have_count(len(vendor.endpoints))
            await tab.locator(".opblock").first.click()
            await expect(tab.get_by_role("button", name="Try it out")).to_be_visible()

    assert faults == []
    assert len(asked) >= 5  # the page, two scripts, the style, the document
    assert [url for url in asked if not url.startswith((site, "data:"))] == []
