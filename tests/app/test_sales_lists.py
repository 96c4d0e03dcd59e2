"""What a rep looks up: customers, the catalogue, orders and how far each has come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.domain.orders import Line
from app.state.sales_basket import Basket
from app.state.sales_catalogue import Catalogue
from app.state.sales_customer import CustomerState
from app.state.sales_customers import CustomerList
from app.state.sales_orders import OrderList, OrderState
from app.state.sales_placing import place, seller
from app.state.workspace import Workspace
from sync.local import Replica
from tests.app.conftest import DRILL, HAMMER, SAW, SHELF
from tests.app.sales_shop import LAST_ORDER, ROSE, SAM, TESS, customer, stock_the_books
from tests.helpers.flet_device import BEN


@pytest.fixture
def ben(workspace_of: Callable[..., Workspace], replica: Replica) -> Workspace:
    stock_the_books(replica)
    return workspace_of(BEN)


def names(customers: CustomerList) -> list[str]:
    return [row.name for row in customers.rows]


def test_my_customers_come_first(ben: Workspace) -> None:
    customers = ben.keep(CustomerList)
    assert names(customers) == ["Rose Samson", "Sam Lee", "Anna Tess"]
    assert [row.mine for row in customers.rows] == [True, True, False]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("sam", ["Rose Samson", "Sam Lee"]),
        ("lee sam", ["Sam Lee"]),
        ("555-0122", ["Rose Samson"]),
        ("2535550133", ["Anna Tess"]),
        ("tess@example", ["Anna Tess"]),
        ("nobody", []),
    ],
)
def test_customers_are_found_by_name_phone_and_mail(
    ben: Workspace, asked: str, found: list[str]
) -> None:
    customers = ben.keep(CustomerList)
    customers.search(asked)
    assert sorted(names(customers)) == sorted(found)


def test_who_is_called_like_that_comes_before_who_is_written_to_like_that(
    ben: Workspace, replica: Replica
) -> None:
    with replica.transaction() as tx:
        other = customer("cust_max", "Max", "Berg", "(206) 555-0144", "user_ben")
        tx.insert("customers", {**other, "email": "leeward@example.com"})
    customers = ben.keep(CustomerList)
    customers.search("lee")
    assert names(customers) == ["Sam Lee", "Max Berg"]


def test_a_customer_shows_orders_and_what_they_usually_take(ben: Workspace) -> None:
    sam = CustomerState(ben, SAM)
    assert (sam.name, sam.phone, sam.store, sam.mine) == (
        "Sam Lee",
        "(206) 555-0111",
        "Seattle",
        True,
    )
    assert [(row.code, row.when, row.total_cents) for row in sam.orders] == [
        ("SEA-W1-0007", "7 d ago", 19_593)
    ]
    assert {each.product_id: each.quantity for each in sam.usual} == {DRILL: 1, HAMMER: 2}
    sam.close()


def test_reordering_puts_the_last_order_into_the_draft(ben: Workspace) -> None:
    sam = CustomerState(ben, SAM)
    assert sam.reorder()
    basket = ben.keep(Basket)
    assert basket.customer_id == SAM
    assert (basket.quantity(DRILL), basket.quantity(HAMMER)) == (1, 2)
    sam.close()


def test_somebody_without_an_order_cannot_reorder(ben: Workspace) -> None:
    rose = CustomerState(ben, ROSE)
    assert not rose.reorder()
    rose.close()


def test_somebody_unknown_is_unknown(ben: Workspace) -> None:
    nobody = CustomerState(ben, "cust_nobody")
    assert not nobody.known
    nobody.close()


def test_the_catalogue_lists_prices_and_what_is_here(ben: Workspace) -> None:
    catalogue = ben.keep(Catalogue)
    offers = {offer.product_id: offer for offer in catalogue.offers}
    assert offers[DRILL].price_cents == 14_999
    assert (offers[DRILL].available.pieces, offers[SAW].available.kept) == (41, False)
    assert catalogue.categories == (("cat_tools", "Power Tools"),)
    catalogue.choose("cat_tools")
    assert [offer.product_id for offer in catalogue.offers] == [DRILL]


def test_the_catalogue_follows_the_shelves(ben: Workspace, replica: Replica) -> None:
    catalogue = ben.keep(Catalogue)
    with replica.transaction() as tx:
        tx.increment("inventory", SHELF, ("stock_level",), -7)
    offers = {offer.product_id: offer for offer in catalogue.offers}
    assert offers[DRILL].available.pieces == 34


def test_a_scan_adds_one_at_once_and_leaves_the_field_empty(ben: Workspace) -> None:
    catalogue, basket = ben.keep(Catalogue), ben.keep(Basket)
    for _ in range(2):
        outcome = catalogue.scanned("2000000000015")
        assert outcome is not None
    assert (outcome.message, basket.quantity(DRILL)) == ("20V Cordless Drill: 2", 2)
    assert catalogue.text == ""


def test_a_word_with_enter_only_searches(ben: Workspace) -> None:
    catalogue = ben.keep(Catalogue)
    assert catalogue.scanned("hammer") is None
    assert [offer.product_id for offer in catalogue.offers] == [HAMMER]
    assert ben.keep(Basket).lines == ()


def placed_now(ben: Workspace, replica: Replica) -> Any:
    lines = [Line(replica.get("products", DRILL) or {}, 2)]
    return place(replica, seller(ben.profile), TESS, lines, ben.now(), ben.entropy.draw, "Hurry")


def test_orders_are_newest_first_and_filtered_by_how_far_they_came(
    ben: Workspace, replica: Replica
) -> None:
    replica.sending.take()
    replica.sending.acknowledge(replica.id, replica.identity.n)
    orders = ben.keep(OrderList)
    placed = placed_now(ben, replica)
    assert [row.code for row in orders.rows] == [placed.code, "SEA-W1-0007"]
    assert [row.mark for row in orders.rows] == ["saved", "sent"]
    orders.choose("waiting")
    assert [row.code for row in orders.rows] == [placed.code]
    orders.choose("sent")
    assert [row.code for row in orders.rows] == ["SEA-W1-0007"]
    orders.choose("needs_you")
    assert orders.rows == ()
    assert orders.counts == {"waiting": 1, "needs_you": 0}


def test_an_order_shows_its_lines_and_amounts(ben: Workspace, replica: Replica) -> None:
    placed = placed_now(ben, replica)
    state = OrderState(ben, placed.order_id)
    assert state.row is not None
    assert (state.row.customer, state.seller, state.note) == ("Anna Tess", "You", "Hurry")
    assert [(each.name, each.quantity) for each in state.items] == [("20V Cordless Drill", 2)]
    assert state.subtotal_cents - state.discount_cents + state.tax_cents == state.row.total_cents
    state.close()


def test_an_order_shows_how_far_it_has_come(ben: Workspace, replica: Replica) -> None:
    placed = placed_now(ben, replica)
    state = OrderState(ben, placed.order_id)
    assert [(step.words, step.done, step.when) for step in state.steps] == [
        ("Saved on this device", True, "just now"),
        ("Sent to the hub", False, ""),
        ("In the cloud", False, ""),
    ]
    replica.sending.take()
    replica.sending.acknowledge(replica.id, replica.identity.n)
    state.refresh()
    assert [step.done for step in state.steps] == [True, True, False]
    state.close()


def test_an_order_of_elsewhere_is_not_there(ben: Workspace) -> None:
    state = OrderState(ben, "order_elsewhere")
    assert (state.row, state.items) == (None, ())
    state.close()


def test_the_last_order_is_there(ben: Workspace) -> None:
    state = OrderState(ben, LAST_ORDER)
    assert state.row is not None
    assert [each.quantity for each in state.items] == [2, 1]
    state.close()
