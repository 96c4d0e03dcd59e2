"""A rep sells without the network, to a known customer and to a new one, and gets it back."""

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


async def test_a_customer_met_offline_gets_a_discount_and_all_of_it_is_synced(
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

        await phone.tap("new-customer-button")
        await phone.fill("customer-first-name", "Nora")
        await phone.fill("customer-last-name", "Quill")
        await phone.fill("customer-phone", "(206) 555-0199")
        await phone.tap("save-and-order")
        await phone.expect("order-for", "Nora Quill")
        await add_three_products(phone)
        await phone.tap("review")
        before = cents(await phone.expect("review-total", r"\$\d"))
        await phone.tap("order-discount")
        await phone.there("discount-sheet")
        await phone.tap("order-discount-10")
        await phone.tap("save-discount")
        after = cents(await phone.expect("review-total", lambda said: cents(said) < before))
        assert abs(after - before * 0.9) <= 2
        await phone.tap("place-order")
        await phone.expect("sync-pill", "2 waiting")
        await phone.tap("placed-see")
        assert cents(await phone.expect("order-total", r"\$\d")) == after

        await switched(phone, "Up to date")
        await phone.there("progress-synced")
        await phone.tap("order-customer")
        await phone.expect("page-title", "Nora Quill")


def cents(amount: str) -> int:
    return int("".join(letter for letter in amount if letter.isdigit()))
