"""The product page: where it stands, how much there is, and what one can do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState, use_app
from app.state.layout import Layout
from app.state.product import ProductState
from app.state.sync_status import SyncView
from app.views.worker.clash_sheet import clash_sheet
from app.views.worker.product_parts import about, elsewhere, hero, note_card, places
from app.views.worker.stock_sheets import AdjustSheet, CountSheet, MoveSheet, NoteSheet
from app.widgets.boundary import boundary
from app.widgets.buttons import icon_button, primary, secondary
from app.widgets.panels import empty_state, sheet
from app.widgets.picture import picture
from app.widgets.tag import tag
from app.widgets.text import muted, text

SHEETS = {"count": CountSheet, "adjust": AdjustSheet, "move": MoveSheet, "note": NoteSheet}
TITLES = {"count": "Count", "adjust": "Adjust stock", "move": "Move", "note": "Note"}


@ft.component
def ProductScreen() -> ft.Control:
    """The screen at /product/:id."""
    product_id = ft.use_route_params().get("id", "")
    return ProductPane(product_id, True, key=product_id)


@ft.component
@boundary
def ProductPane(product_id: str, alone: bool = False) -> ft.Control:
    """A product by itself (``alone``, with a way back) or beside the list it was chosen from."""
    app = use_app()
    state, _ = ft.use_state(lambda: ProductState(app.workspace, product_id))
    ft.use_effect(lambda: None, [], cleanup=state.close)
    return ProductView(app, state, app.layout, app.workspace.sync, alone)


@ft.component
@boundary
def ProductView(
    app: AppState, state: ProductState, layout: Layout, sync: SyncView, alone: bool
) -> ft.Control:
    """Head, sign, figures, actions, details; one sheet at a time."""
    open_sheet, set_sheet = ft.use_state("")
    ft.use_effect(app.notices.guard(state.refresh), [sync.minute])

    def close(_event: object = None) -> None:
        set_sheet("")

    def opener(name: str) -> Callable[..., Any]:
        return lambda _event: set_sheet(name)

    ft.use_dialog(_sheet(app, state, open_sheet, close))
    if state.product is None:
        return empty_state(
            ft.Icons.HELP_OUTLINE,
            "This product is not on this device",
            "It may have been removed, or it has not been downloaded yet.",
        )
    side = theme.GAP_XL if layout.wide else theme.GAP_L
    body = ft.Column(
        [
            _head(app, state, alone),
            hero(state, opener("clash")),
            *places(app, state),
            *note_card(state, opener("note")),
            *elsewhere(state),
            *about(state.product),
            ft.Container(height=theme.GAP_L),
        ],
        spacing=theme.GAP_M,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    scroll = ft.Column(
        [ft.Container(body, padding=ft.Padding.symmetric(horizontal=side))],
        expand=True,
        scroll=ft.ScrollMode.AUTO,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    page = ft.Column(
        [scroll, *_actions(state, opener, side)],
        spacing=0,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        width=theme.READ_WIDTH_MAX if layout.wide else None,
        expand=not layout.wide,
    )
    return ft.Container(page, alignment=ft.Alignment.TOP_CENTER, expand=True)


def _sheet(
    app: AppState, state: ProductState, name: str, close: Callable[..., Any]
) -> ft.BottomSheet | None:
    if name == "clash" and state.clashes:
        return clash_sheet(app, state, close)
    if name not in SHEETS or state.place is None:
        return None
    content = SHEETS[name](app, state, close)
    return sheet(TITLES[name], [content], close, f"{name}-sheet", app.layout.short)


def _head(app: AppState, state: ProductState, alone: bool) -> ft.Control:
    product = state.product or {}
    back = app.notices.guard(app.go, app.session.home if app.session.home == "/find" else "/find")
    words = ft.Column(
        [
            tag(
                "product-name", text(str(product.get("product_name", "")), theme.TITLE), header=True
            ),
            muted(str(product.get("sku", ""))),
        ],
        spacing=2,
        tight=True,
        expand=True,
    )
    return ft.Container(
        ft.Row(
            [
                *([icon_button(ft.Icons.ARROW_BACK, "Back", back, "back")] if alone else []),
                words,
                *([picture(product["image_url"])] if product.get("image_url") else []),
            ],
            spacing=theme.GAP_S,
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
        padding=ft.Padding.only(top=theme.GAP_S if alone else theme.GAP_L),
    )


def _actions(
    state: ProductState, opener: Callable[[str], Callable[..., Any]], side: int
) -> list[ft.Control]:
    """The actions in the thumb's reach, the most frequent first."""
    if not state.may_change_stock:
        return []
    buttons = [
        primary("Count", opener("count"), "do-count", icon=ft.Icons.PIN_OUTLINED, expand=True),
        secondary("Adjust", opener("adjust"), "do-adjust", icon=ft.Icons.EXPOSURE, expand=True),
        secondary("Move", opener("move"), "do-move", icon=ft.Icons.MOVE_DOWN, expand=True),
    ]
    return [
        ft.Container(
            ft.Row(buttons, spacing=theme.GAP_S),
            padding=ft.Padding.symmetric(horizontal=side, vertical=theme.GAP_M),
            bgcolor=theme.PAPER,
            border=ft.Border.only(top=ft.BorderSide(1, theme.LINE)),
        )
    ]
