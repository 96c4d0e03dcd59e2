"""What comes off the whole order: exact cents, after the lines' own discounts, before the tax."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import money
from app.domain.errors import DomainError
from app.domain.orders import (
    NO_DISCOUNT,
    Line,
    OrderDiscount,
    PricedOrder,
    build_order,
    price_order,
)

STORE = {"store_id": "store_seattle", "store_name": "Zava Retail Seattle", "tax_rate_bp": 1_000}
CUSTOMER = {"customer_id": "cust_1", "first_name": "John", "last_name": "Smith"}


def product(price: float) -> dict[str, object]:
    return {"product_id": "prod_1", "sku": "S", "product_name": "Thing", "base_price": price}


def priced(discount: OrderDiscount, *lines: Line) -> PricedOrder:
    return price_order(lines or [Line(product(100.0), 2, 10)], 1_000, discount)


@pytest.mark.parametrize(
    ("discount", "off", "tax", "total"),
    [
        (NO_DISCOUNT, 0, 1_800, 19_800),
        (OrderDiscount(percent=10), 1_800, 1_620, 17_820),
        (OrderDiscount(percent=12.5), 2_250, 1_575, 17_325),
        (OrderDiscount(cents=1), 1, 1_800, 19_799),
        (OrderDiscount(cents=18_000), 18_000, 0, 0),
        (OrderDiscount(percent=100), 18_000, 0, 0),
    ],
)
def test_it_comes_off_what_the_lines_leave_and_tax_is_due_on_the_rest(
    discount: OrderDiscount, off: int, tax: int, total: int
) -> None:
    order = priced(discount)
    assert (order.subtotal_cents, order.line_discount_cents) == (20_000, 2_000)
    assert (order.order_discount_cents, order.tax_cents, order.total_cents) == (off, tax, total)
    assert order.discount_cents == 2_000 + off


def test_half_a_cent_goes_up_once_for_the_order_and_not_line_by_line() -> None:
    lines = [Line(product(0.05), 1), Line(product(0.05), 1), Line(product(0.05), 1)]
    assert priced(OrderDiscount(percent=10), *lines).order_discount_cents == 2  # 1.5 cents


@pytest.mark.parametrize(
    "discount",
    [
        OrderDiscount(percent=100.01),
        OrderDiscount(percent=-1),
        OrderDiscount(cents=18_001),
        OrderDiscount(cents=-1),
        OrderDiscount(percent=10, cents=5),
    ],
)
def test_more_than_there_is_cannot_come_off(discount: OrderDiscount) -> None:
    with pytest.raises(DomainError) as refused:
        priced(discount)
    assert refused.value.code == "order_discount_invalid"
    assert "$180.00" in refused.value.remedy


lines = st.lists(
    st.builds(
        Line,
        st.integers(0, 200_000).map(lambda cents: product(money.from_cents(cents))),
        st.integers(1, 50),
        st.integers(0, 100),
    ),
    min_size=1,
    max_size=6,
)
percents = st.integers(0, 10_000).map(lambda points: points / 100)


@given(lines, percents, st.integers(0, 2_000))
def test_the_amounts_always_add_up(made: list[Line], percent: float, rate: int) -> None:
    order = price_order(made, rate, OrderDiscount(percent=percent))
    net = order.subtotal_cents - order.discount_cents
    assert 0 <= order.order_discount_cents <= order.subtotal_cents - order.line_discount_cents
    assert order.tax_cents == money.share(net, rate)
    assert order.total_cents == net + order.tax_cents


def test_the_order_says_what_came_off_as_a_whole_and_its_items_do_not() -> None:
    order, (item,) = build_order(
        CUSTOMER,
        STORE,
        [Line(product(100.0), 2, 10)],
        "2026-11-20T18:00:00Z",
        "order_1",
        "SEA-A7-0042",
        "user_ben",
        ["item_1"],
        OrderDiscount(percent=10),
    )
    assert (order["order_discount"], order["order_discount_percent"]) == (18.0, 10)
    assert (order["discount_total"], order["total"]) == (38.0, 178.2)
    assert (item["discount_amount"], item["line_total"]) == (20.0, 180.0)
