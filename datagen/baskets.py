"""What lies in one basket: how many lines, which things go together, how many of each, what is off.

The first thing is drawn by demand and season. A further one is often something that goes with it:
bits with a drill, brushes with paint. Promotions follow the seasons, as shops clear what is over.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from app.domain.collections import Document
from app.domain.orders import Line
from datagen.stock import demand

LINE_COUNT_WEIGHTS = (44, 29, 15, 7, 3, 2)
"""Of every 100 orders, how many ask for one thing, for two, and so on."""

COMPANION_SHARE = 0.5
"""Part of the further lines that go with the first one, where anything does."""

PROMOTION_SHARE = 0.1
BLACK_FRIDAY_SHARE = 0.35
CLEARANCE_SHARE = 0.25
CLEARANCE_SEASON_MAX = 0.7
"""A category is cleared in the months that sell at most this part of an ordinary one."""
_PROMOTIONS = (5, 10, 15, 20)
_CLEARANCES = (15, 20, 25, 30)

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

Kind = tuple[str, str]
"""A product type, and a word in the product's name ("" for any)."""

# The first row that fits a product counts.
GO_TOGETHER: tuple[tuple[Kind, tuple[Kind, ...]], ...] = (
    (("type_drills", "Bit Set"), (("type_fasteners", "Screws"), ("type_fasteners", "Anchor"))),
    (("type_drills", ""), (("type_drills", "Bit Set"), ("type_grinders", "Battery"))),
    (("type_saws", "Blade"), (("type_lumber", ""), ("type_panels", ""))),
    (("type_saws", ""), (("type_saws", "Blade"), ("type_pliers", "Tape Measure"))),
    (("type_sanders", "Sander"), (("type_sanders", "Sanding"), ("type_sanders", "Sandpaper"))),
    (("type_sanders", ""), (("type_stains", ""), ("type_brushes", ""))),
    (("type_grinders", "Grinder"), (("type_grinders", "Cut-Off"),)),
    (("type_hammers", ""), (("type_fasteners", "Nails"), ("type_pliers", "Tape Measure"))),
    (("type_screwdrivers", ""), (("type_fasteners", "Screws"), ("type_pliers", ""))),
    (("type_wrenches", ""), (("type_fasteners", "Bolts"), ("type_pipe", ""))),
    (("type_interior_paint", ""), (("type_brushes", ""),)),
    (("type_exterior_paint", ""), (("type_brushes", ""), ("type_stains", ""))),
    (("type_stains", ""), (("type_brushes", ""), ("type_sanders", "Sandpaper"))),
    (("type_brushes", ""), (("type_interior_paint", ""), ("type_brushes", ""))),
    (("type_hinges", ""), (("type_fasteners", "Screws"), ("type_screwdrivers", ""))),
    (("type_locks", ""), (("type_hinges", "Hinge"), ("type_screwdrivers", ""))),
    (("type_lumber", ""), (("type_fasteners", "Screws"), ("type_fasteners", "Nails"))),
    (("type_panels", ""), (("type_fasteners", "Screws"), ("type_lumber", ""))),
    (("type_drywall", ""), (("type_fasteners", "Drywall"), ("type_brushes", ""))),
    (("type_lighting", ""), (("type_lighting", "Bulb"), ("type_devices", "Switch"))),
    (("type_devices", ""), (("type_wire", ""), ("type_devices", ""))),
    (("type_wire", ""), (("type_devices", ""),)),
    (("type_pipe", ""), (("type_pipe", ""),)),
    (("type_faucets", ""), (("type_pipe", ""), ("type_wrenches", "Wrench"))),
    (("type_toilets", ""), (("type_pipe", ""), ("type_toilets", ""))),
    (("type_garden_tools", ""), (("type_soil", ""), ("type_watering", ""))),
    (("type_watering", ""), (("type_watering", ""), ("type_soil", ""))),
    (("type_soil", ""), (("type_soil", ""), ("type_garden_tools", ""))),
    (("type_mowers", ""), (("type_soil", ""), ("type_wire", "Extension"))),
    (("type_shelving", ""), (("type_bins", ""), ("type_fasteners", "Anchor"))),
    (("type_toolboxes", ""), (("type_screwdrivers", ""), ("type_wrenches", ""))),
    (("type_bins", ""), (("type_bins", ""), ("type_shelving", ""))),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """Products with cumulative weights, ready to draw from."""

    products: Sequence[Document]
    cumulative: Sequence[float]

    def draw(self, rng: random.Random) -> Document:
        """One product by its weight."""
        at = bisect_right(self.cumulative, rng.random() * self.cumulative[-1])
        return self.products[min(at, len(self.products) - 1)]


@dataclass(frozen=True, slots=True)
class Month:
    """What one store sells in one month."""

    everything: Offer
    companions: Mapping[str, Offer]
    """Product id to what goes with it here."""
    promotions: Mapping[str, tuple[float, Sequence[int]]]
    """Category to the part of its lines that are reduced, and by which percentages."""


def is_kind(product: Document, kind: Kind) -> bool:
    """Whether a product is of a kind."""
    return bool(product["type_id"] == kind[0] and kind[1] in product["product_name"])


def companions_of(product: Document) -> tuple[Kind, ...]:
    """The kinds of things that go with a product."""
    return next((kinds for lead, kinds in GO_TOGETHER if is_kind(product, lead)), ())


def months(
    products: Sequence[Document], seasons: Mapping[str, Sequence[float]]
) -> tuple[Month, ...]:
    """The twelve months of a store that carries these products; ``seasons`` by category."""
    partners = _partners(products)
    demands = {product["_id"]: demand(product) for product in products}
    made = []
    for number in range(12):

        def offer(goods: Sequence[Document], month: int = number) -> Offer:
            weights = (demands[p["_id"]] * seasons[p["category_id"]][month] for p in goods)
            return Offer(goods, list(accumulate(weights)))

        offers = {key: offer(goods) for key, (_, goods) in partners.items()}
        fitting = {i: offers[key] for key, (ids, _) in partners.items() for i in ids}
        reduced = {category: _promotion(number, s[number]) for category, s in seasons.items()}
        made.append(Month(offer(products), fitting, reduced))
    return tuple(made)


def lines(rng: random.Random, month: Month) -> list[Line]:
    """The lines of one order; a product stands in it once."""
    first = month.everything.draw(rng)
    picked = {first["_id"]: first}
    for _ in range(bisect_right(_LINE_COUNTS, rng.random() * _LINE_COUNTS[-1])):
        fitting = month.companions.get(first["_id"])
        together = fitting is not None and rng.random() < COMPANION_SHARE
        product = (fitting if together and fitting else month.everything).draw(rng)
        picked[product["_id"]] = product
    return [
        Line(product, _quantity(rng, product["base_price"]), _discount(rng, month, product))
        for product in picked.values()
    ]


_LINE_COUNTS = tuple(accumulate(LINE_COUNT_WEIGHTS))


def _partners(
    products: Sequence[Document],
) -> dict[tuple[Kind, ...], tuple[list[str], list[Document]]]:
    """For each set of kinds: the ids that lead to it, and the carried products of these kinds."""
    leads: dict[tuple[Kind, ...], list[str]] = {}
    for product in products:
        leads.setdefault(companions_of(product), []).append(product["_id"])
    goods = {
        kinds: [p for p in products if any(is_kind(p, kind) for kind in kinds)] for kinds in leads
    }
    return {kinds: (ids, goods[kinds]) for kinds, ids in leads.items() if goods[kinds]}


def _promotion(month: int, season: float) -> tuple[float, Sequence[int]]:
    if season <= CLEARANCE_SEASON_MAX:
        return CLEARANCE_SHARE, _CLEARANCES
    return (BLACK_FRIDAY_SHARE if MONTHS[month] == "nov" else PROMOTION_SHARE), _PROMOTIONS


def _discount(rng: random.Random, month: Month, product: Document) -> int:
    share, percents = month.promotions[product["category_id"]]
    return percents[int(rng.random() * len(percents))] if rng.random() < share else 0


def _quantity(rng: random.Random, price: float) -> int:
    if price < 10:
        return 1 + int(min(rng.random(), rng.random()) * 12)
    chance = rng.random()
    if price < 60:
        return 1 if chance < 0.5 else 2 if chance < 5 / 6 else 3
    return 1 if chance < 5 / 6 else 2
