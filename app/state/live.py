"""Rows of a statement that a screen follows; the screen is told after they have changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from app.state.wake import Wake

if TYPE_CHECKING:
    from sync.local import Changes, Replica


class LiveRows:
    """What a SELECT answers, kept current until `close`."""

    def __init__(
        self,
        replica: Replica,
        statement: str,
        args: Mapping[str, Any],
        wake: Wake,
        changed: Callable[[], object],
    ) -> None:
        """``changed`` is called in the tab's turn after a commit has changed the rows."""
        self._observer = replica.register_observer(statement, args)
        self._changed = changed
        self.rows: list[dict[str, Any]] = _rows(self._observer.first())
        """The rows as of the last look: to be read, not to be written into."""
        self._observer.on_wake(lambda: wake.soon(self._refresh))

    def close(self) -> None:
        """Stop following; no callback comes after this."""
        self._observer.cancel()

    def _refresh(self) -> None:
        if self._observer.is_cancelled:
            return
        if changes := self._observer.refresh():
            self.rows = _rows(changes)
            self._changed()


def _rows(changes: Changes) -> list[dict[str, Any]]:
    return [row for _, row in changes.rows]
