"""The parts of the product page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState
from app.state.product import Elsewhere, Place, ProductState
from app.state.words import specification
from app.widgets.buttons import quiet
from app.widgets.location import location_sign
from app.widgets.money import price
from app.widgets.panels import banner, card, group, list_row
from app.widgets.quantity import age_dot, level_tag, quantity
from app.widgets.sync_marks import record_mark
from app.widgets.tag import tag
from app.widgets.text import muted, section, text


def hero(state: ProductState, on_clash: Callable[..., Any]) -> ft.Control:
    """The sign with the place, the figure, and how far both can be trusted."""
    place = state.place
    if place is None:
        where = "in this store" if state.workspace.store_id else "in any store"
        return banner("info", f"Not kept {where}.", "See below where it can be had.")
    mark = level_tag(place.level)
    figure = ft.Column(
        [
            ft.Row([*([mark] if mark else []), muted("In stock", theme.OVERLINE)], tight=True),
            tag("stock", quantity(place.stock, place.level, theme.DISPLAY, mark=False)),
        ],
        spacing=theme.GAP_XS,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.END,
    )
    sign = ft.Column(
        [
            muted("Place", theme.OVERLINE),
            tag("location", location_sign(place.location, large=True)),
        ],
        spacing=theme.GAP_XS,
        tight=True,
        expand=True,
    )
    facts = [
        tag("stock-age", age_dot(place.age, place.age_words, theme.BODY, explained=True)),
        *([muted(f"Reorder at {place.threshold}")] if place.threshold is not None else []),
        record_mark(place.mark),
    ]
    return card(
        ft.Column(
            [
                ft.Row(
                    [sign, figure],
                    alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
                    vertical_alignment=ft.CrossAxisAlignment.END,
                ),
                ft.Row(facts, wrap=True, spacing=theme.GAP_L, run_spacing=theme.GAP_S),
                *_clash_chip(state, on_clash),
            ],
            spacing=theme.GAP_L,
            tight=True,
        )
    )


def _clash_chip(state: ProductState, on_click: Callable[..., Any]) -> list[ft.Control]:
    if not state.clashes:
        return []
    fields = ", ".join(dict.fromkeys(clash.field for clash in state.clashes))
    words = ft.Column(
        [
            ft.Text(state.clashes[0].headline, style=theme.BODY_STRONG, color=theme.ON_INFO_SOFT),
            ft.Text(fields, style=theme.LABEL, color=theme.ON_INFO_SOFT),
        ],
        spacing=0,
        tight=True,
        expand=True,
    )
    chip = ft.Container(
        ft.Row(
            [
                ft.Icon(ft.Icons.CALL_MERGE, color=theme.ON_INFO_SOFT, size=20),
                words,
                ft.Text("See", style=theme.BODY_STRONG, color=theme.ON_INFO_SOFT),
                ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.ON_INFO_SOFT),
            ],
            spacing=theme.GAP_S,
        ),
        bgcolor=theme.INFO_SOFT,
        border_radius=theme.RADIUS_M,
        padding=ft.Padding.symmetric(horizontal=theme.GAP_M, vertical=theme.GAP_M),
        ink=True,
        on_click=on_click,
    )
    return [tag("clash-chip", chip)]


def places(app: AppState, state: ProductState) -> list[ft.Control]:
    """The other places of the store, each one tap to work on."""
    if len(state.places) < 2:
        return []
    rows = [_place_row(app, state, place) for place in state.places]
    return [section(f"In {len(rows)} places here"), group(rows)]


def _place_row(app: AppState, state: ProductState, place: Place) -> ft.Control:
    return list_row(
        location_sign(place.location, small=True),
        [age_dot(place.age, place.age_words)],
        quantity(place.stock, place.level),
        on_click=app.notices.guard(state.choose, place.row_id),
        identifier=f"place-{place.row_id}",
        selected=place.row_id == state.chosen,
    )


def note_card(state: ProductState, on_edit: Callable[..., Any]) -> list[ft.Control]:
    """The note on the shelf, and the pen for it."""
    place = state.place
    if place is None or not (place.note or state.may_change_stock):
        return []
    words = text(place.note) if place.note else muted("No note yet.")
    label = "Edit note" if place.note else "Add note"
    row = [ft.Container(tag("note", words), expand=True)]
    if state.may_change_stock:
        row.append(quiet(label, on_edit, "do-note", icon=ft.Icons.EDIT_NOTE))
    padding = ft.Padding.only(left=theme.GAP_L, right=theme.GAP_XS, top=6, bottom=6)
    return [section("Note"), card(ft.Row(row), padding=padding)]


def elsewhere(state: ProductState) -> list[ft.Control]:
    """Other stores, the fullest first."""
    if not state.elsewhere:
        return []
    return [section("In other stores"), group([_store_row(each) for each in state.elsewhere])]


def _store_row(each: Elsewhere) -> ft.Control:
    return list_row(
        ft.Icon(ft.Icons.STOREFRONT_OUTLINED, color=theme.MUTED),
        [text(each.store, theme.BODY_STRONG), age_dot(each.age, each.age_words)],
        quantity(each.stock, each.level),
        identifier=f"store-{each.store.lower()}",
    )


def about(product: Mapping[str, Any]) -> list[ft.Control]:
    """Price, description and specifications."""
    facts = [("Price", ft.Row([price(float(product.get("base_price", 0)))]))]
    if product.get("barcode"):
        facts.append(("Barcode", text(str(product["barcode"]), selectable=True)))
    for name, value in (product.get("specifications") or {}).items():
        label, words = specification(str(name), value)
        facts.append((label, text(words)))
    description = str(product.get("product_description") or "")
    return [
        section("About this product"),
        card(
            ft.Column(
                [
                    *([text(description)] if description else []),
                    *[_fact(name, value) for name, value in facts],
                ],
                spacing=theme.GAP_M,
                tight=True,
            )
        ),
    ]


def _fact(name: str, value: ft.Control) -> ft.Control:
    return ft.Row(
        [ft.Container(muted(name), width=140), ft.Container(value, expand=True)],
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
