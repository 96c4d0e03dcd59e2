"""Things one presses; each at least 48 dp, the main one 56."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.widgets.tag import tag

Handler = Callable[..., Any]

_TIGHT = ft.ButtonStyle(
    padding=ft.Padding.symmetric(horizontal=theme.GAP_S),
    shape=ft.RoundedRectangleBorder(radius=theme.RADIUS_M),
    text_style=theme.style(16, theme.SEMI, 1.25),
)
"""Buttons that share a row need their room for words."""


def primary(
    label: str,
    on_click: Handler,
    identifier: str,
    icon: ft.IconData | None = None,
    disabled: bool = False,
    expand: bool = False,
) -> ft.Control:
    """The one main action of a screen or sheet."""
    button = ft.FilledButton(
        ft.Text(label, no_wrap=True),
        icon=icon,
        on_click=on_click,
        disabled=disabled,
        height=theme.TARGET_PRIMARY,
        style=_TIGHT if expand else None,
    )
    return tag(identifier, button, expand=expand)


def secondary(
    label: str,
    on_click: Handler,
    identifier: str,
    icon: ft.IconData | None = None,
    disabled: bool = False,
    expand: bool = False,
) -> ft.Control:
    """An action beside the main one."""
    button = ft.OutlinedButton(
        ft.Text(label, no_wrap=True),
        icon=icon,
        on_click=on_click,
        disabled=disabled,
        height=theme.TARGET_PRIMARY,
        style=_TIGHT if expand else None,
    )
    return tag(identifier, button, expand=expand)


def quiet(
    label: str, on_click: Handler, identifier: str, icon: ft.IconData | None = None
) -> ft.Control:
    """An action of little weight."""
    button = ft.TextButton(label, icon=icon, on_click=on_click, height=theme.TARGET)
    return tag(identifier, button)


def icon_button(
    icon: ft.IconData, tooltip: str, on_click: Handler, identifier: str, **properties: Any
) -> ft.Control:
    """A button with a picture alone; the tooltip is its name."""
    button = ft.IconButton(
        icon,
        tooltip=tooltip,
        on_click=on_click,
        width=theme.TARGET,
        height=theme.TARGET,
        icon_color=theme.INK,
        **properties,
    )
    return tag(identifier, button)


def choice(label: str, selected: bool, on_click: Handler, identifier: str) -> ft.Control:
    """One of several exclusive answers, 48 dp high; the chosen one carries a tick as well."""
    ink = theme.ON_BRAND_SOFT if selected else theme.INK
    parts: list[ft.Control] = [ft.Icon(ft.Icons.CHECK, size=18, color=ink)] if selected else []
    parts.append(ft.Text(label, style=theme.LABEL, color=ink))
    body = ft.Container(
        content=ft.Row(parts, spacing=6, tight=True, alignment=ft.MainAxisAlignment.CENTER),
        height=theme.TARGET,
        padding=ft.Padding.symmetric(horizontal=theme.GAP_L),
        border_radius=theme.RADIUS_M,
        bgcolor=theme.BRAND_SOFT if selected else theme.CARD,
        border=ft.Border.all(1.5, theme.BRAND if selected else theme.EDGE),
        ink=True,
        on_click=on_click,
    )
    return tag(identifier, body, selected=selected, button=True)


def stepper(
    value: int,
    on_change: Callable[[int], Any],
    identifier: str,
    least: int = 0,
    text: str | None = None,
) -> ft.Row:
    """Minus, number, plus; both ends 48 dp. ``on_change`` answers a handler for the new value."""
    return ft.Row(
        [
            _step(
                ft.Icons.REMOVE,
                "One less",
                on_change(value - 1),
                f"{identifier}-less",
                value <= least,
            ),
            tag(
                f"{identifier}-value",
                ft.Container(
                    ft.Text(text or str(value), style=theme.style(20, theme.SIGNAGE, 1.1)),
                    width=44,
                    alignment=ft.Alignment.CENTER,
                ),
            ),
            _step(ft.Icons.ADD, "One more", on_change(value + 1), f"{identifier}-more", False),
        ],
        spacing=0,
        tight=True,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )


def _step(
    icon: ft.IconData, tooltip: str, on_click: Handler, identifier: str, disabled: bool
) -> ft.Control:
    button = ft.IconButton(
        icon,
        tooltip=tooltip,
        on_click=on_click,
        disabled=disabled,
        width=theme.TARGET,
        height=theme.TARGET,
        icon_color=theme.BRAND,
        style=ft.ButtonStyle(
            side=ft.BorderSide(1.5, theme.EDGE),
            shape=ft.RoundedRectangleBorder(radius=theme.RADIUS_M),
        ),
    )
    return tag(identifier, button)
