"""The tester's lab."""

from __future__ import annotations

from app.views.lab.screen import LabScreen
from app.views.screens import Screen

SCREENS: tuple[Screen, ...] = (Screen("/lab", LabScreen, "/lab"),)
