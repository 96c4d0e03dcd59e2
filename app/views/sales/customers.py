"""Customers: the home of a rep."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import flet as ft

from app import theme
from app.state.app_state import AppState, use_app
from app.state.layout import Layout
from app.state.sales_basket import Basket
from app.state.sales_customers import CustomerList, CustomerRow
from app.state.sales_new_customer import NewCustomer
from app.state.words import many
from app.views.page import page
from app.widgets.boundary import boundary
from app.widgets.buttons import icon_button, primary, secondary
from app.widgets.order_parts import initials
from app.widgets.panels import banner, empty_state, group, list_row
from app.widgets.search_field import SearchField
from app.widgets.tag import tag
from app.widgets.text import muted, one_line, section


@ft.component
def CustomersScreen() -> ft.Control:
    """The screen at /customers."""
    app = use_app()
    workspace = app.workspace
    return Customers(app, workspace.keep(CustomerList), workspace.keep(Basket), app.layout)


@ft.component
@boundary
def Customers(app: AppState, customers: CustomerList, basket: Basket, layout: Layout) -> ft.Control:
    """Search above, one's own customers first."""

    async def submit(text: str) -> str:
        await app.notices.run(customers.search, text)
        if customers.total == 1:
            app.go(f"/customer/{customers.rows[0].customer_id}")
        return customers.text

    field = SearchField(
        customers.text,
        "Name, phone or e-mail",
        partial(app.notices.run, customers.search),
        submit,
        identifier="find-customer",
        autofocus=False,
    )

    def add(name: str = "") -> None:
        app.workspace.keep(NewCustomer).begin(name)
        app.go("/new-customer")

    adding = app.notices.guard(add)
    new = (
        secondary("New customer", adding, "new-customer-button", icon=ft.Icons.PERSON_ADD_OUTLINED)
        if layout.wide
        else icon_button(
            ft.Icons.PERSON_ADD_OUTLINED, "New customer", adding, "new-customer-button"
        )
    )
    head = ft.Row([ft.Container(field, expand=True), new], spacing=theme.GAP_M)
    found = app.notices.guard(add, customers.text)
    return page(
        layout,
        [*_drafts(app, basket), *_list(app, customers, found)],
        top=[head],
        identifier="customers",
    )


def _drafts(app: AppState, basket: Basket) -> list[ft.Control]:
    """Orders begun and not placed, one tap to go on."""
    begun = list(basket.waiting)
    if basket.customer_id and basket.lines:
        begun.insert(0, (basket.customer_id, basket.customer_name, len(basket.lines)))
    loose = not basket.customer_id and basket.lines
    hint = (
        [
            banner(
                "info",
                "Whose order is it?",
                f"{many(len(basket.lines), 'line')} wait for a customer. Choose one below.",
            )
        ]
        if loose
        else []
    )
    if not begun:
        return hint
    rows = [_draft(app, basket, *each) for each in begun]
    return [*hint, section("Begun and not placed"), group(rows)]


def _draft(app: AppState, basket: Basket, customer_id: str, name: str, lines: int) -> ft.Control:
    def go_on() -> None:
        basket.begin(customer_id)
        app.go("/review")

    return list_row(
        ft.Icon(ft.Icons.EDIT_NOTE, color=theme.BRAND),
        [one_line(name, theme.ROW_TITLE), muted(many(lines, "line"), theme.LABEL)],
        ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.MUTED),
        on_click=app.notices.guard(go_on),
        identifier=f"draft-{customer_id}",
    )


def _list(app: AppState, customers: CustomerList, add: Callable[..., Any]) -> list[ft.Control]:
    if not customers.known:
        return [
            empty_state(
                ft.Icons.PEOPLE_OUTLINE,
                "No customers yet",
                "They come with the first download. You can look at the catalogue meanwhile.",
            )
        ]
    if not customers.rows:
        return [
            tag(
                "no-customers",
                empty_state(
                    ft.Icons.PERSON_SEARCH,
                    "Nobody found",
                    f"No customer matches “{customers.text.strip()}”. "
                    "Try fewer letters, or a part of the phone number.",
                    primary("New customer", add, "add-customer", icon=ft.Icons.PERSON_ADD_OUTLINED),
                ),
            )
        ]
    mine = [row for row in customers.rows if row.mine]
    others = [row for row in customers.rows if not row.mine]
    parts: list[ft.Control] = []
    for head, rows in (("My customers", mine), ("Other customers of the store", others)):
        if rows:
            parts += [section(head), group([_row(app, row) for row in rows])]
    hidden = customers.total - len(customers.rows)
    if hidden:
        parts.append(muted(f"and {hidden:,} more: type a part of the name.", theme.LABEL))
    return parts


def _row(app: AppState, row: CustomerRow) -> ft.Control:
    return list_row(
        initials(row.name),
        [
            one_line(row.name, theme.ROW_TITLE),
            one_line(f"{row.phone} · {row.email}", theme.LABEL, color=theme.MUTED),
        ],
        ft.Icon(ft.Icons.CHEVRON_RIGHT, color=theme.MUTED),
        on_click=app.notices.guard(app.go, f"/customer/{row.customer_id}"),
        identifier=f"customer-{row.customer_id}",
        key=row.customer_id,
    )
