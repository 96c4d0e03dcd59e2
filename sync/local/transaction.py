"""A local write: drafts of documents that become one batch, one commit (C7, L2)."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync.core.batch import (
    BATCH_BYTES_MAX,
    BATCH_OPS_MAX,
    Batch,
    Birth,
    Change,
    Context,
    Delta,
    encode,
)
from sync.core.decode import BESIDE_MAX, COLLECTION_PATTERN, short_text
from sync.core.draft import Draft, Path
from sync.core.packing import stamps_in
from sync.core.stamps import Stamp
from sync.core.values import DOCUMENT_BYTES_MAX, canonical, check_id
from sync.errors import (
    BatchTooLarge,
    DocumentTooLarge,
    InvalidPath,
    InvalidValue,
    MessageGarbage,
)
from sync.ids import Collection, DocId, Document, Json, UserId
from sync.local.apart import Apart
from sync.local.births import Births
from sync.local.documents import Row
from sync.local.own_work import append_own
from sync.local.parts import Parts
from sync.local.result import Result
from sync.local.unsettled import Unsettled

if TYPE_CHECKING:
    from sync.local.statements import Statements


_NEW = Draft(None, None), None


@dataclass(slots=True)
class _Known:
    """What of the hub's log a transaction that others may overtake knew when it read (C5)."""

    epoch: str
    seq: int
    beside: set[Stamp] = field(default_factory=set)


