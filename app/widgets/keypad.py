"""A number pad for fingers in gloves; the digits it edits are plain text held by the caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.widgets.tag import tag

DIGITS_MAX = 6
BACK, CLEAR = "back", "clear"
_ROWS = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (CLEAR, "0", BACK))
_FACES = {BACK: (ft.Icons.BACKSPACE_OUTLINED, "Delete the last digit"), CLEAR: ("C", "Clear")}


def press(digits: str, key: str) -> str:
    """The digits after a key (a digit, `back`, `clear`), at most `DIGITS_MAX`, no leading zeros."""
    if key == CLEAR:
        return ""
    if key == BACK:
        return digits[:-1]
    return (digits + key).lstrip("0")[:DIGITS_MAX] or "0"


def keypad(on_key: Callable[[str], Callable[..., Any]], identifier: str = "key") -> ft.Control:
    """The pad; ``on_key(key)`` answers the handler of a key."""
    return ft.Column(
        [
            ft.Row([_key(key, on_key(key), identifier) for key in row], spacing=theme.GAP_S)
            for row in _ROWS
        ],
        spacing=theme.GAP_S,
        tight=True,
    )


def _key(key: str, on_click: Callable[..., Any], identifier: str) -> ft.Control:
    face, label = _FACES.get(key, (key, key))
    content: ft.Control = (
        ft.Text(face, style=theme.style(26, theme.SIGNAGE, 1.1), color=theme.INK)
        if isinstance(face, str)
        else ft.Icon(face, color=theme.INK, size=theme.ICON)
    )
    body = ft.Container(
        content=content,
        height=theme.KEY,
        alignment=ft.Alignment.CENTER,
        bgcolor=theme.SUNKEN if key.isdigit() else ft.Colors.TRANSPARENT,
        border=None if key.isdigit() else ft.Border.all(1, theme.LINE),
        border_radius=theme.RADIUS_M,
        ink=True,
        on_click=on_click,
    )
    return tag(f"{identifier}-{key}", body, expand=True, button=True, label=label)
