"""One customer: contact, last orders, what they usually take, and the two ways to an order."""

from __future__ import annotations

from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState, use_app
from app.state.layout import Layout
from app.state.sales_basket import Basket
from app.state.sales_customer import CustomerState, Usual
from app.state.sync_status import SyncView
from app.state.words import many
from app.views.page import back_head, page
from app.views.sales.orders import order_line
from app.widgets.boundary import boundary
from app.widgets.buttons import icon_button, primary, secondary
from app.widgets.order_parts import initials
from app.widgets.panels import card, empty_state, group, list_row
from app.widgets.text import muted, section, text


@ft.component
def CustomerScreen() -> ft.Control:
    """The screen at /customer/:id."""
    customer_id = ft.use_route_params().get("id", "")
    return _Customer(customer_id, key=customer_id)


@ft.component
def _Customer(customer_id: str) -> ft.Control:
    app = use_app()
    state, _ = ft.use_state(lambda: CustomerState(app.workspace, customer_id))
    ft.use_effect(lambda: None, [], cleanup=state.close)
    return CustomerView(app, state, app.workspace.keep(Basket), app.layout, app.workspace.sync)


@ft.component
@boundary
def CustomerView(
    app: AppState, state: CustomerState, basket: Basket, layout: Layout, sync: SyncView
) -> ft.Control:
    """The page of a customer."""
    ft.use_effect(app.notices.guard(state.refresh), [sync.minute])
    back = app.notices.guard(app.go, "/customers")
    if not state.known:
        gone = empty_state(
            ft.Icons.PERSON_OFF_OUTLINED,
            "This customer is not on this device",
            "They may belong to another store now, or have been removed.",
            secondary("All customers", back, "to-customers"),
        )
        return page(layout, [gone], identifier="customer")
    begun = basket.customer_id == state.customer_id and bool(basket.lines)
    detail = "My customer" if state.mine else f"Customer of {state.store}"
    head = back_head(state.name, detail, back, [initials(state.name)])
    parts = [
        head,
        _contact(state),
        *_usual(app, state),
        *_orders(app, state),
    ]
    return page(layout, parts, foot=_actions(app, state, begun), identifier="customer")


def _actions(app: AppState, state: CustomerState, begun: bool) -> list[ft.Control]:
    def new_order() -> None:
        state.begin()
        app.go("/review" if begun else "/catalogue")

    def reorder() -> None:
        if state.reorder():
            app.go("/review")

    guard = app.notices.guard
    again = secondary(
        "Reorder last",
        guard(reorder),
        "reorder",
        icon=ft.Icons.REPLAY,
        disabled=not state.orders,
        expand=True,
    )
    words = "Go on with order" if begun else "New order"
    return [again, primary(words, guard(new_order), "new-order", icon=ft.Icons.ADD, expand=True)]


def _contact(state: CustomerState) -> ft.Control:
    facts = [
        (ft.Icons.PHONE_OUTLINED, state.phone),
        (ft.Icons.MAIL_OUTLINE, state.email),
        (ft.Icons.STOREFRONT_OUTLINED, state.store),
    ]
    rows: list[ft.Control] = [
        ft.Row(
            [
                ft.Icon(icon, color=theme.MUTED, size=22),
                ft.Container(text(value, selectable=True), expand=True),
            ],
            spacing=theme.GAP_M,
        )
        for icon, value in facts
        if value
    ]
    return card(ft.Column(rows, spacing=theme.GAP_M, tight=True))


def _usual(app: AppState, state: CustomerState) -> list[ft.Control]:
    if not state.usual:
        return []
    return [section("Usually takes"), group([_usual_row(app, state, each) for each in state.usual])]


def _usual_row(app: AppState, state: CustomerState, usual: Usual) -> ft.Control:
    def add() -> Any:
        state.add(usual)
        return app.go("/catalogue")

    last = f"{usual.quantity} last time"
    told = f"{usual.times} orders, {last}" if usual.times > 1 else last
    return list_row(
        None,
        [
            text(usual.name, theme.ROW_TITLE, max_lines=2),
            muted(f"{usual.sku} · {told}", theme.LABEL),
        ],
        icon_button(
            ft.Icons.ADD_SHOPPING_CART,
            f"Add {usual.quantity} to the order",
            app.notices.guard(add),
            f"usual-{usual.sku}",
        ),
    )


def _orders(app: AppState, state: CustomerState) -> list[ft.Control]:
    if not state.orders:
        return [
            section("Orders"),
            card(muted("No order yet. The first one begins with “New order”.")),
        ]
    count = many(state.order_count, "order")
    rows = [order_line(app, each, with_customer=False) for each in state.orders]
    return [section(f"Last orders · {count} in all"), group(rows)]
