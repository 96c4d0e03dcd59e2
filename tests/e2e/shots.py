"""Takes pictures of the rep's screens and of the lab, to be looked at by a person.

python -m tests.e2e.shots build/shots [phone|tablet|desktop ...]
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Browser

from tests.conftest import CHROMIUM_REMEDY, find_chromium
from tests.e2e.browser import Tab, browser, switched
from tests.e2e.stand import demo

SIZES = {"phone": (390, 844), "tablet": (1024, 768), "desktop": (1440, 900)}
SCHEMES = ("light", "dark")
SETTLE_MS = 500
Shoot = Callable[[str], Awaitable[None]]


async def sales(tab: Tab, shoot: Shoot) -> None:
    """A rep's day: look somebody up, order, place, look back."""
    await tab.tap("demo-ben")
    await tab.there("customers")
    await tab.expect("sync-pill", "Up to date")
    await shoot("customers")
    await tab.fill("find-customer", "zzzz")
    await tab.there("no-customers")
    await shoot("customers-none")
    await tab.tap("add-customer")
    await tab.there("new-customer")
    await tab.fill("customer-first-name", "Nora")
    await tab.fill("customer-email", "nora@")
    await tab.tap("save-customer")
    await shoot("new-customer")
    await tab.tap("back")
    await tab.there("find-customer")
    await _selling(tab, shoot)


async def _selling(tab: Tab, shoot: Shoot) -> None:
    """From a customer to the placed order and the list of orders."""
    await tab.fill("find-customer", "an")
    await tab.tap(tab.starting("customer-cust_"))
    await tab.there("new-order")
    await shoot("customer")
    await tab.tap("new-order")
    await tab.there("catalogue")
    await shoot("catalogue")
    await tab.tap("category-cat_hand_tools")
    await tab.expect("offers-found", "in Hand Tools")
    skus = [await tab.sku(place) for place in range(3)]
    for sku in (*skus, skus[1]):
        await tab.tap(f"add-{sku}-more")
        await tab.there(f"add-{sku}-number")
    await shoot("catalogue-filled")
    await tab.tap(f"add-{skus[0]}-number")
    await tab.there("quantity-sheet")
    for key in "40":
        await tab.tap(f"pieces-{key}")
    await tab.tap("discount-10")
    await shoot("quantity")
    await tab.tap("save-quantity")
    await switched(tab, "Offline")
    await tab.tap("review")
    await tab.there("place-order")
    await tab.tap("order-discount")
    await tab.there("discount-sheet")
    await tab.tap("order-discount-10")
    await shoot("order-discount")
    await tab.tap("save-discount")
    await tab.id("discount-sheet").first.wait_for(state="detached")
    await shoot("review")
    width, height = tab.size
    await tab.page.mouse.move(width / 2, height / 2)
    await tab.page.mouse.wheel(0, 3_000)
    await shoot("review-foot")
    await tab.tap("place-order")
    await tab.there("placed-code")
    await shoot("placed")
    await tab.tap("placed-see")
    await tab.there("order-total")
    await shoot("order")
    await tab.tap("back")
    await tab.there("orders-all")
    await shoot("orders")
    await tab.tap("orders-needs_you")
    await shoot("orders-none")


async def lab(tab: Tab, shoot: Shoot) -> None:
    """Together, apart, and what came of it."""
    await tab.tap("open-lab")
    await tab.expect("lab-verdict", "^Converged$")
    await shoot("lab")
    await tab.tap("lab-b-switch" if await tab.id("lab-b-switch").count() else "lab-a-switch")
    await tab.tap("lab-a-count")
    await tab.there("lab-count-sheet")
    for key in "37":
        await tab.tap(f"lab-key-{key}")
    await shoot("lab-count")
    await tab.tap("lab-save-count")
    await tab.expect("lab-verdict", "^Apart for now$")
    await tab.there("lab-difference")
    await shoot("lab-apart")
    await tab.tap("lab-heal-all")
    await tab.expect("lab-verdict", "^Converged$")
    await tab.tap("lab-play")
    await tab.expect("lab-verdict", "^Apart for now$")
    await shoot("lab-playing")
    await tab.expect("lab-verdict", "^Converged$")
    await shoot("lab-played")
    width, height = tab.size
    await tab.page.mouse.move(width / 2, height / 2)
    await tab.page.mouse.wheel(0, 3_000)
    await shoot("lab-history")


async def consoles(tab: Tab, shoot: Shoot) -> None:
    """A console of the lab: what it begins with, a change that arrives, a mistake, a plan."""
    ask = "lab-a-dql"
    await tab.tap("open-lab")
    await tab.expect("lab-verdict", "^Converged$")
    await tab.tap("lab-a-console")
    await tab.there(ask)
    await shoot("console")
    await tab.tap(f"{ask}-example-1")
    await tab.tap(f"{ask}-run")
    await tab.there(f"{ask}-row-0")
    await shoot("console-rows")
    await tab.tap(f"{ask}-empty")
    await tab.tap(f"{ask}-example-0")
    await tab.tap(f"{ask}-run")
    await tab.expect(f"{ask}-count", "^1 row")
    await tab.tap(f"{ask}-empty")
    await tab.tap(f"{ask}-example-3")
    await tab.tap(f"{ask}-run")
    await tab.expect(f"{ask}-told", "changed")
    await shoot("console-changed")
    await tab.fill(ask, "SELECT stock_level FRM inventory WHERE")
    await tab.tap(f"{ask}-run")
    await tab.there(f"{ask}-marked")
    await shoot("console-wrong")
    await tab.tap(f"{ask}-empty")
    await tab.tap(f"{ask}-example-4")
    await tab.tap(f"{ask}-run")
    await tab.there(f"{ask}-plan")
    await shoot("console-plan")


async def shoot_all(opened: Browser, folder: Path, sizes: list[str]) -> None:
    """All tours at each size, light and dark, each on data of its own."""
    for size in sizes:
        for scheme in SCHEMES:
            with tempfile.TemporaryDirectory() as data:
                async with demo(Path(data)) as url:
                    for tour in (sales, lab, consoles):
                        await _tour(opened, url, tour, folder / f"{size}-{scheme}", size)


async def _tour(
    opened: Browser,
    url: str,
    tour: Callable[[Tab, Shoot], Awaitable[None]],
    start: Path,
    size: str,
) -> None:
    width, height = SIZES[size]
    scheme = "dark" if start.name.endswith("dark") else "light"
    context = await opened.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme
    )
    tab = Tab(await context.new_page())

    async def shoot(name: str) -> None:
        await tab.page.wait_for_timeout(SETTLE_MS)
        await tab.page.screenshot(path=start.with_name(f"{start.name}-{name}.png"))

    await tab.open(url)
    await tour(tab, shoot)
    await context.close()


async def main(folder: Path, sizes: list[str]) -> None:
    """Take the pictures."""
    chromium = find_chromium(os.environ)
    assert chromium is not None, CHROMIUM_REMEDY
    async with browser(chromium) as opened:
        await shoot_all(opened, folder, sizes)


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:] or list(SIZES)))
