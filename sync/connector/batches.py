"""Outside changes entering the hub's log as batches whose stamps are given, not ticked (M4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from sync.connector.paths import Path
from sync.core.batch import Batch, Birth, Change, Context, Delta, encode
from sync.core.stamps import Stamp
from sync.core.state import IncrementId, Key, key_order
from sync.ids import Collection, DocId, Json, UserId
from sync.local.documents import Row
from sync.local.merging import Planned
from sync.local.own_work import append_own
from sync.local.parts import Parts

PART_OPS_MAX = 20_000
PART_BYTES_MAX = 4 * 1_048_576
"""A larger change of MongoDB becomes several batches of one commit: well below what a batch may
have (C7), which none of our parts can reach with one document more."""


_NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Draft(NamedTuple):
    """The ops of one document, whose row is ``held``; ``text`` instead if it is born whole."""

    collection: str
    doc_id: str
    held: Row | None
    ops: Mapping[Key, Json] = _NOTHING
    counts: Mapping[Path, int] = _NOTHING
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A batch that was committed: its stamp's reading, its commit, and what it did."""

    hlc: int
    seq: int
    planned: list[Planned]

    def has_lost(self, planned: Planned) -> bool:
        """Whether anything of it in a document was beaten by what the hub holds."""
        lost = (lost for lost in planned.lost if lost.rule != "soft_deleted")
        return planned.row is None or any(each.loser.hlc == self.hlc for each in lost)


class Batches:
    """Writes batches of the connector into a replica, as part of an open transaction."""

    def __init__(self, parts: Parts, author: UserId) -> None:
        self._parts = parts
        self._author = author
        self.changed: dict[str, set[str]] = {}
        """Documents that moved, by collection, until whoever notifies takes them."""

    def write(self, hlc: int, known: int, drafts: Sequence[Draft]) -> list[Written]:
        """Merge and log drafts under a stamp of ``hlc``, or the next that was never used; of a
        writer who knew the hub's log up to ``known`` (C5)."""
        return [self._write(hlc, known, part) for part in _parts(drafts)]

    def _write(self, hlc: int, known: int, drafts: Sequence[Draft]) -> Written:
        parts, identity = self._parts, self._parts.identity
        while parts.log.provenance(Stamp(hlc, identity.replica)) is not None:
            hlc += 1
        n = identity.n + 1
        context = Context(identity.epoch, known)
        if not identity.is_hub:
            context = Context(identity.hub_epoch, min(known, identity.known))
        batch = Batch(
            replica=identity.replica,
            n=n,
            hlc=hlc,
            user=self._author,
            context=context,
            prev=identity.digest,
            deltas=tuple(_delta(draft, (identity.replica, n)) for draft in drafts),
        )
        identity.seq += 1
        identity.clock.observe(hlc)
        pairs = zip(drafts, batch.deltas, strict=True)
        planned = [parts.merging.merge_delta(draft.held, batch, delta) for draft, delta in pairs]
        append_own(parts, batch, encode(batch), planned)
        applied = parts.merging.apply(identity.seq, planned, judge=identity.is_hub)
        for collection, ids in applied.changed.items():
            self.changed.setdefault(collection, set()).update(ids)
        return Written(hlc, identity.seq, planned)


def _parts(drafts: Sequence[Draft]) -> Iterator[Sequence[Draft]]:
    start = ops = size = 0
    for place, draft in enumerate(drafts):
        ops += len(draft.ops) + len(draft.counts) or (draft.text or "").count(",") + 1
        size += len(draft.text or "")
        if place > start and (ops > PART_OPS_MAX or size > PART_BYTES_MAX):
            yield drafts[start:place]
            start, ops, size = place, 0, 0
    yield drafts[start:]


def _delta(draft: Draft, increment: IncrementId) -> Delta:
    collection, doc_id = Collection(draft.collection), DocId(draft.doc_id)
    if draft.text is not None:
        return Birth(collection, doc_id, draft.text)
    ops = dict(draft.ops)
    for path, by in draft.counts.items():
        ops[*path, increment] = by
    if len(ops) > 1:
        ops = {key: ops[key] for key in sorted(ops, key=key_order)}
    return Change.of(collection, doc_id, ops)
