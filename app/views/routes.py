"""The table of screens and the root component: sign-in first, then the screens in their frame."""

from __future__ import annotations

from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppContext, AppState, use_app
from app.state.layout import Layout
from app.state.session import Session
from app.views import lab, sales, worker
from app.views.lab.alone import LabAlone
from app.views.screens import Screen
from app.views.shell import Frame
from app.views.sign_in import SignIn
from app.widgets.buttons import primary
from app.widgets.panels import empty_state

SCREENS: tuple[Screen, ...] = (*worker.SCREENS, *sales.SCREENS, *lab.SCREENS)


@ft.component
def Root(app: AppState) -> Any:
    """Everything one tab shows, as its views."""
    return AppContext(app, lambda: _Gate(app.session, app.layout))


@ft.component
def _Gate(session: Session, layout: Layout) -> Any:
    if session.phase == "starting":
        return _alone(ft.ProgressRing(color=theme.BRAND))
    if session.workspace is None:
        signed_out = [
            ft.Route(index=True, component=_SignedOut),
            ft.Route(path="lab", component=_LabAlone),
        ]
        return ft.Router(signed_out, not_found=_SignedOut, manage_views=True, key="signed-out")
    return ft.Router(
        _routes(), not_found=_NotFound, manage_views=True, key=str(id(session.workspace))
    )


def _routes() -> list[ft.Route]:
    home = ft.Route(index=True, component=_Home)
    leaves = [
        ft.Route(path=screen.path.lstrip("/"), component=screen.component) for screen in SCREENS
    ]
    return [ft.Route(component=_Framed, outlet=True, children=[home, *leaves])]


@ft.component
def _Framed() -> Any:
    app = use_app()
    body, here = ft.use_route_outlet(), ft.use_route_location()
    workspace = app.session.workspace
    if workspace is None:  # signed out in this very turn; the gate is about to take over
        return ft.View(route="/")
    return Frame(app, workspace, app.layout, workspace.sync, SCREENS, here, body)


@ft.component
def _Home() -> Any:
    app = use_app()
    ft.use_effect(lambda: app.go(app.session.home), [])
    return ft.Container()


@ft.component
def _SignedOut() -> Any:
    app = use_app()
    return _alone(SignIn(app.session, app.layout))


@ft.component
def _LabAlone() -> Any:
    """The lab before anybody signed in: only the demo has accounts for its devices."""
    app = use_app()
    if not app.config.demo:
        return _alone(SignIn(app.session, app.layout))
    return LabAlone(app, app.notices, app.layout)


@ft.component
def _NotFound() -> Any:
    app = use_app()
    go = app.notices.guard(app.go, app.session.home)
    return _alone(
        empty_state(
            ft.Icons.SIGNPOST_OUTLINED,
            "There is no such page",
            "The address may be from an older version, or mistyped.",
            primary("Go to the start", go, "go-home"),
        )
    )


def _alone(content: ft.Control) -> ft.View:
    return ft.View(
        route="/",
        padding=0,
        controls=[
            ft.SafeArea(
                ft.Container(content, alignment=ft.Alignment.CENTER, expand=True), expand=True
            )
        ],
    )