class Transaction:
    """Writes to several documents that become durable together or not at all.

    Made by ``Replica.transaction``; reads through it see its own writes. A raised error undoes
    everything; a caught one leaves the transaction usable.
    """

    def __init__(self, parts: Parts, author: UserId, statements: Statements) -> None:
        self._parts = parts
        self._statements = statements
        self._author = _checked(author)
        self._drafts: dict[tuple[str, str], tuple[Draft, Row | None]] = {}
        self._births = Births(parts.documents)
        self._apart = Apart(parts)
        self._undo: dict[tuple[str, str], tuple[Draft, Row | None] | None] | None = None
        self._known: _Known | None = None
        self.commit_id: int | None = None
        """Number of the commit, once there was one."""

    def get(self, collection: str, doc_id: str) -> Document | None:
        """The document as this transaction has made it; a copy, with ``_id``."""
        return self._shown(doc_id, self._draft(collection, doc_id))

    def insert(self, collection: str, document: Document) -> str:
        """Create a document and return its id, drawn at random if it has no ``_id``."""
        doc_id, fields = self._split(document)
        self._draft(collection, doc_id).insert(fields)
        return doc_id

    def insert_new(self, collection: str, documents: Sequence[Document]) -> int:
        """Create those of many documents that were never here; how many. The fast way to load."""
        return self._births.add(collection, documents, self._drafts)

    def upsert(self, collection: str, document: Document) -> str:
        """Create a document, or merge its fields into the one that is there."""
        doc_id, fields = self._split(document)
        draft = self._draft(collection, doc_id)
        if draft.working is None:
            draft.insert(fields)
        else:
            draft.update(fields)
        return doc_id

    def update(self, collection: str, doc_id: str, fields: Document) -> None:
        """Set fields; nested objects merge into the maps that are there."""
        if "_id" in fields:
            raise InvalidPath("A document's _id never changes.")
        self._draft(collection, doc_id).update(fields)

    def unset(self, collection: str, doc_id: str, *paths: Path) -> None:
        """Remove fields or whole maps."""
        draft = self._draft(collection, doc_id)
        for path in paths:
            draft.unset(path)

    def increment(self, collection: str, doc_id: str, path: Path, by: int) -> None:
        """Count ``by`` on a counter; concurrent increments add up (C4)."""
        self._draft(collection, doc_id).increment(path, by)

    def restart(self, collection: str, doc_id: str, path: Path, value: int) -> None:
        """A physical count: ``value`` replaces what was counted before (C4)."""
        self._draft(collection, doc_id).restart(path, value)

    def delete(self, collection: str, doc_id: str) -> None:
        """Remove the document everywhere; usually a soft delete is better (C6)."""
        self._draft(collection, doc_id).delete()

    def revive(self, collection: str, doc_id: str) -> None:
        """Bring a deleted document back as it was shown last; nothing if it is there."""
        draft = self._draft(collection, doc_id)
        row = self._drafts[collection, doc_id][1]
        if draft.working is None and row is not None and row.ghost is not None:
            draft.insert(json.loads(row.ghost))

    def execute(self, text: str, args: Mapping[str, Json] | None = None) -> Result:
        """Carry out one DQL statement here; one that fails leaves the transaction as it was."""
        self._undo = {}
        apart = self._apart.copy()
        try:
            return self._statements.within(text, args, self)
        except BaseException:
            for key, held in self._undo.items():
                if held is None:
                    del self._drafts[key]
                else:
                    self._drafts[key] = held
            self._apart = apart
            raise
        finally:
            self._undo = None

    def insert_initial(self, collection: str, document: Document) -> str | None:
        """Insert a document that every replica makes by itself (C2): it is as old as can be, and
        stays here until somebody changes it. None if there is one, or was one that was deleted."""
        doc_id, fields = self._split(document)
        if self._draft(collection, doc_id).working is not None:
            return None
        row = self._apart.seed(collection, doc_id, fields, self._drafts[collection, doc_id][1])
        if row is None or row.body is None:
            return None
        before, working = (json.loads(row.body) for _ in range(2))
        self._drafts[collection, doc_id] = Draft(before, working), row
        return doc_id

    def evict(self, collection: str, doc_id: str) -> bool:
        """Forget a document here and nowhere else (C6); False if work on it is not sent yet."""
        draft = self._draft(collection, doc_id)
        if draft.is_changed() or not self._apart.evict(collection, doc_id):
            return False
        self._drafts[collection, doc_id] = Draft(None, None), None
        return True

    def is_counter(self, collection: str, doc_id: str, path: Path) -> bool:
        """Whether a field is a counter: declared, or counted on before (C4)."""
        self._draft(collection, doc_id)
        row = self._drafts[collection, doc_id][1]
        return self._parts.counters.has(collection, path, row)

    def documents(self) -> dict[str, dict[str, Document | None]]:
        """What this transaction has made of documents, by collection and id; copies."""
        for name in self._births.names():
            self._draft(*name)
        found: dict[str, dict[str, Document | None]] = {}
        for (collection, doc_id), (draft, _) in self._drafts.items():
            found.setdefault(collection, {})[doc_id] = self._shown(doc_id, draft)
        return found

    @staticmethod
    def _shown(doc_id: str, draft: Draft) -> Document | None:
        working = draft.working
        return None if working is None else {"_id": doc_id, **json.loads(canonical(working))}

    def _draft(self, collection: str, doc_id: str) -> Draft:
        key = (collection, doc_id)
        if self._undo is not None and key not in self._undo:
            self._undo[key] = copy.deepcopy(self._drafts.get(key))
        if key not in self._drafts:
            if not COLLECTION_PATTERN.fullmatch(collection):
                raise InvalidValue(f"{collection!r:.60} cannot name a collection.")
            check_id(doc_id)
            row = self._parts.documents.rows(collection, [doc_id]).get(doc_id)
            body = None if row is None else row.body
            before, working = (None if body is None else json.loads(body) for _ in range(2))
            self._drafts[key] = Draft(before, working), row
            if (born := self._births.take(key)) is not None:
                self._drafts[key][0].insert(born)
            if self._known is not None and not self._parts.identity.is_hub:
                name = key if self._parts.merging.has_pending() else None
                self._known.beside |= self._beside(name, row, self._known.seq)
        return self._drafts[key][0]

    def _split(self, document: Document) -> tuple[str, Document]:
        doc_id = document.get("_id")
        if doc_id is None:
            doc_id = self._parts.entropy.draw(16).hex()
        check_id(doc_id)
        return doc_id, {name: value for name, value in document.items() if name != "_id"}

    def commit(self) -> dict[str, set[str]]:
        """Make the batch and merge it; changed ids by collection. Called by ``Replica``."""
        identity, parts = self._parts.identity, self._parts
        n = identity.n + 1
        deltas = tuple(self._deltas(n))
        changed = self._apart.commit()
        if changed:
            self.commit_id = identity.seq
        if not deltas:
            return changed
        context = self._context()
        batch = Batch(
            replica=identity.replica,
            n=n,
            hlc=identity.clock.tick(),
            user=self._author,
            context=context,
            prev=identity.digest,
            deltas=deltas,
        )
        payload = encode(batch)
        if len(payload) > BATCH_BYTES_MAX:
            raise BatchTooLarge(
                f"The transaction has {len(payload)} bytes, over {BATCH_BYTES_MAX}."
            )
        identity.seq += 1
        planned = [
            parts.merging.merge_delta(self._drafts.get((d.collection, d.doc_id), _NEW)[1], batch, d)
            for d in deltas
        ]
        append_own(parts, batch, payload, planned)
        applied = parts.merging.apply(identity.seq, planned, judge=identity.is_hub)
        identity.save()
        self.commit_id = identity.seq
        for name in {p.collection for p in planned}:
            changed.setdefault(name, set()).update(applied.changed.get(name, ()))
        return changed

    def share(self) -> None:
        """Let others write until the commit: what is known now counts, not what is known then."""
        identity = self._parts.identity
        is_hub = identity.is_hub
        epoch = identity.epoch if is_hub else identity.hub_epoch
        self._known = _Known(epoch, identity.seq if is_hub else identity.known)

    def refresh(self) -> None:
        """What others have written meanwhile is what this transaction is merged into."""
        for collection, doc_id in self._drafts:
            draft, _ = self._drafts[collection, doc_id]
            row = self._parts.documents.rows(collection, [doc_id]).get(doc_id)
            self._drafts[collection, doc_id] = draft, self._apart.refreshed(collection, doc_id, row)

    def _context(self) -> Context:
        identity = self._parts.identity
        if self._known is not None:
            beside = tuple(sorted(self._known.beside)[:BESIDE_MAX])
            return Context(self._known.epoch, self._merged(self._known.seq), beside)
        if identity.is_hub:
            return Context(identity.epoch, identity.seq)
        found: set[Stamp] = set()
        waits, known = self._parts.merging.has_pending(), self._merged(identity.known)
        for name, (_, row) in self._drafts.items():
            found |= self._beside(name if waits else None, row, known)
        return Context(identity.hub_epoch, known, tuple(sorted(found)[:BESIDE_MAX]))

    def _merged(self, known: int) -> int:
        """How far the hub's log is merged in every touched document: less than it has been read
        where one has left the scope and stays for the work that waits on it."""
        if self._parts.database.query("SELECT 1 FROM strays LIMIT 1"):
            sql = "SELECT known FROM strays WHERE collection = ? AND id = ?"
            for name in self._drafts:
                known = min([known, *(seq for (seq,) in self._parts.database.query(sql, name))])
        return known

    def _beside(self, name: tuple[str, str] | None, row: Row | None, known: int) -> set[Stamp]:
        """Whose batches are in a touched document although the hub's log is not read that far: a
        peer brought them, a snapshot under way, or a document that entered the scope (C5)."""
        forms = [row]
        found: set[Stamp] = set()
        if name is not None:
            found.update(Unsettled(self._parts).known_on(*name))
            forms += self._parts.merging.confirmed(name[0], [name[1]]).values()
        for form in forms:  # what waits may hide what the hub sent
            found.update(self._unread(form, known))
        return found

    def _unread(self, form: Row | None, known: int) -> Iterator[Stamp]:
        """Batches of others in one form of a document that the hub's log is not read up to."""
        own = self._parts.identity.replica
        for hlc, site in [] if form is None else stamps_in(form.meta):
            stamp = Stamp(hlc, self._parts.documents.replica_of(site))
            source = self._parts.log.provenance(stamp)
            if source is None or source.replica == own:
                continue
            if source.hub_seq is None or source.hub_seq > known:
                yield stamp

    def _deltas(self, n: int) -> Iterator[Delta]:
        increment_id = (self._parts.identity.replica, n)
        total = self._births.leaves
        for (name, doc_id), (draft, row) in self._drafts.items():
            collection, document_id = Collection(name), DocId(doc_id)
            ops = draft.ops(increment_id)
            total += len(ops)
            if total > BATCH_OPS_MAX:
                raise BatchTooLarge(f"The transaction has more than {BATCH_OPS_MAX} changes.")
            text = "" if draft.working is None else canonical(draft.working)
            if len(text.encode()) > DOCUMENT_BYTES_MAX:
                raise DocumentTooLarge(f"{name} {doc_id} is over {DOCUMENT_BYTES_MAX} bytes.")
            if row is None and draft.is_birth():
                yield Birth(collection, document_id, text)
            elif ops:
                yield Change.of(collection, document_id, ops)
        if total > BATCH_OPS_MAX:
            raise BatchTooLarge(f"The transaction has more than {BATCH_OPS_MAX} changes.")
        yield from self._births


def _checked(author: UserId) -> UserId:
    """The author, if a hub would take a batch of theirs; one it cannot read blocks all behind."""
    try:
        return UserId(short_text(author, "author"))
    except MessageGarbage as error:
        raise InvalidValue(str(error)) from error
