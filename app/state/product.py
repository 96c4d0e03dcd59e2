"""One product as a screen follows it: its places in the own store, other stores, what clashed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import flet as ft

from app.domain.collections import INVENTORY
from app.domain.roles import Role
from app.domain.stock import Age, Level, level, walk_key
from app.state import stock_writes
from app.state.clashes import Clash, clashes
from app.state.live import LiveRows
from app.state.notices import Outcome
from app.state.places import Place, place_of, trust_in
from app.state.workspace import Workspace

STOCK_KEEPERS = frozenset({Role.WORKER, Role.MANAGER, Role.SUPER})


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The product in another store."""

    store: str
    stock: int
    level: Level
    age: Age
    age_words: str


@ft.observable
@dataclass
class ProductState:
    """What is known about a product here, and what can be done with its stock."""

    workspace: Workspace
    product_id: str
    product: dict[str, Any] | None = None
    places: tuple[Place, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    clashes: tuple[Clash, ...] = ()
    chosen: str | None = None
    """The row the actions work on."""
    _product: LiveRows = field(init=False, repr=False)
    _rows: LiveRows = field(init=False, repr=False)

    def __post_init__(self) -> None:
        product = "SELECT * FROM products WHERE _id = :product AND deleted = false"
        rows = "SELECT * FROM inventory WHERE product_id = :product AND deleted = false"
        self._product, self._rows = (
            self.workspace.observe(each, self.refresh, product=self.product_id)
            for each in (product, rows)
        )
        self._unfollow = self.workspace.sync.follow(self.refresh)
        self.refresh()

    @property
    def place(self) -> Place | None:
        """The place the actions work on."""
        return next((each for each in self.places if each.row_id == self.chosen), None)

    @property
    def may_change_stock(self) -> bool:
        """Whether this person counts and moves stock; reps only read it."""
        return self.workspace.role in STOCK_KEEPERS and self.place is not None

    def refresh(self) -> None:
        """Read the replica anew; also called as time passes, for the ages."""
        product = self._product.rows
        self.product = product[0] if product else None
        rows = sorted(self._rows.rows, key=walk_key)
        own = [row for row in rows if self._is_own(row)]
        self.places = tuple(place_of(self.workspace, row) for row in own)
        self.elsewhere = self._elsewhere([row for row in rows if not self._is_own(row)])
        ids = [each.row_id for each in self.places]
        if self.chosen not in ids:
            self.chosen = ids[0] if ids else None
        self.clashes = tuple(
            clash for row in own for clash in clashes(self.workspace, INVENTORY, row)
        )

    def choose(self, row_id: str) -> None:
        """Let the actions work on another place."""
        self.chosen = row_id

    def count(self, now: int) -> Outcome:
        """Set the stock of the chosen place to what was counted."""
        return stock_writes.count(self.workspace, self._chosen(), now)

    def adjust(self, delta: int, reason: str) -> Outcome:
        """Add or take away pieces at the chosen place."""
        return stock_writes.adjust(self.workspace, self._chosen(), delta, reason)

    def move(self, aisle: str, shelf: str, bin_: str) -> Outcome:
        """Give the chosen place another location."""
        to = {"aisle": aisle, "shelf": shelf, "bin": bin_}
        return stock_writes.move(self.workspace, self._chosen(), to)

    def write_note(self, note: str) -> Outcome:
        """Replace the note of the chosen place."""
        return stock_writes.write_note(self.workspace, self._chosen(), note)

    def keep(self, clash: Clash) -> None:
        """Leave a clash as it was merged."""
        clash.keep()
        self.refresh()

    def restore(self, clash: Clash) -> Outcome:
        """Put the losing value of a clash back."""
        assert clash.restore is not None
        outcome = clash.restore()
        self.refresh()
        return outcome

    def close(self) -> None:
        """Stop following the replica."""
        self._product.close()
        self._rows.close()
        self._unfollow()

    def _chosen(self) -> str:
        assert self.chosen is not None
        return self.chosen

    def _is_own(self, row: dict[str, Any]) -> bool:
        store = self.workspace.store_id
        return store is None or row.get("store_id") == store

    def _elsewhere(self, rows: list[dict[str, Any]]) -> tuple[Elsewhere, ...]:
        by_store: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            by_store.setdefault(str(row.get("store_id")), []).append(row)
        found = []
        for store_id, held in by_store.items():
            stock = sum(int(row.get("stock_level", 0)) for row in held)
            newest = max(held, key=lambda row: str(row.get("last_updated")))
            trust, words = trust_in(self.workspace, newest)
            judged = level({**held[0], "stock_level": stock})
            name = self.workspace.store_called(store_id)
            found.append(Elsewhere(name, stock, judged, trust, words))
        return tuple(sorted(found, key=lambda each: (-each.stock, each.store)))
