"""The checks of a data set's documents, one after the other as they pass by."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from app.domain import codes, money
from app.domain import collections as names
from app.domain.collections import Document
from app.domain.documents import KINDS
from app.domain.times import instant, iso_z
from datagen import schema
from datagen.checks.distributions import judged
from datagen.checks.result import CheckResult, Problems
from datagen.checks.tallies import Tallies
from datagen.collections import PRODUCT_EMBEDDINGS
from datagen.presets import RECENT_DAYS

COUNTS: Mapping[str, range] = {
    names.STORES: range(8, 9),
    names.CATEGORIES: range(9, 10),
    names.PRODUCT_TYPES: range(25, 36),
    names.PRODUCTS: range(400, 451),
    names.USERS: range(25, 26),
    names.INVENTORY: range(2_800, 3_400),
    names.CUSTOMERS: range(1, 1_000_001),
    names.ORDERS: range(1, 5_000_001),
    names.ORDER_ITEMS: range(1, 20_000_001),
}
"""How many documents each collection may hold, whatever the preset."""

KEYS: Mapping[str, str] = {
    names.STORES: "store_id",
    names.CUSTOMERS: "customer_id",
    names.CATEGORIES: "category_id",
    names.PRODUCT_TYPES: "type_id",
    names.PRODUCTS: "product_id",
    PRODUCT_EMBEDDINGS: "product_id",
    names.ORDERS: "order_id",
    names.USERS: "user_id",
    names.DEVICES: "device_id",
}
UNIQUE: Mapping[str, Mapping[str, str]] = {
    names.STORES: {"store_name": "store names are unique"},
    names.CATEGORIES: {"category_name": "category names are unique"},
    names.PRODUCTS: {
        "product_name": "product names are unique",
        "sku": "SKUs are unique",
        "barcode": "barcodes are unique",
    },
    names.CUSTOMERS: {"email": "e-mails are unique"},
    names.ORDERS: {"order_code": "order codes are unique"},
}
REFERENCES = {**names.REFERENCES, PRODUCT_EMBEDDINGS: {"product_id": names.PRODUCTS}}

SCHEMA = "documents have the form of the data model"
SIZE = "documents are small"
IDS = "ids are unique"
ID_FIELDS = "id fields repeat the id"
BARCODES = "barcodes are valid in-store numbers"
LINKS = "references lead somewhere"
PRICES = "prices follow from cost"
VECTORS = "vectors are whole"
LINES = "order lines add up"
TOTALS = "order totals agree"
COPIES = "items agree with their order"
STOCK = "stock and labels are sound"
SOLD = "shelves know of the last sales"
COUNTED = "counts are in range"
DATES = "dates are UTC and in the past"

_ISO_Z = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DATED = re.compile(r".+_at|.+_date|last_(updated|counted|seen)")


def run(
    documents: Iterable[tuple[str, Document]], *, as_of: str | datetime | None = None
) -> list[CheckResult]:
    """Every check over a data set. Without `as_of`, dates are checked for their form only."""
    return inspect(documents, as_of=as_of)[0]


def inspect(
    documents: Iterable[tuple[str, Document]], *, as_of: str | datetime | None = None
) -> tuple[list[CheckResult], Tallies]:
    """Every check, and what was counted for it on the way."""
    inspection = Inspection(None if as_of is None else instant(as_of))
    for collection, document in documents:
        inspection.look(collection, document)
    return inspection.results(), inspection.tallies


class Inspection:
    """The checks of one data set; documents are given to it in dependency order."""

    def __init__(self, as_of: datetime | None) -> None:
        unique = [check for fields in UNIQUE.values() for check in fields.values()]
        self._problems = Problems(
            [
                *(SCHEMA, SIZE, IDS, ID_FIELDS, *unique, BARCODES, LINKS, PRICES, VECTORS),
                *(LINES, TOTALS, COPIES, STOCK, SOLD, COUNTED, DATES),
            ]
        )
        self.tallies = Tallies()
        self._latest = None if as_of is None else iso_z(as_of)
        self._recent = None if as_of is None else iso_z(as_of - timedelta(days=RECENT_DAYS))
        self._ids: dict[str, set[str]] = defaultdict(set)
        self._owners: dict[tuple[str, str], dict[Any, str]] = defaultdict(dict)
        self._stores: dict[str, Document] = {}
        self._orders: dict[str, list[Any]] = {}
        self._touched: dict[tuple[str, str], str] = {}
        self._special = {
            names.STORES: self._store,
            names.PRODUCTS: self._product,
            PRODUCT_EMBEDDINGS: self._embedding,
            names.INVENTORY: self._inventory,
            names.ORDERS: self._order,
            names.ORDER_ITEMS: self._item,
        }

    def look(self, collection: str, document: Document) -> None:
        """Check one document; one of no sound form is not looked at further."""
        doc_id = document.get("_id")
        if doc_id in self._ids[collection]:
            self._problems.add(IDS, f"{collection} holds {doc_id} twice")
        self._ids[collection].add(str(doc_id))
        self._form(collection, document)
        try:
            self._common(collection, document)
            if collection in self._special:
                self._special[collection](document)
            self.tallies.add(collection, document)
        except (KeyError, TypeError, ValueError) as error:
            told = f"{collection} {doc_id} lacks {error}, or names one that is missing"
            self._problems.add(SCHEMA, told)

    def results(self) -> list[CheckResult]:
        """The outcome of every check, and of the distributions."""
        for order_id, left in self._orders.items():
            if any(left[:3]):
                self._problems.add(TOTALS, f"order {order_id} does not add up")
        for collection, allowed in COUNTS.items():
            count = len(self._ids[collection])
            if count not in allowed:
                told = f"{collection} holds {count:,} documents, "
                self._problems.add(COUNTED, f"{told}not {allowed[0]:,} to {allowed[-1]:,}")
        return [*self._problems.results(), *judged(self.tallies)]

    def _form(self, collection: str, document: Document) -> None:
        if told := schema.problem(collection, document):
            self._problems.add(SCHEMA, told)
        kind = KINDS.get(collection)
        size = len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())
        if kind is not None and size > kind.bytes_max:
            told = f"{collection} {document.get('_id')} has {size:,} bytes"
            self._problems.add(SIZE, f"{told}, over {kind.bytes_max:,}")

    def _common(self, collection: str, document: Document) -> None:
        doc_id, add = document["_id"], self._problems.add
        key = KEYS.get(collection)
        if key is not None and document[key] != doc_id:
            add(ID_FIELDS, f"{collection} {doc_id} has another {key}: {document[key]!r}")
        for field, check in UNIQUE.get(collection, {}).items():
            value = document.get(field)
            other = self._owners[collection, field].setdefault(value, doc_id)
            if other != doc_id or value is None:
                add(check, f"{other} and {doc_id} share the {field} {value!r}")
        for field, target in REFERENCES.get(collection, {}).items():
            value = document.get(field)
            if value and value not in self._ids[target]:
                add(LINKS, f"{collection} {doc_id} names the {field} {value!r}, which is missing")
        for field, value in document.items():
            if value is not None and _DATED.fullmatch(field):
                self._date(f"{collection} {doc_id}", field, value)

    def _date(self, which: str, field: str, value: Any) -> None:
        if not (isinstance(value, str) and _ISO_Z.fullmatch(value)):
            self._problems.add(DATES, f"{which} has the {field} {value!r}")
        elif self._latest and value > self._latest:
            self._problems.add(DATES, f"{which} is dated {value}, after {self._latest}")

    def _store(self, store: Document) -> None:
        self._stores[store["_id"]] = store

    def _product(self, product: Document) -> None:
        if not codes.is_in_store(product["barcode"]):
            self._problems.add(BARCODES, f"{product['_id']} has the barcode {product['barcode']!r}")
        expected = money.retail_cents(money.to_cents(product["cost"]))
        if money.to_cents(product["base_price"]) != expected:
            told = f"{product['_id']} costs {product['base_price']}"
            self._problems.add(PRICES, f"{told}, not {money.from_cents(expected)}")

    def _embedding(self, document: Document) -> None:
        for field, size in (
            ("description_embedding", "dimensions"),
            ("image_embedding", "image_dimensions"),
        ):
            vector = document.get(field)
            if vector is None and field == "image_embedding":
                continue
            length = sum(number * number for number in vector)
            if len(vector) != document[size] or not 0.98 < length < 1.02:
                self._problems.add(VECTORS, f"the {field} of {document['_id']} is not whole")

    def _inventory(self, row: Document) -> None:
        if type(row["stock_level"]) is not int or row["stock_level"] < 0:
            self._problems.add(STOCK, f"inventory {row['_id']} holds {row['stock_level']!r}")
        code = self._stores[row["store_id"]]["store_code"]
        if row["label_code"] != codes.label_code(code, row["location"]):
            self._problems.add(STOCK, f"inventory {row['_id']} is labelled {row['label_code']!r}")
        key = row["store_id"], row["product_id"]
        self._touched[key] = max(self._touched.get(key, ""), row["last_updated"])

    def _order(self, order: Document) -> None:
        subtotal, discount, tax, total = (
            money.to_cents(order[key]) for key in ("subtotal", "discount_total", "tax", "total")
        )
        net = subtotal - discount
        expected = money.share(net, self._stores[order["store_id"]]["tax_rate_bp"])
        if tax != expected or total != net + tax:
            self._problems.add(TOTALS, f"order {order['_id']} does not add up")
        off_lines = discount - money.to_cents(order.get("order_discount") or 0)
        self._orders[order["_id"]] = [
            *(order["item_count"], subtotal, off_lines),
            *(order["store_id"], order["customer_id"], order["status"] == "cancelled"),
        ]

    def _item(self, item: Document) -> None:
        gross = money.to_cents(item["unit_price"]) * item["quantity"]
        discount = money.share(gross, money.basis_points(item["discount_percent"]))
        stated = money.to_cents(item["discount_amount"]), money.to_cents(item["line_total"])
        if stated != (discount, gross - discount):
            self._problems.add(LINES, f"order item {item['_id']} does not add up")
        left = self._orders.get(item["order_id"])
        if left is None:
            return
        left[0] -= 1
        left[1] -= gross
        left[2] -= stated[0]
        if left[3:5] != [item["store_id"], item["customer_id"]]:
            self._problems.add(COPIES, f"order item {item['_id']} differs from its order")
        if self._recent and item["created_at"] > self._recent and not left[5]:
            key = item["store_id"], item["product_id"]
            if self._touched.get(key, "") < item["created_at"]:
                self._problems.add(SOLD, f"{key[1]} sold in {key[0]} after its shelf was touched")
