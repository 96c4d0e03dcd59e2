"""The low-stock walk: every low place in the order one passes it, counted or ticked off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState, use_app
from app.state.layout import Layout
from app.state.low_stock import Aisle, LowStock, Stop
from app.state.sync_status import SyncView
from app.views.page import page
from app.views.worker.stock_sheets import AdjustSheet, CountSheet
from app.widgets.boundary import boundary
from app.widgets.buttons import choice, icon_button, secondary
from app.widgets.location import location_sign
from app.widgets.panels import empty_state, group, list_row, sheet
from app.widgets.quantity import age_dot, badge, quantity
from app.widgets.tag import tag
from app.widgets.text import muted, section, text, title

SHEETS = {"count": ("Count", CountSheet), "adjust": ("Adjust", AdjustSheet)}


@ft.component
def LowStockScreen() -> ft.Control:
    """The screen at /low-stock."""
    app = use_app()
    return LowStockView(app, app.workspace.keep(LowStock), app.layout, app.workspace.sync)


@ft.component
@boundary
def LowStockView(app: AppState, walk: LowStock, layout: Layout, sync: SyncView) -> ft.Control:
    """How far the walk is, then the stops by aisle."""
    doing, set_doing = ft.use_state("")
    ft.use_effect(app.notices.guard(walk.refresh), [sync.minute])

    def close(_event: object = None) -> None:
        set_doing("")

    def opener(what: str, row_id: str) -> Callable[..., Any]:
        def open_sheet() -> None:
            walk.choose(row_id)
            set_doing(what)

        return app.notices.guard(open_sheet)

    ft.use_dialog(_sheet(app, walk, doing, close, layout))
    rows = [_aisle(app, aisle, walk, opener) for aisle in walk.aisles]
    return page(
        layout,
        [part for parts in rows for part in parts] or [_nothing(app, walk)],
        top=[_head(app, walk)],
        identifier="low-stock",
    )


def _sheet(
    app: AppState, walk: LowStock, doing: str, close: Callable[..., Any], layout: Layout
) -> ft.BottomSheet | None:
    if doing not in SHEETS or walk.place is None:
        return None
    name, body = SHEETS[doing]
    content = body(app, walk, close, key=f"{doing}-{walk.chosen}")
    return sheet(name, [content], close, f"{doing}-sheet", tall=layout.short)


def _head(app: AppState, walk: LowStock) -> ft.Control:
    """Progress in words and as a bar, and what the list shows."""
    guard = app.notices.guard
    words = f"{walk.done:,} of {walk.total:,} done" if walk.total else ""
    line = ft.Row(
        [ft.Container(title("Low stock"), expand=True), tag("walk-progress", muted(words))],
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
    if not walk.total:
        return line
    bar = ft.ProgressBar(
        value=walk.done / walk.total,
        color=theme.BRAND,
        bgcolor=theme.SUNKEN,
        bar_height=8,
        border_radius=4,
        semantics_label=words,
    )
    parts = [
        choice(
            f"To do {walk.left:,}", walk.part == "todo", guard(walk.choose_part, "todo"), "todo"
        ),
        choice(f"Done {walk.done:,}", walk.part == "done", guard(walk.choose_part, "done"), "done"),
    ]
    return ft.Column(
        [line, bar, ft.Row(parts, spacing=theme.GAP_S)], spacing=theme.GAP_M, tight=True
    )


def _nothing(app: AppState, walk: LowStock) -> ft.Control:
    if not walk.total:
        return empty_state(
            ft.Icons.TASK_ALT,
            "Nothing is low",
            "Every place of this store is above its reorder threshold, as far as is known.",
        )
    if walk.part == "done":
        return empty_state(
            ft.Icons.DIRECTIONS_WALK,
            "Nothing done yet",
            "What you count or tick off on this walk is listed here.",
        )
    again = secondary(
        "Start a new walk", app.notices.guard(walk.restart), "new-walk", icon=ft.Icons.RESTART_ALT
    )
    return tag(
        "walk-over",
        empty_state(
            ft.Icons.TASK_ALT,
            "The walk is done",
            "Every low place was counted or ticked off. A new walk lists what is low then.",
            again,
        ),
    )


def _aisle(
    app: AppState, aisle: Aisle, walk: LowStock, opener: Callable[[str, str], Any]
) -> list[ft.Control]:
    mark = muted(f"{aisle.done:,} of {aisle.total:,}", theme.OVERLINE)
    row = _todo if walk.part == "todo" else _done
    return [
        section(aisle.name, mark),
        group([row(app, stop, walk, opener) for stop in aisle.stops]),
    ]


def _todo(
    app: AppState, stop: Stop, walk: LowStock, opener: Callable[[str, str], Any]
) -> ft.Control:
    place, row_id = stop.place, stop.place.row_id
    where = ft.Row(
        [
            location_sign(place.location),
            ft.Container(expand=True),
            quantity(place.stock, place.level),
        ],
        spacing=theme.GAP_M,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
    due = [] if place.threshold is None else [muted(f"Reorder at {place.threshold}", theme.LABEL)]
    facts = ft.Column(
        [*due, age_dot(place.age, place.age_words)], spacing=2, tight=True, expand=True
    )
    actions = [
        _act(ft.Icons.PIN_OUTLINED, "Count", opener("count", row_id), f"count-{stop.sku}"),
        _act(ft.Icons.EXPOSURE, "Adjust", opener("adjust", row_id), f"adjust-{stop.sku}"),
        _tick(app, stop, walk),
    ]
    last = ft.Row(
        [facts, *actions],
        spacing=theme.GAP_S,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
    return list_row(
        None,
        [where, text(stop.name, theme.ROW_TITLE, max_lines=2), last],
        on_click=app.notices.guard(app.go, f"/product/{stop.product_id}"),
        identifier=f"stop-{row_id}",
        key=row_id,
    )


def _done(
    app: AppState, stop: Stop, walk: LowStock, opener: Callable[[str, str], Any]
) -> ft.Control:
    """A finished stop on one line; a tick can be taken back, a count cannot be uncounted here."""
    place = stop.place
    word = badge("Counted", theme.OK, theme.OK_SOFT) if stop.counted else None
    facts = [location_sign(place.location, small=True), *([word] if word else [])]
    undo = icon_button(
        ft.Icons.UNDO,
        "Put on the list again",
        app.notices.guard(walk.tick, place.row_id, False),
        f"untick-{stop.sku}",
    )
    return list_row(
        ft.Icon(ft.Icons.CHECK_CIRCLE, color=theme.OK, size=theme.ICON),
        [text(stop.name, theme.BODY_STRONG, max_lines=2), ft.Row(facts, spacing=theme.GAP_S)],
        ft.Row(
            [quantity(place.stock, place.level, mark=False), *([] if stop.counted else [undo])],
            spacing=theme.GAP_S,
            tight=True,
        ),
        identifier=f"stop-{place.row_id}",
        key=place.row_id,
    )


def _act(
    icon: ft.IconData, tooltip: str, on_click: Callable[..., Any], identifier: str
) -> ft.Control:
    shape = ft.RoundedRectangleBorder(radius=theme.RADIUS_M)
    outlined = ft.ButtonStyle(side=ft.BorderSide(1.5, theme.EDGE), shape=shape)
    return icon_button(icon, tooltip, on_click, identifier, style=outlined)


def _tick(app: AppState, stop: Stop, walk: LowStock) -> ft.Control:
    button = ft.IconButton(
        ft.Icons.CHECK,
        tooltip="Done",
        on_click=app.notices.guard(walk.tick, stop.place.row_id, True),
        width=theme.TARGET,
        height=theme.TARGET,
        icon_color=theme.ON_BRAND_SOFT,
        bgcolor=theme.BRAND_SOFT,
        style=ft.ButtonStyle(shape=ft.RoundedRectangleBorder(radius=theme.RADIUS_M)),
    )
    return tag(f"tick-{stop.sku}", button)


def low_stock_link(app: AppState, low: int) -> ft.Control:
    """The way to the walk, for the screen a worker starts on."""
    what = "1 product is low" if low == 1 else f"{low:,} products are low"
    return group(
        [
            list_row(
                ft.Icon(ft.Icons.DIRECTIONS_WALK, color=theme.WARN, size=theme.ICON),
                [
                    text(f"{what} or out", theme.ROW_TITLE),
                    muted("One walk past all of them, by aisle", theme.LABEL),
                ],
                ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.MUTED),
                on_click=app.notices.guard(app.go, "/low-stock"),
                identifier="low-stock-link",
            )
        ]
    )
