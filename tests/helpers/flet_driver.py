"""Driving the app in a real browser: Flutter paints a canvas, so tests read its semantics tree.

Focus comes before typing because Flutter attaches its text connection after the focus event, and a
tap goes to the tappable node itself because an overlay may cover the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page

LOAD_MS = 15_000
LOOKS_MAX = 250
LOOK_MS = 20
FILL_TRIES = 4
_TAP = """node => {
  const target = node.hasAttribute('flt-tappable') ? node : node.querySelector('[flt-tappable]');
  if (target) { target.click(); return true; }
  return false;
}"""


class Flet:
    """One page of the app."""

    def __init__(self, page: Page, url: str) -> None:
        """Open the address and switch the semantics tree on."""
        self.page = page
        page.set_default_timeout(LOAD_MS)
        page.goto(url)
        page.wait_for_selector("flt-semantics-placeholder", state="attached")
        page.evaluate("document.querySelector('flt-semantics-placeholder').click()")
        page.locator("flt-semantics[role], flt-semantics span").first.wait_for(state="attached")

    def id(self, identifier: str) -> Locator:
        """The control under an id of `app.widgets.tag`."""
        return self.page.locator(f'[flt-semantics-identifier="{identifier}"]')

    def tap(self, target: str | Locator) -> None:
        """Press a control."""
        place = self._at(target)
        place.wait_for(state="attached")
        if not place.evaluate(_TAP):
            box = place.bounding_box()
            assert box is not None
            self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def fill(self, target: str | Locator, text: str) -> None:
        """Put a text into a field."""
        place = self._at(target)
        place.wait_for(state="attached")
        is_box = place.evaluate("node => /^(INPUT|TEXTAREA)$/.test(node.tagName)")
        box = place if is_box else place.locator("input,textarea")
        for _ in range(FILL_TRIES):
            box.focus()
            self.page.wait_for_timeout(80)
            box.fill("")
            box.fill(text)
            self.page.wait_for_timeout(60)
            if box.input_value() == text:
                return
        raise AssertionError(f"could not fill {target!r}")

    def text(self, target: str | Locator) -> str:
        """What a control says."""
        place = self._at(target)
        said = place.get_attribute("aria-label") or place.text_content() or ""
        return said.strip()

    def expect(self, target: str | Locator, want: str | Callable[[str], bool]) -> str:
        """Wait until a control says what is wanted (a pattern, or a test of the text)."""
        fits = want if callable(want) else lambda said: bool(re.search(want, said))
        said: Any = None
        for _ in range(LOOKS_MAX):
            if self._at(target).count():
                said = self.text(target)
                if fits(said):
                    return str(said)
            self.page.wait_for_timeout(LOOK_MS)
        raise AssertionError(f"{target!r}: wanted {want!r}, last saw {said!r}")

    def _at(self, target: str | Locator) -> Locator:
        return (self.id(target) if isinstance(target, str) else target).first
