"""When a document left a scope: its past is merged again, step by step, and judged at each. Pure.

Only the log knows it. The fields are those of documents as the hub shows them, a delete ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sync.core.state import State, merge
from sync.core.visible import visible
from sync.ids import Document, Json
from sync.local.past import Touched
from sync.query.evaluate import MISSING, lookup
from sync.query.nodes import Path


@dataclass(frozen=True, slots=True)
class Departure:
    """The batch that took a document out, and the field that decided: from one value to another,
    None for none. ``field`` is dotted, empty where no field of the document decided."""

    by: Touched
    field: str
    before: Json
    after: Json


def departure(
    past: Iterable[Touched], holds: Callable[[Document], bool], paths: Iterable[Path]
) -> Departure | None:
    """The last time a document left what ``holds`` it and did not come back; None if it never did.

    ``past`` are the accepted batches that touched it, in the order of the log; ``paths`` the fields
    that are looked at.
    """
    state: State = {}
    former: Document | None = None
    found: Departure | None = None
    for each in past:
        merge(state, each.batch.leaves(each.delta))
        shown = visible(state)
        if shown is None:
            continue
        present = {"_id": each.delta.doc_id, **shown}
        if holds(present):
            found = None
        elif former is not None and holds(former):
            found = _departure(each, paths, former, present)
        former = present
    return found


def _departure(
    by: Touched, paths: Iterable[Path], former: Document, present: Document
) -> Departure:
    for path in sorted(paths):
        before, after = lookup(former, path), lookup(present, path)
        if before != after:
            return Departure(by, ".".join(path), _known(before), _known(after))
    return Departure(by, "", None, None)


def _known(value: Json) -> Json:
    return None if value is MISSING else value
