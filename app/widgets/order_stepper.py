"""Minus, number, plus for pieces in an order; the number itself opens the keypad."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.widgets.tag import tag

Handler = Callable[..., Any]
_NUMBER = theme.style(20, theme.SIGNAGE, 1.1)


def order_stepper(
    pieces: int, on_less: Handler, on_number: Handler, on_more: Handler, identifier: str
) -> ft.Control:
    """With nothing in the order it is one wide plus; each part is at least 48 dp."""
    more = _button(ft.Icons.ADD, "One more", on_more, f"{identifier}-more", filled=pieces == 0)
    if pieces == 0:
        return more
    number = ft.Container(
        ft.Text(f"{pieces:,}", style=_NUMBER, color=theme.INK),
        width=theme.TARGET,
        height=theme.TARGET,
        alignment=ft.Alignment.CENTER,
        border_radius=theme.RADIUS_M,
        ink=True,
        on_click=on_number,
    )
    return ft.Row(
        [
            _button(
                ft.Icons.REMOVE if pieces > 1 else ft.Icons.DELETE_OUTLINE,
                "One less" if pieces > 1 else "Remove",
                on_less,
                f"{identifier}-less",
            ),
            tag(f"{identifier}-number", number, button=True, label=f"{pieces} pieces, change"),
            more,
        ],
        spacing=0,
        tight=True,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )


def _button(
    icon: ft.IconData, tooltip: str, on_click: Handler, identifier: str, filled: bool = False
) -> ft.Control:
    button = ft.IconButton(
        icon,
        tooltip=tooltip,
        on_click=on_click,
        width=theme.TARGET,
        height=theme.TARGET,
        icon_color=theme.ON_BRAND_SOFT if filled else theme.BRAND,
        bgcolor=theme.BRAND_SOFT if filled else None,
        style=ft.ButtonStyle(
            side=None if filled else ft.BorderSide(1.5, theme.EDGE),
            shape=ft.RoundedRectangleBorder(radius=theme.RADIUS_M),
        ),
    )
    return tag(identifier, button)
