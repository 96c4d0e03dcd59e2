"""Every statement of the pages the project was created from, on the demo data.

They are the statements as printed there (data model, architecture, readme); the readme's older
builder form is translated, and ``$user.store_id`` of its permission rules is a parameter. What must
come out is computed from the generated documents in plain Python, without any engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from datagen.generate import generate
from sync.local import Replica
from tests.helpers.replicas import open_replica

AS_OF = "2026-11-20T18:00:00Z"
START_DATE = "2026-10-21T18:00:00Z"
CHUNK_DOCUMENTS = 2_000

Document = dict[str, Any]
Data = dict[str, list[Document]]


@dataclass(frozen=True, slots=True)
class Printed:
    """A SELECT of the pages. ``args`` picks the values of its parameters from the data."""

    page: str
    collection: str
    statement: str
    wanted: Callable[[Document, dict[str, Any], Data], bool]
    args: Callable[[Data], dict[str, Any]] = field(default=lambda _data: {})


def _seattle(_data: Data) -> dict[str, Any]:
    return {"storeId": "store_seattle"}


def _an_order(data: Data) -> dict[str, Any]:
    return {"orderId": data["orders"][41]["_id"]}


def _a_shelf(data: Data) -> dict[str, Any]:
    shelf = next(each for each in data["inventory"] if each["store_id"] == "store_seattle")
    return {"storeId": "store_seattle", "productId": shelf["product_id"]}


def _some_customers(data: Data) -> dict[str, Any]:
    return {"customerIds": [each["customer_id"] for each in data["customers"][:100:33]]}


def _orders_of(data: Data, store_id: str) -> set[str]:
    return {each["order_id"] for each in data["orders"] if each["store_id"] == store_id}


PRINTED = [
    Printed(
        "data model: get order",
        "orders",
        "SELECT * FROM orders WHERE _id = :orderId",
        lambda doc, args, data: doc["_id"] == args["orderId"],
        _an_order,
    ),
    Printed(
        "data model: get items of an order",
        "order_items",
        "SELECT * FROM order_items WHERE order_id = :orderId AND deleted = false",
        lambda doc, args, data: doc["order_id"] == args["orderId"] and not doc["deleted"],
        _an_order,
    ),
    Printed(
        "data model: inventory of a store",
        "inventory",
        "SELECT * FROM inventory WHERE store_id = :storeId AND deleted = false",
        lambda doc, args, data: doc["store_id"] == args["storeId"] and not doc["deleted"],
        _seattle,
    ),
    Printed(
        "data model: location of a product in a store",
        "inventory",
        "SELECT * FROM inventory WHERE store_id = :storeId AND product_id = :productId"
        " AND deleted = false",
        lambda doc, args, data: (
            (doc["store_id"], doc["product_id"]) == (args["storeId"], args["productId"])
        ),
        _a_shelf,
    ),
    Printed(
        "data model: low stock",
        "inventory",
        "SELECT * FROM inventory WHERE store_id = :storeId AND stock_level <= reorder_threshold"
        " AND deleted = false",
        lambda doc, args, data: (
            doc["store_id"] == args["storeId"] and doc["stock_level"] <= doc["reorder_threshold"]
        ),
        _seattle,
    ),
    Printed(
        "data model: customer by e-mail",
        "customers",
        "SELECT * FROM customers WHERE email = :email AND deleted = false",
        lambda doc, args, data: doc["email"] == args["email"],
        lambda data: {"email": data["customers"][7]["email"]},
    ),
    Printed(
        "data model: by store, in one line",
        "inventory",
        "SELECT * FROM inventory WHERE store_id = 'store_seattle'",
        lambda doc, args, data: doc["store_id"] == "store_seattle",
    ),
    Printed(
        "data model: by a product that the data set does not have",
        "inventory",
        "SELECT * FROM inventory WHERE product_id = 'prod_drill_001'",
        lambda doc, args, data: doc["product_id"] == "prod_drill_001",
    ),
    Printed(
        "data model: by store and product, in one line",
        "inventory",
        "SELECT * FROM inventory WHERE store_id = 'store_seattle'"
        " AND product_id = 'prod_drill_001'",
        lambda doc, args, data: doc["product_id"] == "prod_drill_001",
    ),
    Printed(
        "data model: subscription to the inventory of a store",
        "inventory",
        "SELECT * FROM inventory WHERE store_id = :storeId",
        lambda doc, args, data: doc["store_id"] == args["storeId"],
        _seattle,
    ),
    Printed(
        "data model: subscription to the orders of a store",
        "orders",
        "SELECT * FROM orders WHERE store_id = :storeId",
        lambda doc, args, data: doc["store_id"] == args["storeId"],
        _seattle,
    ),
    Printed(
        "data model: subscription to assigned customers",
        "customers",
        "SELECT * FROM customers WHERE customer_id IN :customerIds",
        lambda doc, args, data: doc["customer_id"] in args["customerIds"],
        _some_customers,
    ),
    Printed(
        "data model: subscription to the orders of assigned customers",
        "orders",
        "SELECT * FROM orders WHERE customer_id IN :customerIds",
        lambda doc, args, data: doc["customer_id"] in args["customerIds"],
        _some_customers,
    ),
    Printed(
        "data model: subscription to recent orders",
        "orders",
        "SELECT * FROM orders WHERE order_date > :startDate",
        lambda doc, args, data: doc["order_date"] > args["startDate"],
        lambda data: {"startDate": START_DATE},
    ),
    Printed(
        "data model: subscription to the catalogue",
        "products",
        "SELECT * FROM products WHERE deleted = false",
        lambda doc, args, data: not doc["deleted"],
    ),
    Printed(
        "architecture: subscription to the order items of a store",
        "order_items",
        "SELECT * FROM order_items WHERE order_id IN"
        " (SELECT order_id FROM orders WHERE store_id = :storeId)",
        lambda doc, args, data: doc["order_id"] in _orders_of(data, args["storeId"]),
        _seattle,
    ),
    Printed(
        "architecture: subscription to the categories",
        "categories",
        "SELECT * FROM categories WHERE deleted = false",
        lambda doc, args, data: not doc["deleted"],
    ),
    Printed(
        "architecture: which customers a store may see",
        "customers",
        "SELECT * FROM customers WHERE primary_store_id = :storeId",
        lambda doc, args, data: doc["primary_store_id"] == args["storeId"],
        _seattle,
    ),
    Printed(
        "readme: subscription of a store manager",
        "inventory",
        "SELECT * FROM inventory WHERE store_id == 'store_seattle' AND deleted == false",
        lambda doc, args, data: doc["store_id"] == "store_seattle" and not doc["deleted"],
    ),
    Printed(
        "readme: an order by its id field",
        "orders",
        "SELECT * FROM orders WHERE order_id == 'order_123'",
        lambda doc, args, data: doc["order_id"] == "order_123",
    ),
    Printed(
        "readme: its items",
        "order_items",
        "SELECT * FROM order_items WHERE order_id == 'order_123'",
        lambda doc, args, data: doc["order_id"] == "order_123",
    ),
    Printed(
        "readme: live query of a store",
        "inventory",
        "SELECT * FROM inventory WHERE store_id == 'store_seattle'",
        lambda doc, args, data: doc["store_id"] == "store_seattle",
    ),
]


@pytest.fixture(scope="module")
def data() -> Data:
    """The demo data set, by collection."""
    found: Data = {}
    for collection, document in generate("demo", seed=7, as_of=AS_OF):
        found.setdefault(collection, []).append(document)
    return found


@pytest.fixture(scope="module")
def replica(data: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """A file with the demo data."""
    replica = open_replica(tmp_path_factory.mktemp("demo") / "demo.sqlite3")
    source = iter([(name, doc) for name, documents in data.items() for doc in documents])
    while chunk := list(islice(source, CHUNK_DOCUMENTS)):
        with replica.transaction() as tx:
            for collection, document in chunk:
                tx.insert(collection, document)
    yield replica
    replica.close()


def by_id(documents: list[Document]) -> list[Document]:
    return sorted(documents, key=lambda document: str(document["_id"]))


@pytest.mark.parametrize("printed", PRINTED, ids=lambda each: each.page)
def test_a_printed_select(printed: Printed, data: Data, replica: Replica) -> None:
    args = printed.args(data)
    wanted = [each for each in data[printed.collection] if printed.wanted(each, args, data)]
    assert by_id(list(replica.execute(printed.statement, args).items)) == by_id(wanted)


def test_most_of_them_find_something(data: Data) -> None:
    """So that the tests above prove more than agreement about nothing."""
    empty = [
        each.page
        for each in PRINTED
        if not any(each.wanted(doc, each.args(data), data) for doc in data[each.collection])
    ]
    assert len(empty) == 4, empty


def test_the_printed_update_sells_from_a_counter(tmp_path: Path) -> None:
    """``SET stock_level = stock_level - :quantity`` of the data model is an increment."""
    replica = open_replica(tmp_path / "shop.sqlite3")
    shelf = {"_id": "550e8400", "store_id": "store_seattle", "stock_level": 50, "deleted": False}
    with replica.transaction() as tx:
        tx.insert("inventory", shelf)
    with replica.transaction() as tx:  # from here on it is known to be a counter
        tx.increment("inventory", shelf["_id"], ("stock_level",), 2)
    statement = """
        UPDATE inventory
        SET stock_level = stock_level - :quantity,
            last_updated = :timestamp
        WHERE _id = :inventoryId
    """
    args = {"quantity": 5, "timestamp": AS_OF, "inventoryId": shelf["_id"]}
    result = replica.execute(statement, args)
    assert list(result.mutated_ids) == [shelf["_id"]]
    assert replica.get("inventory", shelf["_id"]) == {
        **shelf,
        "stock_level": 47,
        "last_updated": AS_OF,
    }
    assert any("increment" in note for note in result.notes), result.notes
    replica.close()


def test_the_readme_sets_a_stock_level(tmp_path: Path) -> None:
    """``findById(…).update(doc["stock_level"].set(newStock))``, in today's words."""
    replica = open_replica(tmp_path / "shop.sqlite3")
    with replica.transaction() as tx:
        tx.insert("inventory", {"_id": "i", "stock_level": 50})
    args = {"newStock": 37, "id": "i"}
    replica.execute("UPDATE inventory SET stock_level = :newStock WHERE _id = :id", args)
    assert replica.get("inventory", "i") == {"_id": "i", "stock_level": 37}
    replica.close()
