"""One place of a product in the own store, as screens show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.domain.collections import INVENTORY
from app.domain.stock import Age, Level, age, age_text, level
from app.state.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Place:
    """The product in one place of the own store."""

    row_id: str
    location: dict[str, Any]
    stock: int
    threshold: int | None
    level: Level
    age: Age
    age_words: str
    note: str
    reason: str
    mark: str
    """`saved`, `sent`, `synced` or `needs_you`."""


def place_of(workspace: Workspace, row: dict[str, Any]) -> Place:
    """An inventory row as a place."""
    row_id = str(row["_id"])
    trust, words = trust_in(workspace, row)
    return Place(
        row_id=row_id,
        location=dict(row.get("location") or {}),
        stock=int(row.get("stock_level", 0)),
        threshold=row.get("reorder_threshold"),
        level=level(row),
        age=trust,
        age_words=words,
        note=str(row.get("notes") or ""),
        reason=str(row.get("last_reason") or ""),
        mark=workspace.replica.state_of(INVENTORY, row_id),
    )


def trust_in(workspace: Workspace, row: dict[str, Any]) -> tuple[Age, str]:
    """How far the figure of an inventory row can be trusted, and that in words."""
    known = row.get("last_counted") or row.get("last_updated")
    now = workspace.now()
    if not known:
        return Age.STALE, "never counted"
    return age(known, now), f"counted {age_text(known, now)}"
