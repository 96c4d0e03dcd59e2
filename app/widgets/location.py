"""Where a thing stands, drawn as the sign over an aisle: the largest thing on its row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flet as ft

from app import theme
from app.domain.codes import location_text

_ROW = theme.style(24, theme.SIGNAGE, 1.1)
_SMALL = theme.style(18, theme.SIGNAGE, 1.1)


def location_sign(
    location: Mapping[str, Any] | None, large: bool = False, small: bool = False
) -> ft.Control:
    """The sign `A3 · B · 12`: 24 sp on a row, 40 sp when large, 18 sp beside other signs."""
    style = theme.DISPLAY if large else _SMALL if small else _ROW
    known = bool(location)
    return ft.Container(
        content=ft.Text(
            location_text(location),
            style=style,
            color=theme.ON_SIGN if known else theme.MUTED,
            no_wrap=True,
            semantics_label=spoken(location),
        ),
        bgcolor=theme.SIGN if known else theme.SUNKEN,
        border_radius=theme.RADIUS_S,
        padding=ft.Padding.symmetric(
            horizontal=theme.GAP_L if large else 10, vertical=theme.GAP_S if large else 3
        ),
    )


def spoken(location: Mapping[str, Any] | None) -> str:
    """The location in words, for screen readers: `Aisle 3, shelf B, bin 12`."""
    if not location:
        return "No location"
    parts = [
        f"{name} {location[key]}"
        for key, name in (("aisle", "aisle"), ("shelf", "shelf"), ("bin", "bin"))
        if location.get(key)
    ]
    words = ", ".join(parts)
    return words[:1].upper() + words[1:]
