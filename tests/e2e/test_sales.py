"""A rep signs in, loses the network, places an order, and gets the network back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.browser import Tab, browser, switched, tab
from tests.e2e.stand import demo

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PHONE = (390, 1600)


async def test_an_order_placed_offline_is_synced_after_reconnecting(
    chromium: Path, tmp_path: Path
) -> None:
    async with (
        demo(tmp_path) as url,
        browser(chromium) as opened,
        tab(opened, url, *PHONE) as phone,
    ):
        await phone.tap("demo-ben")
        await phone.there("customers")
        await phone.expect("sync-pill", "Up to date")
        await switched(phone, "Offline")

        await phone.tap(phone.starting("customer-cust_"))
        await phone.tap("new-order")
        await phone.there("catalogue")
        await add_three_products(phone)
        total = await phone.expect("running-total", r"\$\d")
        await phone.tap("review")
        await phone.expect("review-total", lambda said: said == total)
        await phone.tap("place-order")
        code = await phone.expect("placed-code", r"^SEA-[A-Z]\d-0001$")
        await phone.expect("placed-said", "Saved on this device")
        await phone.expect("sync-pill", "1 waiting")

        await phone.tap("placed-see")
        await phone.there("progress-saved")
        await phone.expect("order-total", lambda said: said == total)
        await switched(phone, "Up to date")
        await phone.there("progress-synced")
        await phone.tap("back")
        await phone.tap("orders-sent")
        await phone.there(f"order-{code}")


async def add_three_products(phone: Tab) -> None:
    for place in (1, 2, 3):
        sku = await phone.sku(place)
        await phone.tap(f"add-{sku}-more")
        await phone.there(f"add-{sku}-number")
