"""Parts of a console: chips, code, the lines of a table and of a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import flet as ft

from app import theme
from app.dql.plans import PlanLine
from app.dql.rows import Row, Rows
from app.widgets.tag import tag

ROWS_HEIGHT_MAX: Final = 360
"""Longer answers scroll in themselves, so that what stands below stays within reach."""
ROW_HEIGHT: Final = 28
BETWEEN: Final = "  "
_GUTTERS: Final = {"": "  ", "new": "+ ", "changed": "~ "}
_CHANGED: Final = ft.TextStyle(color=theme.INFO, decoration=ft.TextDecoration.UNDERLINE)
_GROUNDS: Final = {"": None, "new": theme.OK_SOFT, "changed": theme.INFO_SOFT}


def chips(parts: Sequence[ft.Control]) -> ft.Control:
    """Chips on one line that scrolls sideways; as high with none, so that nothing jumps."""
    return ft.Row(list(parts), spacing=theme.GAP_S, scroll=ft.ScrollMode.HIDDEN, height=40)


def chip(label: str, on_click: Callable[..., Any], identifier: str, code: bool = False) -> Any:
    """Something to put into a field."""
    face = ft.Container(
        ft.Text(label, style=theme.CODE if code else theme.LABEL, no_wrap=True),
        height=40,
        padding=ft.Padding.symmetric(horizontal=theme.GAP_M),
        alignment=ft.Alignment.CENTER,
        border_radius=20,
        border=ft.Border.all(1, theme.EDGE),
        ink=True,
        on_click=on_click,
    )
    return tag(identifier, face, button=True)


def code(text: str, **properties: Any) -> ft.Text:
    """Text of equal letters, as it is."""
    return ft.Text(text, style=theme.CODE, **properties)


def sideways(content: ft.Control) -> ft.Control:
    """Something that may be wider than the screen."""
    return ft.Row([content], scroll=ft.ScrollMode.AUTO)


def table(rows: Rows, identifier: str) -> ft.Control:
    """Column names above the rows. What is new or changed has a sign, a ground and its cells."""
    letters = len(BETWEEN.join(rows.head)) + len(_GUTTERS[""])
    width = letters * theme.CODE_LETTER_WIDTH + 2 * theme.GAP_S
    head = ft.Container(
        ft.Text(
            _GUTTERS[""] + BETWEEN.join(rows.head),
            style=theme.CODE,
            color=theme.MUTED,
            no_wrap=True,
        ),
        width=width,
        padding=ft.Padding.symmetric(horizontal=theme.GAP_S, vertical=theme.GAP_XS),
        border=ft.Border.only(bottom=ft.BorderSide(1, theme.EDGE)),
    )
    lines = [_line(each, f"{identifier}-row-{at}", width) for at, each in enumerate(rows.rows)]
    tall = len(lines) * ROW_HEIGHT > ROWS_HEIGHT_MAX
    body = ft.Column(
        lines,
        spacing=0,
        tight=True,
        height=ROWS_HEIGHT_MAX if tall else None,
        scroll=ft.ScrollMode.AUTO if tall else None,
    )
    return sideways(ft.Column([head, body], spacing=0, tight=True))


def _line(row: Row, identifier: str, width: float) -> ft.Control:
    spans = [each for at, cell in enumerate(row.cells) for each in _spans(cell, at in row.changed)]
    face = ft.Container(
        ft.Text(
            _GUTTERS[row.mark] + ("" if row.changed else BETWEEN.join(row.cells)),
            spans=spans if row.changed else None,
            style=theme.CODE,
            no_wrap=True,
        ),
        width=width,
        height=ROW_HEIGHT,
        padding=ft.Padding.symmetric(horizontal=theme.GAP_S),
        alignment=ft.Alignment.CENTER_LEFT,
        bgcolor=_GROUNDS[row.mark],
    )
    return tag(identifier, face)


def _spans(cell: str, changed: bool) -> list[ft.TextSpan]:
    """A cell and what parts it from the next one; the value itself marked where it changed."""
    if not changed:
        return [ft.TextSpan(cell + BETWEEN)]
    before, value = cell[: len(cell) - len(cell.lstrip())], cell.strip()
    after = cell[len(before) + len(value) :]
    return [ft.TextSpan(before), ft.TextSpan(value, _CHANGED), ft.TextSpan(after + BETWEEN)]


def plan_tree(lines: Sequence[PlanLine]) -> ft.Control:
    """A plan with its branches; the first line gives the results."""
    drawn = [
        ft.Text(
            spans=[
                ft.TextSpan(line.stem, ft.TextStyle(color=theme.MUTED)),
                ft.TextSpan(line.node, ft.TextStyle(color=theme.BRAND)),
                ft.TextSpan(f"  {line.details}" if line.details else ""),
                ft.TextSpan(
                    f"  {line.measured}" if line.measured else "", ft.TextStyle(color=theme.INFO)
                ),
            ],
            style=theme.CODE,
            no_wrap=True,
        )
        for line in lines
    ]
    return sideways(ft.Column(drawn, spacing=2, tight=True))
