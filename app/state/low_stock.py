"""The low-stock walk of the own store: what is low where, what is done, what is left.

Which places are ticked off is a note of this device, not a synced document: a walk is one person's
way through the shop. What they count and adjust on it are writes like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import flet as ft

from app.domain import walk as walking
from app.domain.collections import PRODUCTS
from app.domain.walk import Walk
from app.state import stock_writes
from app.state.live import LiveRows
from app.state.notices import Outcome
from app.state.places import Place, place_of
from app.state.workspace import Workspace

WALK_NOTE: Final = "worker.walk"
Part = Literal["todo", "done"]


@dataclass(frozen=True, slots=True)
class Stop:
    """One place on the walk."""

    place: Place
    product_id: str
    name: str
    sku: str
    done: bool
    counted: bool
    """Done by a count, not by a tick; a count is not taken back by unticking."""


@dataclass(frozen=True, slots=True)
class Aisle:
    """The stops of one aisle, in walking order."""

    name: str
    stops: tuple[Stop, ...]
    done: int
    total: int


@ft.observable
@dataclass
class LowStock:
    """``aisles`` hold the stops of the chosen ``part`` alone; the counts are of the whole walk."""

    workspace: Workspace
    part: Part = "todo"
    aisles: tuple[Aisle, ...] = ()
    done: int = 0
    total: int = 0
    chosen: str | None = None
    """The row a sheet works on."""
    revision: int = 0
    _live: LiveRows = field(init=False, repr=False)
    _walk: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._live = self.workspace.observe_store("SELECT * FROM inventory", self.refresh)
        self._unfollow = self.workspace.sync.follow(self.refresh)
        kept: Any = self.workspace.replica.note(WALK_NOTE)
        self._walk = Walk.from_json(kept) if kept else walking.begin(self.workspace.now())
        self.refresh()

    @property
    def left(self) -> int:
        """Stops that are not done."""
        return self.total - self.done

    @property
    def stop(self) -> Stop | None:
        """The stop a sheet works on, whichever part it is in."""
        row = next((each for each in self._live.rows if each["_id"] == self.chosen), None)
        return None if row is None else self._stop(row)

    @property
    def place(self) -> Place | None:
        """The place a sheet works on."""
        stop = self.stop
        return None if stop is None else stop.place

    @property
    def product(self) -> dict[str, Any] | None:
        """The product a sheet works on."""
        stop = self.stop
        return None if stop is None else self.workspace.replica.get(PRODUCTS, stop.product_id)

    def refresh(self) -> None:
        """Read the replica anew; a walk of yesterday is over."""
        rows, walk = self._live.rows, self._walk
        if walk.is_over(self.workspace.now()):
            walk = walking.begin(self.workspace.now())
        self._keep(walking.with_rows(walk, rows))
        stops = walking.stops(self._walk, rows)
        done = {str(row["_id"]) for row in stops if walking.is_done(self._walk, row)}
        self.total, self.done = len(stops), len(done)
        aisles = []
        for name, held in walking.by_aisle(stops):
            here = [row for row in held if (str(row["_id"]) in done) == (self.part == "done")]
            ready = sum(str(row["_id"]) in done for row in held)
            if here:
                aisles.append(Aisle(name, tuple(map(self._stop, here)), ready, len(held)))
        self.aisles = tuple(aisles)
        self.revision += 1

    def choose_part(self, part: Part) -> None:
        """Show what is to do, or what is done."""
        self.part = part
        self.refresh()

    def choose(self, row_id: str) -> None:
        """Let a sheet work on a stop."""
        self.chosen = row_id

    def tick(self, row_id: str, done: bool) -> Outcome:
        """Tick a stop off, or put it on the list again."""
        self._tick(row_id, done)
        words = "Ticked off." if done else "On the list again."
        return Outcome(words, lambda: self._tick(row_id, not done))

    def count(self, now: int) -> Outcome:
        """Set the stock of the chosen stop to what was counted; that does it."""
        assert self.chosen is not None
        return stock_writes.count(self.workspace, self.chosen, now)

    def adjust(self, delta: int, reason: str) -> Outcome:
        """Add or take away pieces at the chosen stop, and tick it off."""
        row_id = self.chosen
        assert row_id is not None
        outcome = stock_writes.adjust(self.workspace, row_id, delta, reason)
        self._tick(row_id, True)

        def undo() -> None:
            self._tick(row_id, False)
            assert outcome.undo is not None
            outcome.undo()

        return Outcome(outcome.message, undo)

    def restart(self) -> None:
        """Begin a new walk: everything that is low now is to do."""
        self._keep(walking.begin(self.workspace.now()))
        self.part = "todo"
        self.refresh()

    def close(self) -> None:
        """Stop following the replica."""
        self._live.close()
        self._unfollow()

    def _tick(self, row_id: str, done: bool) -> None:
        self._keep(self._walk.tick(row_id, done=done))
        self.refresh()

    def _keep(self, walk: Walk) -> None:
        if walk != self._walk or self.workspace.replica.note(WALK_NOTE) is None:
            self._walk = walk
            self.workspace.replica.set_note(WALK_NOTE, walk.to_json())

    def _stop(self, row: Mapping[str, Any]) -> Stop:
        product_id = str(row.get("product_id", ""))
        product = self.workspace.replica.get(PRODUCTS, product_id) or {}
        return Stop(
            place=place_of(self.workspace, dict(row)),
            product_id=product_id,
            name=str(product.get("product_name") or "Unknown product"),
            sku=str(product.get("sku") or row["_id"]),
            done=walking.is_done(self._walk, row),
            counted=walking.was_counted(self._walk, row),
        )
