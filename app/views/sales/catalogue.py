"""The catalogue inside an order: find, scan, and add without leaving the row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState, use_app
from app.state.layout import Layout
from app.state.sales_basket import Basket
from app.state.sales_catalogue import Catalogue, Offer
from app.state.sync_status import SyncView
from app.state.words import many
from app.views.page import page
from app.views.sales.basket_pane import basket_pane
from app.views.sales.quantity_sheet import quantity_sheet
from app.widgets.boundary import boundary
from app.widgets.buttons import choice, primary, quiet
from app.widgets.money import money
from app.widgets.order_parts import availability
from app.widgets.order_stepper import order_stepper
from app.widgets.panels import empty_state, group, list_row
from app.widgets.search_field import SearchField
from app.widgets.tag import tag
from app.widgets.text import muted, one_line, section, text

HINT = "Name, SKU or scan a barcode"


@ft.component
def CatalogueScreen() -> ft.Control:
    """The screen at /catalogue."""
    app = use_app()
    workspace = app.workspace
    catalogue, basket = workspace.keep(Catalogue), workspace.keep(Basket)
    return CatalogueView(app, catalogue, basket, app.layout, workspace.sync)


@ft.component
@boundary
def CatalogueView(
    app: AppState, catalogue: Catalogue, basket: Basket, layout: Layout, sync: SyncView
) -> ft.Control:
    """Whose order it is, search, categories, rows; the running total at the foot."""
    asked, set_asked = ft.use_state("")

    def close(_event: object = None) -> None:
        set_asked("")

    def ask(product_id: str) -> Callable[..., Any]:
        return lambda _event: set_asked(product_id)

    async def submit(typed: str) -> str:
        await app.notices.run(catalogue.scanned, typed)
        return catalogue.text

    ft.use_dialog(quantity_sheet(app, basket, asked, close))
    field = SearchField(
        catalogue.text,
        HINT,
        partial(app.notices.run, catalogue.search),
        submit,
        identifier="find-offer",
        autofocus=False,
        calls=catalogue.focus_calls,
    )
    categories = _categories(app, catalogue, layout)
    listed = page(
        layout,
        [*([categories] if layout.wide else []), *_list(app, catalogue, basket, ask)],
        top=[_whose(app, basket), field, *([] if layout.wide else [categories])],
        foot=[] if layout.two_pane else _total(app, basket),
        identifier="catalogue",
    )
    if not layout.two_pane:
        return listed
    return ft.Row(
        [listed, basket_pane(app, basket, ask)],
        spacing=0,
        expand=True,
        vertical_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _whose(app: AppState, basket: Basket) -> ft.Control:
    change = quiet(
        "Change" if basket.customer_id else "Choose customer",
        app.notices.guard(app.go, "/customers"),
        "choose-customer",
    )
    words = (
        f"Order for {basket.customer_name}" if basket.customer_id else "Order without a customer"
    )
    name = one_line(words, theme.HEADING)
    return ft.Row([ft.Container(tag("order-for", name), expand=True), change])


def _categories(app: AppState, catalogue: Catalogue, layout: Layout) -> ft.Control:
    def chooser(category: str) -> Callable[..., Any]:
        return app.notices.guard(catalogue.choose, category)

    searching = bool(catalogue.text.strip())
    chips = [
        choice(name, not searching and catalogue.category == key, chooser(key), f"category-{key}")
        for key, name in (("", "All"), *catalogue.categories)
    ]
    if layout.wide:
        return ft.Row(chips, spacing=theme.GAP_S, run_spacing=theme.GAP_S, wrap=True)
    return ft.Row(chips, spacing=theme.GAP_S, scroll=ft.ScrollMode.HIDDEN)


def _list(
    app: AppState, catalogue: Catalogue, basket: Basket, ask: Callable[[str], Any]
) -> list[ft.Control]:
    if not catalogue.offers:
        if catalogue.text.strip():
            words = f"No product matches “{catalogue.text.strip()}”. Try fewer letters."
            return [empty_state(ft.Icons.SEARCH_OFF, "Nothing found", words)]
        return [
            empty_state(
                ft.Icons.STOREFRONT_OUTLINED,
                "No products yet",
                "They come with the first download.",
            )
        ]
    count = many(catalogue.total, "product")
    chosen = dict(catalogue.categories).get(catalogue.category)
    if chosen and not catalogue.text.strip():
        count = f"{count} in {chosen}"
    parts = [
        tag("offers-found", section(count)),
        group([_offer(app, basket, offer, ask) for offer in catalogue.offers]),
    ]
    if catalogue.total > len(catalogue.offers):
        rest = catalogue.total - len(catalogue.offers)
        more = app.notices.guard(catalogue.more)
        parts.append(quiet(f"Show more of {rest:,}", more, "more-offers", ft.Icons.EXPAND_MORE))
    return parts


def _offer(app: AppState, basket: Basket, offer: Offer, ask: Callable[[str], Any]) -> ft.Control:
    pieces = basket.quantity(offer.product_id)
    guard = app.notices.guard
    here = offer.available
    stepper = order_stepper(
        pieces,
        guard(basket.step, offer.product_id, -1),
        ask(offer.product_id),
        guard(basket.step, offer.product_id, 1),
        f"add-{offer.sku}",
    )
    return list_row(
        None,
        [
            text(offer.name, theme.ROW_TITLE, max_lines=2),
            ft.Row(
                [money(offer.price_cents), muted(offer.sku, theme.LABEL)],
                spacing=theme.GAP_M,
                wrap=True,
                run_spacing=0,
            ),
            availability(here.kept, here.pieces, here.age, here.age_words),
        ],
        stepper,
        identifier=f"offer-{offer.sku}",
        key=offer.product_id,
    )


def _total(app: AppState, basket: Basket) -> list[ft.Control]:
    """The running total, and the way on."""
    if not basket.lines:
        return [ft.Container(muted("Add a product and the total appears here."), expand=True)]
    lines, pieces = many(len(basket.lines), "line"), many(basket.pieces, "piece")
    words = ft.Column(
        [
            tag("running-total", money(basket.total_cents, theme.FIGURE)),
            muted(f"{lines}, {pieces}, tax included", theme.LABEL),
        ],
        spacing=0,
        tight=True,
        expand=True,
    )
    review = primary(
        "Review", app.notices.guard(app.go, "/review"), "review", icon=ft.Icons.ARROW_FORWARD
    )
    return [words, review]
