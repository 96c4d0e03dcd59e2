"""A rep enters a customer with no network and sells to them at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft
import pytest

from app.state.sales_basket import Basket
from app.state.sales_customers import CustomerList
from app.state.sales_new_customer import NewCustomer
from app.state.workspace import Workspace
from sync.local import Replica
from tests.app.conftest import DRILL, App
from tests.app.sales_shop import SAM, stock_the_books
from tests.helpers.flet_device import BEN

Open = Callable[..., Any]


@pytest.fixture
def form(workspace_of: Callable[..., Workspace], replica: Replica) -> NewCustomer:
    stock_the_books(replica)
    return workspace_of(BEN).keep(NewCustomer)


def typed(form: NewCustomer, **texts: str) -> NewCustomer:
    for key, text in texts.items():
        form.type(key, text)
    return form


async def test_a_saved_customer_is_on_the_list_and_can_be_sold_to(
    form: NewCustomer, replica: Replica
) -> None:
    workspace = form.workspace
    customers = workspace.keep(CustomerList)
    outcome = typed(form, first_name="Nora", last_name="Quill", phone="(206) 555-0199").save()
    assert outcome is not None
    assert outcome.message == "Nora Quill is saved on this device."
    assert replica.outbox().pending
    assert customers.rows[0].customer_id == form.saved
    assert customers.rows[0].mine
    form.order()
    basket = workspace.keep(Basket)
    basket.step(DRILL, 1)
    placed = await basket.place()
    assert placed is not None
    assert placed.order["customer_id"] == form.saved
    assert placed.order["customer_name"] == "Nora Quill"
    assert set(form.texts.values()) == {""}


def test_nothing_is_saved_while_something_is_wrong(form: NewCustomer, replica: Replica) -> None:
    before = replica.count("customers")
    assert typed(form, first_name="Nora", email="nora").save() is None
    assert set(form.troubles) == {"last_name", "email"}
    form.type("email", "nora@example.com")
    assert set(form.troubles) == {"last_name"}
    assert replica.count("customers") == before


def test_who_is_known_already_is_pointed_out_and_not_forbidden(form: NewCustomer) -> None:
    typed(form, first_name="Samuel", last_name="Lee", phone="206 555 0111")
    assert form.twin == (SAM, "Sam Lee")
    assert form.save() is not None


@pytest.mark.parametrize(
    ("looked_for", "first", "last"),
    [("nora quill", "nora", "quill"), ("Nora", "Nora", ""), ("555-01", "", ""), ("a@b.c", "", "")],
)
def test_what_was_looked_for_stands_in_the_form(
    form: NewCustomer, looked_for: str, first: str, last: str
) -> None:
    form.begin(looked_for)
    assert (form.texts["first_name"], form.texts["last_name"]) == (first, last)


async def on_form(app_on: Open) -> App:
    app: App = await app_on()
    stock_the_books(app.device.replica)
    app.device.become(online=False, state="offline")
    await app.client.tap("demo-ben")
    await app.client.until(lambda: bool(app.client.find("customers")))
    await app.client.type("find-customer", "Nora Quill")
    await app.client.tap("add-customer")
    await app.client.until(lambda: bool(app.client.find("new-customer")))
    return app


async def test_from_a_search_in_vain_to_the_catalogue(app_on: Open) -> None:
    app = await on_form(app_on)
    client = app.client
    first = client.find("customer-first-name")[-1].content
    assert isinstance(first, ft.TextField)
    assert first.value == "Nora"
    await client.tap("save-and-order")
    phone = client.find("customer-phone")[-1].content
    assert isinstance(phone, ft.TextField)
    assert phone.error == "Type a phone number or an e-mail address."
    await client.type("customer-phone", "(206) 555-0111")
    assert "Sam Lee is reached the same way." in client.says("twin")
    await client.type("customer-phone", "(206) 555-0199")
    await client.until(lambda: not client.find("twin"))
    await client.tap("save-and-order")
    await client.until(lambda: bool(client.find("catalogue")))
    assert client.says("order-for") == "Order for Nora Quill"


async def test_saved_alone_it_leads_to_the_customers_page(app_on: Open) -> None:
    app = await on_form(app_on)
    await app.client.type("customer-email", "nora@example.com")
    await app.client.tap("save-customer")
    await app.client.until(lambda: bool(app.client.find("new-order")))
    assert "Nora Quill" in app.client.says("page-title")
