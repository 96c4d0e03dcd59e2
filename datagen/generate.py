"""Every document of a data set, in dependency order, from a preset, a seed and a date.

Nothing here looks at the clock: `as_of` is the moment the data set pretends to be made, and the
latest date in it. Each order comes with its items, so memory stays small at any size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain as chained

from app.domain import collections as names
from app.domain.collections import Document
from datagen import catalogue, orders, people, stock, stores
from datagen.collections import PRODUCT_EMBEDDINGS
from datagen.embeddings import embedding_documents
from datagen.presets import Preset, preset_of
from datagen.randomness import source
from datagen.recipe import Recipe

Progress = Callable[[str, int, int], None]

PROGRESS_DOCUMENTS = 200


def generate(
    preset: str | Preset = "demo",
    *,
    seed: int = 7,
    as_of: str | datetime,
    progress: Progress | None = None,
) -> Iterator[tuple[str, Document]]:
    """(collection, document) pairs; the same preset, seed and `as_of` give the same bytes.

    A document refers only to documents yielded before it. `progress` is told the collection, how
    many of its documents are done, and how many there will be. Raises `DomainError`
    (preset_unknown, size_invalid,
    as_of_too_early, instant_invalid).
    """
    recipe = Recipe.of(preset, seed=seed, as_of=as_of)
    return _documents(preset_of(preset), seed, recipe.moment, progress or _silent)


def data_set(recipe: Recipe, progress: Progress | None = None) -> Iterator[tuple[str, Document]]:
    """The data set of a recipe."""
    return _documents(recipe.size, recipe.seed, recipe.moment, progress or _silent)


def _documents(
    preset: Preset, seed: int, as_of: datetime, progress: Progress
) -> Iterator[tuple[str, Document]]:
    goods = catalogue.expand(source(seed, "catalogue"), as_of)
    shops = stores.store_documents(source(seed, "stores"))
    devices = people.device_documents(source(seed, "devices"), as_of)
    customers = list(
        people.customer_documents(source(seed, "customers"), seed, preset.customers, as_of)
    )
    carried = stock.stocked_products(source(seed, "assortment"), goods.products)
    chain = orders.open_chain(shops, goods.categories, carried, customers, devices)
    moments = orders.moments(source(seed, "moments"), preset, chain, as_of)
    taken = orders.codes_before(moments.older)
    recent = list(orders.sales(source(seed, "recent"), chain, moments.recent, taken, as_of))
    sold = stock.last_sold(_taken_off_shelves(recent))
    inventory = stock.inventory_documents(source(seed, "inventory"), carried, sold, as_of)
    small: list[tuple[str, Sequence[Document]]] = [
        (names.STORES, shops),
        (names.CATEGORIES, goods.categories),
        (names.PRODUCT_TYPES, goods.types),
        (names.PRODUCTS, goods.products),
        (PRODUCT_EMBEDDINGS, list(embedding_documents(goods.products))),
        (names.USERS, people.user_documents()),
        (names.DEVICES, devices),
        (names.CUSTOMERS, customers),
        (names.INVENTORY, list(inventory)),
    ]
    for collection, documents in small:
        yield from _told(collection, documents, progress)
    older = orders.sales(source(seed, "orders"), chain, moments.older, Counter(), as_of)
    yield from _sales(chained(older, recent), preset.orders, progress)


def _taken_off_shelves(sales: Iterable[orders.Sale]) -> Iterator[Document]:
    return (item for order, items in sales if order["status"] != "cancelled" for item in items)


def _told(
    collection: str, documents: Sequence[Document], progress: Progress
) -> Iterator[tuple[str, Document]]:
    total = len(documents)
    progress(collection, 0, total)
    for done, document in enumerate(documents, start=1):
        yield collection, document
        if done % PROGRESS_DOCUMENTS == 0 or done == total:
            progress(collection, done, total)


def _sales(
    sales: Iterable[orders.Sale], total: int, progress: Progress
) -> Iterator[tuple[str, Document]]:
    """Every order followed by its items; how many items there will be is known at the end."""
    count = 0
    for done, (order, items) in enumerate(sales, start=1):
        yield names.ORDERS, order
        for item in items:
            yield names.ORDER_ITEMS, item
        count += len(items)
        if done % PROGRESS_DOCUMENTS == 0 or done == total:
            progress(names.ORDERS, done, total)
            progress(names.ORDER_ITEMS, count, count if done == total else 2 * total)


def _silent(collection: str, done: int, total: int) -> None:
    """Nobody is watching."""
