"""A refused change: the reason and what to do, its fields to correct, and the four ways on (S3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.domain.fields import Kind
from app.state.app_state import AppState
from app.state.notices import Outcome
from app.state.refusal_edit import EditField, EditGroup, RefusalEdit
from app.state.refusals import Refusal
from app.state.words import many
from app.widgets.boundary import boundary
from app.widgets.buttons import choice, primary, quiet, secondary
from app.widgets.field import TextBox
from app.widgets.panels import banner
from app.widgets.tag import tag
from app.widgets.text import muted, section, text

_KEYBOARDS = {
    Kind.WHOLE: ft.KeyboardType.NUMBER,
    Kind.AMOUNT: ft.KeyboardType.NUMBER,
    Kind.PERCENT: ft.KeyboardType.NUMBER,
    Kind.EMAIL: ft.KeyboardType.EMAIL,
    Kind.PHONE: ft.KeyboardType.PHONE,
}
_LONG_LETTERS_MIN = 40


@ft.component
@boundary
def RefusalCard(app: AppState, refusal: Refusal) -> ft.Control:
    """The change as it was; with a form in it while somebody edits it."""
    doing, set_doing = ft.use_state("")

    def turn(what: str) -> Callable[..., Any]:
        return lambda _event: set_doing(what)

    parts: list[ft.Control] = [
        section(f"Not accepted · {refusal.when}"),
        banner("bad", refusal.message, refusal.remedy),
    ]
    if doing == "edit":
        parts.append(RefusalForm(app, refusal.number, turn(""), key=f"form-{refusal.number}"))
    else:
        parts += [_lines(refusal), *_ways(app, refusal, turn)]
    if doing == "discard":
        parts = [*parts[:3], *_sure(app, refusal, turn(""))]
    body = ft.Column(
        parts,
        spacing=theme.GAP_M,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    return tag(f"refused-{refusal.number}", body, container=True)


def _lines(refusal: Refusal) -> ft.Control:
    lines: list[ft.Control] = [text(line) for line in refusal.lines]
    return ft.Column(lines, spacing=theme.GAP_XS, tight=True)


def _ways(app: AppState, refusal: Refusal, turn: Callable[[str], Any]) -> list[ft.Control]:
    guard, n = app.notices.guard, refusal.number

    async def copy() -> Outcome:
        await ft.Clipboard().set(refusal.export())
        return Outcome("The change is on the clipboard.")

    async def save() -> None:
        await ft.FilePicker().save_file(
            dialog_title="Save the change",
            file_name=refusal.file_name,
            src_bytes=refusal.export().encode(),
        )

    return [
        ft.Row(
            [
                primary(
                    "Edit", turn("edit"), f"edit-{n}", icon=ft.Icons.EDIT_OUTLINED, expand=True
                ),
                secondary(
                    "Send again",
                    guard(refusal.resend),
                    f"resend-{n}",
                    icon=ft.Icons.REPLAY,
                    expand=True,
                ),
            ],
            spacing=theme.GAP_M,
        ),
        ft.Row(
            [
                quiet("Copy", guard(copy), f"copy-{n}", icon=ft.Icons.CONTENT_COPY),
                quiet("Save", guard(save), f"save-{n}", icon=ft.Icons.DOWNLOAD_OUTLINED),
                ft.Container(expand=True),
                quiet("Give it up", turn("discard"), f"discard-{n}", icon=ft.Icons.DELETE_OUTLINE),
            ],
            spacing=0,
        ),
    ]


def _sure(app: AppState, refusal: Refusal, back: Callable[..., Any]) -> list[ft.Control]:
    """Giving up cannot be undone, so it takes two presses."""
    n = refusal.number
    return [
        muted("Given up, it is gone for good. Copy or save it first if somebody may need it."),
        ft.Row(
            [
                secondary("Keep it", back, f"keep-{n}", expand=True),
                primary(
                    "Give it up",
                    app.notices.guard(refusal.discard),
                    f"sure-{n}",
                    icon=ft.Icons.DELETE_OUTLINE,
                    expand=True,
                ),
            ],
            spacing=theme.GAP_M,
        ),
    ]


@ft.component
@boundary
def RefusalForm(app: AppState, number: int, back: Callable[..., Any]) -> ft.Control:
    """Every field somebody may want to correct, then send it."""
    edit, _ = ft.use_state(lambda: RefusalEdit(app.workspace, number))
    return _Form(app, edit, back)


@ft.component
@boundary
def _Form(app: AppState, edit: RefusalEdit, back: Callable[..., Any]) -> ft.Control:
    parts = [_group(edit, group, len(edit.groups) > 1) for group in edit.groups]
    if edit.hidden:
        parts.append(muted(f"{many(edit.hidden, 'more field')} go as they are.", theme.LABEL))
    buttons = ft.Row(
        [
            secondary("Cancel", back, f"cancel-{edit.number}", expand=True),
            primary(
                "Send",
                app.notices.guard(edit.send),
                f"send-{edit.number}",
                icon=ft.Icons.SEND_OUTLINED,
                expand=True,
            ),
        ],
        spacing=theme.GAP_M,
    )
    return ft.Column(
        [*parts, buttons],
        spacing=theme.GAP_M,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _group(edit: RefusalEdit, group: EditGroup, named: bool) -> ft.Control:
    head = [text(group.name, theme.BODY_STRONG)] if named else []
    return ft.Column(
        [*head, *[_field(edit, each) for each in group.fields]],
        spacing=theme.GAP_M,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _field(edit: RefusalEdit, each: EditField) -> ft.Control:
    now = edit.texts[each.key]
    identifier = f"field-{each.doc_id}-{'.'.join(each.path)}"

    def put(value: str) -> Callable[..., Any]:
        return lambda _event: edit.type(each.key, value)

    if each.kind is Kind.FLAG:
        answers = ft.Row(
            [
                choice(word.capitalize(), now == word, put(word), f"{identifier}-{word}")
                for word in ("yes", "no")
            ],
            spacing=theme.GAP_S,
        )
        return ft.Row([ft.Container(text(each.label), expand=True), answers])
    long = each.kind is Kind.TEXT and len(each.was) >= _LONG_LETTERS_MIN
    return TextBox(
        now,
        lambda typed: edit.type(each.key, typed),
        identifier,
        key=identifier,
        label=each.label,
        keyboard_type=_KEYBOARDS.get(each.kind),
        error=edit.troubles.get(each.key),
        error_max_lines=3,
        prefix=ft.Text("$ ") if each.kind is Kind.AMOUNT else None,
        multiline=long,
        max_lines=4 if long else 1,
    )
