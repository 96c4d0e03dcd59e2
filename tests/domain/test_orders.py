from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import money
from app.domain.errors import DomainError
from app.domain.orders import LINES_MAX, Line, build_order, order_code, price_line, price_order

CUSTOMER = {
    "customer_id": "cust_1",
    "first_name": "John",
    "last_name": "Smith",
    "email": "john.smith@example.com",
}
STORE = {"store_id": "store_seattle", "store_name": "Zava Retail Seattle", "tax_rate_bp": 975}
AT = "2026-11-20T18:00:00Z"


def product(price: float, number: int = 1) -> dict[str, object]:
    return {
        "product_id": f"prod_{number}",
        "sku": f"SKU-{number}",
        "product_name": f"Thing {number}",
        "base_price": price,
    }


def built(lines, store=STORE):
    item_ids = [f"item_{number}" for number in range(len(lines))]
    return build_order(CUSTOMER, store, lines, AT, "order_1", "SEA-A7-0042", "user_ben", item_ids)


def refusal(lines) -> str:
    with pytest.raises(DomainError) as refused:
        built(lines)
    return refused.value.code


@pytest.mark.parametrize(
    ("price", "quantity", "percent", "discount", "total"),
    [
        (0.05, 1, 10, 1, 4),  # half a cent of discount goes up
        (0.15, 1, 50, 8, 7),
        (1.01, 5, 50, 253, 252),
        (149.99, 2, 10, 3000, 26998),
        (9.99, 3, 0, 0, 2997),
        (9.99, 3, 100, 2997, 0),
        (10.00, 1, 12.5, 125, 875),
    ],
)
def test_a_line_is_discounted_to_the_cent(price, quantity, percent, discount, total):
    line = price_line(Line(product(price), quantity, percent))
    assert (line.discount_cents, line.total_cents) == (discount, total)


@pytest.mark.parametrize(("net", "tax"), [(1000, 98), (2000, 195), (10, 1), (5, 0)])
def test_half_a_cent_of_tax_goes_up(net, tax):
    assert price_order([Line(product(net / 100), 1)], 975).tax_cents == tax


def test_tax_is_due_on_what_is_paid_after_discounts():
    priced = price_order([Line(product(100.00), 1, 20)], 1000)
    assert (priced.subtotal_cents, priced.discount_cents, priced.tax_cents) == (10000, 2000, 800)
    assert priced.total_cents == 8800


prices = st.integers(1, 500_000).map(money.from_cents)
lines = st.builds(
    Line,
    prices.map(product),
    st.integers(1, 500),
    st.one_of(st.integers(0, 100), st.integers(0, 10_000).map(lambda bp: bp / 100)),
)


@given(st.lists(lines, min_size=1, max_size=12), st.integers(0, 1_200))
def test_the_documents_of_an_order_add_up(order_lines, rate):
    order, items = built(order_lines, STORE | {"tax_rate_bp": rate})
    cents = money.to_cents
    gross = sum(cents(item["unit_price"]) * item["quantity"] for item in items)
    discount = sum(cents(item["discount_amount"]) for item in items)
    net = sum(cents(item["line_total"]) for item in items)
    assert order["item_count"] == len(items)
    assert cents(order["subtotal"]) == gross == net + discount
    assert cents(order["discount_total"]) == discount
    assert cents(order["tax"]) == money.share(net, rate)
    assert cents(order["total"]) == net + cents(order["tax"])


@given(st.lists(lines, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_amount(order_lines, rng):
    shuffled = list(order_lines)
    rng.shuffle(shuffled)
    one, other = price_order(order_lines, 1035), price_order(shuffled, 1035)
    assert (one.subtotal_cents, one.tax_cents, one.total_cents) == (
        other.subtotal_cents,
        other.tax_cents,
        other.total_cents,
    )


def test_documents_carry_what_permissions_and_receipts_need():
    order, [item] = built([Line(product(10.00), 2)])
    assert order == {
        "_id": "order_1",
        "order_id": "order_1",
        "order_code": "SEA-A7-0042",
        "customer_id": "cust_1",
        "store_id": "store_seattle",
        "order_date": AT,
        "customer_name": "John Smith",
        "customer_email": "john.smith@example.com",
        "store_name": "Zava Retail Seattle",
        "item_count": 1,
        "subtotal": 20.0,
        "tax": 1.95,
        "discount_total": 0.0,
        "total": 21.95,
        "status": "pending",
        "created_by": "user_ben",
        "created_at": AT,
        "updated_at": AT,
        "deleted": False,
    }
    assert item == {
        "_id": "item_0",
        "order_id": "order_1",
        "store_id": "store_seattle",
        "customer_id": "cust_1",
        "product_id": "prod_1",
        "sku": "SKU-1",
        "product_name": "Thing 1",
        "quantity": 2,
        "unit_price": 10.0,
        "discount_percent": 0,
        "discount_amount": 0.0,
        "line_total": 20.0,
        "created_at": AT,
        "deleted": False,
    }


def test_a_store_without_a_rate_of_its_own_charges_the_states_part():
    order, _ = built([Line(product(100.00), 1)], {"store_id": "s", "store_name": "S"})
    assert order["tax"] == 6.5


def test_an_order_without_lines_is_refused():
    assert refusal([]) == "order_empty"


@pytest.mark.parametrize("quantity", [0, -1, 1.5, True, 4_006_381_333_931])
def test_an_impossible_quantity_is_refused(quantity):
    assert refusal([Line(product(1.0), quantity)]) == "order_quantity_invalid"


@pytest.mark.parametrize("percent", [-1, 100.01])
def test_an_impossible_discount_is_refused(percent):
    assert refusal([Line(product(1.0), 1, percent)]) == "order_discount_invalid"


def test_an_order_that_is_too_long_is_refused():
    assert refusal([Line(product(1.0), 1)] * (LINES_MAX + 1)) == "order_too_long"


def test_every_line_needs_an_id_of_its_own():
    pair = [Line(product(1.0), 1)] * 2
    with pytest.raises(DomainError) as refused:
        build_order(CUSTOMER, STORE, pair, AT, "order_1", "SEA-A7-0001", "user_ben", ["i", "i"])
    assert refused.value.code == "order_items_mismatch"


@pytest.mark.parametrize(
    ("counter", "code"), [(42, "SEA-A7-0042"), (1, "SEA-A7-0001"), (12345, "SEA-A7-12345")]
)
def test_an_order_code_names_store_device_and_number(counter, code):
    assert order_code("SEA", "A7", counter) == code
