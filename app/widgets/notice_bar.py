"""The bar at the foot of the screen that tells what just happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.widgets.tag import tag


def notice_bar(
    message: str,
    remedy: str,
    bad: bool,
    on_undo: Callable[..., Any] | None,
    on_dismiss: Callable[..., Any],
) -> ft.Control:
    """A message with Undo, or a problem with its remedy; read out when it appears."""
    ink = theme.ON_BAD_SOFT if bad else ft.Colors.ON_INVERSE_SURFACE
    words: list[ft.Control] = [ft.Text(message, style=theme.BODY_STRONG, color=ink)]
    if remedy:
        words.append(ft.Text(remedy, style=theme.BODY, color=ink))
    icon = ft.Icons.ERROR_OUTLINE if bad else ft.Icons.CHECK_CIRCLE_OUTLINE
    row: list[ft.Control] = [
        ft.Icon(icon, color=ink, size=theme.ICON),
        ft.Column(words, spacing=0, expand=True, tight=True),
    ]
    if on_undo is not None:
        row.append(_undo(on_undo))
    row.append(
        tag(
            "notice-close",
            ft.IconButton(ft.Icons.CLOSE, tooltip="Close", icon_color=ink, on_click=on_dismiss),
        )
    )
    bar = ft.Container(
        content=ft.Row(row, spacing=theme.GAP_M, vertical_alignment=ft.CrossAxisAlignment.CENTER),
        bgcolor=theme.BAD_SOFT if bad else ft.Colors.INVERSE_SURFACE,
        border_radius=theme.RADIUS_M,
        padding=ft.Padding.only(left=theme.GAP_L, right=theme.GAP_XS, top=6, bottom=6),
        shadow=ft.BoxShadow(blur_radius=16, color="#33000000", offset=ft.Offset(0, 4)),
    )
    return tag("notice", bar, live_region=True, container=True)


def _undo(on_click: Callable[..., Any]) -> ft.Control:
    button = ft.TextButton(
        "Undo",
        on_click=on_click,
        height=theme.TARGET,
        style=ft.ButtonStyle(color=ft.Colors.INVERSE_PRIMARY),
    )
    return tag("notice-undo", button)
