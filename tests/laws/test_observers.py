"""Whatever is committed, an observer shows what a fresh SELECT would, and its differences lead from
one look to the next (L5)."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.values import canonical
from sync.ids import Document
from sync.local import Changes, Replica
from tests.helpers.replicas import PaperHub, open_replica, waiting_payloads
from tests.laws.dql_statements import IDS, bodies, collections, statements


class Screen:
    """Shows what an observer told it."""

    def __init__(self, replica: Replica, text: str, args: dict[str, Any]) -> None:
        self._replica = replica
        self._asked = text, args
        self._observer = replica.register_observer(text, args)
        self.shown: list[Document] = []
        self._show(self._observer.first())

    def look(self) -> None:
        """It shows what is there, and a second look finds nothing new."""
        self._show(self._observer.refresh())
        assert not self._observer.refresh()

    def _show(self, changes: Changes) -> None:
        self.shown = changes.applied_to(self.shown)
        fresh = self._replica.execute(*self._asked).items
        assert list(map(canonical, self.shown)) == list(map(canonical, fresh))
        assert list(map(canonical, changes.items)) == list(map(canonical, fresh))


class Undone(Exception):
    """A transaction changed its mind."""


steps = st.tuples(
    st.sampled_from(["write", "write", "put", "delete", "remote", "undone", "refused"]),
    st.sampled_from("ccd"),
    st.sampled_from(IDS),
    bodies,
    st.sampled_from([True, True, False]),
)


class Author:
    """Another device, whose work reaches the replica through a hub."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._own = open_replica(seed=2)
        self._hub = PaperHub()
        replica.receive([self._hub.hello()])

    def writes(self, collection: str, body: Document) -> None:
        """Its work arrives."""
        with self._own.transaction() as tx:
            tx.upsert(collection, body)
        self._replica.receive([*map(self._hub.part, waiting_payloads(self._own)[-1:])])

    def close(self) -> None:
        """The device goes."""
        self._own.close()


def carry_out(
    replica: Replica, author: Author, what: str, collection: str, doc_id: str, body: Document
) -> None:
    """One step of somebody's work."""
    document = {**body, "_id": doc_id}
    if what == "remote":
        author.writes(collection, document)
        return
    try:
        with replica.transaction() as tx:
            there = tx.get(collection, doc_id) is not None
            if what == "delete" and there:
                tx.delete(collection, doc_id)
            elif what == "put" and there:
                tx.unset(
                    collection,
                    doc_id,
                    *[(name,) for name in tx.get(collection, doc_id) or {} if name != "_id"],
                )
                tx.update(collection, doc_id, body)
            elif what != "delete":
                tx.upsert(collection, document)
            if what == "undone":
                raise Undone
    except Undone:
        pass


@settings(deadline=None)
@given(
    c=collections,
    d=collections,
    asked=st.lists(statements(), min_size=1, max_size=3),
    steps=st.lists(steps, max_size=12),
)
def test_an_observer_shows_what_a_fresh_select_does(
    c: dict[str, Document],
    d: dict[str, Document],
    asked: list[tuple[str, dict[str, Any]]],
    steps: list[Any],
) -> None:
    replica = open_replica()
    with replica.transaction() as tx:
        for name, documents in (("c", c), ("d", d)):
            for doc_id, body in documents.items():
                tx.insert(name, {**body, "_id": doc_id})
            tx.insert(name, {"_id": "was"})
    author = Author(replica)
    screens = [Screen(replica, text, args) for text, args in asked]
    for *step, looks in steps:
        carry_out(replica, author, *step)
        if looks:
            for screen in screens:
                screen.look()
    for screen in screens:
        screen.look()
    replica.close()
    author.close()
