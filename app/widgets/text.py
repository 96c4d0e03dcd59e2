"""Text in the styles of the theme."""

from __future__ import annotations

from typing import Any

import flet as ft

from app import theme


def text(value: str, style: ft.TextStyle = theme.BODY, **properties: Any) -> ft.Text:
    """Text in a style of the theme; properties are those of `ft.Text`."""
    return ft.Text(value, style=style, **properties)


def muted(value: str, style: ft.TextStyle = theme.BODY, **properties: Any) -> ft.Text:
    """Text of second rank."""
    return ft.Text(value, style=style, color=theme.MUTED, **properties)


def one_line(value: str, style: ft.TextStyle = theme.BODY, **properties: Any) -> ft.Text:
    """Text that ends in an ellipsis where the room ends."""
    return ft.Text(value, style=style, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS, **properties)


def title(value: str) -> ft.Control:
    """The heading of a screen; a heading for screen readers too."""
    return ft.Semantics(header=True, content=text(value, theme.TITLE))


def section(value: str, trailing: ft.Control | None = None) -> ft.Control:
    """The heading of a part of a screen, with room for a link or a mark at its end."""
    heading = ft.Semantics(header=True, content=muted(value, theme.OVERLINE))
    return ft.Container(
        content=ft.Row(
            [heading, ft.Container(expand=True), *([trailing] if trailing else [])],
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        padding=ft.Padding.only(top=theme.GAP_S),
    )
