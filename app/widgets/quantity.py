"""How much there is, and how far the figure can be trusted: number, level, dot and words."""

from __future__ import annotations

import flet as ft

from app import theme
from app.domain.stock import Age, Level

_DOTS = {Age.FRESH: theme.OK, Age.AGEING: theme.WARN, Age.STALE: theme.EDGE}
_MEANS = {Age.FRESH: "fresh", Age.AGEING: "ageing", Age.STALE: "old"}
_LEVELS = {
    Level.OUT: ("Out", theme.ON_BAD_SOFT, theme.BAD_SOFT),
    Level.LOW: ("Low", theme.WARN, theme.WARN_SOFT),
}
_ROW = theme.style(22, theme.SIGNAGE, 1.1)


def age_dot(
    age: Age, words: str, style: ft.TextStyle = theme.LABEL, explained: bool = False
) -> ft.Control:
    """A dot and the age in words; the dot is hollow once the figure cannot be trusted.

    ``explained`` adds a tooltip; in a list it would be read out before the name of the row.
    """
    dot = ft.Container(
        width=10,
        height=10,
        border_radius=5,
        bgcolor=ft.Colors.TRANSPARENT if age is Age.STALE else _DOTS[age],
        border=ft.Border.all(2, _DOTS[age]),
    )
    return ft.Row(
        [dot, ft.Text(words, style=style, color=theme.MUTED, no_wrap=True)],
        spacing=6,
        tight=True,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
        tooltip=f"This figure is {_MEANS[age]}" if explained else None,
    )


def level_tag(level: Level) -> ft.Control | None:
    """`Low` or `Out` as a word on a tint; nothing when there is enough."""
    if level not in _LEVELS:
        return None
    word, colour, ground = _LEVELS[level]
    return badge(word, colour, ground)


def badge(word: str, colour: str, ground: str, icon: ft.IconData | None = None) -> ft.Control:
    """A word on a tinted ground."""
    parts: list[ft.Control] = [ft.Icon(icon, size=16, color=colour)] if icon else []
    parts.append(ft.Text(word, style=theme.OVERLINE, color=colour, no_wrap=True))
    return ft.Container(
        content=ft.Row(parts, spacing=4, tight=True),
        bgcolor=ground,
        border_radius=theme.RADIUS_S,
        padding=ft.Padding.symmetric(horizontal=theme.GAP_S, vertical=2),
    )


def quantity(count: int, level: Level, style: ft.TextStyle = _ROW, mark: bool = True) -> ft.Control:
    """The number in stock, with its level beside it unless told otherwise."""
    word = level_tag(level) if mark else None
    number = ft.Text(
        f"{count:,}".replace("-", "−"),
        style=style,
        color=theme.BAD if level is Level.OUT else theme.INK,
        semantics_label=f"{count} in stock",
    )
    return ft.Row([*([word] if word else []), number], spacing=theme.GAP_S, tight=True)
