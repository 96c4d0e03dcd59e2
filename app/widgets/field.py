"""A text field in the look of the theme."""

from __future__ import annotations

from typing import Any

import flet as ft

from app import theme

_STATES = {
    ft.ControlState.DEFAULT: ft.OutlineInputBorder(
        border_radius=theme.RADIUS_M, side=ft.BorderSide(1, theme.EDGE)
    ),
    ft.ControlState.FOCUSED: ft.OutlineInputBorder(
        border_radius=theme.RADIUS_M, side=ft.BorderSide(2, theme.BRAND)
    ),
}


def text_field(value: str, **properties: Any) -> ft.TextField:
    """A field that shows ``value``, at least 48 dp high; properties are those of `ft.TextField`.

    In a component the value must come from state, or the next drawing empties the field.
    """
    given: dict[str, Any] = {
        "text_style": theme.BODY,
        "border": dict(_STATES),
        "content_padding": theme.GAP_L,
        "autocorrect": False,
        **properties,
    }
    return ft.TextField(value=value, **given)
