"""The order beside the catalogue, where the window is wide enough for both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.domain import money as amounts
from app.state.app_state import AppState
from app.state.sales_basket import Basket, BasketLine
from app.widgets.buttons import primary
from app.widgets.money import money
from app.widgets.order_parts import discount_rows, sums
from app.widgets.order_stepper import order_stepper
from app.widgets.panels import empty_state, group, list_row
from app.widgets.tag import tag
from app.widgets.text import muted, text

WIDTH = 420


def basket_pane(app: AppState, basket: Basket, ask: Callable[[str], Any]) -> ft.Control:
    """Lines with their steppers, the sums, and the way to the review."""
    if not basket.lines:
        body: ft.Control = empty_state(
            ft.Icons.SHOPPING_CART_OUTLINED,
            "Nothing ordered yet",
            "What you add appears here. A scanned barcode adds its product at once.",
        )
        return _frame([ft.Container(body, expand=True)])
    lines = group([_line(app, basket, each, ask) for each in basket.lines])
    scroll = ft.Column(
        [ft.Container(lines, padding=ft.Padding.all(theme.GAP_L))],
        expand=True,
        scroll=ft.ScrollMode.AUTO,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    rows = [
        ("Subtotal", basket.subtotal_cents),
        *discount_rows(
            basket.line_discount_cents, basket.order_discount_cents, basket.order_discount.percent
        ),
        ("Sales tax", basket.tax_cents),
    ]
    foot = ft.Container(
        ft.Column(
            [
                sums(rows, basket.total_cents, "running-total"),
                primary(
                    "Review",
                    app.notices.guard(app.go, "/review"),
                    "review",
                    icon=ft.Icons.ARROW_FORWARD,
                ),
            ],
            spacing=theme.GAP_L,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
        padding=theme.GAP_L,
        border=ft.Border.only(top=ft.BorderSide(1, theme.LINE)),
    )
    return _frame([scroll, foot])


def _frame(parts: list[ft.Control]) -> ft.Control:
    column = ft.Column(
        parts, spacing=0, expand=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )
    box = ft.Container(
        column, width=WIDTH, border=ft.Border.only(left=ft.BorderSide(1, theme.LINE))
    )
    return tag("basket-pane", box, container=True)


def _line(app: AppState, basket: Basket, line: BasketLine, ask: Callable[[str], Any]) -> ft.Control:
    guard = app.notices.guard
    less = (
        guard(basket.remove, line.product_id)
        if line.quantity == 1
        else guard(basket.step, line.product_id, -1)
    )
    off = f", {line.discount_percent} % off" if line.discount_percent else ""
    head = ft.Row(
        [
            ft.Container(text(line.name, theme.BODY_STRONG, max_lines=2), expand=True),
            money(line.total_cents, theme.BODY_STRONG),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    stepper = order_stepper(
        line.quantity,
        less,
        ask(line.product_id),
        guard(basket.step, line.product_id, 1),
        f"pane-{line.sku}",
    )
    each = muted(f"{amounts.text(line.unit_cents)} each{off}", theme.LABEL)
    return list_row(
        None,
        [head, ft.Row([ft.Container(each, expand=True), stepper])],
        key=line.product_id,
    )
