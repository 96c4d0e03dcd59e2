"""How much each subscription of a device asks for, told before any of it is sent."""

from __future__ import annotations

from sync.core.values import canonical
from sync.hub.bounds import Bounds, Judged
from sync.local.replica import Replica
from sync.query.selection import both
from sync.wire.messages import Sized, Sizes


def sizes_of(replica: Replica, bounds: Bounds) -> Sizes:
    """The visible documents each subscription selects within the rights, and their bytes: as SQL
    counts them where it can, for a warning must not take longer than what it warns of."""
    return Sizes(tuple(_sized(replica, bounds, each) for each in bounds.judged))


def _sized(replica: Replica, bounds: Bounds, judged: Judged) -> Sized:
    if judged.selection is None:
        return Sized(0, 0, judged.error)
    name, related = judged.selection.collection, replica.parts.related
    selection = both(judged.selection, bounds.rights.read[name])
    if selection.is_plain:
        counted = related.lookups.size(name, selection.narrowed(related))
        if counted is not None:
            return Sized(*counted)
    documents = size_bytes = 0
    for document in related.lookups.found(name, selection.narrowed(related)):
        if selection.selects(document, related):
            documents += 1
            size_bytes += len(canonical(document))
    return Sized(documents, size_bytes)
