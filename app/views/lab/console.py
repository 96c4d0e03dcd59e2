"""The console of one device of the lab: a statement, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState
from app.state.lab_console import Console
from app.state.lab_draft import Draft
from app.state.lab_examples import Example
from app.state.layout import Layout
from app.views.lab.answer import answer
from app.widgets.boundary import boundary
from app.widgets.buttons import icon_button, primary
from app.widgets.console_parts import chip, chips
from app.widgets.field import TextBox
from app.widgets.text import muted

RUN_KEYS = ("Enter", "Numpad Enter")


@ft.component
@boundary
def ConsoleView(
    app: AppState,
    key: str,
    console: Console,
    draft: Draft,
    examples: tuple[Example, ...],
    layout: Layout,
) -> ft.Control:
    """The statement above its answer."""
    name = f"lab-{key}-dql"
    more = [*_chips(app, name, draft, examples, layout), *_values(app, name, console, draft)]
    return _stack(
        StatementField(app, name, console, draft),
        _stack(*more),  # one part, so that what stands below stays the same however it changes
        _actions(app, name, console, draft),
        _stack(*answer(app, name, console)),
    )


def _stack(*parts: ft.Control) -> ft.Control:
    return ft.Column(
        list(parts),
        spacing=theme.GAP_M,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


@ft.component
def StatementField(app: AppState, name: str, console: Console, draft: Draft) -> ft.Control:
    """The field; while it has the focus, keys that are no letters are the console's."""
    field = ft.use_ref(None)

    async def take_keyboard() -> None:
        if draft.focus_calls and field.current is not None:
            await field.current.focus()

    ft.use_effect(take_keyboard, [draft.focus_calls])

    def on_key(event: Any) -> object:
        return _pressed(console, event)

    def focused(_event: object) -> None:
        app.on_key = on_key

    def blurred(_event: object) -> None:
        if app.on_key is on_key:
            app.on_key = None

    return TextBox(
        draft.text,
        draft.type,
        name,
        field=field,
        multiline=True,
        min_lines=3,
        max_lines=9,
        text_style=theme.CODE,
        hint_text="SELECT * FROM inventory",
        hint_style=theme.style(14, theme.MONO, 1.45, theme.MUTED),
        filled=True,
        fill_color=theme.PAPER,
        enable_suggestions=False,
        capitalization=ft.TextCapitalization.NONE,
        on_focus=focused,
        on_blur=blurred,
    )


def _pressed(console: Console, event: Any) -> object:
    """Ctrl-Enter runs. Up and Down go through the history where a line has no other use for them,
    and with Ctrl or Alt always."""
    draft: Draft = console.draft
    held = event.ctrl or event.meta or event.alt
    if event.key in RUN_KEYS and (event.ctrl or event.meta):
        return console.run()
    if held or draft.in_history or "\n" not in draft.text:
        if event.key == "Arrow Up":
            draft.older()
        elif event.key == "Arrow Down":
            draft.newer()
    return None


def _chips(
    app: AppState, name: str, draft: Draft, examples: tuple[Example, ...], layout: Layout
) -> list[ft.Control]:
    """How the statement may go on; before there is one, statements to begin with."""
    guard = app.notices.guard
    if not draft.text.strip():
        offered = [
            chip(each.label, guard(draft.put, each.statement, each.values), f"{name}-example-{at}")
            for at, each in enumerate(examples)
        ]
        return [chips(offered)]
    if draft.offered:
        offered = [
            chip(word, guard(draft.complete, word), f"{name}-offer-{at}", code=True)
            for at, word in enumerate(draft.offered)
        ]
        return [chips(offered)]
    keys = "Ctrl-Enter runs it. The Up and Down keys bring earlier statements back."
    return [chips([muted(keys, theme.LABEL)])] if layout.wide else []


def _values(app: AppState, name: str, console: Console, draft: Draft) -> list[ft.Control]:
    """A small field for each parameter."""

    def setter(parameter: str) -> Callable[[str], Any]:
        return lambda value: draft.set_value(parameter, value)

    return [
        TextBox(
            draft.values.get(parameter, ""),
            setter(parameter),
            f"{name}-value-{parameter}",
            lambda _value: app.notices.run(console.run),
            key=f"{name}-value-{parameter}",
            label=f":{parameter}",
            text_style=theme.CODE,
            dense=True,
            hint_text="text, or JSON such as 5 or true",
        )
        for parameter in draft.names
    ]


def _actions(app: AppState, name: str, console: Console, draft: Draft) -> ft.Control:
    guard = app.notices.guard
    return ft.Row(
        [
            primary(
                "Run",
                guard(console.run),
                f"{name}-run",
                ft.Icons.PLAY_ARROW,
            ),
            ft.Container(expand=True),
            icon_button(
                ft.Icons.ARROW_UPWARD, "Earlier statement", guard(draft.older), f"{name}-older"
            ),
            icon_button(
                ft.Icons.ARROW_DOWNWARD, "Later statement", guard(draft.newer), f"{name}-newer"
            ),
            icon_button(
                ft.Icons.BACKSPACE_OUTLINED,
                "Empty the field",
                guard(draft.put, ""),
                f"{name}-empty",
            ),
        ],
        spacing=theme.GAP_XS,
    )
