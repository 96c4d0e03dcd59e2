"""The sheets of the lab: a count, and a note."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState
from app.state.lab import LabState
from app.state.lab_pane import PaneView
from app.widgets.buttons import primary
from app.widgets.field import TextBox
from app.widgets.keypad import keypad, press
from app.widgets.latest import use_latest
from app.widgets.panels import sheet
from app.widgets.text import muted

_FIGURE = theme.style(44, theme.SIGNAGE, 1.05)


def lab_sheet(
    app: AppState, state: LabState, name: str, key: str, close: Callable[..., Any]
) -> ft.BottomSheet | None:
    """The open sheet, if there is one."""
    view = next((each for each in state.panes if each.key == key), None)
    if view is None or view.shelf is None:
        return None
    titles = {
        "count": f"Count on {view.device_name}",
        "note": f"Note on {view.device_name}",
    }
    body = (
        CountSheet(app, state, view, close)
        if name == "count"
        else NoteSheet(app, state, view, close)
    )
    return sheet(titles[name], [body], close, f"lab-{name}-sheet")


@ft.component
def CountSheet(
    app: AppState, state: LabState, view: PaneView, close: Callable[..., Any]
) -> ft.Control:
    """Digits and save."""
    typed = use_latest("")
    digits = typed.shown

    def on_key(key: str) -> Callable[..., Any]:
        return lambda _event: typed.put(press(typed.now(), key))

    def save() -> None:
        state.count(view.key, int(typed.now()))
        close()

    assert view.shelf is not None
    return ft.Column(
        [
            muted(f"{view.shelf.product}, {view.shelf.stock:,} on record"),
            ft.Container(
                ft.Text(digits or "–", style=_FIGURE, color=None if digits else theme.MUTED),
                alignment=ft.Alignment.CENTER,
            ),
            keypad(on_key, "lab-key"),
            primary(
                f"Save count {digits}".strip(),
                app.notices.guard(save),
                "lab-save-count",
                disabled=not digits,
            ),
        ],
        spacing=theme.GAP_L,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@ft.component
def NoteSheet(
    app: AppState, state: LabState, view: PaneView, close: Callable[..., Any]
) -> ft.Control:
    """The note of the product's place on one device."""
    assert view.shelf is not None
    note = use_latest(view.shelf.note)

    def save() -> None:
        state.write_note(view.key, note.now())
        close()

    field = TextBox(
        note.shown,
        note.put,
        "lab-note-text",
        app.notices.guard(save),
        label="Note",
        autofocus=True,
    )
    return ft.Column(
        [
            muted(view.shelf.product),
            field,
            primary("Save note", app.notices.guard(save), "lab-save-note"),
        ],
        spacing=theme.GAP_L,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
