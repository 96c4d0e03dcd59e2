"""The sheets for one task each: count, adjust, move, note."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.domain.codes import read_label_code
from app.domain.errors import DomainError
from app.state.app_state import AppState
from app.state.low_stock import LowStock
from app.state.product import ProductState
from app.state.stock_writes import REASONS
from app.state.words import signed
from app.widgets.boundary import boundary
from app.widgets.buttons import choice, primary, stepper
from app.widgets.field import TextBox
from app.widgets.keypad import keypad, press
from app.widgets.latest import use_latest
from app.widgets.location import location_sign
from app.widgets.tag import tag
from app.widgets.text import muted, section

Counted = ProductState | LowStock
"""What has a place to count: a product's page, or the walk."""

_FIGURE = theme.style(44, theme.SIGNAGE, 1.05)


def _saver(app: AppState, close: Callable[..., Any], action: Callable[[], Any]) -> Any:
    """A handler that saves, closes the sheet, and tells; when saving fails the sheet stays."""

    def save() -> Any:
        outcome = action()
        close()
        return outcome

    return app.notices.guard(save)


@ft.component
@boundary
def CountSheet(app: AppState, state: Counted, close: Callable[..., Any]) -> ft.Control:
    """A physical count: digits, what was, what is now."""
    digits = use_latest("")
    place = state.place
    assert place is not None
    now = int(digits.shown) if digits.shown else None

    def on_key(key: str) -> Callable[..., Any]:
        return lambda _event: digits.put(press(digits.now(), key))

    return ft.Column(
        [
            _place_line(state),
            _was_now(place.stock, now),
            keypad(on_key),
            primary(
                "Save count" if now is None else f"Save count {now:,}",
                _saver(app, close, lambda: state.count(int(digits.now() or 0))),
                "save-count",
                disabled=now is None,
            ),
        ],
        spacing=theme.GAP_L,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@ft.component
@boundary
def AdjustSheet(app: AppState, state: Counted, close: Callable[..., Any]) -> ft.Control:
    """Pieces that came or went, and why."""
    change, reason = use_latest(0), use_latest(REASONS[0])
    delta = change.shown
    place = state.place
    assert place is not None

    def step(value: int) -> Callable[..., Any]:
        return lambda _event: change.put(change.now() + value - delta)

    def because(name: str) -> Callable[..., Any]:
        return lambda _event: reason.put(name)

    return ft.Column(
        [
            _place_line(state),
            _was_now(place.stock, place.stock + delta if delta else None),
            ft.Row(
                [
                    _jump("−10", step(delta - 10), "adjust-less-10"),
                    stepper(delta, step, "adjust", least=-9_999, text=signed(delta)),
                    _jump("+10", step(delta + 10), "adjust-more-10"),
                ],
                alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
            ),
            section("Why"),
            ft.Row(
                [
                    choice(name, name == reason.shown, because(name), f"reason-{name.lower()}")
                    for name in REASONS
                ],
                wrap=True,
                spacing=theme.GAP_S,
                run_spacing=theme.GAP_S,
            ),
            primary(
                "Save" if not delta else f"Save {signed(delta)}",
                _saver(app, close, lambda: state.adjust(change.now(), reason.now())),
                "save-adjust",
                disabled=not delta,
            ),
        ],
        spacing=theme.GAP_L,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@ft.component
@boundary
def MoveSheet(app: AppState, state: ProductState, close: Callable[..., Any]) -> ft.Control:
    """Another place: scan its label into the first field, or type aisle, shelf and bin."""
    place = state.place
    assert place is not None
    typed = use_latest(
        {key: str(place.location.get(key) or "") for key in ("aisle", "shelf", "bin")}
    )
    to = typed.shown

    def change(key: str) -> Callable[[str], None]:
        return lambda text: typed.put(_typed(typed.now(), key, text))

    def move() -> Any:
        at = typed.now()
        return state.move(at["aisle"], at["shelf"], at["bin"])

    fields = [
        _field("Aisle", to["aisle"], change("aisle"), "move-aisle", autofocus=True),
        _field("Shelf", to["shelf"], change("shelf"), "move-shelf"),
        _field("Bin", to["bin"], change("bin"), "move-bin"),
    ]
    return ft.Column(
        [
            ft.Row(
                [
                    location_sign(place.location),
                    ft.Icon(ft.Icons.ARROW_FORWARD, color=theme.MUTED),
                    tag(
                        "move-to", location_sign({key: value for key, value in to.items() if value})
                    ),
                ],
                spacing=theme.GAP_M,
                wrap=True,
            ),
            muted("Scan the label of the new place, or type it."),
            ft.Row(fields, spacing=theme.GAP_S),
            primary(
                "Move here",
                _saver(app, close, move),
                "save-move",
                icon=ft.Icons.MOVE_DOWN,
                disabled=to == {**{"bin": ""}, **place.location}
                or not (to["aisle"] and to["shelf"]),
            ),
        ],
        spacing=theme.GAP_L,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@ft.component
@boundary
def NoteSheet(app: AppState, state: ProductState, close: Callable[..., Any]) -> ft.Control:
    """The note of the place."""
    place = state.place
    assert place is not None
    note = use_latest(place.note)
    return ft.Column(
        [
            _place_line(state),
            _field(
                "Note for the next person",
                note.shown,
                note.put,
                "note-text",
                autofocus=True,
                multiline=True,
                min_lines=3,
                max_lines=6,
            ),
            primary(
                "Save note", _saver(app, close, lambda: state.write_note(note.now())), "save-note"
            ),
        ],
        spacing=theme.GAP_L,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _typed(to: dict[str, str], key: str, value: str) -> dict[str, str]:
    """The place after typing into a field; a whole label scanned into any of them fills all."""
    try:
        _, location = read_label_code(value)
    except DomainError:
        return {**to, key: value.strip().upper()}
    return {"aisle": "", "shelf": "", "bin": "", **location}


def _place_line(state: Counted) -> ft.Control:
    place, product = state.place, state.product or {}
    assert place is not None
    return ft.Row(
        [
            location_sign(place.location, small=True),
            ft.Container(muted(str(product.get("product_name", "")), max_lines=2), expand=True),
        ],
        spacing=theme.GAP_M,
    )


def _was_now(was: int, now: int | None) -> ft.Control:
    """`was 37`, an arrow, `now 35`, and the difference."""
    arrow = ft.Icon(ft.Icons.ARROW_FORWARD, color=theme.MUTED)
    after = (
        [ft.Text(f"{now:,}".replace("-", "−"), style=_FIGURE), muted(f"({signed(now - was)})")]
        if now is not None
        else [ft.Text("–", style=_FIGURE, color=theme.MUTED)]
    )
    row = ft.Row(
        [
            muted("was"),
            ft.Text(f"{was:,}".replace("-", "−"), style=_FIGURE, color=theme.MUTED),
            arrow,
            muted("now"),
            *after,
        ],
        spacing=theme.GAP_M,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
        alignment=ft.MainAxisAlignment.CENTER,
    )
    words = f"was {was}" if now is None else f"was {was}, now {now}, {signed(now - was)}"
    return tag("was-now", row, label=words, live_region=True)


def _jump(label: str, on_click: Callable[..., Any], identifier: str) -> ft.Control:
    button = ft.OutlinedButton(
        label,
        on_click=on_click,
        height=theme.TARGET,
        width=72,
        style=ft.ButtonStyle(padding=0, shape=ft.RoundedRectangleBorder(radius=theme.RADIUS_M)),
    )
    return tag(identifier, button)


def _field(
    label: str, value: str, on_text: Callable[[str], None], identifier: str, **more: Any
) -> ft.Control:
    field = TextBox(
        value,
        on_text,
        identifier,
        label=label,
        text_style=theme.style(20, theme.SEMI, 1.3),
        capitalization=None if more.get("multiline") else ft.TextCapitalization.CHARACTERS,
        **more,
    )
    return ft.Container(field, expand=True)
