"""What a hub knows of the data it serves: its collections, the roles, the fields of documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ROLES: Final = ("worker", "rep", "manager", "super")
SUPER: Final = "super"

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "stores": (
        *("store_id", "store_code", "store_name", "rls_user_id", "is_online", "location"),
        *("tax_rate_bp", "created_at"),
    ),
    "categories": ("category_id", "category_name", "seasonal_multipliers"),
    "product_types": ("type_id", "type_name", "category_id"),
    "products": (
        *("product_id", "product_name", "product_description", "sku", "barcode"),
        *("category_id", "type_id", "base_price", "cost", "gross_margin_percent"),
        *("specifications", "image_url", "created_at", "updated_at"),
    ),
    "users": ("user_id", "login", "display_name", "initials", "role", "store_id", "store_code"),
    "devices": (
        *("device_id", "device_code", "device_name", "user_id", "store_id", "last_seen"),
        "codes",
    ),
    "customers": (
        *("customer_id", "first_name", "last_name", "email", "phone", "primary_store_id"),
        *("assigned_rep_id", "created_at", "updated_at"),
    ),
    "inventory": (
        *("product_id", "store_id", "label_code", "location", "notes", "stock_level"),
        *("reorder_threshold", "last_counted", "last_updated"),
    ),
    "orders": (
        *("order_id", "order_code", "order_date", "customer_id", "customer_name"),
        *("customer_email", "store_id", "store_name", "status", "created_by", "item_count"),
        *("subtotal", "tax", "discount_total", "total", "order_discount"),
        *("order_discount_percent", "created_at", "updated_at"),
    ),
    "order_items": (
        *("order_id", "product_id", "product_name", "sku", "store_id", "customer_id"),
        *("quantity", "unit_price", "line_total", "discount_amount", "discount_percent"),
        "created_at",
    ),
}
"""The fields that documents have, for finding slips in rules; any document may carry others."""
EVERYWHERE: Final = ("_id", "deleted", "deleted_at")
"""Fields of every document."""

COLLECTIONS: Final = tuple(FIELDS)
"""Everything that syncs. A write to any other collection is refused, whoever makes it."""
