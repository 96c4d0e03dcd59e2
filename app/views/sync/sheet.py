"""The sheet behind the pill: where this device stands, what waits, what was refused, the switch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState
from app.state.notices import Notice, problem
from app.state.refusals import refusals
from app.state.sync_status import SyncView, changes, sentence
from app.views.sync.refusal import RefusalCard
from app.widgets.boundary import boundary
from app.widgets.buttons import primary, secondary
from app.widgets.panels import banner
from app.widgets.tag import tag
from app.widgets.text import muted, text


@ft.component
@boundary
def SyncSheet(app: AppState, sync: SyncView, close: Callable[[], None]) -> ft.Control:
    """``close`` closes the sheet."""
    trouble, set_trouble = ft.use_state(None)
    status = sync.status
    refused = refusals(app.workspace) if status.quarantined else []

    async def sign_out() -> None:
        set_trouble(await app.session.try_sign_out())

    return ft.Column(
        [
            tag("sync-sentence", text(sentence(status)), live_region=True),
            *_error(status),
            _facts(sync),
            *[RefusalCard(app, each, key=f"refused-{each.number}") for each in refused],
            _switch(app, sync),
            *([_told(trouble)] if trouble else []),
            ft.Row(
                [
                    (secondary if refused else primary)(
                        "Sync now",
                        app.notices.guard(sync.sync_now),
                        "sync-now",
                        icon=ft.Icons.SYNC,
                        disabled=not status.online,
                        expand=True,
                    ),
                    secondary(
                        "Sign out",
                        app.notices.guard(sign_out),
                        "sign-out",
                        icon=ft.Icons.LOGOUT,
                        expand=True,
                    ),
                ],
                spacing=theme.GAP_M,
            ),
        ],
        spacing=theme.GAP_L,
        tight=True,
    )


def _error(status: Any) -> list[ft.Control]:
    error = status.error
    if error is None or status.quarantined or not status.online:
        return []
    told = problem(error)
    if told.code == "hub_unreachable":  # the sentence above says so already
        return []
    return [banner("warn", told.message, told.remedy)]


def _told(trouble: Notice) -> ft.Control:
    return tag("sign-out-blocked", banner("bad", trouble.message, trouble.remedy))


def _facts(sync: SyncView) -> ft.Control:
    status = sync.status
    rows = [
        ("Waiting to go out", changes(status.waiting) if status.waiting else "Nothing", "waiting"),
        ("Last in step", sync.last_synced, "last-synced"),
        ("Sent · received", f"{status.pushed:,} · {status.pulled:,}", "exchanged"),
    ]
    return ft.Column(
        [
            ft.Row(
                [
                    ft.Container(muted(name), expand=True),
                    tag(f"sync-{key}", text(value, theme.BODY_STRONG)),
                ]
            )
            for name, value, key in rows
        ],
        spacing=theme.GAP_S,
        tight=True,
    )


def _switch(app: AppState, sync: SyncView) -> ft.Control:
    switch = ft.Switch(
        value=sync.status.online,
        on_change=app.notices.guard_value(sync.set_online),
        tooltip="Network of this app",
    )
    words = ft.Column(
        [
            text("Network", theme.BODY_STRONG),
            muted("Off: work on alone and send later", theme.LABEL),
        ],
        spacing=0,
        tight=True,
        expand=True,
    )
    return ft.Container(
        ft.Row([words, tag("network-switch", switch)]),
        bgcolor=theme.SUNKEN,
        border_radius=theme.RADIUS_M,
        padding=ft.Padding.symmetric(horizontal=theme.GAP_L, vertical=theme.GAP_S),
    )
