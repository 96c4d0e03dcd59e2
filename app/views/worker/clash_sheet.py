"""What somebody else changed at the same time, and having the other value back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState
from app.state.clashes import Clash
from app.state.product import ProductState
from app.widgets.buttons import primary, secondary
from app.widgets.panels import sheet
from app.widgets.tag import tag
from app.widgets.text import muted, section, text


def clash_sheet(app: AppState, state: ProductState, close: Callable[..., Any]) -> ft.BottomSheet:
    """Every clash of the product, each with both sides and the result."""
    parts = [_clash(app, state, clash, at, close) for at, clash in enumerate(state.clashes)]
    lead = muted("Both changes were merged by rule. Nothing is lost: this is what each side wrote.")
    tall = app.layout.short or len(parts) > 2
    return sheet("Changed at the same time", [lead, *parts], close, "clash-sheet", tall)


def _clash(
    app: AppState, state: ProductState, clash: Clash, at: int, close: Callable[..., Any]
) -> ft.Control:
    def then(action: Callable[[Clash], Any]) -> Callable[..., Any]:
        def run() -> Any:
            outcome = action(clash)
            if not state.clashes:
                close()
            return outcome

        return app.notices.guard(run)

    buttons = [primary("Keep result", then(state.keep), f"clash-keep-{at}", expand=True)]
    if clash.restore is not None:
        restore = then(state.restore)
        other = secondary(clash.restore_label, restore, f"clash-restore-{at}", expand=True)
        buttons.insert(0, other)
    return ft.Column(
        [
            section(clash.field),
            _side(clash.lost_by, clash.lost_when, clash.lost, f"clash-lost-{at}"),
            _side(clash.kept_by, clash.kept_when, clash.kept, f"clash-kept-{at}"),
            _side("Result", "now", clash.result, f"clash-result-{at}", strong=True),
            ft.Row(buttons, spacing=theme.GAP_S),
        ],
        spacing=theme.GAP_S,
        tight=True,
    )


def _side(who: str, when: str, value: str, identifier: str, strong: bool = False) -> ft.Control:
    return tag(
        identifier,
        ft.Container(
            ft.Row(
                [
                    ft.Column(
                        [text(who, theme.BODY_STRONG), muted(when, theme.LABEL)],
                        spacing=0,
                        tight=True,
                        width=120,
                    ),
                    ft.Container(
                        text(value, theme.BODY_STRONG if strong else theme.BODY), expand=True
                    ),
                ],
                vertical_alignment=ft.CrossAxisAlignment.START,
            ),
            bgcolor=theme.BRAND_SOFT if strong else theme.SUNKEN,
            border_radius=theme.RADIUS_M,
            padding=theme.GAP_M,
        ),
    )
