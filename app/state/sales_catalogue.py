"""The catalogue inside an order: categories, search, availability, and what is in the order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import flet as ft

from app.domain.collections import CATEGORIES
from app.domain.money import to_cents
from app.domain.search import ProductIndex
from app.state.live import LiveRows
from app.state.notices import Outcome
from app.state.sales_basket import Basket
from app.state.sales_stock import Available, OwnStock
from app.state.workspace import Workspace

PAGE_ROWS: Final = 40
SEARCHED_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Offer:
    """One product as the catalogue lists it."""

    product_id: str
    name: str
    sku: str
    price_cents: int
    available: Available


@ft.observable
@dataclass
class Catalogue:
    """``offers`` are those of the chosen category, or of the search when there is a text."""

    workspace: Workspace
    text: str = ""
    category: str = ""
    """A category's id; empty for all."""
    categories: tuple[tuple[str, str], ...] = ()
    offers: tuple[Offer, ...] = ()
    total: int = 0
    """How many there are; ``offers`` are the first of them."""
    focus_calls: int = 0
    revision: int = 0
    _limit: int = PAGE_ROWS
    _products: LiveRows = field(init=False, repr=False)
    _index: Any = field(init=False, repr=False)
    _sorted: list[dict[str, Any]] = field(init=False, repr=False)
    _stock: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        present = "SELECT * FROM products WHERE deleted = false"
        self._products = self.workspace.observe(present, self._products_changed)
        self._stock = self.workspace.keep(OwnStock)
        self._stock.follow(self._show)
        self._products_changed()

    def search(self, text: str) -> None:
        """Look for a text over all categories."""
        self.text = text
        self._limit = PAGE_ROWS
        self._show()

    def choose(self, category: str) -> None:
        """Show one category, or all; the search ends."""
        self.category, self.text = category, ""
        self._limit = PAGE_ROWS
        self._show()

    def scanned(self, text: str) -> Outcome | None:
        """Enter, or a scanner's end of line: what is named exactly goes into the order at once."""
        found = self._index.search(text, 1)
        if not found or not found[0].exact:
            self.search(text)
            return None
        self.search("")
        self.focus_calls += 1
        return self.workspace.keep(Basket).add(str(found[0].product["_id"]))

    def more(self) -> None:
        """Show the next rows."""
        self._limit += PAGE_ROWS
        self._show()

    def close(self) -> None:
        """Stop following the replica."""
        self._products.close()

    def _products_changed(self) -> None:
        rows = self._products.rows
        self._index = ProductIndex(rows)
        self._sorted = sorted(rows, key=lambda row: str(row.get("product_name", "")))
        held = {str(row.get("category_id")) for row in rows}
        self.categories = tuple(
            (str(each["_id"]), str(each.get("category_name", "")))
            for each in self.workspace.replica.find(
                CATEGORIES, order_by=[(("category_name",), "asc")]
            )
            if each["_id"] in held
        )
        self._show()

    def _show(self) -> None:
        if self.text.strip():
            matches = self._index.search(self.text, SEARCHED_MAX)
            found: list[Mapping[str, Any]] = [each.product for each in matches]
        else:
            found = [
                each
                for each in self._sorted
                if not self.category or each.get("category_id") == self.category
            ]
        self.total = len(found)
        self.offers = tuple(self._offer(each) for each in found[: self._limit])
        self.revision += 1

    def _offer(self, product: Mapping[str, Any]) -> Offer:
        product_id = str(product["_id"])
        return Offer(
            product_id=product_id,
            name=str(product.get("product_name", "")),
            sku=str(product.get("sku", "")),
            price_cents=to_cents(product.get("base_price", 0)),
            available=self._stock.of(product_id),
        )
