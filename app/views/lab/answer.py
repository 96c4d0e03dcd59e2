"""What came of a statement: what it did, what is wrong with it, and the rows it follows."""

from __future__ import annotations

import flet as ft

from app import theme
from app.dql.answers import counted
from app.dql.rows import Rows
from app.state.app_state import AppState
from app.state.lab_console import Console, Shown, Told
from app.state.notices import Outcome
from app.widgets.buttons import icon_button
from app.widgets.console_parts import chip, chips, code, plan_tree, sideways, table
from app.widgets.quantity import badge
from app.widgets.tag import tag
from app.widgets.text import muted, one_line, text


def answer(app: AppState, name: str, console: Console) -> list[ft.Control]:
    """The parts below the statement."""
    if console.told is None and console.shown is None:
        lead = "Nothing was asked yet. A SELECT stays live: its rows follow every change."
        return [tag(f"{name}-empty-answer", muted(lead))]
    told = [] if console.told is None else [_told(app, name, console, console.told)]
    shown = [] if console.shown is None else _shown(app, name, console, console.shown)
    return [*told, *shown]


def _told(app: AppState, name: str, console: Console, told: Told) -> ft.Control:
    bad = bool(told.code)
    ink = theme.ON_BAD_SOFT if bad else theme.INK
    icon = ft.Icons.ERROR_OUTLINE if bad else ft.Icons.CHECK_CIRCLE_OUTLINE
    parts: list[ft.Control] = [tag(f"{name}-told", _said(told.head, ink), live_region=True)]
    if told.marked:
        parts.append(sideways(tag(f"{name}-marked", code(told.marked, color=ink, no_wrap=True))))
    if told.remedy:
        parts.append(text(told.remedy, color=ink))
    if told.ids:
        parts.append(code(", ".join(told.ids)))
    if told.plan:
        icon = ft.Icons.ACCOUNT_TREE_OUTLINED
        parts.append(tag(f"{name}-plan", plan_tree(told.plan)))
    parts += [muted(each, theme.LABEL) for each in told.notes]
    if told.advice:
        parts += [
            muted("This would make it faster:", theme.LABEL),
            _advice(app, name, console, told),
        ]
    return ft.Container(
        ft.Row(
            [
                ft.Icon(icon, size=20, color=ink if bad else theme.OK),
                ft.Column(parts, spacing=theme.GAP_XS, tight=True, expand=True),
            ],
            spacing=theme.GAP_S,
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
        bgcolor=theme.BAD_SOFT if bad else theme.SUNKEN,
        border_radius=theme.RADIUS_M,
        padding=theme.GAP_M,
    )


def _said(head: str, ink: str) -> ft.Control:
    return ft.Text(head, style=theme.BODY_STRONG, color=ink)


def _advice(app: AppState, name: str, console: Console, told: Told) -> ft.Control:
    put = console.draft.put
    return chips(
        [
            chip(each, app.notices.guard(put, each), f"{name}-advice-{at}", code=True)
            for at, each in enumerate(told.advice)
        ]
    )


def _shown(app: AppState, name: str, console: Console, shown: Shown) -> list[ft.Control]:
    async def copy() -> Outcome:
        await ft.Clipboard().set(console.as_json())
        return Outcome(f"{counted(shown.rows.total, 'row')} on the clipboard, as JSON.")

    live = badge("Live", theme.OK, theme.OK_SOFT, ft.Icons.BOLT)
    head = ft.Row(
        [
            *([tag(f"{name}-live", live)] if shown.live else []),
            tag(f"{name}-count", one_line(_count(shown), theme.LABEL), expand=True),
            icon_button(
                ft.Icons.CONTENT_COPY, "Copy as JSON", app.notices.guard(copy), f"{name}-copy"
            ),
            icon_button(
                ft.Icons.CLOSE,
                "Put the answer away",
                app.notices.guard(console.clear),
                f"{name}-clear",
            ),
        ],
        spacing=theme.GAP_S,
    )
    parts: list[ft.Control] = [head]
    if console.told is not None and shown.statement:
        parts.append(one_line(" ".join(shown.statement.split()), theme.CODE, color=theme.MUTED))
    if shown.rows.rows:
        parts.append(table(shown.rows, name))
    elif shown.live:
        parts.append(muted("No row fits. What comes to fit appears here."))
    return parts


def _count(shown: Shown) -> str:
    """`first 50 of 2,431 rows · 1 new`."""
    rows: Rows = shown.rows
    more = rows.total > len(rows.rows)
    words = f"first {len(rows.rows)} of {counted(rows.total, 'row')}" if more else ""
    words = words or counted(rows.total, "row")
    if rows.columns_left_out:
        words += f", {counted(rows.columns_left_out, 'column')} left out"
    return f"{words} · {shown.news}" if shown.news else words
