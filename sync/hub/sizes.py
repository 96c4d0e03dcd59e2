"""How much each subscription of a device asks for, told before any of it is sent."""

from __future__ import annotations

from sync.core.values import canonical
from sync.hub.bounds import Bounds, Judged
from sync.local.replica import Replica
from sync.query.related import UNRELATED
from sync.wire.messages import Sized, Sizes


def sizes_of(replica: Replica, bounds: Bounds) -> Sizes:
    """The visible documents each subscription selects within the rights, and their bytes."""
    return Sizes(tuple(_sized(replica, bounds, each) for each in bounds.judged))


def _sized(replica: Replica, bounds: Bounds, judged: Judged) -> Sized:
    if judged.selection is None:
        return Sized(0, 0, judged.error)
    name, rights = judged.selection.collection, bounds.rights.read
    if judged.selection.is_everything and rights[name].is_everything:
        return Sized(*replica.parts.documents.size(name))
    documents = size_bytes = 0
    for document in replica.matching(name, rights[name].narrowed(UNRELATED)):
        if bounds.rights.may_read(document, name) and judged.selection.selects(document, UNRELATED):
            documents += 1
            size_bytes += len(canonical(document))
    return Sized(documents, size_bytes)
