"""Making the observers of one replica, and ending them when it closes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import TypeVar

from sync.ids import Json
from sync.local.asked import Asked
from sync.local.commits import Changed
from sync.local.courier import Courier, on_this_loop
from sync.local.following import Following
from sync.local.live import LiveQuery, Matching, Order
from sync.local.observer import Deliver, Observer
from sync.local.parts import Parts
from sync.local.statements import Statements
from sync.query import Node
from sync.query.difference import Changes

Followed = TypeVar("Followed", bound=Observer)


class Observers:
    """The observers of one replica."""

    def __init__(self, parts: Parts, statements: Statements) -> None:
        self._parts = parts
        self._statements = statements
        self._following = Following(parts.database, parts.documents)
        self._courier = Courier()

    def register(
        self,
        statement: str,
        args: Mapping[str, Json],
        callback: Callable[[Changes], object] | None,
        deliver: Deliver | None,
        paced: bool,
    ) -> Observer:
        """One of a statement; see ``Replica.register_observer``."""
        values = copy.deepcopy(dict(args))
        following, lock = self._following, self._parts.database.lock
        observer = self._followed(
            lambda: Observer(Asked(self._statements, statement, values), following, lock)
        )
        if callback is not None:
            deliver = deliver or on_this_loop() or self._courier.soon
            observer.tell(callback, deliver, paced=paced)
        return observer

    def live(self, collection: str, where: Node, order_by: Order, limit: int | None) -> LiveQuery:
        """One of a condition; see ``Replica.live``."""
        following, lock = self._following, self._parts.database.lock
        documents = self._parts.documents
        return self._followed(
            lambda: LiveQuery(
                Matching(documents, collection, where, order_by, limit), following, lock
            )
        )

    def committed(self, changed: Changed) -> None:
        """A commit is done: wake those whom it may concern."""
        self._following.committed(changed)

    def close(self) -> None:
        """End them all."""
        self._following.close()
        self._courier.close()

    def _followed(self, make: Callable[[], Followed]) -> Followed:
        with self._parts.database.lock:  # no commit between the first look and the registration
            made = make()
            self._following.add(made)
        return made
