"""Indexes with names: made, kept, used, and dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.local import Replica
from sync.query.errors import IndexExists, IndexImpossible, IndexMissing, NotSupported
from tests.helpers.replicas import open_replica, shelf, stocked

LOOK = "SELECT _id FROM inventory WHERE location.aisle = '3' AND stock_level = 2"


@pytest.fixture
def replica() -> Replica:
    return stocked(3)


def used(replica: Replica, text: str) -> bool:
    return "indexScan" in replica.execute(f"EXPLAIN {text}").items[0]["text"]


def test_an_index_is_used_once_it_is_there_and_no_longer(replica: Replica) -> None:
    assert not used(replica, LOOK)
    replica.execute("CREATE INDEX by_place ON inventory (location.aisle, stock_level DESC)")
    assert used(replica, LOOK)
    assert replica.execute(LOOK).items == [{"_id": "inv_2"}]
    replica.execute("DROP INDEX by_place ON inventory")
    assert not used(replica, LOOK)
    assert replica.execute(LOOK).items == [{"_id": "inv_2"}]


def test_indexes_are_kept_in_the_file(tmp_path: Path) -> None:
    replica = stocked(3, path=tmp_path / "shop.sqlite3")
    replica.execute("CREATE INDEX by_place ON inventory (location.aisle)")
    replica.close()
    again = open_replica(tmp_path / "shop.sqlite3")
    assert used(again, LOOK)
    again.check()
    again.close()


def test_what_the_app_needs_is_listed_with_the_others(replica: Replica) -> None:
    replica.ensure_indexes({"inventory": [[("store_id",), ("product_id",)]]})
    replica.execute("CREATE INDEX mine ON inventory (notes)")
    assert replica.execute("SELECT name, fields FROM system:indexes").items == [
        {"name": "mine", "fields": "notes"},
        {"name": "store_id_product_id", "fields": "store_id, product_id"},
    ]


def test_the_same_name_serves_two_collections(replica: Replica) -> None:
    replica.execute("INSERT INTO orders DOCUMENTS ({'_id': 'o', 'notes': 'x'})")
    for collection in ("inventory", "orders"):
        replica.execute(f"CREATE INDEX by_notes ON {collection} (notes)")
    assert len(replica.execute("SELECT * FROM system:indexes").items) == 2


def test_an_index_on_maps_is_refused(replica: Replica) -> None:
    with pytest.raises(IndexImpossible, match="location holds maps"):
        replica.execute("CREATE INDEX by_location ON inventory (location)")
    assert replica.execute("SELECT * FROM system:indexes").items == []


def test_names_are_taken_once(replica: Replica) -> None:
    replica.execute("CREATE INDEX a ON inventory (notes)")
    with pytest.raises(IndexExists):
        replica.execute("CREATE INDEX a ON inventory (store_id)")
    note = replica.execute("CREATE INDEX IF NOT EXISTS a ON inventory (store_id)").notes[0]
    assert "stays as it is" in note


def test_what_is_not_there_is_not_dropped(replica: Replica) -> None:
    replica.execute("CREATE INDEX by_notes ON inventory (notes)")
    with pytest.raises(IndexMissing, match="Did you mean by_notes"):
        replica.execute("DROP INDEX by_note ON inventory")
    assert replica.execute("DROP INDEX IF EXISTS by_note ON inventory").notes


@pytest.mark.parametrize("fields", ["_id", "notes, notes", "`a\\nb`", "a,b,c,d,e,f,g,h,i"])
def test_some_indexes_cannot_be(replica: Replica, fields: str) -> None:
    with pytest.raises(IndexImpossible):
        replica.execute(f"CREATE INDEX x ON inventory ({fields})")
    assert replica.execute("SELECT * FROM system:indexes").items == []


def test_indexes_are_not_made_within_transactions(replica: Replica) -> None:
    with pytest.raises(NotSupported), replica.transaction() as tx:
        tx.execute("CREATE INDEX x ON inventory (notes)")


def test_deleted_documents_are_in_no_index_and_in_no_count(replica: Replica) -> None:
    replica.execute("CREATE INDEX by_stock ON inventory (stock_level)")
    replica.execute("DELETE FROM inventory WHERE stock_level = 2")
    rows = replica.parts.database.query(
        'SELECT count(*) FROM c_inventory INDEXED BY "x_inventory.by_stock" WHERE body IS NOT NULL'
    )
    assert rows == [(2,)]
    assert replica.execute("SELECT COUNT(*) AS n FROM inventory").items == [{"n": 2}]


def test_values_of_every_kind_come_in_order_from_an_index(replica: Replica) -> None:
    values = [None, True, False, 1, 0, 1.5, -(2**60), "", "a", "[1]", "{", [2], [1, 5], {"a": 1}]
    with replica.transaction() as tx:
        for number, value in enumerate(values):
            tx.insert("kinds", {"_id": f"{number:02}", "v": value, "g": number % 2})
        tx.insert("kinds", {"_id": "none"})
    scan = "SELECT _id FROM kinds USE INDEX '' {where} ORDER BY v {way}, _id LIMIT 30"
    cases = [(w, d) for w in ("", "WHERE g = 1", "WHERE v > 0") for d in ("ASC", "DESC")]
    before = [replica.execute(scan.format(where=w, way=d)).items for w, d in cases]
    replica.execute("CREATE INDEX by_v ON kinds (v)")
    replica.execute("CREATE INDEX by_gv ON kinds (g, v)")
    for (where, way), wanted in zip(cases, before, strict=True):
        text = scan.replace("USE INDEX '' ", "").format(where=where, way=way)
        assert used(replica, text)
        assert replica.execute(text).items == wanted


def test_more_than_a_page_comes_from_an_index(replica: Replica) -> None:
    with replica.transaction() as tx:
        for number in range(1_300):
            tx.insert("many", shelf(f"{number:04}", stock_level=number // 3))
    replica.execute("CREATE INDEX by_stock ON many (stock_level)")
    found = replica.execute("SELECT _id FROM many WHERE stock_level >= 0").items
    assert [each["_id"] for each in found] == [f"{number:04}" for number in range(1_300)]
    text = "SELECT stock_level AS n FROM many ORDER BY stock_level LIMIT 1200"
    assert [each["n"] for each in replica.execute(text).items] == [n // 3 for n in range(1_200)]
