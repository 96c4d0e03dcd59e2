"""A rep's way through the screens, on a fake page: from the customer to the placed order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app.state.sales_basket import Basket
from tests.app.conftest import App
from tests.app.sales_shop import SAM, stock_the_books

Open = Callable[..., Any]


async def rep(app_on: Open, **page: Any) -> App:
    app: App = await app_on(**page)
    stock_the_books(app.device.replica)
    await app.client.tap("demo-ben")
    await app.client.until(lambda: bool(app.client.find("customers")))
    await app.client.settle()
    return app


async def on_catalogue(app_on: Open, **page: Any) -> App:
    app = await rep(app_on, **page)
    await app.client.tap(f"customer-{SAM}")
    await app.client.tap("new-order")
    await app.client.until(lambda: bool(app.client.find("catalogue")))
    return app


async def test_customers_are_found_and_nobody_is_said_so(app_on: Open) -> None:
    app = await rep(app_on)
    assert "My customers" in app.client.texts()
    await app.client.type("find-customer", "zzzz")
    await app.client.until(lambda: bool(app.client.find("no-customers")))
    await app.client.type("find-customer", "lee")
    await app.client.until(lambda: bool(app.client.find(f"customer-{SAM}")))


async def test_an_order_from_the_catalogue(app_on: Open) -> None:
    app = await on_catalogue(app_on)
    client = app.client
    assert client.says("order-for") == "Order for Sam Lee"
    await client.tap("add-PWR-DRILL-001-more")
    await client.tap("add-PWR-DRILL-001-more")
    await client.type("find-offer", "2000000000022", submit=True)
    await client.until(lambda: bool(client.find("add-HND-HAMMER-002-number")))
    assert client.says("running-total") == "$337.57"
    await client.tap("review")
    await client.until(lambda: bool(client.find("place-order")))
    assert client.says("review-customer") == "Sam Lee"
    assert client.find("over-availability")  # the hammer is out
    await client.tap("place-order")
    await client.until(lambda: bool(client.find("placed-code")))
    assert client.says("placed-code") == "SEA-W1-0008"
    assert "Saved on this device" in client.says("placed-said")
    await client.tap("placed-see")
    await client.until(lambda: bool(client.find("order-total")))
    assert client.says("order-total") == "$337.57"


async def test_the_keypad_sets_pieces_and_discount(app_on: Open) -> None:
    app = await on_catalogue(app_on)
    client = app.client
    await client.tap("add-PWR-DRILL-001-more")
    await client.tap("add-PWR-DRILL-001-number")
    for key in ("1", "2"):
        await client.tap(f"pieces-{key}")
    await client.tap("discount-10")
    await client.tap("save-quantity")
    await client.until(lambda: not client.find("quantity-sheet"))
    (line,) = app.state.workspace.keep(Basket).lines
    assert (line.quantity, line.discount_percent) == (12, 10)


async def test_reordering_leads_straight_to_the_review(app_on: Open) -> None:
    app = await rep(app_on)
    await app.client.tap(f"customer-{SAM}")
    await app.client.tap("reorder")
    await app.client.until(lambda: bool(app.client.find("place-order")))
    assert len(app.state.workspace.keep(Basket).lines) == 2


async def test_a_removed_line_can_be_had_back(app_on: Open) -> None:
    app = await rep(app_on)
    await app.client.tap(f"customer-{SAM}")
    await app.client.tap("reorder")
    await app.client.tap("drop-HND-HAMMER-002")
    await app.client.until(lambda: not app.client.find("line-HND-HAMMER-002"))
    await app.client.tap("notice-undo")
    await app.client.until(lambda: bool(app.client.find("line-HND-HAMMER-002")))


async def test_a_draft_waits_with_its_customer(app_on: Open) -> None:
    app = await on_catalogue(app_on)
    await app.client.tap("add-PWR-DRILL-001-more")
    await app.client.tap("choose-customer")
    await app.client.tap(f"draft-{SAM}")
    await app.client.until(lambda: bool(app.client.find("place-order")))


async def test_orders_can_be_filtered(app_on: Open) -> None:
    app = await rep(app_on)
    app.state.go("/orders")
    await app.client.until(lambda: bool(app.client.find("order-SEA-W1-0007")))
    await app.client.tap("orders-needs_you")
    await app.client.until(lambda: "Nothing needs you" in app.client.texts())


async def test_a_wide_window_has_the_order_beside_the_catalogue(app_on: Open) -> None:
    app = await on_catalogue(app_on, width=1440, height=900)
    await app.client.tap("add-PWR-DRILL-001-more")
    await app.client.until(lambda: bool(app.client.find("pane-PWR-DRILL-001-number")))
    assert app.client.says("running-total") == "$159.74"


async def test_the_whole_order_is_discounted_on_the_review(app_on: Open) -> None:
    app = await rep(app_on)
    client = app.client
    await client.tap(f"customer-{SAM}")
    await client.tap("reorder")
    await client.tap("order-discount")
    await client.tap("order-discount-10")
    assert "before tax" in " ".join(client.texts(client.find("discount-sheet")[-1]))
    await client.tap("save-discount")
    await client.until(lambda: not client.find("discount-sheet"))
    basket = app.state.workspace.keep(Basket)
    assert basket.order_discount_cents == 1_840
    assert "Order discount, 10 %" in client.texts()
    await client.tap("order-discount")
    await client.tap("discount-kind-amount")
    await client.type("discount-typed", "999999")
    await client.tap("save-discount")
    field = client.find("discount-typed")[-1].content
    assert isinstance(field, ft.TextField)
    assert "up to $183.97" in str(field.error)
    await client.type("discount-typed", "3.97")
    await client.type("discount-typed", "3.97", submit=True)
    await client.until(lambda: not client.find("discount-sheet"))
    assert basket.net_cents - basket.order_discount_cents == 18_000
    await client.tap("place-order")
    await client.tap("placed-see")
    await client.until(lambda: bool(client.find("order-total")))
    assert "Order discount" in client.texts()
