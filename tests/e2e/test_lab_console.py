"""The consoles of the lab: what one device asks follows what the other one does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.browser import Tab, browser, tab
from tests.e2e.stand import demo

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TALL = (1440, 2000)
ASKED = "lab-a-dql"


async def test_a_statement_on_one_device_follows_the_other(chromium: Path, tmp_path: Path) -> None:
    async with (
        demo(tmp_path) as url,
        browser(chromium) as opened,
        tab(opened, f"{url}/lab", *TALL) as lab,
    ):
        await lab.expect("lab-verdict", "^Converged$")
        await lab.tap("lab-a-console")
        await a_change_on_the_other_device_arrives(lab)
        await a_wrong_statement_shows_the_place(lab)


async def a_change_on_the_other_device_arrives(lab: Tab) -> None:
    await lab.tap(f"{ASKED}-example-0")
    await lab.there(f"{ASKED}-value-product")
    await lab.tap(f"{ASKED}-run")
    before = await lab.expect(f"{ASKED}-row-0", r"\d")
    await lab.tap("lab-b-sell")
    await lab.expect(f"{ASKED}-row-0", lambda said: said != before)
    await lab.there(f"{ASKED}-live")


async def a_wrong_statement_shows_the_place(lab: Tab) -> None:
    await lab.fill(ASKED, "SELECT stock_level FRM inventory")
    await lab.page.keyboard.press("Control+Enter")
    await lab.expect(f"{ASKED}-told", "did you mean FROM")
    await lab.expect(f"{ASKED}-marked", r"\^\^\^")
    await lab.expect(f"{ASKED}-row-0", r"\d")
