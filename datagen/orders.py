"""Orders since 2020: when people buy, what, how much, and how each order ended.

Years grow from 1.0 in 2020 to 1.531 in 2026, months follow the seasons of the categories, and the
last two weeks are fuller than the rest so that a shop looks alive. Prices come from
`app.domain.orders` alone.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from app.domain.collections import Document
from app.domain.ids import order_code, order_id
from app.domain.orders import Line, build_order
from app.domain.roles import Role
from app.domain.times import iso_z
from datagen.people import DEMO_ACCOUNTS
from datagen.presets import RECENT_DAYS, Preset
from datagen.randomness import moment, uuid4
from datagen.stock import demand
from datagen.stores import STORES

FIRST_ORDER = datetime(2020, 1, 1, tzinfo=UTC)
GROWTH_2020_TO_2026 = 1.531
OPENING_HOUR_UTC, OPEN_HOURS = 15, 13
"""Shops open from 7 to 20 o'clock Pacific standard time."""

PENDING_DAYS_MAX = 3
CANCELLED_SHARE = 0.03
STRANGER_SHARE = 0.08
MANAGER_SHARE = 0.15

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LINE_COUNTS = (1, 2, 3, 4, 5, 6)
_LINE_COUNT_WEIGHTS = (44, 29, 15, 7, 3, 2)
_DISCOUNTS = (5, 10, 15, 20)


@dataclass(frozen=True, slots=True)
class Shop:
    """One store ready to sell: its document, customers, products and their pull by month."""

    store: Document
    customers: Sequence[Document]
    products: Sequence[Document]
    pulls: Sequence[Sequence[float]]
    """For each month, cumulative weights of `products`."""
    devices: Mapping[str, Document]
    """Role to the device that role uses here."""


def shops(
    stores: Sequence[Document],
    categories: Sequence[Document],
    carried: Mapping[str, Sequence[Document]],
    customers: Sequence[Document],
    devices: Sequence[Document],
) -> list[Shop]:
    """Every store with what its orders are drawn from."""
    seasons = {c["_id"]: [c["seasonal_multipliers"][m] for m in _MONTHS] for c in categories}
    roles = {account.user_id: account.role for account in DEMO_ACCOUNTS}
    everybody = by_age(customers)
    by_store: dict[str, list[Document]] = defaultdict(list)
    for customer in everybody:
        by_store[customer["primary_store_id"]].append(customer)
    return [
        Shop(
            store,
            by_store[store["_id"]] or everybody,
            carried[store["_id"]],
            _pulls(carried[store["_id"]], seasons),
            {roles[d["user_id"]]: d for d in devices if d["store_id"] == store["_id"]},
        )
        for store in stores
    ]


def priced_orders(
    rng: random.Random,
    preset: Preset,
    open_shops: Sequence[Shop],
    customers: Sequence[Document],
    as_of: datetime,
) -> Iterator[tuple[Document, list[Document]]]:
    """Orders with their items, oldest first; the same generator state gives the same orders."""
    shares = list(accumulate(store.share_percent for store in STORES))
    everybody = by_age(customers)
    counters: dict[str, int] = defaultdict(int)
    for at in _dates(rng, preset, open_shops, as_of):
        shop = rng.choices(open_shops, cum_weights=shares)[0]
        stranger = rng.random() < STRANGER_SHARE
        customer = _known(rng, at, everybody) if stranger else _known(rng, at, shop.customers)
        device = shop.devices[Role.MANAGER if rng.random() < MANAGER_SHARE else Role.REP]
        counters[device["_id"]] += 1
        lines = _lines(rng, shop, at)
        order, items = build_order(
            customer,
            shop.store,
            lines,
            at,
            order_id(int(at.timestamp() * 1000), rng.getrandbits(80)),
            order_code(shop.store["store_code"], device["device_code"], counters[device["_id"]]),
            device["user_id"],
            [uuid4(rng) for _ in lines],
        )
        yield order | _outcome(rng, at, as_of), items


