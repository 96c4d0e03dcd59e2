"""The frame around every screen: navigation, sync pill, and the bar that tells what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState
from app.state.layout import Layout
from app.state.notices import Notices
from app.state.sync_status import SyncView
from app.state.workspace import Workspace
from app.views.screens import Place, Screen, places_for
from app.views.sync.sheet import SyncSheet
from app.widgets.logo import logo
from app.widgets.notice_bar import notice_bar
from app.widgets.panels import sheet
from app.widgets.sync_marks import sync_pill
from app.widgets.text import one_line


@ft.component
def Frame(
    app: AppState,
    workspace: Workspace,
    layout: Layout,
    sync: SyncView,
    screens: tuple[Screen, ...],
    here: str,
    body: Any,
) -> Any:
    """A bar at the foot on a phone, a rail from 840 dp on; the sync sheet behind the pill."""
    sheet_open, set_sheet_open = ft.use_state(False)
    places = places_for(workspace.role, screens)
    at = _selected(places, screens, here)

    def close(_event: object = None) -> None:
        set_sheet_open(False)

    ft.use_dialog(
        sheet(
            "Sync",
            [SyncSheet(app, sync, close)],
            close,
            "sync-sheet",
            tall=layout.short or sync.status.quarantined > 0,
        )
        if sheet_open
        else None
    )

    async def turn(event: Any) -> None:
        # By the event, not the bar: a frame drawn meanwhile has set that back to where we are.
        await app.notices.run(_turn, app, places, int(event.data))

    wide = layout.wide and len(places) > 1
    pill = sync.pill
    top = _top(
        workspace,
        layout,
        not wide,
        sync_pill(
            pill.tone, pill.text, pill.detail if layout.wide else "", lambda _: set_sheet_open(True)
        ),
    )
    main = ft.Column(
        [top, ft.Container(body, expand=True), Told(app.notices, layout)], spacing=0, expand=True
    )
    inside = ft.Row([_rail(places, at, turn), main], spacing=0, expand=True) if wide else main
    return ft.View(
        route="/",
        padding=0,
        spacing=0,
        controls=[ft.SafeArea(inside, expand=True)],
        can_pop=here in ("/", app.session.home),
        on_confirm_pop=app.notices.guard(_go_back, app, places, at, here),
        navigation_bar=_bar(places, at, turn) if not wide and len(places) > 1 else None,
    )


def _turn(app: AppState, places: tuple[Place, ...], index: int) -> None:
    app.go(places[index].path)


def _go_back(app: AppState, places: tuple[Place, ...], at: int, here: str) -> None:
    """The system's back gesture: from a detail to its tab, from a tab to the start, then out."""
    app.go(app.session.home if here == places[at].path else places[at].path)


def _selected(places: tuple[Place, ...], screens: tuple[Screen, ...], here: str) -> int:
    """Index of the tab a path belongs to; the first when it belongs to none of this role's."""
    head = "/" + here.strip("/").split("/")[0]
    owner = next((each.place for each in screens if each.path.split("/:")[0] == head), head)
    return next((at for at, place in enumerate(places) if place.path == owner), 0)


def _top(workspace: Workspace, layout: Layout, marked: bool, pill: ft.Control) -> ft.Control:
    profile, store = workspace.profile, workspace.store_name
    who = ft.Column(
        [
            one_line(store, theme.BODY_STRONG),
            ft.Text(profile.display_name, style=theme.LABEL, color=theme.MUTED),
        ],
        spacing=0,
        tight=True,
        expand=True,
    )
    return ft.Container(
        content=ft.Row(
            [*([logo(36)] if marked else []), who, pill],
            spacing=theme.GAP_M,
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        padding=ft.Padding.symmetric(
            horizontal=theme.GAP_XL if layout.wide else theme.GAP_L, vertical=theme.GAP_XS
        ),
        height=64,
        bgcolor=theme.PAPER,
    )


@ft.component
def Told(notices: Notices, layout: Layout) -> ft.Control:
    """The bar that tells what just happened, when something did."""
    notice = notices.current
    if notice is None:
        return ft.Container()
    bar = notice_bar(
        notice.message,
        notice.remedy,
        notice.kind == "problem",
        notices.guard(notices.undo) if notice.undo else None,
        notices.guard(notices.dismiss),
    )
    box = ft.Container(bar, width=560 if layout.wide else None, expand=not layout.wide)
    return ft.Container(
        ft.Row([box], alignment=ft.MainAxisAlignment.CENTER),
        padding=theme.GAP_M,
        bgcolor=theme.PAPER,
    )


def _bar(places: tuple[Place, ...], at: int, turn: Callable[..., Any]) -> ft.NavigationBar:
    return ft.NavigationBar(
        destinations=[
            ft.NavigationBarDestination(
                icon=place.icon, selected_icon=place.selected_icon, label=place.label
            )
            for place in places
        ],
        selected_index=at,
        on_change=turn,
        border=ft.Border.only(top=ft.BorderSide(1, theme.LINE)),
    )


def _rail(places: tuple[Place, ...], at: int, turn: Callable[..., Any]) -> ft.Control:
    rail = ft.NavigationRail(
        destinations=[
            ft.NavigationRailDestination(
                icon=place.icon,
                selected_icon=place.selected_icon,
                label=place.label,
                padding=ft.Padding.symmetric(vertical=theme.GAP_XS),
            )
            for place in places
        ],
        selected_index=at,
        label_type=ft.NavigationRailLabelType.ALL,
        leading=ft.Container(
            logo(44), padding=ft.Padding.only(top=theme.GAP_S, bottom=theme.GAP_M)
        ),
        min_width=theme.RAIL_WIDTH,
        group_alignment=-1,
        on_change=turn,
    )
    return ft.Container(rail, border=ft.Border.only(right=ft.BorderSide(1, theme.LINE)))
