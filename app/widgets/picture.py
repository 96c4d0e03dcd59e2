"""The picture of a product type: a flat drawing on a tile of its own, alike in light and dark."""

from __future__ import annotations

import flet as ft

from app import theme

HEAD = 72
"""Pixels in the head of a product page."""


def picture(image_url: str, size: int = HEAD) -> ft.Control:
    """The drawing at a path in `assets`; its place stays empty where there is none."""
    return ft.Image(
        src=image_url,
        width=size,
        height=size,
        border_radius=theme.GAP_S,
        exclude_from_semantics=True,
        error_content=ft.Container(width=size, height=size),
    )
