"""What is counted of a data set while it passes by: for its distributions and for its report."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from app.domain import collections as names
from app.domain.collections import Document
from datagen.seasons import PACIFIC

HOURS_CACHED = 100_000


@lru_cache(maxsize=HOURS_CACHED)
def local_hour(hour: str) -> tuple[date, int]:
    """Day and hour in the stores' time of an instant cut off after its hour."""
    at = datetime.fromisoformat(f"{hour}:00:00+00:00").astimezone(PACIFIC)
    return at.date(), at.hour


class Tallies:
    """Counts of orders, items, customers and stock; days and hours in the stores' time."""

    def __init__(self) -> None:
        self.documents: Counter[str] = Counter()
        self.store_names: dict[str, str] = {}
        self.online: set[str] = set()
        self.categories: dict[str, Document] = {}
        self.category_of: dict[str, str] = {}
        self.prices: list[float] = []
        self.orders: Counter[tuple[date, str]] = Counter()
        """By day and store."""
        self.hours: Counter[tuple[bool, int]] = Counter()
        """By whether it is the online store, and hour."""
        self.baskets: Counter[int] = Counter()
        self.revenue: Counter[int] = Counter()
        """Whole dollars by year."""
        self.statuses: Counter[str] = Counter()
        self.items: Counter[tuple[tuple[int, int], str]] = Counter()
        """By (year, month) and category."""
        self.customers: Counter[str] = Counter()
        self.shelves: dict[str, Counter[tuple[str, str, str]]] = {}
        """By store: aisle, shelf, and whether stock is `ok`, `low` or `out`."""
        self.zones: dict[str, dict[str, Counter[str]]] = {}
        """By store and aisle: how many rows of each category."""

    def add(self, collection: str, document: Document) -> None:
        """Count one document."""
        self.documents[collection] += 1
        handler: Any = _HANDLERS.get(collection)
        if handler is not None:
            handler(self, document)

    def _store(self, store: Document) -> None:
        self.store_names[store["_id"]] = store["store_name"].removeprefix("Zava Retail ")
        if store["is_online"]:
            self.online.add(store["_id"])

    def _category(self, category: Document) -> None:
        self.categories[category["_id"]] = category

    def _product(self, product: Document) -> None:
        self.category_of[product["_id"]] = product["category_id"]
        self.prices.append(product["base_price"])

    def _customer(self, customer: Document) -> None:
        self.customers[customer["primary_store_id"]] += 1

    def _inventory(self, row: Document) -> None:
        level, place = row["stock_level"], row["location"]
        state = "out" if level <= 0 else "low" if level <= row["reorder_threshold"] else "ok"
        shelves = self.shelves.setdefault(row["store_id"], Counter())
        shelves[place["aisle"], place["shelf"], state] += 1
        zones = self.zones.setdefault(row["store_id"], {})
        category = self.category_of[row["product_id"]]
        zones.setdefault(place["aisle"], Counter())[category] += 1

    def _order(self, order: Document) -> None:
        day, hour = local_hour(order["order_date"][:13])
        self.orders[day, order["store_id"]] += 1
        self.hours[order["store_id"] in self.online, hour] += 1
        self.baskets[order["item_count"]] += 1
        self.statuses[order["status"]] += 1
        self.revenue[day.year] += round(order["total"])

    def _item(self, item: Document) -> None:
        day, _ = local_hour(item["created_at"][:13])
        self.items[(day.year, day.month), self.category_of[item["product_id"]]] += 1


_HANDLERS = {
    names.STORES: Tallies._store,
    names.CATEGORIES: Tallies._category,
    names.PRODUCTS: Tallies._product,
    names.CUSTOMERS: Tallies._customer,
    names.INVENTORY: Tallies._inventory,
    names.ORDERS: Tallies._order,
    names.ORDER_ITEMS: Tallies._item,
}
