"""Looking for damage that no single read would notice (``Replica.check``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias, get_args

from sync.core.batch import NO_DIGEST
from sync.core.decode import decode
from sync.errors import DatabaseCorrupt
from sync.local.entries import Entry, Status
from sync.local.held import Held
from sync.local.history import History, Which
from sync.local.oplog import next_chain
from sync.local.own_work import UNSETTLED
from sync.local.parts import Parts

CHECK_PAGE_ROWS = 500
"""Rows in memory at once, however large the file."""


Told: TypeAlias = Callable[[str, int, int], object]
"""Hears what is being looked at, how much of it is done, and how much there is."""


def check(parts: Parts, history: History, told: Told | None = None) -> None:
    """Read everything in the file; ``DatabaseCorrupt`` names the first damage found."""
    for problem in _problems(parts, history, told or _nobody):
        raise DatabaseCorrupt(f"{parts.database.path}: {problem}.")


def _nobody(_what: str, _done: int, _total: int) -> None:
    """Nobody wants to know."""


def _problems(parts: Parts, history: History, told: Told) -> Iterator[str]:
    """Each damage, in words that follow a file's name. Reading raises where a row was altered."""
    told("pages", 0, 1)
    for (said,) in parts.database.query("PRAGMA integrity_check(1)"):
        if said != "ok":
            yield f"SQLite says {said!r:.200}"
    told("pages", 1, 1)
    for name in parts.documents.collections:
        total = parts.documents.count(name)
        for done, document in enumerate(parts.documents.find(name), 1):
            parts.documents.state(parts.documents.rows(name, [str(document["_id"])]).popitem()[1])
            if done % CHECK_PAGE_ROWS == 0 or done == total:
                told(name, done, total)
    history.find(Which(), limit=-1)
    yield from _of_log(parts, told)
    yield from _of_waiting_work(parts)


def _of_log(parts: Parts, told: Told) -> Iterator[str]:
    """Every batch is what its digest says, in a state we know, and follows the one before it."""
    identity = parts.identity
    newest: dict[str, Entry] = {}
    last: Entry | None = None
    total = parts.log.count(get_args(Status))
    for done, entry in enumerate(_entries(parts), 1):
        if done % CHECK_PAGE_ROWS == 0 or done == total:
            told("log", done, total)
        if entry.status not in get_args(Status):
            yield f"batch {entry.n} is in no state there is"
        before = newest.get(entry.replica)
        prev = NO_DIGEST if before is None else before.digest
        if (before is not None or entry.n == 1) and decode(entry.payload).prev != prev:
            yield f"batch {entry.n} does not follow the one before it"
        chain = entry.chain if last is None else next_chain(last.chain, entry.digest)
        if identity.is_hub and entry.chain != chain:
            yield f"the log is broken at {entry.seq}"
        newest[entry.replica] = last = entry
    own = newest.pop(identity.replica, None)
    if own is not None and (identity.n, identity.digest) != (own.n, own.digest):
        yield "the newest batch of this replica is missing"
    for entry in newest.values() if identity.is_hub else ():
        if parts.log.head(entry.replica) != (entry.n, entry.digest):
            yield "the newest batch of a device is missing"


def _of_waiting_work(parts: Parts) -> Iterator[str]:
    """The documents that wait are those that unsettled batches changed, each with a form to go
    back to."""
    own = [] if parts.identity.is_hub else parts.log.with_status(UNSETTLED)
    payloads = [entry.payload for entry in own] + [each.payload for each in Held(parts).all()]
    waiting = {
        (str(delta.collection), str(delta.doc_id), str(batch.replica), batch.n)
        for batch in map(decode, payloads)
        for delta in batch.deltas
    }
    if waiting != set(parts.database.query("SELECT collection, id, replica, n FROM pending")):
        yield "not every change that waits for the hub is known"
    for collection, doc_id in sorted({(name, doc_id) for name, doc_id, _, _ in waiting}):
        if doc_id not in parts.merging.confirmed(collection, [doc_id]):
            yield f"a document of {collection} cannot go back to what the hub has"


def _entries(parts: Parts) -> Iterator[Entry]:
    seq = 0
    while page := parts.log.since(seq, CHECK_PAGE_ROWS):
        yield from page
        seq = page[-1].seq
