from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import money
from app.domain.errors import DomainError


@pytest.mark.parametrize(
    ("amount", "cents"),
    [(0, 0), (12, 1200), (1.005, 101), (2.675, 268), (0.1 + 0.2, 30), (Decimal("9.995"), 1000)],
)
def test_an_amount_is_rounded_as_it_is_written(amount, cents):
    assert money.to_cents(amount) == cents


def test_a_refund_mirrors_its_sale():
    assert money.to_cents(-1.005) == -101
    assert money.half_up(-5, 2) == -3


@given(st.integers(-(10**12), 10**12))
def test_cents_survive_the_way_through_a_document(cents):
    assert money.to_cents(money.from_cents(cents)) == cents


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_half_up_is_the_rounding_of_the_schoolbook(numerator, denominator):
    exact = Decimal(numerator) / Decimal(denominator)
    assert money.half_up(numerator, denominator) == int(exact.quantize(1, ROUND_HALF_UP))


@given(st.integers(0, 10**8), st.integers(0, money.BASIS_POINTS_PER_ONE))
def test_a_share_and_its_rest_are_within_a_cent_of_the_whole(cents, rate):
    taken = money.share(cents, rate)
    rest = money.share(cents, money.BASIS_POINTS_PER_ONE - rate)
    assert cents <= taken + rest <= cents + 1


@pytest.mark.parametrize(("cost", "price"), [(100.49, 149.99), (100.00, 149.25), (0.67, 1.00)])
def test_retail_prices_leave_a_third_of_margin(cost, price):
    assert money.from_cents(money.retail_cents(money.to_cents(cost))) == price


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), "12", None, True])
def test_what_is_no_amount_is_refused_by_name(amount):
    with pytest.raises(DomainError) as refused:
        money.to_cents(amount)
    assert refused.value.code == "money_invalid"


def test_amounts_read_as_people_write_them():
    assert money.text(123_450) == "$1,234.50"
    assert money.text(-300) == "-$3.00"
