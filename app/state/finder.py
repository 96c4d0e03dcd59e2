"""Find: what a worker or rep looks for, and where it stands in their own store."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import flet as ft

from app.domain.codes import is_valid_barcode
from app.domain.search import ProductIndex
from app.domain.stock import Age, Level, age, age_text, is_low, level, walk_key
from app.domain.walk import needs_a_look
from app.state.live import LiveRows
from app.state.workspace import Workspace

RESULTS_MAX = 30
RECENTS_MAX = 8
RECENTS_NOTE = "app.recents"

_BARCODE_AT_END = re.compile(r"\d{12,13}$")


@dataclass(frozen=True, slots=True)
class Hit:
    """One result row: a product and its best place in the own store, if it is held there."""

    product_id: str
    name: str
    sku: str
    price: float
    exact: bool
    location: dict[str, Any] | None
    stock: int
    level: Level
    age: Age
    age_words: str
    places: int
    """In how many places of the store it lies."""


@ft.observable
@dataclass
class Finder:
    """``hits`` follow ``text``; with no text they are empty and ``recents`` stand in."""

    workspace: Workspace
    text: str = ""
    hits: tuple[Hit, ...] = ()
    recents: tuple[Hit, ...] = ()
    selected: str | None = None
    """The product shown beside the list where there is room for both."""
    focus_calls: int = 0
    """Counts up each time the search field should take the keyboard."""
    revision: int = 0
    _products: LiveRows = field(init=False, repr=False)
    _inventory: LiveRows = field(init=False, repr=False)
    _index: ProductIndex = field(init=False, repr=False)
    _by_id: dict[str, dict[str, Any]] = field(init=False, repr=False)
    _rows: dict[str, list[dict[str, Any]]] = field(init=False, repr=False)
    _recent_ids: list[str] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        observe, observe_store = self.workspace.observe, self.workspace.observe_store
        self._products = observe("SELECT * FROM products", self._products_changed)
        self._inventory = observe_store("SELECT * FROM inventory", self._inventory_changed)
        kept = self.workspace.replica.note(RECENTS_NOTE)
        self._recent_ids = [str(each) for each in kept] if isinstance(kept, list) else []
        self._read_products()
        self._read_inventory()
        self._show()

    @property
    def known(self) -> int:
        """How many products this device holds."""
        return len(self._index)

    @property
    def low(self) -> int:
        """How many products of the store are out or due for reorder in some place."""
        return sum(any(needs_a_look(row) for row in rows) for rows in self._rows.values())

    def search(self, text: str) -> None:
        """Look for a text; the results are there when this returns."""
        self.text = text
        self._show()

    def submit(self, text: str) -> str | None:
        """Enter, or a scanner's end of line: the product to open, if the text names just one.

        A scanner types after whatever stands in the field, so a barcode at the end is enough; and
        what is opened leaves the field empty for the next scan.
        """
        scanned = _BARCODE_AT_END.search(text.strip())
        if scanned and is_valid_barcode(scanned[0]):
            text = scanned[0]
        self.search(text)
        if not self.hits or not (self.hits[0].exact or len(self.hits) == 1):
            return None
        found = self.hits[0].product_id
        self.text = ""
        return self.open(found)

    def open(self, product_id: str) -> str:
        """Remember a product as recent, select it, and answer its id."""
        self.selected = product_id
        others = [each for each in self._recent_ids if each != product_id]
        self._recent_ids = [product_id, *others][:RECENTS_MAX]
        self.workspace.replica.set_note(RECENTS_NOTE, self._recent_ids)
        self._show()
        return product_id

    def ask_focus(self) -> None:
        """Give the search field the keyboard."""
        self.focus_calls += 1

    def refresh_ages(self) -> None:
        """Tell ages anew; time has passed."""
        self._show()

    def close(self) -> None:
        """Stop following the replica."""
        self._products.close()
        self._inventory.close()

    def _products_changed(self) -> None:
        self._read_products()
        self._show()

    def _inventory_changed(self) -> None:
        self._read_inventory()
        self._show()

    def _read_products(self) -> None:
        self._index = ProductIndex(self._products.rows)
        self._by_id = {str(row["_id"]): row for row in self._products.rows}

    def _read_inventory(self) -> None:
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in sorted(self._inventory.rows, key=walk_key):
            rows.setdefault(str(row.get("product_id")), []).append(row)
        self._rows = rows

    def _show(self) -> None:
        matches = self._index.search(self.text, RESULTS_MAX) if self.text.strip() else []
        self.hits = tuple(self._hit(dict(each.product), each.exact) for each in matches)
        recent = (self._by_id.get(each) for each in self._recent_ids)
        self.recents = tuple(self._hit(product, False) for product in recent if product)
        self.revision += 1

    def _hit(self, product: dict[str, Any], exact: bool) -> Hit:
        rows = self._rows.get(str(product["_id"]), [])
        first = next(
            (row for row in rows if row.get("stock_level", 0) > 0), rows[0] if rows else {}
        )
        stock = sum(int(row.get("stock_level", 0)) for row in rows)
        known = first.get("last_counted") or first.get("last_updated")
        now = self.workspace.now()
        low = any(is_low(row) for row in rows)
        return Hit(
            product_id=str(product["_id"]),
            name=str(product.get("product_name", "")),
            sku=str(product.get("sku", "")),
            price=float(product.get("base_price", 0)),
            exact=exact,
            location=first.get("location"),
            stock=stock,
            level=Level.OUT if stock <= 0 else Level.LOW if low else level({"stock_level": stock}),
            age=age(known, now) if known else Age.STALE,
            age_words=f"counted {age_text(known, now)}" if known else "never counted",
            places=len(rows),
        )
