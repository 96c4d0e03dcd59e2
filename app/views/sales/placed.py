"""An order was placed: its code, and that it is safe."""

from __future__ import annotations

import flet as ft

from app import theme
from app.state.app_state import AppState, use_app
from app.state.layout import Layout
from app.state.sales_orders import OrderState
from app.state.sync_status import SyncView
from app.state.words import many
from app.views.page import page
from app.widgets.boundary import boundary
from app.widgets.buttons import primary, quiet, secondary
from app.widgets.money import money
from app.widgets.panels import empty_state
from app.widgets.tag import tag
from app.widgets.text import muted, text

_SAID = {
    "saved": "Saved on this device. It goes out automatically.",
    "sent": "Sent. The hub confirms it in a moment.",
    "synced": "Saved, sent and confirmed.",
    "needs_you": "The hub did not accept it. The sync sheet says why.",
}


@ft.component
def PlacedScreen() -> ft.Control:
    """The screen at /placed/:id."""
    order_id = ft.use_route_params().get("id", "")
    return _Placed(order_id, key=order_id)


@ft.component
def _Placed(order_id: str) -> ft.Control:
    app = use_app()
    state, _ = ft.use_state(lambda: OrderState(app.workspace, order_id))
    ft.use_effect(lambda: None, [], cleanup=state.close)
    return PlacedView(app, state, app.layout, app.workspace.sync)


@ft.component
@boundary
def PlacedView(app: AppState, state: OrderState, layout: Layout, sync: SyncView) -> ft.Control:
    """The code large enough to read out, and the two ways on."""
    guard, row = app.notices.guard, state.row
    done = primary("Done", guard(app.go, "/customers"), "placed-done", expand=True)
    if row is None:
        gone = empty_state(ft.Icons.HELP_OUTLINE, "No such order", "It is not on this device.")
        return page(layout, [gone], foot=[done], identifier="placed")
    again = secondary(
        "New order", guard(app.go, "/catalogue"), "placed-new", icon=ft.Icons.ADD, expand=True
    )
    lines = many(row.items, "line")
    body = ft.Column(
        [
            ft.Container(height=theme.GAP_XXL),
            ft.Container(
                ft.Icon(ft.Icons.CHECK, size=44, color=theme.ON_BRAND),
                width=88,
                height=88,
                border_radius=44,
                bgcolor=theme.BRAND,
                alignment=ft.Alignment.CENTER,
            ),
            text("Order placed", theme.TITLE),
            tag("placed-code", _code(row.code)),
            text(f"{row.customer} · {lines}", text_align=ft.TextAlign.CENTER),
            tag("placed-total", money(row.total_cents, theme.FIGURE)),
            ft.Container(height=theme.GAP_S),
            tag(
                "placed-said",
                muted(_SAID[row.mark], text_align=ft.TextAlign.CENTER),
                live_region=True,
            ),
            quiet("See the order", guard(app.go, f"/order/{row.order_id}"), "placed-see"),
        ],
        spacing=theme.GAP_M,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
    )
    return page(layout, [body], foot=[again, done], identifier="placed")


def _code(code: str) -> ft.Control:
    """The code as a ticket."""
    return ft.Container(
        ft.Text(code, style=theme.DISPLAY, color=theme.ON_SIGN, no_wrap=True),
        bgcolor=theme.SIGN,
        border_radius=theme.RADIUS_M,
        padding=ft.Padding.symmetric(horizontal=theme.GAP_XL, vertical=theme.GAP_M),
    )
