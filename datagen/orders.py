"""Orders since 2020: who buys where, when and what, and how each order ended.

Only the moments of all orders are drawn at once, as integers. The orders of the last days come
first out of a generator of their own, because the stock on the shelves must agree with them; the
older ones are made one by one, so memory stays small at any size. Prices come from
`app.domain.orders` alone.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from operator import itemgetter

from app.domain.collections import Document
from app.domain.ids import order_code, order_id
from app.domain.orders import build_order
from app.domain.roles import Role
from app.domain.times import iso_z
from datagen import baskets, seasons
from datagen.people import DEMO_ACCOUNTS
from datagen.presets import RECENT_DAYS, Preset
from datagen.randomness import uuid4
from datagen.stores import STORES

PENDING_DAYS_MAX = 3
PENDING_SHARE = 0.5
CANCELLED_SHARE = 0.03
STRANGER_SHARE = 0.08
"""Part of the orders that somebody places in another store than their own."""
MANAGER_SHARE = 0.15

Sale = tuple[Document, list[Document]]
"""An order and its items."""


@dataclass(frozen=True, slots=True)
class Shop:
    """One store ready to sell."""

    store: Document
    customers: Sequence[Document]
    """Oldest account first."""
    opened: Sequence[str]
    """When each of them opened it."""
    months: Sequence[baskets.Month]
    devices: tuple[Document, Document]
    """The rep's and the manager's."""


@dataclass(frozen=True, slots=True)
class Chain:
    """All stores, and everybody who may turn up in any of them."""

    shops: Sequence[Shop]
    everybody: Sequence[Document]
    opened: Sequence[str]
    seasons: Sequence[float]
    """For each month the pull of everything the chain sells."""


def open_chain(
    stores: Sequence[Document],
    categories: Sequence[Document],
    carried: Mapping[str, Sequence[Document]],
    customers: Sequence[Document],
    devices: Sequence[Document],
) -> Chain:
    """Every store with what its orders are drawn from."""
    by_category = {
        c["_id"]: [c["seasonal_multipliers"][month] for month in baskets.MONTHS] for c in categories
    }
    roles = {account.user_id: account.role for account in DEMO_ACCOUNTS}
    owners = {(d["store_id"], roles[d["user_id"]]): d for d in devices}
    everybody = sorted(customers, key=itemgetter("created_at"))
    by_store: dict[str, list[Document]] = defaultdict(list)
    for customer in everybody:
        by_store[customer["primary_store_id"]].append(customer)
    shops = []
    for store in stores:
        known = by_store[store["_id"]] or everybody
        pair = owners[store["_id"], Role.REP], owners[store["_id"], Role.MANAGER]
        offers = baskets.months(carried[store["_id"]], by_category)
        shops.append(Shop(store, known, [c["created_at"] for c in known], offers, pair))
    pulls = [sum(s.months[m].everything.cumulative[-1] for s in shops) for m in range(12)]
    return Chain(shops, everybody, [c["created_at"] for c in everybody], pulls)


@dataclass(frozen=True, slots=True)
class Moments:
    """When and where every order is placed, in order, and where the last days begin.

    A slot is Unix seconds x 16 + store x 2 + (1 if a manager takes it).
    """

    slots: Sequence[int]
    recent_from: int

    @property
    def older(self) -> Sequence[int]:
        """The slots before the last days."""
        return self.slots[: self.recent_from]

    @property
    def recent(self) -> Sequence[int]:
        """The slots of the last `RECENT_DAYS`."""
        return self.slots[self.recent_from :]


def moments(rng: random.Random, preset: Preset, chain: Chain, as_of: datetime) -> Moments:
    """The moments of all orders of a preset."""
    latest = int(as_of.timestamp())
    cutoff = latest - RECENT_DAYS * 86_400
    more = round(preset.orders * preset.recent_share)
    calendars = [seasons.days(as_of, chain.seasons, online=online) for online in (False, True)]
    slots = []
    for count, since in ((preset.orders - more, 0), (more, cutoff + 86_400)):
        shares = list(accumulate(store.order_multiplier for store in STORES))
        places = Counter(rng.choices(range(len(STORES)), cum_weights=shares, k=count))
        for place, store in enumerate(STORES):
            for at in calendars[store.online].draw(rng, places[place], since):
                second = at if at <= latest else latest - rng.randrange(3_600)
                slots.append(second * 16 + place * 2 + (rng.random() < MANAGER_SHARE))
    slots.sort()
    return Moments(slots, bisect_right(slots, cutoff * 16))


def codes_before(slots: Sequence[int]) -> Counter[int]:
    """How many orders each device (store x 2 + role) has taken before: where its codes go on."""
    return Counter(slot & 15 for slot in slots)


def sales(
    rng: random.Random, chain: Chain, slots: Sequence[int], taken: Counter[int], as_of: datetime
) -> Iterator[Sale]:
    """Orders with their items, oldest first; ``taken`` is counted on."""
    for slot in slots:
        second, device = slot >> 4, slot & 15
        taken[device] += 1
        yield _sale(rng, chain, second, device, taken[device], as_of)


def _sale(
    rng: random.Random, chain: Chain, second: int, device: int, number: int, as_of: datetime
) -> Sale:
    at = datetime.fromtimestamp(second, UTC)
    written = iso_z(at)
    shop = chain.shops[device >> 1]
    who = shop.devices[device & 1]
    customers, opened = shop.customers, shop.opened
    if rng.random() < STRANGER_SHARE:
        customers, opened = chain.everybody, chain.opened
    known = bisect_right(opened, written)
    lines = baskets.lines(rng, shop.months[at.month - 1])
    order, items = build_order(
        customers[int(rng.random() * known)],
        shop.store,
        lines,
        written,
        order_id(second * 1_000, rng.getrandbits(80)),
        order_code(shop.store["store_code"], who["device_code"], number),
        who["user_id"],
        [uuid4(rng) for _ in lines],
    )
    return order | _outcome(rng, at, as_of), items


def _outcome(rng: random.Random, at: datetime, as_of: datetime) -> Document:
    """Old orders are completed or, rarely, cancelled; those of the last days wait to be picked."""
    ended = at + timedelta(minutes=5 + int(rng.random() * 2 * 24 * 60))
    chance = rng.random()
    if at > as_of - timedelta(days=PENDING_DAYS_MAX) and (ended > as_of or chance < PENDING_SHARE):
        return {"status": "pending"}
    status = "cancelled" if chance > 1 - CANCELLED_SHARE else "completed"
    return {"status": status, "updated_at": iso_z(min(ended, as_of))}
