"""Pages of a browser, and how long tests wait for what happens on them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, expect

PATIENCE_MS = 120_000  # what takes a second may take a minute while other tests have the processors
expect.set_options(timeout=PATIENCE_MS)


@asynccontextmanager
async def new_tab(browser: Browser) -> AsyncGenerator[Page]:
    """An empty page that remembers nothing of the others, until the block ends."""
    tab = await browser.new_page(viewport={"width": 1280, "height": 800})
    tab.set_default_timeout(PATIENCE_MS)
    try:
        yield tab
    finally:
        await tab.close()


def noted(tab: Page, faults: list[str], asked: list[str]) -> None:
    """Note what its console complains of, and every address that it asks for."""
    tab.on("console", lambda line: faults.append(line.text) if line.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.context.on("request", lambda request: asked.append(request.url))
