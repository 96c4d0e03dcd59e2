"""Under the devices: the writes that lost, and what was done."""

from __future__ import annotations

import flet as ft

from app import theme
from app.state.lab_history import Record, Side
from app.state.lab_story import Line
from app.state.layout import Layout
from app.widgets.lab_marks import bullet, seat
from app.widgets.panels import card
from app.widgets.tag import tag
from app.widgets.text import muted, one_line, section, text


def history(records: tuple[Record, ...]) -> ft.Control:
    """The conflict history of both devices, newest first."""
    count = len(records)
    head = "Conflict history" if not count else f"Conflict history · {count}"
    if not records:
        calm = muted(
            "No write has lost to another one yet. Cut both links and write one note twice."
        )
        return _part(head, [calm])
    rows: list[ft.Control] = []
    for at, each in enumerate(records):
        rows += [*([ft.Divider()] if at else []), _record(at, each)]
    return _part(head, rows)


def log(lines: tuple[Line, ...], layout: Layout) -> ft.Control:
    """What was done, the newest last."""
    if not lines:
        return _part("Log", [muted("What you do on either device is listed here.")])
    return _part("Log", [_line(at, each) for at, each in enumerate(lines)])


def _part(head: str, rows: list[ft.Control]) -> ft.Control:
    return ft.Column(
        [
            section(head),
            card(
                ft.Column(
                    rows,
                    spacing=theme.GAP_M,
                    tight=True,
                    horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
                )
            ),
        ],
        spacing=theme.GAP_S,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _record(at: int, record: Record) -> ft.Control:
    both = "on both devices" if record.on_both else "on one device so far"
    return tag(
        f"lab-conflict-{at}",
        ft.Column(
            [
                one_line(f"{record.field} of {record.title}", theme.BODY_STRONG),
                _side(ft.Icons.HISTORY, "Lost", record.lost, theme.MUTED),
                _side(ft.Icons.CHECK, "Stands", record.kept, theme.OK),
                muted(f"{record.rule.capitalize()} · {both}", theme.LABEL),
            ],
            spacing=theme.GAP_XS,
            tight=True,
        ),
        container=True,
    )


def _side(icon: ft.IconData, word: str, side: Side, ink: str) -> ft.Control:
    where = f" on {side.device}" if side.device else ""
    return ft.Row(
        [
            ft.Icon(icon, size=20, color=ink),
            ft.Column(
                [
                    text(f"{word}: {side.value}"),
                    muted(f"{side.who}{where}, {side.when}", theme.LABEL),
                ],
                spacing=0,
                tight=True,
                expand=True,
            ),
        ],
        spacing=theme.GAP_S,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _line(at: int, line: Line) -> ft.Control:
    mark = seat(line.who, large=False) if line.who else bullet(line.tone)
    return ft.Row(
        [
            ft.Container(mark, width=28, alignment=ft.Alignment.CENTER),
            ft.Container(tag(f"lab-log-{at}", text(line.text)), expand=True),
        ],
        spacing=theme.GAP_S,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
