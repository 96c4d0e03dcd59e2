"""Find: type, scan or pick a product and read its place off the row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState, use_app
from app.state.finder import Finder, Hit
from app.state.layout import Layout
from app.state.product import STOCK_KEEPERS
from app.state.sync_status import SyncView
from app.views.worker.low_stock import low_stock_link
from app.views.worker.product import ProductPane
from app.widgets.boundary import boundary
from app.widgets.location import location_sign
from app.widgets.panels import empty_state, group, list_row
from app.widgets.quantity import age_dot, badge, quantity
from app.widgets.search_field import SearchField
from app.widgets.text import muted, section, text

HINT = "Name, SKU or barcode"


@ft.component
def FindScreen() -> ft.Control:
    """The screen at /find."""
    app = use_app()
    return Find(app, app.workspace.keep(Finder), app.layout, app.workspace.sync)


@ft.component
@boundary
def Find(app: AppState, finder: Finder, layout: Layout, sync: SyncView) -> ft.Control:
    """The list; beside it the chosen product where the window is wide enough."""
    ft.use_effect(app.notices.guard(finder.refresh_ages), [sync.minute])

    def opener(hit: Hit) -> Callable[..., Any]:
        return app.notices.guard(_open, app, finder, layout, hit.product_id)

    def submit(text: str) -> str:
        found = finder.submit(text)
        if found is not None and not layout.two_pane:
            app.go(f"/product/{found}")
        return finder.text

    field = SearchField(
        finder.text,
        HINT,
        partial(app.notices.run, finder.search),
        partial(app.notices.run, submit),
        identifier="find",
        calls=finder.focus_calls,
    )
    column = ft.Column(
        [
            ft.Container(field, padding=_sides(layout, bottom=theme.GAP_S)),
            ft.Column(
                [
                    *_low(app, finder, layout),
                    ft.Container(_list(finder, layout, opener), padding=_sides(layout)),
                ],
                expand=True,
                scroll=ft.ScrollMode.AUTO,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            ),
        ],
        spacing=0,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        expand=None if layout.two_pane else True,
        width=theme.LIST_WIDTH if layout.two_pane else None,
    )
    if not layout.two_pane:
        return ft.Container(column, alignment=ft.Alignment.TOP_CENTER)
    return ft.Row(
        [column, ft.VerticalDivider(width=1), ft.Container(_detail(finder), expand=True)],
        spacing=0,
        expand=True,
        vertical_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _low(app: AppState, finder: Finder, layout: Layout) -> list[ft.Control]:
    """The way to the low-stock walk, while nobody searches."""
    keeps_stock = app.workspace.role in STOCK_KEEPERS
    if not keeps_stock or not finder.low or finder.text.strip():
        return []
    return [ft.Container(low_stock_link(app, finder.low), padding=_sides(layout, theme.GAP_S))]


def _open(app: AppState, finder: Finder, layout: Layout, product_id: str) -> None:
    finder.open(product_id)
    if not layout.two_pane:
        app.go(f"/product/{product_id}")


def _sides(layout: Layout, bottom: int = theme.GAP_L) -> ft.Padding:
    side = theme.GAP_XL if layout.wide else theme.GAP_L
    return ft.Padding.only(left=side, right=side, bottom=bottom)


def _detail(finder: Finder) -> ft.Control:
    if finder.selected is None:
        return empty_state(
            ft.Icons.INVENTORY_2_OUTLINED,
            "Choose a product",
            "Its place, stock and details open here beside the list.",
        )
    return ProductPane(finder.selected, key=finder.selected)


def _list(finder: Finder, layout: Layout, opener: Callable[[Hit], Any]) -> ft.Control:
    chosen = finder.selected if layout.two_pane else None
    if finder.text.strip():
        return _results(finder, chosen, opener)
    if not finder.recents:
        return empty_state(
            ft.Icons.QR_CODE_SCANNER,
            "Find any product",
            f"Type a few letters or scan a barcode. {finder.known:,} products are on this device, "
            "with or without a network.",
        )
    return ft.Column(
        [section("You looked at"), group([_row(hit, chosen, opener) for hit in finder.recents])],
        spacing=theme.GAP_XS,
        tight=True,
    )


def _results(finder: Finder, chosen: str | None, opener: Callable[[Hit], Any]) -> ft.Control:
    if not finder.hits:
        return empty_state(
            ft.Icons.SEARCH_OFF,
            "Nothing found",
            f"No product matches “{finder.text.strip()}”. Try fewer letters, another word for it, "
            "or scan the label.",
        )
    count = len(finder.hits)
    words = "1 product" if count == 1 else f"{count} products"
    return ft.Column(
        [section(words), group([_row(hit, chosen, opener) for hit in finder.hits])],
        spacing=theme.GAP_XS,
        tight=True,
    )


def _row(hit: Hit, chosen: str | None, opener: Callable[[Hit], Any]) -> ft.Control:
    exact = badge("Exact match", theme.ON_INFO_SOFT, theme.INFO_SOFT) if hit.exact else None
    facts = ft.Row([muted(hit.sku, theme.LABEL), *([exact] if exact else [])], spacing=theme.GAP_S)
    more = f"+{hit.places - 1}" if hit.places > 1 else ""
    place = ft.Row(
        [location_sign(hit.location), *([muted(more, theme.BODY_STRONG)] if more else [])],
        spacing=theme.GAP_S,
        tooltip=f"In {hit.places} places" if more else None,
    )
    figure = ft.Column(
        [quantity(hit.stock, hit.level), age_dot(hit.age, hit.age_words)],
        spacing=2,
        horizontal_alignment=ft.CrossAxisAlignment.END,
        tight=True,
    )
    under = ft.Row(
        [place, figure],
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        vertical_alignment=ft.CrossAxisAlignment.END,
    )
    return list_row(
        None,
        [text(hit.name, theme.ROW_TITLE, max_lines=2), facts, under],
        on_click=opener(hit),
        identifier=f"hit-{hit.sku}",
        selected=chosen == hit.product_id,
        key=hit.product_id,
    )
