"""Names of the collections, and what a replica must know about each of them.

Which fields are counters (C4), which fields only keep the books (a conflict on them interests
nobody), and which paths a device's replica indexes. A path is a tuple of keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Document = dict[str, Any]
Path = tuple[str, ...]

STORES: Final = "stores"
CUSTOMERS: Final = "customers"
CATEGORIES: Final = "categories"
PRODUCT_TYPES: Final = "product_types"
PRODUCTS: Final = "products"
INVENTORY: Final = "inventory"
ORDERS: Final = "orders"
ORDER_ITEMS: Final = "order_items"
USERS: Final = "users"
DEVICES: Final = "devices"

SYNCED: Final[list[str]] = [
    STORES,
    CATEGORIES,
    PRODUCT_TYPES,
    PRODUCTS,
    USERS,
    DEVICES,
    CUSTOMERS,
    INVENTORY,
    ORDERS,
    ORDER_ITEMS,
]
"""Every synced collection, in dependency order: documents refer only to earlier ones."""

COUNTER_FIELDS: Final[Mapping[str, set[Path]]] = {INVENTORY: {("stock_level",)}}
"""Fields written by increment and restart, never by plain SET (C4)."""

HOUSEKEEPING: Final = frozenset(
    {"updated_at", "last_updated", "created_at", "last_seen", "deleted_at"}
)
"""Top-level fields every write touches; conflict lists hide them because they carry no decision."""

INDEXES: Final[Mapping[str, list[list[Path]]]] = {
    INVENTORY: [[("store_id",)], [("product_id",)], [("store_id",), ("product_id",)]],
    ORDERS: [[("store_id",)], [("customer_id",)], [("order_date",)]],
    ORDER_ITEMS: [[("order_id",)]],
    CUSTOMERS: [[("primary_store_id",)], [("assigned_rep_id",)]],
    PRODUCTS: [[("sku",)], [("barcode",)], [("category_id",)]],
}
"""Paths a device's replica indexes; each entry is one index over one or more paths."""

REFERENCES: Final[Mapping[str, Mapping[str, str]]] = {
    PRODUCT_TYPES: {"category_id": CATEGORIES},
    PRODUCTS: {"category_id": CATEGORIES, "type_id": PRODUCT_TYPES},
    USERS: {"store_id": STORES},
    DEVICES: {"store_id": STORES, "user_id": USERS},
    CUSTOMERS: {"primary_store_id": STORES, "assigned_rep_id": USERS},
    INVENTORY: {"store_id": STORES, "product_id": PRODUCTS},
    ORDERS: {"store_id": STORES, "customer_id": CUSTOMERS, "created_by": USERS},
    ORDER_ITEMS: {
        "order_id": ORDERS,
        "product_id": PRODUCTS,
        "store_id": STORES,
        "customer_id": CUSTOMERS,
    },
}
"""Foreign keys: collection, field, and the collection whose `_id` it names; null names nothing."""
