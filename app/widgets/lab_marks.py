"""Marks of the lab: how a device stands, and whether two devices agree."""

from __future__ import annotations

import flet as ft

from app import theme
from app.widgets.quantity import badge
from app.widgets.tag import tag

_TONES = {
    "ok": (ft.Icons.CLOUD_DONE_OUTLINED, theme.OK, theme.OK_SOFT),
    "busy": (ft.Icons.SYNC, theme.ON_INFO_SOFT, theme.INFO_SOFT),
    "off": (ft.Icons.CLOUD_OFF_OUTLINED, theme.WARN, theme.WARN_SOFT),
    "alert": (ft.Icons.ERROR_OUTLINE, theme.ON_BAD_SOFT, theme.BAD_SOFT),
}
_VERDICTS = {
    "ok": (ft.Icons.CHECK_CIRCLE, theme.OK, theme.OK_SOFT),
    "busy": (ft.Icons.SYNC, theme.INFO, theme.INFO_SOFT),
    "off": (ft.Icons.CALL_SPLIT, theme.WARN, theme.WARN_SOFT),
    "bad": (ft.Icons.CANCEL, theme.BAD, theme.BAD_SOFT),
}


def device_mark(tone: str, words: str, identifier: str) -> ft.Control:
    """The state of one device: icon, words, colour."""
    icon, ink, ground = _TONES[tone]
    return tag(identifier, badge(words, ink, ground, icon), container=True)


def verdict_mark(
    tone: str, word: str, detail: list[ft.Control], identifier: str, wide: bool
) -> ft.Control:
    """The verdict in the size it deserves: a picture, a word, and what it rests on."""
    icon, ink, ground = _VERDICTS[tone]
    said = ft.Text(word, style=theme.FIGURE if wide else theme.TITLE, color=ink)
    body = ft.Row(
        [
            ft.Icon(icon, size=48 if wide else 40, color=ink),
            ft.Column(
                [tag(identifier, said, live_region=True), *detail],
                spacing=2,
                tight=True,
                expand=True,
            ),
        ],
        spacing=theme.GAP_L,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
    return ft.Container(body, bgcolor=ground, border_radius=theme.RADIUS_M, padding=theme.GAP_L)


def bullet(tone: str) -> ft.Control:
    """The picture before a line of the log."""
    icons = {
        "ok": (ft.Icons.CHECK_CIRCLE_OUTLINE, theme.OK),
        "bad": (ft.Icons.ERROR_OUTLINE, theme.BAD),
    }
    icon, ink = icons.get(tone, (ft.Icons.CHEVRON_RIGHT, theme.MUTED))
    return ft.Icon(icon, size=20, color=ink)


def seat(letter: str, large: bool = True) -> ft.Control:
    """The letter of a device, the same everywhere it is spoken of."""
    size = 40 if large else 24
    return ft.Container(
        ft.Text(
            letter.upper(),
            style=theme.style(20 if large else 14, theme.SIGNAGE, 1.0),
            color=theme.ON_BRAND_SOFT,
        ),
        width=size,
        height=size,
        border_radius=size / 2,
        bgcolor=theme.BRAND_SOFT,
        alignment=ft.Alignment.CENTER,
    )
