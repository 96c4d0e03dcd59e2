"""Every index of the database in one table, as data. Pure.

Those of the data model, those that our own queries need, and partial ones for what is not deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Keys: TypeAlias = tuple[tuple[str, int | str], ...]

ALIVE: Final[Mapping[str, Any]] = {"deleted": False}
GIVEN: Final[Mapping[str, Any]] = {"$gt": ""}
"""Of a text: it is there and not empty. Who has no e-mail address has it in common with others."""


@dataclass(frozen=True, slots=True)
class Index:
    """One index as it should be."""

    collection: str
    keys: Keys
    unique: bool = False
    partial: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As MongoDB would name it; partial ones say so."""
        name = "_".join(f"{path}_{way}" for path, way in self.keys)
        return f"{name}_partial" if self.partial else name

    @property
    def is_text(self) -> bool:
        """Whether it is for searching words."""
        return any(way == "text" for _, way in self.keys)

    @property
    def options(self) -> dict[str, Any]:
        """As `create_index` takes them."""
        found: dict[str, Any] = {"name": self.name}
        if self.unique:
            found["unique"] = True
        if self.partial:
            found["partialFilterExpression"] = dict(self.partial)
        return found


def _on(collection: str, *paths: str, **more: Any) -> Index:
    """Ascending over these paths; a leading minus is descending."""
    keys = tuple((path.lstrip("-"), -1 if path.startswith("-") else 1) for path in paths)
    return Index(collection, keys, **more)


INDEXES: Final = (
    _on("stores", "store_id", unique=True),
    _on("categories", "category_id", unique=True),
    _on("product_types", "type_id", unique=True),
    _on("product_types", "category_id"),
    _on("products", "product_id", unique=True),
    _on("products", "sku", unique=True),
    _on("products", "barcode", unique=True, partial={"barcode": GIVEN}),
    _on("products", "category_id"),
    _on("products", "type_id"),
    _on("products", "deleted"),
    Index("products", (("product_name", "text"), ("product_description", "text"))),
    _on("product_embeddings", "product_id", unique=True),
    _on("users", "user_id", unique=True),
    _on("users", "store_id"),
    _on("devices", "user_id"),
    _on("customers", "customer_id", unique=True),
    _on("customers", "email", unique=True, partial={"email": GIVEN}),
    _on("customers", "primary_store_id"),
    _on("customers", "assigned_rep_id", "last_name", partial=ALIVE),
    _on("customers", "deleted"),
    _on("inventory", "store_id"),
    _on("inventory", "product_id"),
    _on("inventory", "store_id", "product_id"),
    _on("inventory", "store_id", "stock_level", partial=ALIVE),
    _on("orders", "order_id", unique=True),
    _on("orders", "order_code", unique=True, partial={"order_code": GIVEN}),
    _on("orders", "customer_id"),
    _on("orders", "store_id"),
    _on("orders", "-order_date"),
    _on("orders", "status"),
    _on("orders", "deleted"),
    _on("orders", "store_id", "-order_date", partial=ALIVE),
    _on("order_items", "order_id"),
    _on("order_items", "product_id"),
    _on("order_items", "store_id"),
)
COLLECTIONS: Final = tuple(dict.fromkeys(index.collection for index in INDEXES))
