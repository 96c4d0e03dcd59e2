"""The shape most screens share: a reading column, and a bar at the foot for what is next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from app import theme
from app.state.layout import Layout
from app.widgets.buttons import icon_button
from app.widgets.tag import tag
from app.widgets.text import muted, text


def page(
    layout: Layout,
    parts: Sequence[ft.Control],
    top: Sequence[ft.Control] = (),
    foot: Sequence[ft.Control] = (),
    identifier: str = "page",
) -> ft.Control:
    """``top`` stays above the scrolling ``parts``, ``foot`` below them."""
    side = theme.GAP_XL if layout.wide else theme.GAP_L
    body = ft.Column(
        [*parts, ft.Container(height=theme.GAP_L)],
        spacing=theme.GAP_M,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    sides = ft.Padding.symmetric(horizontal=side)
    above = [ft.Container(each, padding=sides) for each in top]
    scroll = ft.Column(
        [ft.Container(body, padding=sides)],
        expand=True,
        scroll=ft.ScrollMode.AUTO,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    column = ft.Column(
        [*above, scroll, *([_foot(foot, side)] if foot else [])],
        spacing=theme.GAP_S,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        width=theme.READ_WIDTH_MAX if layout.wide else None,
        expand=not layout.wide,
    )
    box = ft.Container(column, alignment=ft.Alignment.TOP_CENTER, expand=True)
    return tag(identifier, box, container=True, expand=True)


def back_head(
    name: str, detail: str, on_back: Callable[..., Any], trailing: Sequence[ft.Control] = ()
) -> ft.Control:
    """The head of a page one came to from a list."""
    words = ft.Column(
        [
            tag("page-title", text(name, theme.TITLE), header=True),
            *([muted(detail)] if detail else []),
        ],
        spacing=2,
        tight=True,
        expand=True,
    )
    return ft.Container(
        ft.Row(
            [icon_button(ft.Icons.ARROW_BACK, "Back", on_back, "back"), words, *trailing],
            spacing=theme.GAP_S,
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
        padding=ft.Padding.only(top=theme.GAP_S),
    )


def _foot(parts: Sequence[ft.Control], side: int) -> ft.Control:
    return ft.Container(
        ft.Row(list(parts), spacing=theme.GAP_M),
        padding=ft.Padding.symmetric(horizontal=side, vertical=theme.GAP_M),
        bgcolor=theme.PAPER,
        border=ft.Border.only(top=ft.BorderSide(1, theme.LINE)),
    )
