"""Why a record is or is not on this device, from what its own file says (see ``sync.explain``)."""

from __future__ import annotations

from collections.abc import Callable

from sync.core.conflicts import SOFT_DELETE
from sync.core.decode import decode
from sync.core.stamps import BEGINNING, ms_of_hlc
from sync.core.state import ROOT, Leaf
from sync.explain import Facts, items_of
from sync.explain.facts import Asked, Held, Refused, Session, Touch, Waiting
from sync.ids import Document
from sync.local.documents import Row
from sync.local.names import HERE, Names
from sync.local.own_work import UNSETTLED
from sync.local.parts import Parts
from sync.local.refused import quarantined
from sync.local.subscriptions import Subscriptions
from sync.query.errors import NotSupported, StatementError
from sync.query.prepared import prepared
from sync.query.syntax import Select


class Explaining:
    """Answers for one file. ``session`` says how the device stands with its hub, if that is
    known."""

    def __init__(self, parts: Parts, session: Callable[[], Session | None] = lambda: None) -> None:
        self._parts = parts
        self._session = session
        self._names = Names(parts)
        self._subscriptions = Subscriptions(parts.database)

    def __call__(self, collection: str, doc_id: str, on: str | None) -> list[Document]:
        """An item a reason, as ``EXPLAIN SYNC`` answers. ``NotSupported`` where another device is
        asked about, of which only the hub knows."""
        if on not in (None, self._parts.identity.replica):
            raise NotSupported("A device tells of itself only; ask the hub about another one.")
        return items_of(self.facts(collection, doc_id))

    def facts(self, collection: str, doc_id: str) -> Facts:
        """What this file says of a document."""
        parts = self._parts
        with parts.database.lock:  # one state of everything
            row = parts.documents.rows(collection, [doc_id]).get(doc_id)
            state, shown = parts.documents.state(row)
            gone = state.get(ROOT) if shown is None else None
            soft = state.get(SOFT_DELETE) if shown and shown.get("deleted") is True else None
            evicted_ms, retracted_ms = self._gone(collection, doc_id)
            return Facts(
                collection=collection,
                doc_id=doc_id,
                now_ms=parts.identity.now_ms(),
                device=HERE,
                replica=parts.identity.replica,
                here=shown is not None,
                deleted=self._touch(gone),
                soft_deleted=self._touch(soft),
                refused=self._refused(collection, doc_id),
                waiting=self._waiting(collection, doc_id),
                session=self._session(),
                held=self._held(collection, doc_id),
                initial=bool(state) and all(leaf.stamp == BEGINNING for leaf in state.values()),
                evicted_ms=evicted_ms,
                retracted_ms=retracted_ms,
                asked=self._asked(collection),
            )

    def _touch(self, leaf: Leaf | None) -> Touch | None:
        """Who wrote a leaf; None where that is not known any more."""
        source = None if leaf is None else self._parts.log.provenance(leaf.stamp)
        if source is None:
            return None
        return Touch(
            ms_of_hlc(source.hlc),
            self._names.person(source.user),
            self._names.device(source.replica, source.user),
        )

    def _refused(self, collection: str, doc_id: str) -> tuple[Refused, ...]:
        found = (quarantined(entry) for entry in self._parts.log.with_status(("rejected",)))
        return tuple(
            Refused(each.n, each.at_ms, each.code, each.message, each.remedy, HERE)
            for each in found
            if any(change[:2] == (collection, doc_id) for change in each.changes)
        )

    def _waiting(self, collection: str, doc_id: str) -> Waiting | None:
        rows = self._parts.database.query(
            "SELECT log.status, log.at_ms FROM pending JOIN log USING(replica, n)"
            " WHERE collection = ? AND id = ?",
            (collection, doc_id),
        )
        own = [(status, at_ms) for status, at_ms in rows if status in UNSETTLED]
        unsent = [at_ms for status, at_ms in own if status != "sent"]
        if not own:
            return None
        times = unsent or [at_ms for _, at_ms in own]
        return Waiting(len(times), min(times), sent=not unsent)

    def _held(self, collection: str, doc_id: str) -> Held | None:
        rows = self._parts.database.query(
            "SELECT held.payload, held.at_ms FROM pending JOIN held USING(replica, n)"
            " WHERE collection = ? AND id = ? ORDER BY held.hlc DESC LIMIT 1",
            (collection, doc_id),
        )
        if not rows:
            return None
        batch, since_ms = decode(rows[0][0]), rows[0][1]
        confirmed: dict[str, Row | None] = self._parts.merging.confirmed(collection, [doc_id])
        whole = confirmed.get(doc_id) is None
        return Held(
            self._names.person(batch.user),
            self._names.device(batch.replica, batch.user),
            since_ms,
            whole,
        )

    def _gone(self, collection: str, doc_id: str) -> tuple[int | None, int | None]:
        """When the document was evicted here, and when the hub took it out of the scope."""
        sql = "SELECT here, at_ms FROM evicted WHERE collection = ? AND id = ?"
        for here, at_ms in self._parts.database.query(sql, (collection, doc_id)):
            return (at_ms, None) if here else (None, at_ms)
        return None, None

    def _asked(self, collection: str) -> Asked:
        every = self._subscriptions.all()
        among = [each for each in every if _collection_of(each.subscription.text) == collection]
        return Asked(
            total=len(every),
            among=tuple(each.subscription.text for each in among),
            refused=tuple(
                (each.subscription.text, str(each.error)) for each in among if each.error
            ),
        )


def _collection_of(text: str) -> str | None:
    """The collection that a subscription is over; None where it is no SELECT."""
    try:
        statement = prepared(text).statement
    except StatementError:
        return None
    return statement.source.name if isinstance(statement, Select) else None
