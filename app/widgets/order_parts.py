"""Parts that the screens of an order share: initials, availability, status, sums."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from app import theme
from app.domain.stock import Age
from app.widgets.money import money
from app.widgets.quantity import age_dot, badge
from app.widgets.tag import tag
from app.widgets.text import muted, text

_STATUS = {
    "pending": ("To be picked", theme.ON_INFO_SOFT, theme.INFO_SOFT),
    "completed": ("Completed", theme.OK, theme.OK_SOFT),
    "cancelled": ("Cancelled", theme.ON_BAD_SOFT, theme.BAD_SOFT),
}


def initials(name: str, size: int = 44) -> ft.Control:
    """A person as two letters in a circle."""
    letters = "".join(part[0] for part in name.split()[:2]).upper() or "?"
    return ft.Container(
        ft.Text(letters, style=theme.style(round(size * 0.38), theme.SEMI, 1.0)),
        width=size,
        height=size,
        border_radius=size / 2,
        bgcolor=theme.SUNKEN,
        alignment=ft.Alignment.CENTER,
    )


def availability(kept: bool, pieces: int, age: Age, words: str) -> ft.Control:
    """How many the own store has, and how old that figure is."""
    if not kept:
        return muted("Not kept in this store", theme.LABEL)
    ink = theme.BAD if pieces <= 0 else theme.INK
    figure = f"{pieces:,} here".replace("-", "−")
    return ft.Row(
        [ft.Text(figure, style=theme.LABEL, color=ink, no_wrap=True), age_dot(age, words)],
        spacing=theme.GAP_M,
        wrap=True,
        run_spacing=0,
    )


def order_status(status: str) -> ft.Control:
    """What the shop has done with an order."""
    return badge(*_STATUS.get(status, (status.capitalize(), theme.MUTED, theme.SUNKEN)))


def sums(rows: Sequence[tuple[str, int]], total_cents: int, identifier: str) -> ft.Control:
    """Amounts in cents above a line, the total under it."""
    lines = [_sum(name, money(cents, theme.BODY)) for name, cents in rows]
    total = tag(identifier, money(total_cents, theme.FIGURE))
    last = _sum("Total", total, strong=True)
    return ft.Column([*lines, ft.Divider(), last], spacing=theme.GAP_S, tight=True)


def discount_rows(lines_cents: int, order_cents: int, percent: float) -> list[tuple[str, int]]:
    """What comes off the lines and off the whole order, each where there is any."""
    rate = f", {percent:g} %" if percent else ""
    rows = [("Discounts on lines", -lines_cents), (f"Order discount{rate}", -order_cents)]
    return [row for row in rows if row[1]]


def _sum(name: str, amount: ft.Control, strong: bool = False) -> ft.Control:
    word = text(name, theme.HEADING) if strong else muted(name)
    return ft.Row([ft.Container(word, expand=True), amount])
