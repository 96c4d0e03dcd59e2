"""The orders of the store, by how far each has come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState, use_app
from app.state.layout import Layout
from app.state.sales_orders import FILTERS, OrderList, OrderRow
from app.state.sync_status import SyncView
from app.state.words import many
from app.views.page import page
from app.widgets.boundary import boundary
from app.widgets.buttons import choice
from app.widgets.money import money
from app.widgets.order_parts import order_status
from app.widgets.panels import empty_state, group, list_row
from app.widgets.sync_marks import record_mark
from app.widgets.text import muted, one_line, text, title

_NOTHING = {
    "all": ("No orders yet", "Orders of this store are listed here, with or without a network."),
    "waiting": ("Nothing waits", "Every order of this device has gone out."),
    "sent": ("Nothing sent yet", "Orders that reached the hub are listed here."),
    "needs_you": ("Nothing needs you", "An order the hub refuses is listed here with the reason."),
}


@ft.component
def OrdersScreen() -> ft.Control:
    """The screen at /orders."""
    app = use_app()
    return Orders(app, app.workspace.keep(OrderList), app.layout, app.workspace.sync)


@ft.component
@boundary
def Orders(app: AppState, orders: OrderList, layout: Layout, sync: SyncView) -> ft.Control:
    """Filters above, newest first."""
    ft.use_effect(app.notices.guard(orders.refresh), [sync.minute])

    def chooser(key: Any) -> Callable[..., Any]:
        return app.notices.guard(orders.choose, key)

    filters = ft.Row(
        [
            choice(
                _label(name, orders.counts.get(key, 0)),
                orders.filter == key,
                chooser(key),
                f"orders-{key}",
            )
            for key, name in FILTERS
        ],
        spacing=theme.GAP_S,
        scroll=ft.ScrollMode.HIDDEN,
    )
    head = ft.Row([ft.Container(title("Orders"), expand=True), muted(f"{orders.total:,} in all")])
    return page(layout, _list(app, orders), top=[head, filters], identifier="orders")


def _label(name: str, count: int) -> str:
    return f"{name} · {count}" if count else name


def _list(app: AppState, orders: OrderList) -> list[ft.Control]:
    if not orders.rows:
        name, message = _NOTHING[orders.filter]
        return [empty_state(ft.Icons.RECEIPT_LONG_OUTLINED, name, message)]
    return [group([order_line(app, row) for row in orders.rows])]


def order_line(app: AppState, row: OrderRow, with_customer: bool = True) -> ft.Control:
    """One order in a list; also on the page of its customer."""
    items = many(row.items, "line")
    first = row.customer if with_customer else row.code
    second = f"{row.code} · {items}" if with_customer else f"{items}, {row.when}"
    facts = ft.Row(
        [order_status(row.status), record_mark(row.mark)],
        spacing=theme.GAP_M,
        run_spacing=theme.GAP_XS,
        wrap=True,
    )
    amount = ft.Column(
        [
            money(row.total_cents, theme.ROW_TITLE),
            *([muted(row.when, theme.LABEL)] if with_customer else []),
        ],
        spacing=2,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.END,
    )
    return list_row(
        None,
        [one_line(first, theme.ROW_TITLE), text(second, theme.LABEL, color=theme.MUTED), facts],
        amount,
        on_click=app.notices.guard(app.go, f"/order/{row.order_id}"),
        identifier=f"order-{row.code}",
        key=row.order_id,
    )
