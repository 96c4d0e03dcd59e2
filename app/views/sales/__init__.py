"""The sales rep's screens."""

from __future__ import annotations

from app.views.screens import Screen

SCREENS: tuple[Screen, ...] = ()
