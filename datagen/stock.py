"""What every store has on its shelves: which products, where they lie, how many are left.

A store gives each category a zone of neighbouring aisles, so paint stands together; inside a zone
products follow the catalogue. Cheap and popular things lie in larger numbers; a few are low or out.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from app.domain import codes
from app.domain.collections import Document
from app.domain.times import instant, iso_z
from datagen.randomness import moment, uuid4
from datagen.stores import STORES, Store

SHELVES = "ABCDE"
OUT_OF_STOCK_SHARE = 0.03
LOW_STOCK_SHARE = 0.09
SELLING_FACTOR = 1.5
"""How much likelier that is for what sold in the last days."""
COUNTED_SHARE = 0.9
NOTE_SHARE = 0.1
COUNTED_DAYS_MAX = 120
TOUCHED_DAYS_MAX = 10

_NOTES = (
    "High demand item - check weekly",
    "Overstock on the top shelf",
    "Label is torn, reprint",
    "Display sample does not count",
    "Half of the last delivery was damaged",
    "Seasonal, moves to the front in spring",
    "Keep away from the heater",
    "Contractors buy these by the case",
)


def demand(product: Document) -> float:
    """How often a product sells against others: cheap things more often than dear ones."""
    return float((5.0 + product["base_price"]) ** -0.6)


def stocked_products(
    rng: random.Random, products: Sequence[Document]
) -> Mapping[str, list[Document]]:
    """Products each store carries, in catalogue order; small stores drop slow sellers."""
    carried = {}
    for store in STORES:
        by_interest = sorted(products, key=lambda p: rng.random() ** (1 / demand(p)), reverse=True)
        kept = {product["_id"] for product in by_interest[: store.products]}
        carried[store.store_id] = [product for product in products if product["_id"] in kept]
    return carried


def last_sold(items: Iterable[Document]) -> dict[tuple[str, str], str]:
    """When each product was last taken off the shelf of each store."""
    sold: dict[tuple[str, str], str] = {}
    for item in items:
        key = item["store_id"], item["product_id"]
        sold[key] = max(sold.get(key, ""), item["created_at"])
    return sold


def inventory_documents(
    rng: random.Random,
    carried: Mapping[str, Sequence[Document]],
    sold: Mapping[tuple[str, str], str],
    as_of: datetime,
) -> Iterator[Document]:
    """The `inventory` collection: one row a product and store, at one location.

    What sold in the last days was touched then, and is low or gone more often than the rest.
    """
    for store in STORES:
        places = _places(rng, store, carried[store.store_id])
        for product in carried[store.store_id]:
            last = sold.get((store.store_id, product["_id"]))
            yield _row(rng, store, product, places[product["_id"]], last, as_of)


def _row(
    rng: random.Random,
    store: Store,
    product: Document,
    location: Document,
    sold: str | None,
    as_of: datetime,
) -> Document:
    level, threshold = _levels(rng, product, sells=sold is not None)
    touched = moment(rng, as_of - timedelta(days=TOUCHED_DAYS_MAX), as_of)
    if sold is not None:
        touched = max(touched, instant(sold))
    row = {
        "_id": uuid4(rng),
        "store_id": store.store_id,
        "product_id": product["_id"],
        "location": location,
        "label_code": codes.label_code(store.code, location),
        "stock_level": level,
        "reorder_threshold": threshold,
        "last_updated": iso_z(touched),
    }
    if rng.random() < COUNTED_SHARE:
        row["last_counted"] = iso_z(
            moment(rng, touched - timedelta(days=COUNTED_DAYS_MAX), touched)
        )
    if rng.random() < NOTE_SHARE:
        row["notes"] = rng.choice(_NOTES)
    return row | {"deleted": False}


def _levels(rng: random.Random, product: Document, *, sells: bool) -> tuple[int, int]:
    """Stock and reorder threshold; the usual level grows with demand, from mowers to screws."""
    usual = max(3, round(600 * demand(product) ** 1.7))
    threshold = max(1, round(usual * rng.uniform(0.2, 0.3)))
    chance = rng.random() / (SELLING_FACTOR if sells else 1.0)
    if chance < OUT_OF_STOCK_SHARE:
        return 0, threshold
    if chance < OUT_OF_STOCK_SHARE + LOW_STOCK_SHARE:
        return rng.randint(1, threshold), threshold
    return threshold + rng.randint(1, round(usual * 1.5)), threshold


def _places(
    rng: random.Random, store: Store, products: Sequence[Document]
) -> dict[str, dict[str, str]]:
    zones = [list(group) for _, group in groupby(products, key=lambda p: p["category_id"])]
    rng.shuffle(zones)
    places = {}
    aisle = 1
    for zone, width in zip(zones, _widths(zones, store.aisles), strict=True):
        for place, product in enumerate(zone):
            number, within = _split(place, len(zone), width)
            places[product["_id"]] = _place(aisle + number, *within)
        aisle += width
    return places


def _place(aisle: int, place: int, size: int) -> dict[str, str]:
    shelf, (bin_, _) = _split(place, size, len(SHELVES))
    return {"aisle": str(aisle), "shelf": SHELVES[shelf], "bin": str(bin_ + 1)}


def _split(place: int, size: int, parts: int) -> tuple[int, tuple[int, int]]:
    """Which of `parts` equal parts a place falls into, and its place and the size of that part."""
    part = place * parts // size
    start = -(-part * size // parts)
    end = -(-(part + 1) * size // parts)
    return part, (place - start, end - start)


def _widths(zones: Sequence[Sequence[Document]], aisles: int) -> list[int]:
    """Aisles per zone: one each, the others to the zones most crowded so far."""
    widths = [1] * len(zones)
    for _ in range(aisles - len(zones)):
        crowded = max(range(len(zones)), key=lambda i: len(zones[i]) / widths[i])
        widths[crowded] += 1
    return widths
