"""What comes off the whole order: a percentage or an amount, and what is left to pay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.domain import money as amounts
from app.domain.errors import DomainError
from app.domain.fields import Kind, read
from app.domain.orders import NO_DISCOUNT, OrderDiscount
from app.state.app_state import AppState
from app.state.notices import Outcome
from app.state.sales_basket import DISCOUNTS, Basket
from app.widgets.boundary import boundary
from app.widgets.buttons import choice, primary
from app.widgets.field import TextBox
from app.widgets.latest import use_latest
from app.widgets.panels import sheet
from app.widgets.text import muted, section


def discount_sheet(
    app: AppState, basket: Basket, shown: bool, close: Callable[..., Any]
) -> ft.BottomSheet | None:
    """The sheet over the review; None while nobody asked for it."""
    if not shown:
        return None
    body = DiscountSheet(app, basket, close, key="discount")
    return sheet("Discount on the order", [body], close, "discount-sheet")


@ft.component
@boundary
def DiscountSheet(app: AppState, basket: Basket, close: Callable[..., Any]) -> ft.Control:
    """Percent or amount, typed or by one tap."""
    now = basket.order_discount
    as_amount = use_latest(bool(now.cents))
    typed = use_latest(_shown(now))
    trouble, set_trouble = ft.use_state("")

    def put(text: str) -> None:
        typed.put(text)
        set_trouble("")

    def switch(amount: bool) -> Callable[..., Any]:
        def turn(_event: object) -> None:
            if amount != as_amount.now():
                as_amount.put(amount)
                put("")

        return turn

    def save() -> Outcome | None:
        try:
            outcome = basket.discount_order(_read(typed.now(), as_amount.now()))
        except DomainError as error:
            set_trouble(f"{error.message} {error.remedy}")
            return None
        close()
        return outcome

    amount = as_amount.shown
    kinds = [
        choice("Percent", not amount, switch(False), "discount-kind-percent"),
        choice("Amount", amount, switch(True), "discount-kind-amount"),
    ]
    box = TextBox(
        typed.shown,
        put,
        "discount-typed",
        app.notices.guard(save),
        label="Amount off" if amount else "Percent off",
        keyboard_type=ft.KeyboardType.NUMBER,
        text_style=theme.style(20, theme.SEMI, 1.3),
        prefix=ft.Text("$ ") if amount else None,
        suffix=None if amount else ft.Text("%"),
        error=trouble or None,
        error_max_lines=3,
        autofocus=True,
    )
    return ft.Column(
        [
            ft.Row(kinds, spacing=theme.GAP_S),
            box,
            *([] if amount else _quick(typed.shown, put)),
            muted(_left(basket, typed.shown, amount)),
            primary("Set discount", app.notices.guard(save), "save-discount"),
        ],
        spacing=theme.GAP_L,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _quick(text: str, put: Callable[[str], None]) -> list[ft.Control]:
    """Percentages by one tap."""

    def setter(percent: int) -> Callable[..., Any]:
        return lambda _event: put(str(percent) if percent else "")

    chips: list[ft.Control] = [
        choice(
            f"{percent} %" if percent else "None",
            text.strip() == (str(percent) if percent else ""),
            setter(percent),
            f"order-discount-{percent}",
        )
        for percent in DISCOUNTS
    ]
    return [
        section("Often given"),
        ft.Row(chips, spacing=theme.GAP_S, run_spacing=theme.GAP_S, wrap=True),
    ]


def _shown(discount: OrderDiscount) -> str:
    if discount.cents:
        return f"{amounts.from_cents(discount.cents):.2f}"
    return f"{discount.percent:g}" if discount.percent else ""


def _read(text: str, amount: bool) -> OrderDiscount:
    """What is typed. Raises `DomainError` (field_invalid)."""
    if not text.strip():
        return NO_DISCOUNT
    if amount:
        return OrderDiscount(cents=amounts.to_cents(read("Amount", Kind.AMOUNT, text)))
    return OrderDiscount(percent=read("Percent", Kind.PERCENT, text))


def _left(basket: Basket, text: str, amount: bool) -> str:
    """What the lines come to with the discount that is typed, before tax."""
    net = basket.net_cents
    try:
        discount = _read(text, amount)
    except DomainError:
        return f"The lines come to {amounts.text(net)} before tax."
    off = discount.cents or amounts.share(net, amounts.basis_points(discount.percent))
    if not off or off > net:
        return f"The lines come to {amounts.text(net)} before tax."
    return f"{amounts.text(net)} − {amounts.text(off)} = {amounts.text(net - off)} before tax."
