"""Screens over a device: observers that are looked at now and then (L5).

A screen keeps what it draws by applying the differences it is told, as a real one does, so a wrong
difference shows as well as a wrong result.
"""

from __future__ import annotations

from typing import Final

from sync.ids import Document
from sync.local.replica import Replica
from sync.query.errors import UnknownCollection
from sync.sim.workload import STORES

LOOKS: Final = (
    "SELECT * FROM inventory ORDER BY notes DESC, stock_level",
    f"SELECT * FROM inventory WHERE store_id = '{STORES[0]}' ORDER BY stock_level LIMIT 3",
    "SELECT store_id, COUNT(*) AS places, SUM(stock_level) AS pieces FROM inventory"
    " GROUP BY store_id",
    "SELECT o._id, i.notes FROM orders o LEFT JOIN inventory i USE INDEX ''"
    " ON i.store_id = o.store_id",
    "SELECT * FROM orders",
)
"""What the screens show."""


class Screens:
    """A few observers over one running replica."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._observers = [replica.register_observer(text) for text in LOOKS]
        self._drawn = [observer.items for observer in self._observers]

    def look(self) -> None:
        """Bring every screen up to date by what changed."""
        for place, observer in enumerate(self._observers):
            self._drawn[place] = observer.refresh().applied_to(self._drawn[place])

    def wrong(self) -> list[str]:
        """Where a screen shows something else than a fresh statement."""
        found: list[str] = []
        for text, observer, drawn in zip(LOOKS, self._observers, self._drawn, strict=True):
            fresh = self._fresh(text)
            if observer.items != fresh:
                found.append(f"an observer differs from a fresh look: {text}")
            elif drawn != fresh:
                found.append(f"the differences of an observer lead astray: {text}")
        return found

    def _fresh(self, text: str) -> list[Document]:
        try:
            return self._replica.execute(text).items
        except UnknownCollection:  # an observer takes what has not come yet for empty
            observer = self._replica.register_observer(text)
            items = observer.items
            observer.cancel()
            return items
