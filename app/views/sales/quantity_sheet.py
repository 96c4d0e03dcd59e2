"""The keypad behind a number of pieces, and the choice of a discount."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.domain.collections import PRODUCTS
from app.state.app_state import AppState
from app.state.sales_basket import DISCOUNTS, Basket
from app.widgets.buttons import choice, primary
from app.widgets.keypad import keypad, press
from app.widgets.latest import use_latest
from app.widgets.panels import sheet
from app.widgets.tag import tag
from app.widgets.text import muted, section

_FIGURE = theme.style(44, theme.SIGNAGE, 1.05)


def quantity_sheet(
    app: AppState, basket: Basket, product_id: str, close: Callable[..., Any]
) -> ft.BottomSheet | None:
    """The sheet for one product of the order; None without one."""
    if not product_id:
        return None
    body = QuantitySheet(app, basket, product_id, close, key=product_id)
    return sheet("How many", [body], close, "quantity-sheet")


@ft.component
def QuantitySheet(
    app: AppState, basket: Basket, product_id: str, close: Callable[..., Any]
) -> ft.Control:
    """Digits, and the discount where the product is in the order already."""
    typed = use_latest("")
    digits = typed.shown
    line = next((each for each in basket.lines if each.product_id == product_id), None)
    product = app.workspace.replica.get(PRODUCTS, product_id) or {}
    now = basket.quantity(product_id)

    def on_key(key: str) -> Callable[..., Any]:
        return lambda _event: typed.put(press(typed.now(), key))

    def save() -> None:
        basket.set_quantity(product_id, int(typed.now() or now))
        close()

    def discounter(percent: int) -> Callable[..., Any]:
        return app.notices.guard(basket.set_discount, product_id, percent)

    figure = ft.Text(digits or f"{now}", style=_FIGURE, color=None if digits else theme.MUTED)
    parts: list[ft.Control] = [
        muted(str(product.get("product_name", "")), max_lines=2),
        tag("quantity-typed", ft.Container(figure, alignment=ft.Alignment.CENTER)),
        keypad(on_key, "pieces"),
    ]
    if line is not None:
        chips = [
            choice(
                f"{percent} %" if percent else "None",
                line.discount_percent == percent,
                discounter(percent),
                f"discount-{percent}",
            )
            for percent in DISCOUNTS
        ]
        row = ft.Row(chips, spacing=theme.GAP_S, run_spacing=theme.GAP_S, wrap=True)
        parts += [section("Discount on this line"), row]
    save_words = "Remove" if digits == "0" else f"Set {digits or now}"
    parts.append(primary(save_words, app.notices.guard(save), "save-quantity"))
    return ft.Column(
        parts,
        spacing=theme.GAP_L,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
