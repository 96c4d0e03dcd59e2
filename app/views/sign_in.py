"""Sign in: once with the hub, afterwards this device opens without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.config import DemoAccount
from app.state.app_state import AppState, use_app
from app.state.layout import Layout
from app.state.session import Session
from app.widgets.buttons import primary, secondary
from app.widgets.field import TextBox
from app.widgets.latest import Latest, use_latest
from app.widgets.logo import wordmark
from app.widgets.panels import BannerTone, banner, card, group, list_row
from app.widgets.tag import tag
from app.widgets.text import muted, section, text


@ft.component
def SignIn(session: Session, layout: Layout) -> ft.Control:
    """The form, and in the demo the accounts as one tap each."""
    app = use_app()
    login, password = use_latest(""), use_latest("")
    enter = app.notices.guard(lambda: session.sign_in(login.now(), password.now()))
    form = card(
        ft.Column(
            [
                _field("Login", login, "login", enter, autofocus=not layout.short),
                _field("Password", password, "password", enter, password=True),
                *_trouble(app, session),
                primary(
                    "Signing in" if session.busy else "Sign in",
                    enter,
                    "sign-in",
                    disabled=session.busy,
                ),
            ],
            spacing=theme.GAP_L,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            tight=True,
        ),
        padding=theme.GAP_XL,
    )
    column = ft.Column(
        [
            ft.Container(wordmark(), padding=ft.Padding.only(bottom=theme.GAP_S)),
            muted("Find it, count it, sell it. With or without a network."),
            form,
            *_demo(app, session),
        ],
        spacing=theme.GAP_L,
        width=440,
        scroll=ft.ScrollMode.AUTO,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        alignment=ft.MainAxisAlignment.CENTER,
    )
    return ft.Container(column, padding=theme.GAP_L, alignment=ft.Alignment.CENTER)


def _field(
    label: str, typed: Latest[str], identifier: str, enter: Callable[..., Any], **more: Any
) -> ft.Control:
    return TextBox(
        typed.shown,
        typed.put,
        identifier,
        enter,
        label=label,
        can_reveal_password=more.get("password", False),
        **more,
    )


def _trouble(app: AppState, session: Session) -> list[ft.Control]:
    trouble = session.trouble
    if trouble is None:
        return []
    tone: BannerTone = "bad" if trouble.kind == "problem" else "info"
    told = tag("sign-in-trouble", banner(tone, trouble.message, trouble.remedy))
    if session.damaged is None:
        return [told]
    afresh = secondary(
        "Start afresh",
        app.notices.guard(session.start_afresh),
        "start-afresh",
        icon=ft.Icons.RESTART_ALT,
    )
    return [told, afresh]


def _demo(app: AppState, session: Session) -> list[ft.Control]:
    accounts = app.config.offered
    if not accounts:
        return []

    def row(account: DemoAccount) -> ft.Control:
        return list_row(
            _initial(account.name),
            [text(account.name, theme.ROW_TITLE), muted(account.does, theme.LABEL)],
            ft.Icon(ft.Icons.ARROW_FORWARD, color=theme.MUTED),
            on_click=app.notices.guard(session.sign_in, account.login, account.password),
            identifier=f"demo-{account.login}",
        )

    return [
        ft.Column(
            [
                section("Or look around with a demo account"),
                group([row(each) for each in accounts]),
                secondary(
                    "Open the lab",
                    app.notices.guard(app.go, "/lab"),
                    "open-lab",
                    icon=ft.Icons.SCIENCE_OUTLINED,
                ),
            ],
            spacing=theme.GAP_S,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        )
    ]


def _initial(name: str) -> ft.Control:
    return ft.Container(
        ft.Text(name[:1], style=theme.HEADING, color=theme.ON_BRAND_SOFT),
        width=44,
        height=44,
        border_radius=22,
        bgcolor=theme.BRAND_SOFT,
        alignment=ft.Alignment.CENTER,
    )
