"""Screens over a device: live queries that are looked at now and then (L5).

A screen keeps what it draws by applying the differences it is told, as a real one does, so a wrong
difference shows as well as a wrong result.
"""

from __future__ import annotations

from dataclasses import dataclass

from sync.local.live import Order
from sync.local.replica import Replica
from sync.query import EVERYTHING, Equals, Node
from sync.sim.workload import STORES


@dataclass(frozen=True, slots=True)
class Look:
    """One query of a screen."""

    collection: str
    where: Node = EVERYTHING
    order_by: Order = ()
    limit: int | None = None


LOOKS = (
    Look("inventory", order_by=((("notes",), "desc"), (("stock_level",), "asc"))),
    Look("inventory", Equals(("store_id",), STORES[0]), ((("stock_level",), "asc"),), 3),
    Look("orders"),
)


class Screens:
    """A few live queries over one running replica."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._live = [replica.live(k.collection, k.where, k.order_by, k.limit) for k in LOOKS]
        self._drawn = [live.documents for live in self._live]

    def look(self) -> None:
        """Bring every screen up to date by what changed."""
        for live, drawn in zip(self._live, self._drawn, strict=True):
            changes = live.refresh()
            drawn[:] = changes.applied_to(drawn)

    def wrong(self) -> list[str]:
        """Where a screen shows something else than a fresh query."""
        found: list[str] = []
        for look, live, drawn in zip(LOOKS, self._live, self._drawn, strict=True):
            fresh = self._replica.find(look.collection, look.where, look.order_by, look.limit)
            if live.documents != fresh:
                found.append(f"a live query of {look.collection} differs from a fresh one")
            elif drawn != fresh:
                found.append(f"the differences of a live query of {look.collection} lead astray")
        return found
