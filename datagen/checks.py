"""Whether a data set keeps its promises: named checks over (collection, document) pairs.

Each check answers with what it looked at, or with the first document that breaks it and what to do.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain import codes, money
from app.domain import collections as names
from app.domain.collections import Document
from app.domain.times import iso_z

Tables = Mapping[str, Mapping[str, Document]]

_REMEDY = "Generate the data set again, or correct this document where it is written."
_ISO_Z = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DATED = re.compile(r".+_at|.+_date|last_.+")

COUNTS: Mapping[str, range] = {
    names.STORES: range(8, 9),
    names.CATEGORIES: range(9, 10),
    names.PRODUCT_TYPES: range(25, 36),
    names.PRODUCTS: range(400, 451),
    names.USERS: range(25, 26),
    names.INVENTORY: range(2_800, 3_400),
    names.CUSTOMERS: range(1, 50_001),
    names.ORDERS: range(1, 200_001),
    names.ORDER_ITEMS: range(1, 500_001),
}
"""How many documents each collection of the data model may hold, whatever the preset."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check; `remedy` is empty when it passed."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def run(
    documents: Iterable[tuple[str, Document]], *, as_of: str | datetime | None = None
) -> list[CheckResult]:
    """Every check over a data set. Without `as_of`, dates are checked for their form only."""
    tables: dict[str, dict[str, Document]] = defaultdict(dict)
    repeated = []
    for collection, document in documents:
        if document["_id"] in tables[collection]:
            repeated.append(f"{collection} holds {document['_id']} twice")
        tables[collection][document["_id"]] = document
    latest = iso_z(as_of) if as_of else None
    results = [_result("ids are unique", iter(repeated))]
    results += [_result(name, check(tables)) for name, check in _CHECKS.items()]
    return [*results, _result("dates are UTC and in the past", _bad_dates(tables, latest))]


def _result(name: str, problems: Iterator[str]) -> CheckResult:
    try:
        found = list(problems)
    except KeyError as error:
        found = [f"a document lacks {error}, or names one that is missing"]
    if not found:
        return CheckResult(name, True, "all documents pass")
    others = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return CheckResult(name, False, f"{found[0]}{others}", _REMEDY)


def _repeats(collection: str, field: str) -> Callable[[Tables], Iterator[str]]:
    def problems(tables: Tables) -> Iterator[str]:
        owners: dict[Any, str] = {}
        for doc_id, document in tables[collection].items():
            other = owners.setdefault(document[field], doc_id)
            if other != doc_id:
                yield f"{other} and {doc_id} share the {field} {document[field]!r}"

    return problems


def _bad_barcodes(tables: Tables) -> Iterator[str]:
    for doc_id, product in tables[names.PRODUCTS].items():
        if not codes.is_in_store(product["barcode"]):
            yield f"{doc_id} has the barcode {product['barcode']!r}"


def _bad_references(tables: Tables) -> Iterator[str]:
    for collection, fields in names.REFERENCES.items():
        for doc_id, document in tables[collection].items():
            for field, target in fields.items():
                value = document.get(field)
                if value is not None and value not in tables[target]:
                    yield f"{collection} {doc_id} names the {field} {value!r}, which is missing"


def _bad_keys(tables: Tables) -> Iterator[str]:
    keys = {
        names.STORES: "store_id",
        names.CUSTOMERS: "customer_id",
        names.CATEGORIES: "category_id",
        names.PRODUCT_TYPES: "type_id",
        names.PRODUCTS: "product_id",
        names.ORDERS: "order_id",
        names.USERS: "user_id",
        names.DEVICES: "device_id",
    }
    for collection, field in keys.items():
        for doc_id, document in tables[collection].items():
            if document[field] != doc_id:
                yield f"{collection} {doc_id} has another {field}: {document[field]!r}"


def _bad_prices(tables: Tables) -> Iterator[str]:
    for doc_id, product in tables[names.PRODUCTS].items():
        expected = money.retail_cents(money.to_cents(product["cost"]))
        if money.to_cents(product["base_price"]) != expected:
            yield f"{doc_id} costs {product['base_price']}, not {money.from_cents(expected)}"


