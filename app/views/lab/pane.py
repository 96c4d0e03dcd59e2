"""One device of the lab: who holds it, its link, and what it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.domain.stock import level
from app.state.app_state import AppState
from app.state.lab import LabState
from app.state.lab_console import Console
from app.state.lab_examples import examples
from app.state.lab_pane import OrderView, PaneView, ShelfView
from app.state.layout import Layout
from app.views.lab.console import ConsoleView
from app.widgets.boundary import boundary
from app.widgets.buttons import icon_button
from app.widgets.lab_marks import device_mark, seat
from app.widgets.location import location_sign
from app.widgets.money import money
from app.widgets.panels import card
from app.widgets.quantity import badge, quantity
from app.widgets.sync_marks import record_mark
from app.widgets.tag import tag
from app.widgets.text import muted, one_line, text

Opener = Callable[[str, str], Callable[..., Any]]
ROLES = {"worker": "Store worker", "rep": "Sales rep"}


@ft.component
@boundary
def PaneCard(
    app: AppState,
    state: LabState,
    view: PaneView,
    console: Console,
    opener: Opener,
    layout: Layout,
) -> ft.Control:
    """The device as a card; its border tells at a glance whether it is linked. Its console takes
    the place of what it shows."""
    parts: list[ft.Control] = [_head(app, state, view, layout), ft.Divider()]
    if view.key in state.opened:
        offered = examples(state.cast) if state.cast else ()
        parts.append(ConsoleView(app, view.key, console, console.draft, offered, layout))
    else:
        parts += _body(app, state, view, opener)
    panel = card(
        ft.Column(
            parts,
            spacing=theme.GAP_M,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        )
    )
    panel.border = ft.Border.all(1.5, theme.LINE if view.online else theme.WARN)
    return tag(f"lab-{view.key}", panel, container=True)


def _body(app: AppState, state: LabState, view: PaneView, opener: Opener) -> list[ft.Control]:
    if view.shelf is None:
        return [muted("Nothing to show yet: this device is still empty.")]
    parts: list[ft.Control] = [
        _shelf(view.key, view.shelf),
        _actions(app, state, view, opener),
    ]
    if view.beside is not None:
        parts += [ft.Divider(), _beside(view.key, view.beside)]
    if view.order is not None:
        parts += [ft.Divider(), _order(view.key, view.order)]
    return parts


def _head(app: AppState, state: LabState, view: PaneView, layout: Layout) -> ft.Control:
    is_open = view.key in state.opened
    switch = ft.Switch(
        value=view.online,
        on_change=app.notices.guard_value(lambda online: state.set_online(view.key, online)),
        tooltip=f"Network of {view.device_name}",
    )
    who = f"{view.person}, {ROLES.get(view.role, 'nobody yet').lower()}"
    pill = device_mark(view.pill.tone, view.pill.text, f"lab-{view.key}-pill")
    words = ft.Column(
        [
            one_line(view.device_name, theme.HEADING),
            one_line(who, theme.LABEL, color=theme.MUTED),
            *([] if layout.wide else [ft.Row([pill])]),
        ],
        spacing=2,
        tight=True,
        expand=True,
    )
    beside = [pill] if layout.wide else []
    turn = icon_button(
        ft.Icons.TERMINAL,
        f"{'Back to the shelf' if is_open else 'DQL'} on {view.device_name}",
        app.notices.guard(state.turn_console, view.key),
        f"lab-{view.key}-console",
        bgcolor=theme.BRAND_SOFT if is_open else None,
    )
    return ft.Row(
        [seat(view.key), words, *beside, turn, tag(f"lab-{view.key}-switch", switch)],
        spacing=theme.GAP_M,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )


def _shelf(key: str, shelf: ShelfView) -> ft.Control:
    figure = level({"stock_level": shelf.stock})
    gone = [badge("Removed", theme.ON_BAD_SOFT, theme.BAD_SOFT, ft.Icons.DELETE_OUTLINE)]
    return ft.Column(
        [
            text(shelf.product, theme.ROW_TITLE, max_lines=2),
            ft.Row(
                [
                    tag(f"lab-{key}-location", location_sign(shelf.location)),
                    *([tag(f"lab-{key}-removed", gone[0])] if shelf.removed else []),
                    ft.Container(expand=True),
                    tag(f"lab-{key}-stock", quantity(shelf.stock, figure, theme.FIGURE)),
                ],
                spacing=theme.GAP_M,
            ),
            _note(f"lab-{key}-note", shelf.note),
            record_mark(shelf.mark),
        ],
        spacing=theme.GAP_S,
        tight=True,
    )


def _note(identifier: str, note: str) -> ft.Control:
    words = text(note, max_lines=2) if note else muted("No note")
    return ft.Row(
        [
            ft.Icon(ft.Icons.STICKY_NOTE_2_OUTLINED, size=20, color=theme.MUTED),
            ft.Container(tag(identifier, words), expand=True),
        ],
        spacing=theme.GAP_S,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _actions(app: AppState, state: LabState, view: PaneView, opener: Opener) -> ft.Control:
    guard, key = app.notices.guard, view.key
    removed = bool(view.shelf and view.shelf.removed)
    made = [
        ("Count", opener("count", key), "count", ft.Icons.PIN_OUTLINED),
        ("Sell 1", guard(state.sell_one, key), "sell", ft.Icons.SELL_OUTLINED),
        ("Move", guard(state.move, key), "move", ft.Icons.MOVE_DOWN),
        ("Note", opener("note", key), "edit-note", ft.Icons.EDIT_NOTE),
        (
            "Put back" if removed else "Remove",
            guard(state.remove, key, not removed),
            "remove",
            ft.Icons.RESTORE_FROM_TRASH if removed else ft.Icons.DELETE_OUTLINE,
        ),
    ]
    return ft.Row(
        [
            _action(label, act, f"lab-{key}-{name}", icon, state.playing)
            for label, act, name, icon in made
        ],
        spacing=theme.GAP_S,
    )


def _action(
    label: str, on_click: Callable[..., Any], identifier: str, icon: ft.IconData, disabled: bool
) -> ft.Control:
    """The picture above its word, so that five of them fit beside each other on a phone."""
    face = ft.Column(
        [ft.Icon(icon, size=20), ft.Text(label, no_wrap=True)],
        spacing=2,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
    )
    button = ft.OutlinedButton(
        face,
        on_click=on_click,
        disabled=disabled,
        height=theme.KEY,
        style=ft.ButtonStyle(
            padding=0,
            shape=ft.RoundedRectangleBorder(radius=theme.RADIUS_M),
            side=ft.BorderSide(1.5, theme.EDGE),
            text_style=theme.OVERLINE,
        ),
    )
    return tag(identifier, button, expand=True)


def _beside(key: str, shelf: ShelfView) -> ft.Control:
    """The second place: removed by one while the other edits it."""
    state = (
        badge("Removed", theme.ON_BAD_SOFT, theme.BAD_SOFT, ft.Icons.DELETE_OUTLINE)
        if shelf.removed
        else badge("On the list", theme.OK, theme.OK_SOFT)
    )
    return ft.Column(
        [
            ft.Row(
                [
                    location_sign(shelf.location, small=True),
                    ft.Container(one_line(shelf.product, theme.BODY_STRONG), expand=True),
                    tag(f"lab-{key}-beside", state),
                ],
                spacing=theme.GAP_M,
            ),
            _note(f"lab-{key}-beside-note", shelf.note),
        ],
        spacing=theme.GAP_S,
        tight=True,
    )


def _order(key: str, order: OrderView) -> ft.Control:
    lines = "1 line" if order.items == 1 else f"{order.items} lines"
    if order.items_here != order.items:
        lines = f"{order.items_here} of {lines}"
    return ft.Row(
        [
            ft.Icon(ft.Icons.RECEIPT_LONG_OUTLINED, color=theme.MUTED),
            ft.Column(
                [
                    tag(f"lab-{key}-order", text(order.code, theme.BODY_STRONG)),
                    one_line(f"{order.customer} · {lines}", theme.LABEL, color=theme.MUTED),
                ],
                spacing=0,
                tight=True,
                expand=True,
            ),
            ft.Column(
                [money(order.total_cents), record_mark(order.mark, words=False)],
                spacing=2,
                tight=True,
                horizontal_alignment=ft.CrossAxisAlignment.END,
            ),
        ],
        spacing=theme.GAP_M,
    )
