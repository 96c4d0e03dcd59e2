"""Grounds on which things stand: cards, rows, empty states, banners, sheets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import flet as ft

from app import theme
from app.widgets.tag import tag
from app.widgets.text import muted, text

BannerTone = Literal["info", "warn", "bad"]
_BANNERS = {
    "info": (theme.INFO_SOFT, theme.ON_INFO_SOFT, ft.Icons.INFO_OUTLINE),
    "warn": (theme.WARN_SOFT, theme.INK, ft.Icons.WARNING_AMBER_ROUNDED),
    "bad": (theme.BAD_SOFT, theme.ON_BAD_SOFT, ft.Icons.ERROR_OUTLINE),
}


def card(
    content: ft.Control, padding: ft.PaddingValue = theme.GAP_L, **properties: Any
) -> ft.Container:
    """A white panel with a hairline."""
    return ft.Container(
        content=content,
        bgcolor=theme.CARD,
        border=ft.Border.all(1, theme.LINE),
        border_radius=theme.RADIUS_M,
        padding=padding,
        **properties,
    )


def list_row(
    leading: ft.Control | None,
    lines: Sequence[ft.Control],
    trailing: ft.Control | None = None,
    on_click: Callable[..., Any] | None = None,
    identifier: str | None = None,
    selected: bool = False,
    key: str | None = None,
) -> ft.Control:
    """A row of a list: what it is at the left, its figure at the right, at least 72 dp high."""
    body = ft.Container(
        key=None if identifier else key,
        content=ft.Row(
            [
                *([leading] if leading else []),
                ft.Column(list(lines), spacing=theme.GAP_XS, expand=True, tight=True),
                *([trailing] if trailing else []),
            ],
            spacing=theme.GAP_M,
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        padding=ft.Padding.symmetric(horizontal=theme.GAP_L, vertical=theme.GAP_M),
        bgcolor=theme.BRAND_SOFT if selected else theme.CARD,
        border=ft.Border.only(bottom=ft.BorderSide(1, theme.LINE)),
        ink=on_click is not None,
        on_click=on_click,
    )
    return tag(identifier, body, key=key, selected=selected or None) if identifier else body


def group(rows: Sequence[ft.Control]) -> ft.Control:
    """Rows held together as one panel."""
    return ft.Container(
        content=ft.Column(list(rows), spacing=0, tight=True),
        bgcolor=theme.CARD,
        border=ft.Border.all(1, theme.LINE),
        border_radius=theme.RADIUS_M,
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
    )


def empty_state(
    icon: ft.IconData, title: str, message: str, action: ft.Control | None = None
) -> ft.Control:
    """Why there is nothing here, and what one can do about it."""
    return ft.Container(
        content=ft.Column(
            [
                ft.Container(
                    ft.Icon(icon, size=36, color=theme.BRAND),
                    width=72,
                    height=72,
                    border_radius=36,
                    bgcolor=theme.BRAND_SOFT,
                    alignment=ft.Alignment.CENTER,
                ),
                text(title, theme.HEADING, text_align=ft.TextAlign.CENTER),
                muted(message, text_align=ft.TextAlign.CENTER),
                *([action] if action else []),
            ],
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            spacing=theme.GAP_M,
            tight=True,
        ),
        padding=ft.Padding.symmetric(horizontal=theme.GAP_XL, vertical=theme.GAP_XXL),
        alignment=ft.Alignment.CENTER,
    )


def banner(
    tone: BannerTone, message: str, remedy: str = "", action: ft.Control | None = None
) -> ft.Control:
    """A message within a screen, read out when it appears."""
    ground, ink, icon = _BANNERS[tone]
    words = [ft.Text(message, style=theme.BODY_STRONG, color=ink)]
    if remedy:
        words.append(ft.Text(remedy, style=theme.BODY, color=ink))
    return ft.Semantics(
        live_region=True,
        container=True,
        content=ft.Container(
            content=ft.Row(
                [
                    ft.Icon(icon, color=ink, size=theme.ICON),
                    ft.Column(words, spacing=2, expand=True, tight=True),
                    *([action] if action else []),
                ],
                spacing=theme.GAP_M,
                vertical_alignment=ft.CrossAxisAlignment.START,
            ),
            bgcolor=ground,
            border_radius=theme.RADIUS_M,
            padding=theme.GAP_L,
        ),
    )


def sheet(
    title: str,
    content: Sequence[ft.Control],
    on_dismiss: Callable[..., Any],
    identifier: str,
    tall: bool = False,
) -> ft.BottomSheet:
    """A sheet from the bottom for one task; for `ft.use_dialog`.

    It is as high as its content; a ``tall`` one takes all the height and scrolls.
    """
    scroll = ft.ScrollMode.AUTO if tall else None
    inside = ft.Column(
        list(content), spacing=theme.GAP_M, tight=not tall, scroll=scroll, expand=tall
    )
    head = ft.Row(
        [
            ft.Container(text(title, theme.HEADING), expand=True),
            ft.IconButton(ft.Icons.CLOSE, tooltip="Close", on_click=on_dismiss),
        ]
    )
    return ft.BottomSheet(
        content=tag(
            identifier,
            ft.Container(
                content=ft.Column([head, inside], spacing=theme.GAP_M, tight=not tall),
                padding=ft.Padding.only(left=20, right=20, top=theme.GAP_M, bottom=20),
                width=theme.SHEET_WIDTH_MAX,
            ),
            container=True,
        ),
        scrollable=True,
        size_constraints=ft.BoxConstraints(max_width=theme.SHEET_WIDTH_MAX),
        shape=ft.RoundedRectangleBorder(
            radius=ft.BorderRadius.only(top_left=theme.RADIUS_L, top_right=theme.RADIUS_L)
        ),
        on_dismiss=on_dismiss,
    )
