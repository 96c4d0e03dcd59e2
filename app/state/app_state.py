"""Everything one tab of the app holds, and the context through which views reach it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flet as ft

from app.config import AppConfig
from app.state.layout import Layout
from app.state.notices import Notices
from app.state.session import Session
from app.state.workspace import Workspace


@dataclass(slots=True)
class AppState:
    """One tab. ``go`` navigates to a path."""

    config: AppConfig
    session: Session
    notices: Notices
    layout: Layout
    go: Callable[[str], object]
    on_key: Callable[[Any], object] | None = None
    """Hears the keyboard's events while something has the focus that wants more than letters."""

    @property
    def workspace(self) -> Workspace:
        """The signed-in workspace; only screens behind the sign-in ask for it."""
        assert self.session.workspace is not None
        return self.session.workspace


AppContext = ft.create_context(None)


def use_app() -> AppState:
    """The tab's state, inside a component."""
    app = ft.use_context(AppContext)
    assert app is not None
    return app
