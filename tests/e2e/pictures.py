"""Takes the pictures of the README, from the app as it is.

python -m tests.e2e.pictures docs/pictures
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser

from tests.conftest import find_chromium
from tests.e2e.browser import Tab, browser, switched, tab
from tests.e2e.stand import demo

PHONE = (390, 844)
DESKTOP = (1440, 900)
CONSOLE = (1200, 750)
MARKED_MS = 500
"""What changed is marked by then, and still is."""
SETTLE_MS = 2_000
"""For fonts and ripples; a picture shows what a test does not need to wait for."""


async def take(folder: Path) -> None:
    """All pictures, into ``folder``, which is there."""
    chromium = find_chromium(os.environ)
    if chromium is None:
        raise SystemExit("The pictures need Chromium; tests/README.md says how to get it.")
    with tempfile.TemporaryDirectory() as data:
        async with demo(Path(data)) as url, browser(chromium) as opened:
            await product(opened, url, folder / "product.png")
            await cart(opened, url, folder / "cart.png")
            await lab(opened, url, folder / "lab.png")
            await console(opened, url, folder / "console.png")


async def product(opened: Browser, url: str, path: Path) -> None:
    async with tab(opened, url, *PHONE) as phone:
        await phone.tap("demo-ana")
        await phone.expect("sync-pill", "Up to date")
        await phone.fill("find", "hammer")
        await phone.tap(phone.starting("hit-"))
        await phone.there("do-count")
        await shot(phone, path)


async def cart(opened: Browser, url: str, path: Path) -> None:
    async with tab(opened, url, *PHONE) as phone:
        await phone.tap("demo-ben")
        await phone.expect("sync-pill", "Up to date")
        await switched(phone, "Offline")
        await phone.tap(phone.starting("customer-cust_"))
        await phone.tap("new-order")
        for place in (1, 2):
            sku = await phone.sku(place)
            await phone.tap(f"add-{sku}-more")
            await phone.there(f"add-{sku}-number")
        await phone.tap("review")
        await phone.there("place-order")
        await shot(phone, path)


async def lab(opened: Browser, url: str, path: Path) -> None:
    async with tab(opened, f"{url}/lab", *DESKTOP) as page:
        await page.expect("lab-verdict", "^Converged$")
        await page.tap("lab-play")
        await page.there("lab-conflict-0")
        await page.expect("lab-verdict", "^Converged$")
        await shot(page, path)


async def console(opened: Browser, url: str, path: Path) -> None:
    async with tab(opened, f"{url}/lab", *CONSOLE) as page:
        await page.expect("lab-verdict", "^Converged$")
        await page.tap("lab-a-console")
        await page.tap("lab-a-dql-example-0")
        await page.tap("lab-a-dql-run")
        before = await page.expect("lab-a-dql-row-0", r"\d")
        await page.page.wait_for_timeout(SETTLE_MS)
        await page.tap("lab-b-sell")
        await page.expect("lab-a-dql-row-0", lambda said: said != before)
        await page.page.wait_for_timeout(MARKED_MS)
        await page.page.screenshot(path=path)
        print(path)


async def shot(page: Tab, path: Path) -> None:
    await page.page.wait_for_timeout(SETTLE_MS)
    await page.page.screenshot(path=path)
    print(path)


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    asyncio.run(take(Path(sys.argv[1])))
