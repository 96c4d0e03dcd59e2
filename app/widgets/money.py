"""Amounts of money."""

from __future__ import annotations

import flet as ft

from app import theme
from app.domain import money as amounts


def money(cents: int, style: ft.TextStyle = theme.BODY_STRONG) -> ft.Text:
    """An amount in cents as `$1,234.50`, set right."""
    return ft.Text(amounts.text(cents), style=style, text_align=ft.TextAlign.RIGHT)


def price(dollars: float, style: ft.TextStyle = theme.BODY_STRONG) -> ft.Text:
    """The same for the 2-decimal number of a document."""
    return money(amounts.to_cents(dollars), style)
