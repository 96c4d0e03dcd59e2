"""One order: how far it has come, its lines, its amounts."""

from __future__ import annotations

import flet as ft

from app import theme
from app.domain import money as amounts
from app.state.app_state import AppState, use_app
from app.state.layout import Layout
from app.state.order_journey import OrderStep
from app.state.sales_orders import ItemRow, OrderRow, OrderState
from app.state.sync_status import SyncView
from app.state.words import many
from app.views.page import back_head, page
from app.widgets.boundary import boundary
from app.widgets.buttons import secondary
from app.widgets.money import money
from app.widgets.order_parts import discount_rows, order_status, sums
from app.widgets.panels import card, empty_state, group, list_row
from app.widgets.sync_marks import record_mark
from app.widgets.tag import tag
from app.widgets.text import muted, section, text

_ICONS = {
    "saved": ft.Icons.CHECK,
    "sent": ft.Icons.ARROW_UPWARD,
    "synced": ft.Icons.CLOUD_DONE_OUTLINED,
}


@ft.component
def OrderScreen() -> ft.Control:
    """The screen at /order/:id."""
    order_id = ft.use_route_params().get("id", "")
    return _Order(order_id, key=order_id)


@ft.component
def _Order(order_id: str) -> ft.Control:
    app = use_app()
    state, _ = ft.use_state(lambda: OrderState(app.workspace, order_id))
    ft.use_effect(lambda: None, [], cleanup=state.close)
    return OrderView(app, state, app.layout, app.workspace.sync)


@ft.component
@boundary
def OrderView(app: AppState, state: OrderState, layout: Layout, sync: SyncView) -> ft.Control:
    """The page of an order."""
    ft.use_effect(app.notices.guard(state.refresh), [sync.minute])
    back = app.notices.guard(app.go, "/orders")
    row = state.row
    if row is None:
        gone = empty_state(
            ft.Icons.HELP_OUTLINE,
            "This order is not on this device",
            "It may belong to another store, or it has not been downloaded yet.",
            secondary("All orders", back, "to-orders"),
        )
        return page(layout, [gone], identifier="order")
    rows = [
        ("Subtotal", state.subtotal_cents),
        *discount_rows(
            state.discount_cents - state.order_discount_cents,
            state.order_discount_cents,
            state.order_discount_percent,
        ),
        ("Sales tax", state.tax_cents),
    ]
    parts = [
        back_head(row.code, f"{row.when}, by {_seller(state)}", back, [order_status(row.status)]),
        _customer(app, state, row),
        _progress(row, state.steps),
        section(many(len(state.items), "line")),
        group([_item(each) for each in state.items]),
        card(sums(rows, row.total_cents, "order-total")),
        *([section("Note"), card(text(state.note))] if state.note else []),
    ]
    return page(layout, parts, identifier="order")


def _seller(state: OrderState) -> str:
    return "you" if state.seller == "You" else state.seller


def _customer(app: AppState, state: OrderState, row: OrderRow) -> ft.Control:
    return group(
        [
            list_row(
                ft.Icon(ft.Icons.PERSON_OUTLINE, color=theme.MUTED),
                [text(row.customer, theme.ROW_TITLE)],
                ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.MUTED),
                on_click=app.notices.guard(app.go, f"/customer/{state.customer_id}"),
                identifier="order-customer",
            )
        ]
    )


def _progress(row: OrderRow, steps: tuple[OrderStep, ...]) -> ft.Control:
    """The way of the order off this device, step by step."""
    if row.mark == "needs_you":
        words = muted("The hub did not accept this order. Open the sync sheet to see why.")
        return card(ft.Column([record_mark(row.mark), words], spacing=theme.GAP_S, tight=True))
    body = ft.Column([_step(each) for each in steps], spacing=theme.GAP_S, tight=True)
    return tag(f"progress-{row.mark}", card(body), container=True)


def _step(step: OrderStep) -> ft.Control:
    done = step.done
    circle = ft.Container(
        ft.Icon(_ICONS[step.key], size=18, color=theme.OK if done else theme.EDGE),
        width=32,
        height=32,
        border_radius=16,
        bgcolor=theme.OK_SOFT if done else theme.SUNKEN,
        alignment=ft.Alignment.CENTER,
    )
    said = text(step.words, theme.BODY_STRONG) if done else muted(f"{step.words}: not yet")
    when = [muted(step.when, theme.LABEL)] if step.when else []
    return ft.Row([circle, said, *when], spacing=theme.GAP_M)


def _item(item: ItemRow) -> ft.Control:
    off = f", {item.discount_percent} % off" if item.discount_percent else ""
    each = f"{item.sku} · {amounts.text(item.unit_cents)} each{off}"
    return list_row(
        ft.Container(text(f"{item.quantity} ×", theme.ROW_TITLE), width=44),
        [
            text(item.name, theme.ROW_TITLE, max_lines=2),
            muted(each, theme.LABEL),
        ],
        money(item.total_cents, theme.ROW_TITLE),
    )
