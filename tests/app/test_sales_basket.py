"""The order being made: amounts, warnings, drafts that survive, and placing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.domain.errors import DomainError
from app.domain.orders import WA_STATE_TAX_RATE_BP, Line, OrderDiscount
from app.state.sales_basket import Basket
from app.state.sales_placing import COUNTER_NOTE, place, seller
from app.state.workspace import Workspace
from sync.local import Replica
from tests.app.conftest import DRILL, HAMMER, HAMMER_ROW, OVERSTOCK, SAW, SHELF
from tests.app.sales_shop import LAST_ORDER, ROSE, SAM, stock_the_books
from tests.helpers.flet_device import BEN

Make = Callable[..., Workspace]


@pytest.fixture
def ben(workspace_of: Make, replica: Replica) -> Workspace:
    stock_the_books(replica)
    return workspace_of(BEN)


@pytest.fixture
def basket(ben: Workspace) -> Basket:
    basket = ben.keep(Basket)
    basket.begin(SAM)
    return basket


def stock(replica: Replica, row: str) -> Any:
    return (replica.get("inventory", row) or {})["stock_level"]


def test_amounts_follow_every_change(basket: Basket) -> None:
    basket.set_quantity(DRILL, 2)
    basket.set_quantity(HAMMER, 1)
    basket.set_discount(DRILL, 10)
    assert [line.total_cents for line in basket.lines] == [26_998, 1_699]
    assert (basket.subtotal_cents, basket.discount_cents) == (31_697, 3_000)
    assert basket.tax_bp == WA_STATE_TAX_RATE_BP
    assert basket.total_cents == 28_697 + basket.tax_cents
    assert basket.pieces == 3


def test_steps_count_from_what_is_in_the_order_now(basket: Basket) -> None:
    basket.step(DRILL, 1)
    basket.step(DRILL, 1)
    assert basket.quantity(DRILL) == 2
    basket.step(DRILL, -2)
    assert basket.lines == ()


def test_a_removed_line_comes_back_where_it_was(basket: Basket) -> None:
    for product in (DRILL, HAMMER, SAW):
        basket.step(product, 1)
    outcome = basket.remove(HAMMER)
    assert outcome.message == "Removed: 16 oz Claw Hammer."
    assert [line.product_id for line in basket.lines] == [DRILL, SAW]
    assert outcome.undo is not None
    outcome.undo()
    assert [line.product_id for line in basket.lines] == [DRILL, HAMMER, SAW]


def test_warnings_tell_what_may_be_promised_wrongly(basket: Basket) -> None:
    basket.set_quantity(DRILL, 42)  # 37 and 4 are here
    basket.set_quantity(SAW, 1)  # no place in this store
    drill, saw = basket.lines
    assert (drill.available.pieces, drill.over, drill.stale) == (41, True, True)
    assert (saw.available.kept, saw.over) == (False, True)
    basket.set_quantity(DRILL, 41)
    assert not basket.lines[0].over


def test_drafts_survive_a_restart(basket: Basket, workspace_of: Make) -> None:
    basket.set_quantity(DRILL, 2)
    basket.set_discount(DRILL, 5)
    basket.write_note("Call before noon")
    basket.begin(ROSE)
    basket.set_quantity(SAW, 1)
    again = workspace_of(BEN).keep(Basket)
    assert (again.customer_id, again.customer_name) == (ROSE, "Rose Samson")
    assert again.waiting == ((SAM, "Sam Lee", 1),)
    again.begin(SAM)
    assert (again.lines[0].quantity, again.lines[0].discount_percent) == (2, 5)
    assert again.note == "Call before noon"


def test_an_order_begun_without_a_customer_becomes_theirs(ben: Workspace) -> None:
    basket = ben.keep(Basket)
    basket.step(DRILL, 1)
    basket.begin(SAM)
    assert (basket.customer_id, basket.quantity(DRILL)) == (SAM, 1)
    assert basket.waiting == ()


def test_a_draft_given_up_can_be_had_back(basket: Basket) -> None:
    basket.step(DRILL, 3)
    outcome = basket.clear()
    assert basket.lines == ()
    assert outcome.undo is not None
    outcome.undo()
    assert (basket.customer_id, basket.quantity(DRILL)) == (SAM, 3)


async def test_placing_writes_everything_in_one_batch(basket: Basket, replica: Replica) -> None:
    basket.set_quantity(DRILL, 40)
    basket.set_quantity(HAMMER, 2)
    basket.write_note("Back door")
    before = replica.outbox().pending
    placed = await basket.place()
    assert placed is not None
    assert replica.outbox().pending == before + 1
    order = replica.get("orders", placed.order_id) or {}
    assert order["order_code"] == placed.code == "SEA-W1-0008"
    assert (order["item_count"], order["created_by"], order["notes"]) == (
        2,
        "user_ben",
        "Back door",
    )
    assert order["total"] == placed.order["total"]
    assert [replica.get("order_items", each["_id"]) for each in placed.items] == list(placed.items)
    assert (stock(replica, SHELF), stock(replica, OVERSTOCK)) == (0, 1)
    assert stock(replica, HAMMER_ROW) == -2
    assert (basket.lines, basket.customer_id) == ((), "")


async def test_a_second_press_places_nothing(basket: Basket, replica: Replica) -> None:
    basket.step(DRILL, 1)
    first = await basket.place()
    assert first is not None
    assert await basket.place() is None
    assert replica.count("orders") == 2


async def test_nobody_orders_without_a_customer(ben: Workspace, replica: Replica) -> None:
    basket = ben.keep(Basket)
    basket.step(DRILL, 1)
    with pytest.raises(DomainError) as refused:
        await basket.place()
    assert refused.value.code == "order_without_customer"
    assert replica.count("orders") == 1
    assert not basket.placing


def test_codes_go_on_from_the_ones_given(ben: Workspace, replica: Replica) -> None:
    from_seed = [
        place(replica, seller(ben.profile), SAM, _lines(replica), ben.now(), ben.entropy.draw)
        for _ in range(2)
    ]
    assert [each.code for each in from_seed] == ["SEA-W1-0008", "SEA-W1-0009"]
    assert replica.note(COUNTER_NOTE) == 9
    assert len({each.order_id for each in from_seed}) == 2


def test_a_vanished_customer_places_nothing(ben: Workspace, replica: Replica) -> None:
    with replica.transaction() as tx:
        tx.update("customers", SAM, {"deleted": True})
    with pytest.raises(DomainError) as refused:
        place(replica, seller(ben.profile), SAM, _lines(replica), ben.now(), ben.entropy.draw)
    assert refused.value.code == "customer_gone"
    assert {each["_id"] for each in replica.find("orders")} == {LAST_ORDER}


def test_a_product_that_left_the_catalogue_is_told_and_not_ordered(
    basket: Basket, replica: Replica
) -> None:
    basket.step(DRILL, 1)
    basket.step(SAW, 1)
    with replica.transaction() as tx:
        tx.update("products", SAW, {"deleted": True})
    basket.begin(SAM)
    assert ([line.product_id for line in basket.lines], basket.gone) == ([DRILL], 1)


def _lines(replica: Replica) -> list[Any]:
    return [Line(replica.get("products", DRILL) or {}, 1)]


async def test_a_discount_on_the_order_is_priced_kept_and_placed(
    basket: Basket, workspace_of: Make
) -> None:
    basket.set_quantity(DRILL, 2)
    basket.set_discount(DRILL, 10)
    outcome = basket.discount_order(OrderDiscount(percent=5))
    assert outcome.message == "$13.50 off the whole order."
    assert (basket.line_discount_cents, basket.order_discount_cents) == (3_000, 1_350)
    assert basket.total_cents == 25_648 + basket.tax_cents
    again = workspace_of(BEN).keep(Basket)
    assert again.order_discount == OrderDiscount(percent=5)
    assert again.total_cents == basket.total_cents
    placed = await basket.place()
    assert placed is not None
    assert (placed.order["discount_total"], placed.order["order_discount"]) == (43.5, 13.5)
    assert not basket.order_discount


def test_a_discount_on_the_order_can_be_taken_back_and_shrinks_with_the_order(
    basket: Basket,
) -> None:
    basket.set_quantity(HAMMER, 2)
    outcome = basket.discount_order(OrderDiscount(cents=3_000))
    assert basket.net_cents - basket.order_discount_cents == 398
    basket.set_quantity(HAMMER, 1)
    assert (basket.order_discount_cents, basket.total_cents) == (1_699, 0)
    basket.set_quantity(HAMMER, 3)
    assert basket.order_discount_cents == 3_000
    assert outcome.undo is not None
    outcome.undo()
    assert basket.order_discount_cents == 0


def test_an_impossible_discount_changes_nothing(basket: Basket) -> None:
    basket.set_quantity(HAMMER, 1)
    with pytest.raises(DomainError) as refused:
        basket.discount_order(OrderDiscount(cents=1_700))
    assert refused.value.code == "order_discount_invalid"
    assert not basket.order_discount
