"""A hash over what a replica holds, to tell whether two have converged."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from sync.core.values import canonical
from sync.local.parts import Parts


def digest(parts: Parts, collection: str, ids: Iterable[str] | None) -> str:
    """A hash over the full state, stamps included, of a collection or of some documents."""
    wanted = _all_ids(parts, collection) if ids is None else sorted(ids)
    total = blake2b(digest_size=16)
    for doc_id in wanted:
        row = parts.documents.rows(collection, [doc_id]).get(doc_id)
        state, _ = parts.documents.state(row)
        leaves = [
            [[list(s) if isinstance(s, tuple) else s for s in key], *leaf.stamp, repr(leaf.value)]
            for key, leaf in state.items()
        ]
        total.update(canonical([doc_id, sorted(leaves, key=canonical)]).encode())
    return total.hexdigest()


def _all_ids(parts: Parts, collection: str) -> list[str]:
    if not parts.documents.has(collection):
        return []
    sql = f"SELECT id FROM {parts.documents.table(collection)} ORDER BY id"
    return [doc_id for (doc_id,) in parts.database.query(sql)]