def by_age(customers: Sequence[Document]) -> list[Document]:
    """Customers in the order they opened their accounts."""
    return sorted(customers, key=lambda customer: customer["created_at"])


def _known(rng: random.Random, at: datetime, customers: Sequence[Document]) -> Document:
    """Somebody who had an account by then; every store has one from before its first order."""
    known = bisect_right(customers, iso_z(at), key=lambda customer: customer["created_at"])
    return customers[rng.randrange(known)]


def _lines(rng: random.Random, shop: Shop, at: datetime) -> list[Line]:
    count = rng.choices(_LINE_COUNTS, _LINE_COUNT_WEIGHTS)[0]
    picked = rng.choices(shop.products, cum_weights=shop.pulls[at.month - 1], k=count)
    products = {product["_id"]: product for product in picked}.values()
    promotion = 0.35 if at.month == 11 else 0.12
    return [
        Line(
            product,
            _quantity(rng, product["base_price"]),
            rng.choice(_DISCOUNTS) if rng.random() < promotion else 0,
        )
        for product in products
    ]


def _quantity(rng: random.Random, price: float) -> int:
    if price < 10:
        return min(rng.randint(1, 12), rng.randint(1, 12))
    return rng.choice((1, 1, 1, 2, 2, 3)) if price < 60 else rng.choice((1, 1, 1, 1, 1, 2))


def _outcome(rng: random.Random, at: datetime, as_of: datetime) -> Document:
    """Old orders are completed or, rarely, cancelled; those of the last days wait to be picked."""
    ended = at + timedelta(minutes=rng.randint(5, 2 * 24 * 60))
    chance = rng.random()
    if at > as_of - timedelta(days=PENDING_DAYS_MAX) and (ended > as_of or chance < 0.5):
        return {"status": "pending"}
    status = "cancelled" if chance > 1 - CANCELLED_SHARE else "completed"
    return {"status": status, "updated_at": iso_z(min(ended, as_of))}


def _pulls(
    products: Sequence[Document], seasons: Mapping[str, Sequence[float]]
) -> list[list[float]]:
    return [
        list(accumulate(demand(p) * seasons[p["category_id"]][month] for p in products))
        for month in range(12)
    ]


def _dates(
    rng: random.Random, preset: Preset, open_shops: Sequence[Shop], as_of: datetime
) -> list[datetime]:
    recent = round(preset.orders * preset.recent_share)
    seasons = [sum(shop.pulls[month][-1] for shop in open_shops) for month in range(12)]
    spans = list(_month_spans(as_of))
    weights = [_weight(start, end, seasons) for start, end in spans]
    picked = rng.choices(spans, weights, k=preset.orders - recent)
    picked += [(as_of - timedelta(days=RECENT_DAYS), as_of)] * recent
    return sorted(_open_moment(rng, start, end) for start, end in picked)


def _month_spans(as_of: datetime) -> Iterator[tuple[datetime, datetime]]:
    start = FIRST_ORDER
    while start < as_of:
        end = (start + timedelta(days=32)).replace(day=1)
        yield start, min(end, as_of)
        start = end


def _weight(start: datetime, end: datetime, seasons: Sequence[float]) -> float:
    growth = GROWTH_2020_TO_2026 ** ((start.year - FIRST_ORDER.year) / 6)
    return float(growth * seasons[start.month - 1] * (end - start).total_seconds())


def _open_moment(rng: random.Random, start: datetime, end: datetime) -> datetime:
    """A moment of the span while shops are open; near its end it may fall before opening time."""
    day = moment(rng, start, end).replace(hour=0, minute=0, second=0)
    opening = day + timedelta(hours=OPENING_HOUR_UTC)
    at = moment(rng, opening, opening + timedelta(hours=OPEN_HOURS))
    return at if start <= at <= end else moment(rng, start, end)
