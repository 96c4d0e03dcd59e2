"""The lab: two devices side by side from 840 dp on, one at a time on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState, use_app
from app.state.lab import LabState
from app.state.lab_bench import A, bench_in
from app.state.layout import Layout
from app.views.lab.history import history, log
from app.views.lab.pane import PaneCard
from app.views.lab.sheets import lab_sheet
from app.views.lab.verdict import verdict_strip
from app.widgets.buttons import choice, icon_button, primary, quiet, secondary
from app.widgets.panels import banner, card
from app.widgets.tag import tag
from app.widgets.text import muted, title


@ft.component
def LabScreen() -> ft.Control:
    """The screen at /lab; also before anybody signed in, in the demo."""
    app = use_app()
    state, _ = ft.use_state(lambda: _state(app))
    ft.use_effect(state.enter, [], cleanup=state.leave)
    return LabView(app, state, app.layout)


def _state(app: AppState) -> LabState:
    session, config = app.session, app.config
    bench = bench_in(
        config.data_dir, config.hub_url, config.accounts, session.clock, session.entropy
    )
    return LabState(bench, session.clock, app.notices.wake)


@ft.component
def LabView(app: AppState, state: LabState, layout: Layout) -> ft.Control:
    """Head, verdict, devices, history and log; the switches of both links at the foot."""
    shown, set_shown = ft.use_state(A)
    open_sheet, set_sheet = ft.use_state(("", ""))

    def close(_event: object = None) -> None:
        set_sheet(("", ""))

    def opener(name: str, key: str) -> Callable[..., Any]:
        return lambda _event: set_sheet((name, key))

    def shower(key: str) -> Callable[..., Any]:
        return lambda _event: set_shown(key)

    ft.use_dialog(lab_sheet(app, state, *open_sheet, close))
    side = theme.GAP_XL if layout.wide else theme.GAP_L
    devices: list[Any] = [
        PaneCard(app, state, each, state.consoles[each.key], opener, layout, key=each.key)
        for each in state.panes
    ]
    verdict = [verdict_strip(state, layout)]
    typing = not layout.wide and shown in state.opened
    parts = [
        _head(app, state, layout, brief=typing),
        *_trouble(app, state),
        *([_loading(state)] if state.phase == "ready" and state.cast is None else []),
        *([] if typing else verdict),
        *_devices(state, devices, shown, shower, layout),
        *(verdict if typing else []),
        *_below(state, layout),
        ft.Container(height=theme.GAP_S),
    ]
    column = ft.Column(
        parts, spacing=theme.GAP_L, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )
    scroll = ft.Column(
        [ft.Container(column, padding=ft.Padding.symmetric(horizontal=side))],
        expand=True,
        scroll=ft.ScrollMode.AUTO,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    foot = [] if layout.wide else [_foot(app, state)]
    return tag("lab", ft.Column([scroll, *foot], spacing=0, expand=True), container=True)


def _head(app: AppState, state: LabState, layout: Layout, brief: bool) -> ft.Control:
    """``brief``: a phone needs its room for a console and the keyboard."""
    guard, ready = app.notices.guard, state.cast is not None
    busy = state.playing or not ready
    lead = muted("Two real devices and the hub. Cut, edit on both, heal, and see them agree.")
    if not layout.wide:
        again = icon_button(ft.Icons.RESTART_ALT, "Reset the lab", guard(state.reset), "lab-reset")
        first = ft.Row([ft.Container(title("Lab"), expand=True), again])
        return ft.Column([first, *([] if brief else [lead])], spacing=0, tight=True)
    words = ft.Column([title("Lab"), lead], spacing=2, tight=True, expand=True)
    reset = quiet("Reset", guard(state.reset), "lab-reset", icon=ft.Icons.RESTART_ALT)
    actions = [
        reset,
        secondary(
            "Play the scenario",
            guard(state.play),
            "lab-play",
            icon=ft.Icons.PLAY_ARROW,
            disabled=busy,
        ),
        secondary(
            "Cut all", guard(state.cut_all), "lab-cut-all", icon=ft.Icons.LINK_OFF, disabled=busy
        ),
        primary("Heal all", guard(state.heal_all), "lab-heal-all", ft.Icons.LINK, disabled=busy),
    ]
    return ft.Row([words, *actions], spacing=theme.GAP_S)


def _foot(app: AppState, state: LabState) -> ft.Control:
    """On a phone the switches stay within the thumb's reach."""
    guard, busy = app.notices.guard, state.playing or state.cast is None
    buttons = [
        secondary("Cut all", guard(state.cut_all), "lab-cut-all", disabled=busy, expand=True),
        secondary("Play", guard(state.play), "lab-play", disabled=busy, expand=True),
        primary("Heal all", guard(state.heal_all), "lab-heal-all", disabled=busy, expand=True),
    ]
    return ft.Container(
        ft.Row(buttons, spacing=theme.GAP_S),
        padding=ft.Padding.symmetric(horizontal=theme.GAP_L, vertical=theme.GAP_M),
        bgcolor=theme.PAPER,
        border=ft.Border.only(top=ft.BorderSide(1, theme.LINE)),
    )


def _trouble(app: AppState, state: LabState) -> list[ft.Control]:
    if state.phase != "failed" or state.trouble is None:
        return []
    again = secondary("Try again", app.notices.guard(state.again), "lab-again")
    told = banner("bad", state.trouble.message, state.trouble.remedy, again)
    return [tag("lab-trouble", told)]


def _loading(state: LabState) -> ft.Control:
    """The first download of both devices."""
    progress = next((each.loading for each in state.panes if each.loading), "")
    words = f"Both devices load from the hub: {progress}." if progress else "Waiting for the hub."
    return card(
        ft.Row(
            [
                ft.ProgressRing(width=24, height=24, color=theme.BRAND),
                ft.Container(muted(words), expand=True),
            ],
            spacing=theme.GAP_M,
        )
    )


def _devices(
    state: LabState,
    devices: list[Any],
    shown: str,
    shower: Callable[[str], Callable[..., Any]],
    layout: Layout,
) -> list[ft.Control]:
    if layout.wide:
        cards = [ft.Container(each, expand=1) for each in devices]
        return [ft.Row(cards, spacing=theme.GAP_L, vertical_alignment=ft.CrossAxisAlignment.START)]
    tabs = [
        ft.Container(
            choice(_tab(each), each.key == shown, shower(each.key), f"lab-tab-{each.key}"),
            expand=1,
        )
        for each in state.panes
    ]
    chosen = [
        device for device, each in zip(devices, state.panes, strict=True) if each.key == shown
    ]
    return [ft.Row(tabs, spacing=theme.GAP_S), *chosen] if tabs else []


def _tab(view: Any) -> str:
    stock = f" · {view.shelf.stock:,}" if view.shelf else ""
    return f"{view.person.split()[0]}{stock}"


def _below(state: LabState, layout: Layout) -> list[ft.Control]:
    """What lost, and what was done."""
    both = [history(state.history), log(state.log, layout)]
    if not layout.wide:
        return both
    return [
        ft.Row(
            [ft.Container(each, expand=1) for each in both],
            spacing=theme.GAP_L,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
    ]
