"""Zava's mark: the initial on an aisle sign."""

from __future__ import annotations

import flet as ft

from app import theme


def logo(size: int = 40) -> ft.Control:
    """The mark in a square of this size."""
    return ft.Container(
        content=ft.Text(
            "Z", style=theme.style(round(size * 0.66), theme.SIGNAGE, 1.0), color=theme.ON_SIGN
        ),
        width=size,
        height=size,
        bgcolor=theme.SIGN,
        border_radius=round(size * 0.22),
        alignment=ft.Alignment.CENTER,
    )


def wordmark() -> ft.Control:
    """Mark and name."""
    return ft.Row(
        [logo(48), ft.Text("Zava Edge", style=theme.style(30, theme.BOLD, 1.1), color=theme.INK)],
        spacing=theme.GAP_M,
        tight=True,
    )
