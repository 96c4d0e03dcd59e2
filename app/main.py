"""The app: joins configuration, devices and screens, and starts Flet.

`run` is what the launcher calls; `main` is where an installed app starts. Each browser tab, window
or phone gets a state of its own (`open_tab`); tabs of one device share the open device.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import flet as ft

from app import theme
from app.config import AppConfig, on_device
from app.domain.collections import COUNTER_FIELDS, INDEXES
from app.state.app_state import AppState
from app.state.devices import Devices
from app.state.finder import Finder
from app.state.layout import Layout
from app.state.notices import Notices
from app.state.session import Preferences, Session
from app.state.wake import LoopWake
from app.views.routes import Root
from sync.device import Device
from sync.system import SystemClock, SystemEntropy

ASSETS = Path(__file__).resolve().parent.parent / "assets"
VIEWS = {
    "app": ft.AppView.FLET_APP,
    "browser": ft.AppView.WEB_BROWSER,
    "server": None,
}


class Tabs:
    """Makes a tab's state for every page Flet opens."""

    def __init__(self, config: AppConfig) -> None:
        self.config = config
        self.devices = Devices(self._open_device)

    async def open(self, page: ft.Page) -> None:
        """Flet's entry point for a page."""
        await open_tab(page, self.config, self.devices, ft.SharedPreferences())

    async def _open_device(self, path: Path) -> Device:
        device = await Device.open(
            path,
            self.config.hub_url,
            name="Zava Edge",
            clock=SystemClock(),
            entropy=SystemEntropy(),
        )
        device.replica.ensure_indexes(dict(INDEXES))
        device.replica.declare_counters(COUNTER_FIELDS)
        device.start()
        return device


async def open_tab(
    page: ft.Page, config: AppConfig, devices: Devices, preferences: Preferences
) -> AppState:
    """Draw the app on a page and resume the device used last in this browser."""
    wake = LoopWake(asyncio.get_running_loop())
    session = Session(config.data_dir, devices, preferences, SystemClock(), SystemEntropy(), wake)
    app = AppState(config, session, Notices(wake), Layout(), page.navigate)

    page.title = "Zava Edge"
    theme.apply(page)
    app.layout.resize(page.width, page.height)
    _listen(page, app)
    page.render_views(Root, app)
    await session.start()
    return app


def _listen(page: ft.Page, app: AppState) -> None:
    """Follow the window, the keyboard and the connection of a page."""

    async def resized(event: Any) -> None:
        await app.notices.run(app.layout.resize, event.width, event.height)

    async def pressed(event: Any) -> None:
        await app.notices.run(_shortcut, app, event)

    page.on_resize = resized
    page.on_keyboard_event = pressed
    # Flet drops drawing while a browser is away, so all of it is drawn anew when it is back.
    page.on_connect = app.notices.guard(app.session.notify)
    page.on_close = app.notices.guard(app.session.leave)


def _shortcut(app: AppState, event: Any) -> object:
    """Ctrl-K or Cmd-K: find. Other keys are of whatever has the focus."""
    if (event.ctrl or event.meta) and event.key.upper() == "K" and app.session.workspace:
        app.go("/find")
        app.workspace.keep(Finder).ask_focus()
        return None
    return app.on_key(event) if app.on_key is not None else None


def run(config: AppConfig) -> None:
    """Serve or show the app until it is stopped. Works with no internet and with the hub down."""
    ft.run(
        Tabs(config).open,
        name="",
        host=config.host,
        port=config.port,
        view=VIEWS[config.view],
        assets_dir=str(ASSETS),
        no_cdn=True,
    )


def main() -> None:
    """Start as an installed app."""
    run(on_device())
