"""Rows of a live query that a screen follows; the screen is told after its rows have changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from app.state.wake import Wake
from sync.query import EVERYTHING

if TYPE_CHECKING:
    from sync.local import Replica
    from sync.query import Node


class LiveRows:
    """The documents of one collection that meet a condition, kept current until `close`."""

    def __init__(
        self,
        replica: Replica,
        collection: str,
        where: Node | None,
        wake: Wake,
        changed: Callable[[], object],
        order_by: Sequence[tuple[tuple[str, ...], str]] = (),
        limit: int | None = None,
    ) -> None:
        """``changed`` is called in the tab's turn after a commit has changed the rows."""
        self._live = replica.live(
            collection, EVERYTHING if where is None else where, order_by, limit
        )
        self._changed = changed
        self._closed = False
        self.rows: list[dict[str, Any]] = self._live.documents
        """The documents as of the last refresh."""
        self._live.on_wake(lambda: wake.soon(self._refresh))

    def close(self) -> None:
        """Stop following; no callback comes after this."""
        if not self._closed:
            self._closed = True
            self._live.close()

    def _refresh(self) -> None:
        if self._closed:
            return
        self._live.refresh()
        self.rows = self._live.documents
        self._changed()
