"""What the own store has of each product, and how far that figure can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.domain.stock import Age, age, age_text
from app.state.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Available:
    """Pieces in all places of the store; ``kept`` is False where the store has no place for it."""

    kept: bool
    pieces: int
    age: Age
    age_words: str


class OwnStock:
    """Follows the inventory of the own store; made once and shared by the sales screens."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._followers: list[Callable[[], object]] = []
        self._live = workspace.observe_store("SELECT * FROM inventory", self._changed)
        self._unfollow = workspace.sync.follow(self._changed)
        self._read()

    def of(self, product_id: str) -> Available:
        """What there is of a product."""
        rows = self._rows.get(product_id, [])
        if not rows:
            return Available(False, 0, Age.STALE, "not kept here")
        pieces = sum(int(row.get("stock_level", 0)) for row in rows)
        known = min(str(row.get("last_counted") or row.get("last_updated") or "") for row in rows)
        now = self._workspace.now()
        if not known:
            return Available(True, pieces, Age.STALE, "never counted")
        return Available(True, pieces, age(known, now), age_text(known, now))

    def follow(self, follower: Callable[[], object]) -> None:
        """Call back after the inventory changed, for as long as the tab is signed in."""
        self._followers.append(follower)

    def close(self) -> None:
        """Stop following the replica."""
        self._live.close()
        self._unfollow()
        self._followers.clear()

    def _changed(self) -> None:
        self._read()
        for follower in list(self._followers):
            follower()

    def _read(self) -> None:
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in self._live.rows:
            rows.setdefault(str(row.get("product_id")), []).append(row)
        self._rows = rows
