"""The pill every screen shows, the network switch's words, and the mark beside one record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.widgets.tag import tag

_PILLS = {
    "ok": (ft.Icons.CLOUD_DONE_OUTLINED, theme.OK, theme.OK_SOFT),
    "busy": (ft.Icons.SYNC, theme.ON_INFO_SOFT, theme.INFO_SOFT),
    "off": (ft.Icons.CLOUD_OFF_OUTLINED, theme.WARN, theme.WARN_SOFT),
    "alert": (ft.Icons.ERROR_OUTLINE, theme.ON_BAD_SOFT, theme.BAD_SOFT),
}
_MARKS = {
    "saved": (ft.Icons.CHECK_CIRCLE_OUTLINE, theme.MUTED, "Saved on this device"),
    "sent": (ft.Icons.ARROW_CIRCLE_UP_OUTLINED, theme.INFO, "Sent to another device"),
    "synced": (ft.Icons.CLOUD_DONE_OUTLINED, theme.OK, "In the cloud"),
    "needs_you": (ft.Icons.ERROR_OUTLINE, theme.BAD, "Needs review"),
}


def sync_pill(tone: str, text: str, detail: str, on_click: Callable[..., Any]) -> ft.Control:
    """Icon, word and colour of the sync state; 48 dp to press, 36 dp to see."""
    icon, ink, ground = _PILLS[tone]
    words = f"{text} · {detail}" if detail else text
    face = ft.Container(
        content=ft.Row(
            [
                ft.Icon(icon, size=20, color=ink),
                ft.Text(words, style=theme.LABEL, color=ink, no_wrap=True),
            ],
            spacing=6,
            tight=True,
        ),
        bgcolor=ground,
        height=36,
        border_radius=18,
        padding=ft.Padding.symmetric(horizontal=theme.GAP_M),
        alignment=ft.Alignment.CENTER,
    )
    return tag(
        "sync-pill",
        ft.Container(
            content=ft.Row([face], tight=True),
            height=theme.TARGET,
            on_click=on_click,
        ),
        button=True,
        container=True,
        live_region=True,
    )


def record_mark(state: str, words: bool = True) -> ft.Control:
    """How far one record has come; the words are the tooltip when there is no room for them."""
    icon, ink, label = _MARKS[state]
    picture = ft.Icon(icon, size=18, color=ink, tooltip=None if words else label)
    if not words:
        return tag(f"mark-{state}", picture, label=label)
    return tag(
        f"mark-{state}",
        ft.Row(
            [picture, ft.Text(label, style=theme.LABEL, color=theme.MUTED)], spacing=6, tight=True
        ),
    )
