"""A new customer: four fields, saved on this device, and straight on to their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app import theme
from app.domain.customers import EMAIL, FIRST, LAST, PHONE
from app.state.app_state import AppState, use_app
from app.state.layout import Layout
from app.state.notices import Outcome
from app.state.sales_new_customer import NewCustomer
from app.views.page import back_head, page
from app.widgets.boundary import boundary
from app.widgets.buttons import primary, quiet, secondary
from app.widgets.field import TextBox
from app.widgets.panels import banner, card
from app.widgets.tag import tag
from app.widgets.text import muted


@ft.component
def NewCustomerScreen() -> ft.Control:
    """The screen at /new-customer."""
    app = use_app()
    return NewCustomerView(app, app.workspace.keep(NewCustomer), app.layout)


@ft.component
@boundary
def NewCustomerView(app: AppState, form: NewCustomer, layout: Layout) -> ft.Control:
    """Name and a way to reach them; who is known already is pointed out."""

    def then(path: Callable[[], str]) -> Callable[..., Any]:
        def save() -> Outcome | None:
            outcome = form.save()
            if outcome is not None:
                app.go(path())
            return outcome

        return app.notices.guard(save)

    def order() -> str:
        form.order()
        return "/catalogue"

    fields = ft.Column(
        [
            _row(
                layout,
                _field(form, FIRST, "First name", autofocus=True),
                _field(form, LAST, "Last name"),
            ),
            _row(
                layout,
                _field(form, PHONE, "Phone", keyboard_type=ft.KeyboardType.PHONE),
                _field(form, EMAIL, "E-mail", keyboard_type=ft.KeyboardType.EMAIL),
            ),
        ],
        spacing=theme.GAP_L,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    store = app.workspace.store_name
    parts = [
        back_head("New customer", f"Of the {store} store", app.notices.guard(app.go, "/customers")),
        card(fields, padding=theme.GAP_XL if layout.wide else theme.GAP_L),
        *_twin(app, form),
        muted("A phone number or an e-mail address is enough. It works without a network."),
    ]
    foot = [
        secondary("Save", then(lambda: f"/customer/{form.saved}"), "save-customer", expand=True),
        primary("Save and order", then(order), "save-and-order", icon=ft.Icons.ADD, expand=True),
    ]
    return page(layout, parts, foot=foot, identifier="new-customer")


def _row(layout: Layout, *fields: ft.Control) -> ft.Control:
    if not layout.wide:
        return ft.Column(
            list(fields),
            spacing=theme.GAP_L,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        )
    boxes: list[ft.Control] = [ft.Container(each, expand=True) for each in fields]
    return ft.Row(boxes, spacing=theme.GAP_L, vertical_alignment=ft.CrossAxisAlignment.START)


def _field(form: NewCustomer, key: str, label: str, **more: Any) -> ft.Control:
    return TextBox(
        form.texts[key],
        lambda typed: form.type(key, typed),
        f"customer-{key.replace('_', '-')}",
        label=label,
        error=form.troubles.get(key),
        error_max_lines=3,
        **more,
    )


def _twin(app: AppState, form: NewCustomer) -> list[ft.Control]:
    if form.twin is None:
        return []
    known_id, name = form.twin
    see = quiet("Open", app.notices.guard(app.go, f"/customer/{known_id}"), "open-twin")
    told = banner("info", f"{name} is reached the same way.", "Is it the same person?", see)
    return [tag("twin", told, container=True)]
