"""How a statement may go on."""

from __future__ import annotations

import pytest

from app.dql.completion import Names, candidates
from app.dql.schema import names_of
from sync.errors import DatabaseCorrupt
from sync.local import Result
from tests.helpers.flet_device import StillClock, replica_with

NAMES = Names(
    lambda: ["orders", "inventory"],
    lambda collection: ["_id", "store_id"] if collection == "orders" else ["_id", "location.aisle"],
    ["upper", "substr"],
)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("SELECT * FROM ", ["orders", "inventory"]),
        ("SELECT * FROM inv", ["inventory"]),
        ("UPDATE o", ["orders"]),
        ("SELECT * FROM orders WHERE st", ["store_id"]),
        ("SELECT * FROM inventory WHERE location.", ["location.aisle"]),
        ("SELECT up", ["UPDATE", "upper("]),
        ("SELECT * FROM orders WHERE zzz", []),
    ],
)
def test_a_word_begun(typed: str, offered: list[str]) -> None:
    assert list(candidates(typed, NAMES)) == offered


def test_the_names_are_those_of_the_replica() -> None:
    shelf = {"_id": "inv_1", "location": {"aisle": "5"}}
    replica = replica_with([("inventory", shelf)], StillClock())
    names = names_of(replica.execute)
    assert list(names.collections()) == ["inventory"]
    assert "location.aisle" in names.fields("inventory")
    replica.close()


def test_a_replica_that_cannot_be_read_offers_no_names() -> None:
    def run(_text: str) -> Result:
        raise DatabaseCorrupt("The file is damaged.")

    names = names_of(run)
    assert list(names.collections()) == list(names.fields("inventory")) == []