def _bad_lines(tables: Tables) -> Iterator[str]:
    for doc_id, item in tables[names.ORDER_ITEMS].items():
        gross = money.to_cents(item["unit_price"]) * item["quantity"]
        discount = money.share(gross, money.basis_points(item["discount_percent"]))
        stated = money.to_cents(item["discount_amount"]), money.to_cents(item["line_total"])
        if stated != (discount, gross - discount):
            yield f"order item {doc_id} does not add up"


def _bad_totals(tables: Tables) -> Iterator[str]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for item in tables[names.ORDER_ITEMS].values():
        total = sums[item["order_id"]]
        total[0] += 1
        total[1] += money.to_cents(item["unit_price"]) * item["quantity"]
        total[2] += money.to_cents(item["discount_amount"])
    for doc_id, order in tables[names.ORDERS].items():
        cents = {key: money.to_cents(order[key]) for key in ("subtotal", "discount_total", "tax")}
        stated = [order["item_count"], cents["subtotal"], cents["discount_total"]]
        rate = tables[names.STORES][order["store_id"]]["tax_rate_bp"]
        net = cents["subtotal"] - cents["discount_total"]
        taxed = cents["tax"] == money.share(net, rate)
        if (
            stated != sums[doc_id]
            or not taxed
            or money.to_cents(order["total"]) != net + cents["tax"]
        ):
            yield f"order {doc_id} does not add up"


def _bad_copies(tables: Tables) -> Iterator[str]:
    """Store and customer on an item are copies of its order's, so that permissions need no join."""
    for doc_id, item in tables[names.ORDER_ITEMS].items():
        order = tables[names.ORDERS].get(item["order_id"])
        if order and any(item[key] != order[key] for key in ("store_id", "customer_id")):
            yield f"order item {doc_id} differs from its order"


def _bad_stock(tables: Tables) -> Iterator[str]:
    for doc_id, row in tables[names.INVENTORY].items():
        store_code = tables[names.STORES][row["store_id"]]["store_code"]
        if type(row["stock_level"]) is not int or row["stock_level"] < 0:
            yield f"inventory {doc_id} holds {row['stock_level']!r}"
        elif row["label_code"] != codes.label_code(store_code, row["location"]):
            yield f"inventory {doc_id} is labelled {row['label_code']!r}"


def _bad_counts(tables: Tables) -> Iterator[str]:
    for collection, allowed in COUNTS.items():
        count = len(tables[collection])
        if count not in allowed:
            yield f"{collection} holds {count:,} documents, not {allowed[0]:,} to {allowed[-1]:,}"


def _bad_dates(tables: Tables, latest: str | None) -> Iterator[str]:
    for collection, table in tables.items():
        for doc_id, document in table.items():
            for field, value in document.items():
                if not _DATED.fullmatch(field) or field == "last_name":
                    continue
                if not (isinstance(value, str) and _ISO_Z.fullmatch(value)):
                    yield f"{collection} {doc_id} has the {field} {value!r}"
                elif latest and value > latest:
                    yield f"{collection} {doc_id} is dated {value}, after {latest}"


_CHECKS: Mapping[str, Callable[[Tables], Iterator[str]]] = {
    "id fields repeat the id": _bad_keys,
    "product names are unique": _repeats(names.PRODUCTS, "product_name"),
    "SKUs are unique": _repeats(names.PRODUCTS, "sku"),
    "barcodes are unique": _repeats(names.PRODUCTS, "barcode"),
    "e-mails are unique": _repeats(names.CUSTOMERS, "email"),
    "order codes are unique": _repeats(names.ORDERS, "order_code"),
    "barcodes are valid in-store numbers": _bad_barcodes,
    "references lead somewhere": _bad_references,
    "prices follow from cost": _bad_prices,
    "order lines add up": _bad_lines,
    "order totals agree": _bad_totals,
    "items agree with their order": _bad_copies,
    "stock and labels are sound": _bad_stock,
    "counts are in range": _bad_counts,
}
