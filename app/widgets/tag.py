"""Names for controls, so that tests and assistive tools find them."""

from __future__ import annotations

from typing import Any

import flet as ft


def tag(identifier: str, content: ft.Control, **properties: Any) -> ft.Semantics:
    """The control under a stable id; properties are those of `ft.Semantics`."""
    return ft.Semantics(identifier=identifier, content=content, **properties)
