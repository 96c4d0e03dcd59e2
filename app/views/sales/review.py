"""Review: the order before it is placed; warnings inform, nothing blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState, use_app
from app.state.layout import Layout
from app.state.sales_basket import Basket, BasketLine
from app.state.sync_status import SyncView
from app.state.words import many
from app.views.page import back_head, page
from app.views.sales.discount_sheet import discount_sheet
from app.views.sales.quantity_sheet import quantity_sheet
from app.widgets.boundary import boundary
from app.widgets.buttons import icon_button, primary, quiet, secondary
from app.widgets.field import TextBox
from app.widgets.money import money
from app.widgets.order_parts import availability, discount_rows, initials, sums
from app.widgets.order_stepper import order_stepper
from app.widgets.panels import banner, card, empty_state, group, list_row
from app.widgets.quantity import badge
from app.widgets.tag import tag
from app.widgets.text import muted, text


@ft.component
def ReviewScreen() -> ft.Control:
    """The screen at /review."""
    app = use_app()
    return Review(app, app.workspace.keep(Basket), app.layout, app.workspace.sync)


@ft.component
@boundary
def Review(app: AppState, basket: Basket, layout: Layout, sync: SyncView) -> ft.Control:
    """Customer, lines, what to watch out for, amounts, note; place it at the foot."""
    asked, set_asked = ft.use_state("")
    discounting, set_discounting = ft.use_state(False)

    def close(_event: object = None) -> None:
        set_asked("")
        set_discounting(False)

    def ask(product_id: str) -> Callable[..., Any]:
        return lambda _event: set_asked(product_id)

    ft.use_dialog(
        discount_sheet(app, basket, discounting, close) or quantity_sheet(app, basket, asked, close)
    )
    back = app.notices.guard(app.go, "/catalogue")
    if not basket.lines:
        nothing = empty_state(
            ft.Icons.SHOPPING_CART_OUTLINED,
            "This order is empty",
            "Add products from the catalogue, or reorder a customer’s last order.",
            primary("To the catalogue", back, "to-catalogue"),
        )
        return page(layout, [back_head("Review", "", back), nothing], identifier="review-page")
    clear = icon_button(
        ft.Icons.DELETE_OUTLINE, "Give this draft up", app.notices.guard(basket.clear), "clear"
    )
    count = f"{many(len(basket.lines), 'line')}, {many(basket.pieces, 'piece')}"
    parts = [
        back_head("Review", count, back, [clear]),
        _customer(app, basket),
        *_warnings(basket),
        group([_line(app, basket, line, ask) for line in basket.lines]),
        quiet("Add more products", back, "add-more", icon=ft.Icons.ADD),
        card(_amounts(basket, lambda _event: set_discounting(True))),
        _note(app, basket),
    ]
    return page(layout, parts, foot=_place(app, basket), identifier="review-page")


def _customer(app: AppState, basket: Basket) -> ft.Control:
    choose = app.notices.guard(app.go, "/customers")
    if not basket.customer_id:
        button = secondary("Choose", choose, "choose-customer")
        return banner("info", "Whose order is it?", "Choose the customer to place it.", button)
    return group(
        [
            list_row(
                initials(basket.customer_name),
                [
                    tag("review-customer", text(basket.customer_name, theme.ROW_TITLE)),
                    muted(f"Picked up at {app.workspace.store_name}", theme.LABEL),
                ],
            )
        ]
    )


def _warnings(basket: Basket) -> list[ft.Control]:
    """What may be promised wrongly; said once for the whole order."""
    parts: list[ft.Control] = []
    over = [line for line in basket.lines if line.over]
    if over:
        count = "1 line asks" if len(over) == 1 else f"{len(over)} lines ask"
        parts.append(
            tag(
                "over-availability",
                banner(
                    "warn",
                    f"{count} for more than this store has, as far as is known.",
                    "You can place the order all the same; the manager sees what was oversold.",
                ),
            )
        )
    stale = sum(line.stale and not line.over for line in basket.lines)
    if stale:
        count = "The stock of 1 line" if stale == 1 else f"The stock of {stale} lines"
        parts.append(
            tag("stale-stock", muted(f"{count} was counted long ago. Treat it as a guess."))
        )
    if basket.gone:
        parts.append(
            banner("warn", f"{basket.gone} products have left the catalogue and are not ordered.")
        )
    return parts


def _line(app: AppState, basket: Basket, line: BasketLine, ask: Callable[[str], Any]) -> ft.Control:
    guard, here = app.notices.guard, line.available
    less = (
        guard(basket.remove, line.product_id)
        if line.quantity == 1
        else guard(basket.step, line.product_id, -1)
    )
    stepper = order_stepper(
        line.quantity,
        less,
        ask(line.product_id),
        guard(basket.step, line.product_id, 1),
        f"line-{line.sku}",
    )
    marks: list[ft.Control] = []
    if line.over:
        marks.append(badge("More than here", theme.WARN, theme.WARN_SOFT))
    if line.discount_percent:
        marks.append(badge(f"{line.discount_percent} % off", theme.OK, theme.OK_SOFT))
    unit = money(line.unit_cents, theme.LABEL)
    unit.color = theme.MUTED
    drop = quiet("Remove", guard(basket.remove, line.product_id), f"drop-{line.sku}")
    last = ft.Row(
        [ft.Container(expand=True), *([drop] if line.quantity > 1 else []), stepper],
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
    facts = [availability(here.kept, here.pieces, here.age, here.age_words), *marks]
    head = ft.Row(
        [
            ft.Container(text(line.name, theme.ROW_TITLE, max_lines=2), expand=True),
            tag(f"line-{line.sku}-total", money(line.total_cents, theme.ROW_TITLE)),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    details = ft.Row(
        [ft.Row([unit, muted("each", theme.LABEL)], spacing=theme.GAP_XS, tight=True), *facts],
        spacing=theme.GAP_M,
        run_spacing=theme.GAP_XS,
        wrap=True,
    )
    return list_row(None, [head, details, last], identifier=f"line-{line.sku}", key=line.product_id)


def _amounts(basket: Basket, discount: Callable[..., Any]) -> ft.Control:
    rate = f"{basket.tax_bp / 100:g} %"
    rows = [
        ("Subtotal", basket.subtotal_cents),
        *discount_rows(
            basket.line_discount_cents, basket.order_discount_cents, basket.order_discount.percent
        ),
        (f"Sales tax, {rate}", basket.tax_cents),
    ]
    words = "Change order discount" if basket.order_discount else "Discount on the whole order"
    button = quiet(words, discount, "order-discount", icon=ft.Icons.PERCENT)
    return ft.Column(
        [
            sums(rows, basket.total_cents, "review-total"),
            ft.Row([button], alignment=ft.MainAxisAlignment.CENTER),
        ],
        spacing=theme.GAP_S,
        tight=True,
    )


def _note(app: AppState, basket: Basket) -> ft.Control:
    return TextBox(
        basket.note,
        lambda typed: app.notices.run(basket.write_note, typed),
        "order-note",
        label="Note for whoever picks the order",
        multiline=True,
        min_lines=1,
        max_lines=4,
    )


def _place(app: AppState, basket: Basket) -> list[ft.Control]:
    async def place() -> None:
        placed = await basket.place()
        if placed is not None:
            app.go(f"/placed/{placed.order_id}")

    total = ft.Column(
        [money(basket.total_cents, theme.FIGURE), muted("Total", theme.LABEL)],
        spacing=0,
        tight=True,
        expand=True,
    )
    button = primary(
        "Placing" if basket.placing else "Place order",
        app.notices.guard(place),
        "place-order",
        icon=ft.Icons.CHECK,
        disabled=basket.placing or not basket.customer_id,
    )
    return [total, button]
