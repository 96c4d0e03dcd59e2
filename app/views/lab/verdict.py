"""The strip across the lab: the hub, and whether both devices hold the same."""

from __future__ import annotations

from typing import Any

import flet as ft

from app import theme
from app.domain.codes import location_text
from app.state.lab import LabState
from app.state.lab_check import Agreement
from app.state.layout import Layout
from app.widgets.lab_marks import verdict_mark
from app.widgets.tag import tag
from app.widgets.text import muted, text

_WORDS = {
    "checking": ("busy", "Comparing"),
    "converged": ("ok", "Converged"),
    "apart": ("off", "Apart for now"),
    "agreeing": ("busy", "Agreeing"),
    "differs": ("bad", "Not converged"),
}


def verdict_strip(state: LabState, layout: Layout) -> ft.Control:
    """The verdict large, the hub and the latency beside it."""
    agreement = state.agreement
    tone, word = _WORDS[agreement.state]
    mark = verdict_mark(tone, word, _detail(state, agreement), "lab-verdict", layout.wide)
    facts = [_hub(state), _latency(state)]
    if not layout.wide:
        return ft.Column(
            [mark, ft.Row(facts, spacing=theme.GAP_XL, wrap=True)], spacing=theme.GAP_M, tight=True
        )
    return ft.Row(
        [
            ft.Container(mark, expand=2),
            ft.Container(
                ft.Column(facts, spacing=theme.GAP_M, tight=True),
                expand=1,
                padding=ft.Padding.only(left=theme.GAP_S),
            ),
        ],
        spacing=theme.GAP_L,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )


def _detail(state: LabState, agreement: Agreement) -> list[ft.Control]:
    if agreement.state == "checking":
        return [text("Both devices are compared document by document.")]
    if agreement.state == "converged":
        words = f"{agreement.documents:,} documents are the same on both, down to the last stamp."
        return [text(words)]
    difference = agreement.difference
    if difference is None:
        return [text("What was written here has not gone there yet.")]
    name = difference.collection.replace("_", " ")
    where = f"{name}, {difference.field}" if difference.field else f"a document of {name}"
    sides = [
        f"{pane.person.split()[0]}: {_value(difference.values.get(pane.key))}"
        for pane in state.panes
    ]
    return [
        tag("lab-difference", text(f"First difference in {where}. {', '.join(sides)}")),
    ]


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return location_text(value)
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _hub(state: LabState) -> ft.Control:
    """Whether the hub answers, by what both devices really hear from it."""
    reachable = any(pane.pill.tone != "off" for pane in state.panes)
    online = any(pane.online for pane in state.panes)
    if reachable:
        icon, ink, words = ft.Icons.DNS_OUTLINED, theme.OK, "answers"
    elif state.panes and not online:
        icon, ink, words = ft.Icons.LINK_OFF, theme.WARN, "both links are cut"
    else:
        icon, ink, words = ft.Icons.CLOUD_OFF_OUTLINED, theme.BAD, "does not answer"
    return _fact("lab-hub", icon, ink, "Hub", words)


def _latency(state: LabState) -> ft.Control:
    known = state.latency_ms is not None
    words = f"{state.latency_ms:.0f} ms" if known else "not measured yet"
    return _fact("lab-latency", ft.Icons.BOLT, theme.MUTED, "From device to device", words)


def _fact(identifier: str, icon: ft.IconData, ink: str, name: str, words: str) -> ft.Control:
    return ft.Row(
        [
            ft.Icon(icon, color=ink, size=theme.ICON),
            ft.Column(
                [muted(name, theme.OVERLINE), tag(identifier, text(words, theme.BODY_STRONG))],
                spacing=0,
                tight=True,
            ),
        ],
        spacing=theme.GAP_M,
        tight=True,
    )
