"""A search field that answers while one types, and at once when a scanner presses Enter."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from app import theme
from app.widgets.field import TextBox

DEBOUNCE_SECONDS = 0.12
"""Longer than the pause between two keys of a fast typist, shorter than one notices."""


@ft.component
def SearchField(
    value: str,
    hint: str,
    on_search: Callable[[str], Awaitable[Any]],
    on_submit: Callable[[str], Awaitable[str | None]],
    identifier: str = "search",
    autofocus: bool = True,
    calls: int = 0,
) -> ft.Control:
    """``on_search`` gets the text after a pause in typing, ``on_submit`` at once on Enter.

    Neither may raise; ``on_submit`` answers the text the field shows then (None: what was typed).
    ``value`` is the text the caller holds; it replaces what is typed whenever the caller changes
    it. The field takes the keyboard each time ``calls`` grows.
    """
    typed, set_typed = ft.use_state(value)
    turn = ft.use_ref(0)
    told = ft.use_ref(value)
    field = ft.use_ref(None)

    def adopt() -> None:
        if told.current != value:
            told.current = value
            set_typed(value)

    ft.use_effect(adopt, [value])

    async def take_keyboard() -> None:
        if calls and field.current is not None:
            await field.current.focus()

    ft.use_effect(take_keyboard, [calls])

    async def change(text: str) -> None:
        set_typed(text)
        turn.current += 1
        mine = turn.current
        await asyncio.sleep(DEBOUNCE_SECONDS if text else 0)
        if mine == turn.current:
            told.current = text
            await on_search(text)

    async def submit(text: str) -> None:
        turn.current += 1
        told.current = text
        left = await on_submit(text)
        told.current = text if left is None else left
        set_typed(told.current)

    async def clear(_event: object = None) -> None:
        turn.current += 1
        told.current = ""
        set_typed("")
        await on_search("")

    box = TextBox(
        typed,
        change,
        identifier,
        submit,
        field,
        hint_text=hint,
        autofocus=autofocus,
        prefix_icon=ft.Icons.SEARCH,
        suffix_icon=_clear(clear) if typed else None,
        text_style=theme.style(18, theme.MEDIUM, 1.3),
        hint_style=theme.style(18, theme.REGULAR, 1.3, theme.MUTED),
        filled=True,
        fill_color=theme.CARD,
        enable_suggestions=False,
        capitalization=ft.TextCapitalization.NONE,
    )
    return ft.Row([ft.Container(box, expand=True)], spacing=0)


def _clear(on_click: Callable[..., Any]) -> ft.Control:
    return ft.IconButton(
        ft.Icons.CLOSE, tooltip="Clear the search", on_click=on_click, icon_size=20
    )
