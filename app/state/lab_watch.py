"""Being told which collections of a replica moved, without holding their documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from app.state.wake import Wake
from sync.query import NOTHING

if TYPE_CHECKING:
    from sync.local import LiveQuery, Replica


class Watch:
    """Calls back with the name of a collection after commits that touched it, until `close`.

    A live query that matches nothing is woken all the same, and costs nothing to refresh.
    """

    def __init__(
        self,
        replica: Replica,
        names: Iterable[str],
        wake: Wake,
        touched: Callable[[str], object],
    ) -> None:
        self._wake = wake
        self._touched = touched
        self._closed = False
        self._live = [self._follow(replica, name) for name in names]

    def close(self) -> None:
        """No callback comes after this."""
        self._closed = True
        for live in self._live:
            live.close()

    def _follow(self, replica: Replica, name: str) -> LiveQuery:
        live = replica.live(name, NOTHING)

        def note() -> None:
            if not self._closed:
                live.refresh()
                self._touched(name)

        live.on_wake(lambda: self._wake.soon(note))
        return live
