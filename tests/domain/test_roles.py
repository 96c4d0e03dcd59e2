from __future__ import annotations

import pytest

from app.domain import collections, roles
from app.domain.errors import DomainError


@pytest.mark.parametrize(
    ("role", "home"),
    [("worker", "find"), ("rep", "customers"), ("manager", "find"), ("super", "find")],
)
def test_every_role_has_a_home(role, home):
    assert roles.home(role) == home
    assert roles.TITLES[roles.role_of(role)]


def test_an_unknown_role_is_refused_by_name():
    with pytest.raises(DomainError) as refused:
        roles.home("pirate")
    assert refused.value.code == "role_unknown"


def test_collections_refer_only_to_earlier_ones():
    order = {name: place for place, name in enumerate(collections.SYNCED)}
    for collection, fields in collections.REFERENCES.items():
        assert all(order[target] < order[collection] for target in fields.values())


def test_counters_and_indexes_name_synced_collections():
    assert {"inventory": {("stock_level",)}} == collections.COUNTER_FIELDS
    assert set(collections.INDEXES) <= set(collections.SYNCED)
    assert [("store_id",), ("product_id",)] in collections.INDEXES["inventory"]
