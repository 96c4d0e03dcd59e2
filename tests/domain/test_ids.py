from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import ids
from app.domain.errors import DomainError

moments = st.integers(0, 2**48 - 1)
chances = st.integers(0, 2**80 - 1)


def test_a_ulid_is_time_and_chance_in_26_characters():
    assert ids.ulid(0, 0) == "0" * 26
    assert ids.ulid(1_469_918_176_385, 0).startswith("01ARYZ6S41")
    assert ids.order_id(0, 31) == "order_0000000000000000000000000Z"


@given(st.tuples(moments, chances), st.tuples(moments, chances))
def test_order_ids_sort_as_they_were_made(one, other):
    assert (ids.order_id(*one) < ids.order_id(*other)) == (one < other)


@given(st.integers(0, 2**128 - 1))
def test_random_bits_make_a_version_4_uuid(bits):
    made = uuid.UUID(ids.uuid4(bits))
    assert (made.version, made.variant) == (4, uuid.RFC_4122)


@pytest.mark.parametrize(("now_ms", "bits"), [(-1, 0), (2**48, 0), (0, 2**80), (0, -1)])
def test_a_clock_out_of_range_is_refused(now_ms, bits):
    with pytest.raises(DomainError) as refused:
        ids.ulid(now_ms, bits)
    assert refused.value.code == "id_invalid"
