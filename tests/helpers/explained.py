"""What EXPLAIN SYNC answers."""

from __future__ import annotations

from sync.ids import Document
from sync.local import Replica


def explained(
    replica: Replica, collection: str, doc_id: str, on: str | None = None
) -> list[Document]:
    """The items, asked for in DQL."""
    if on is None:
        return replica.execute(f"EXPLAIN SYNC {collection} :id", {"id": doc_id}).items
    text = f"EXPLAIN SYNC {collection} :id ON :on"
    return replica.execute(text, {"id": doc_id, "on": on}).items


def codes(items: list[Document]) -> list[str]:
    """The codes alone; every reason says something, and what to do."""
    assert all(item["text"].endswith(".") and item["remedy"] for item in items)
    return [item["code"] for item in items]
