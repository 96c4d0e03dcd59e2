"""Whole documents that pass from the hub into this file as the texts they are."""

from __future__ import annotations

from collections.abc import Sequence

from sync.core.packing import remap
from sync.local.parts import Parts
from sync.local.unsettled import Unsettled
from sync.wire.messages import Docs


def metas_of(parts: Parts, docs: Docs) -> list[str]:
    """The metas of a message as this file has them, which has site numbers of its own."""
    sites = {site: parts.documents.site_of(replica) for site, replica in docs.sites.items()}
    local = {meta: remap(meta, sites.__getitem__) for meta in set(docs.metas)}
    return [local[meta] for meta in docs.metas]


def are_unseen(parts: Parts, collection: str, ids: Sequence[str]) -> bool:
    """Whether none of these documents is here in any form. Answered by what lies between the first
    and the last of them, for a snapshot comes in the order of ids."""
    if not ids:
        return False
    span = (min(ids), max(ids))
    sql = "SELECT 1 FROM confirmed WHERE collection = ? AND id BETWEEN ? AND ? LIMIT 1"
    return not (
        parts.documents.holds_between(collection, *span)
        or parts.database.query(sql, (collection, *span))
    )


def entering(parts: Parts, docs: Docs) -> Docs:
    """Only the documents that enter the scope. One that was in it all the time merges the delta
    alone: its present form would bring later writes before the ones they beat (C5)."""
    ids = docs.ids
    held = {
        **parts.documents.rows(docs.collection, ids),
        **parts.merging.confirmed(docs.collection, ids),
    }
    strays = Unsettled(parts).strays(docs.collection, ids)
    entering = [
        row
        for row in docs.rows
        if row.doc_id in strays or not parts.documents.is_whole(held.get(row.doc_id))
    ]
    return Docs.of(docs.collection, docs.sites, docs.sources, entering)
