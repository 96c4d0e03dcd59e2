"""A page of the app in a real browser, driven through the tree that assistive tools read.

Flutter paints a canvas; what tests find is its semantics tree, by the ids of `app.widgets.tag`.
What is scrolled out of sight is not in that tree, so pages are opened tall.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright
from playwright.async_api import TimeoutError as PlaywrightTimeout

ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
LOAD_MS = 30_000
LOOKS_MAX = 800
LOOK_SECONDS = 0.02
FILL_TRIES = 12
LOOKS_A_FILL = 15
ALLOWED_ERRORS = ("rive_native",)
"""Flet's client asks a CDN for this script even when it is told not to; nothing here needs it."""

_TAP = """node => {
  const target = node.hasAttribute('flt-tappable') ? node : node.querySelector('[flt-tappable]');
  if (target) { target.click(); return true; }
  return false;
}"""

_SAID = """nodes => nodes.map(node => [node.getAttribute('flt-semantics-identifier'),
  node.getAttribute('aria-label') || node.textContent].join(': ').slice(0, 80))"""


class Tab:
    """One tab with the app in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self._sent: list[bytes] = []
        page.on("websocket", lambda opened: opened.on("framesent", self._told))
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def open(self, url: str) -> None:
        """Load the app and switch its semantics tree on."""
        self.page.set_default_timeout(LOAD_MS)
        await self.page.goto(url)
        await self.page.wait_for_selector("flt-semantics-placeholder", state="attached")
        await self.page.evaluate("document.querySelector('flt-semantics-placeholder').click()")

    def id(self, identifier: str) -> Locator:
        """The control under an id."""
        return self.page.locator(f'[flt-semantics-identifier="{identifier}"]')

    def starting(self, start: str) -> Locator:
        """The controls whose ids start like this."""
        return self.page.locator(f'[flt-semantics-identifier^="{start}"]')

    async def sku(self, place: int) -> str:
        """The SKU of a row of the catalogue."""
        row = self.starting("offer-").nth(place)
        await row.wait_for(state="attached")
        name = await row.get_attribute("flt-semantics-identifier") or ""
        return name.removeprefix("offer-")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the page."""
        viewport = self.page.viewport_size
        assert viewport is not None
        return viewport["width"], viewport["height"]

    async def there(self, target: str | Locator) -> None:
        """Wait until a control is there."""
        try:
            await self._at(target).wait_for(state="attached")
        except PlaywrightTimeout:
            raise AssertionError(f"{target!r} is not there, but {await self._ids()}") from None

    async def tap(self, target: str | Locator) -> None:
        """Press a control: its tappable node itself, since an overlay may lie over the page."""
        await self.there(target)
        place = self._at(target)
        if not await place.evaluate(_TAP):
            box = await place.bounding_box()
            assert box is not None, target
            await self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    async def fill(self, target: str, text: str) -> None:
        """Put a text into a field. Flutter listens to a field only some time after it has the
        focus, and what is put in before goes unheard: so it counts when the app has sent it on.
        A field that the app gave the focus itself may stay unheard until the focus comes anew."""
        await self.there(target)
        box = self._at(target).locator("input,textarea")
        await box.wait_for(state="attached")
        for attempt in range(1, FILL_TRIES + 1):
            await box.blur()
            await box.focus()
            await self.page.wait_for_timeout(60 * attempt)
            self._sent.clear()
            await box.fill("")
            await box.fill(text)
            for _ in range(LOOKS_A_FILL):
                if any(text.encode() in frame for frame in self._sent):
                    return
                await self.page.wait_for_timeout(20)
        raise AssertionError(f"could not fill {target!r}")

    async def text(self, target: str | Locator) -> str:
        """What a control says now."""
        place = self._at(target)
        said = await place.get_attribute("aria-label") or await place.text_content() or ""
        return said.strip()

    async def expect(self, target: str | Locator, want: str | Callable[[str], bool]) -> str:
        """Wait until a control says what is wanted: a pattern, or a test of the text."""
        fits = want if callable(want) else lambda said: bool(re.search(want, said))
        said: Any = None
        for _ in range(LOOKS_MAX):
            if await self._at(target).count():
                said = await self.text(target)
                if fits(said):
                    return str(said)
            await asyncio.sleep(LOOK_SECONDS)
        raise AssertionError(f"{target!r}: wanted {want!r}, last saw {said!r}")

    async def _ids(self) -> list[str]:
        """What is on the page instead: each id with what its control says."""
        nodes = self.page.locator("[flt-semantics-identifier]")
        return await nodes.evaluate_all(_SAID)

    def _at(self, target: str | Locator) -> Locator:
        return (self.id(target) if isinstance(target, str) else target).first

    def _told(self, frame: bytes | str) -> None:
        """The app has sent something to its server."""
        self._sent.append(frame.encode() if isinstance(frame, str) else frame)

    def _heard(self, message: ConsoleMessage) -> None:
        place = f"{message.text} {message.location.get('url', '')}"
        if message.type == "error" and not any(name in place for name in ALLOWED_ERRORS):
            self.errors.append(place)


async def switched(tab: Tab, pill: str) -> None:
    """Turn the network switch of the app over, and wait for what the pill says then."""
    await tab.tap("sync-pill")
    await tab.there("sync-sheet")
    await tab.tap("network-switch")
    await tab.page.keyboard.press("Escape")
    await tab.id("sync-sheet").first.wait_for(state="detached")
    await tab.expect("sync-pill", pill)


@asynccontextmanager
async def browser(executable: Path) -> AsyncIterator[Browser]:
    """A headless Chromium."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=str(executable), args=ARGUMENTS)
        try:
            yield opened
        finally:
            await opened.close()


@asynccontextmanager
async def tab(opened: Browser, url: str, width: int, height: int) -> AsyncIterator[Tab]:
    """A tab of a browser of its own, at this size; what the console said is checked in the end."""
    context = await opened.new_context(viewport={"width": width, "height": height})
    try:
        made = Tab(await context.new_page())
        await made.open(url)
        yield made
        assert not made.errors, made.errors
    finally:
        await context.close()
