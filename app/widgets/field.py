"""A text field in the look of the theme, that keeps what is typed however often it is drawn.

A client tells first what stands in a field and then, in a message of its own, that it changed.
Whatever draws the page between the two (a sync status, a live row) would draw the text from before,
empty the field and lose what was typed. So a field shows the caller's text only when the caller has
changed it, and else what stands in it.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import isawaitable
from typing import Any

import flet as ft

from app import theme
from app.widgets.tag import tag

_STATES = {
    ft.ControlState.DEFAULT: ft.OutlineInputBorder(
        border_radius=theme.RADIUS_M, side=ft.BorderSide(1, theme.EDGE)
    ),
    ft.ControlState.FOCUSED: ft.OutlineInputBorder(
        border_radius=theme.RADIUS_M, side=ft.BorderSide(2, theme.BRAND)
    ),
}


@ft.component
def TextBox(
    value: str,
    on_text: Callable[[str], Any],
    identifier: str,
    on_enter: Callable[[str], Any] | None = None,
    field: Any = None,
    **properties: Any,
) -> ft.Control:
    """A field under an id, at least 48 dp high; properties are those of `ft.TextField`.

    ``value`` is the text the caller holds. ``on_text`` gets the text after each change, and
    ``on_enter`` when somebody presses Enter; neither may raise. ``field`` is a ref of the caller's
    that the control is put in, to give it the focus.
    """
    told, drawn = ft.use_ref(value), ft.use_ref(None)
    shown = value
    if told.current == value and drawn.current is not None:
        shown = drawn.current.value
    told.current = value

    async def change(event: Any) -> None:
        told.current = event.control.value
        answer = on_text(event.control.value)
        if isawaitable(answer):
            await answer

    async def enter(event: Any) -> None:
        answer = None if on_enter is None else on_enter(event.control.value)
        if isawaitable(answer):
            await answer

    box = _text_field(shown, on_change=change, on_submit=enter, **properties)
    drawn.current = box
    if field is not None:
        field.current = box
    return tag(identifier, box)


def _text_field(value: str, **properties: Any) -> ft.TextField:
    given: dict[str, Any] = {
        "text_style": theme.BODY,
        "border": dict(_STATES),
        "content_padding": theme.GAP_L,
        "autocorrect": False,
        **properties,
    }
    return ft.TextField(value=value, **given)
