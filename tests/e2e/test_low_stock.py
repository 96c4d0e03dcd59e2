"""A worker walks past what is low with no network: counts, ticks off, and all of it is synced."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.browser import browser, switched, tab
from tests.e2e.stand import demo

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PHONE = (390, 1600)


async def test_a_walk_offline(chromium: Path, tmp_path: Path) -> None:
    async with (
        demo(tmp_path) as url,
        browser(chromium) as opened,
        tab(opened, url, *PHONE) as phone,
    ):
        await phone.tap("demo-ana")
        await phone.expect("sync-pill", "Up to date")
        await switched(phone, "Offline")
        await phone.tap("low-stock-link")
        total = int((await phone.expect("walk-progress", "^0 of")).split()[2])
        await phone.tap(phone.starting("tick-"))
        await phone.expect("walk-progress", f"^1 of {total}")
        await phone.tap(phone.starting("count-"))
        await phone.there("count-sheet")
        await phone.tap("key-9")
        await phone.expect("was-now", "now 9")
        await phone.tap("save-count")
        await phone.expect("walk-progress", f"^2 of {total}")
        await phone.expect("sync-pill", "1 waiting")
        await phone.tap("done")
        await phone.tap(phone.starting("untick-"))
        await phone.expect("walk-progress", f"^1 of {total}")
        await switched(phone, "Up to date")
