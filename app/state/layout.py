"""How much room the window gives, as the few classes the screens care about."""

from __future__ import annotations

from dataclasses import dataclass

import flet as ft

from app import theme


@ft.observable
@dataclass
class Layout:
    """Changes only when a class changes, so that dragging a window edge draws nothing anew."""

    wide: bool = False
    """Room for a navigation rail."""
    two_pane: bool = False
    """Room for a list and its detail side by side."""
    short: bool = False
    """Too low for generous headers: a phone on its side, or with its keyboard open."""

    def resize(self, width: float | None, height: float | None) -> None:
        """Take over a window's size in dp."""
        width, height = width or 0, height or 0
        self.wide = width >= theme.WIDE_DP
        self.two_pane = width >= theme.TWO_PANE_DP
        self.short = 0 < height < 520
