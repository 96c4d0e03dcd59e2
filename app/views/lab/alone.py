"""The lab with nobody signed in: a way back, and the bar that tells what happened."""

from __future__ import annotations

from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState
from app.state.layout import Layout
from app.state.notices import Notices
from app.views.lab.screen import LabScreen
from app.views.shell import Told
from app.widgets.buttons import icon_button
from app.widgets.logo import logo
from app.widgets.text import text


@ft.component
def LabAlone(app: AppState, notices: Notices, layout: Layout) -> Any:
    """The screen at /lab before the sign-in."""
    back = app.notices.guard(app.go, "/")
    top = ft.Container(
        ft.Row(
            [
                icon_button(ft.Icons.ARROW_BACK, "Back to the sign-in", back, "lab-back"),
                logo(36),
                text("Zava Edge", theme.BODY_STRONG),
            ],
            spacing=theme.GAP_M,
        ),
        padding=ft.Padding.symmetric(horizontal=theme.GAP_S, vertical=theme.GAP_XS),
        height=64,
    )
    body = ft.Column(
        [top, ft.Container(LabScreen(), expand=True), Told(notices, layout)],
        spacing=0,
        expand=True,
    )
    return ft.View(route="/lab", padding=0, spacing=0, controls=[ft.SafeArea(body, expand=True)])
