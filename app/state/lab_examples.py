"""Statements a tester can begin with, about the documents on show in the lab."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.scenario import Cast


@dataclass(frozen=True, slots=True)
class Example:
    """A statement and values of its parameters, under a short name."""

    label: str
    statement: str
    values: dict[str, str] = field(default_factory=dict)


def examples(cast: Cast) -> tuple[Example, ...]:
    """One of each kind: a row, a list, groups, a change, a plan, reasons, the device itself."""
    return (
        Example(
            "This product",
            "SELECT location.bin AS bin, stock_level, notes\n"
            "FROM inventory\nWHERE product_id = :product AND deleted = false",
            {"product": cast.product_id},
        ),
        Example(
            "Low stock",
            "SELECT stock_level, reorder_threshold, product_id\n"
            "FROM inventory WHERE deleted = false\n"
            "  AND stock_level <= reorder_threshold\n"
            "ORDER BY stock_level",
        ),
        Example(
            "Orders by status",
            "SELECT status, COUNT(*) AS orders, SUM(total) AS total\nFROM orders GROUP BY status",
        ),
        Example(
            "Take one away",
            "UPDATE inventory APPLY stock_level INCREMENT BY -1\nWHERE _id = :place",
            {"place": cast.inventory_id},
        ),
        Example(
            "Its plan",
            "EXPLAIN SELECT p.product_name, i.stock_level\n"
            "FROM inventory i JOIN products p ON p._id = i.product_id\n"
            "WHERE i.store_id = :store",
            {"store": cast.store_id},
        ),
        Example("Why it is here", "EXPLAIN SYNC inventory :place", {"place": cast.inventory_id}),
        Example("Outbox", "SELECT * FROM system:outbox"),
    )
