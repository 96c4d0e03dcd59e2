"""Everything that decides about the bytes of a data set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.domain.errors import DomainError
from app.domain.times import instant, iso_z
from datagen.presets import Preset, preset_of

AS_OF = "2026-11-20T18:00:00Z"
"""The date of a data set for which none is asked: fixed, so that two runs give the same bytes."""

AS_OF_MIN = datetime(2021, 1, 1, tzinfo=UTC)
"""Orders begin in 2020; with less than a year of them nothing looks right."""

CUSTOMERS_MAX = 1_000_000
ORDERS_MAX = 5_000_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a data set is made from, as its manifest says it."""

    preset: str
    seed: int
    as_of: str
    customers: int
    orders: int

    @classmethod
    def of(
        cls,
        preset: str | Preset = "demo",
        *,
        seed: int = 7,
        as_of: str | datetime = AS_OF,
        customers: int | None = None,
        orders: int | None = None,
    ) -> Recipe:
        """The recipe of a preset, with other sizes if they are given.

        Raises `DomainError` (preset_unknown, size_invalid, as_of_too_early, instant_invalid).
        """
        size = preset_of(preset)
        moment = instant(as_of)
        if moment < AS_OF_MIN:
            raise DomainError(
                "as_of_too_early",
                f"Data cannot be made as of {moment:%Y-%m-%d}, orders begin in 2020.",
                "Choose a date from 2021 on.",
            )
        people = _size("customers", size.customers if customers is None else customers)
        sold = _size("orders", size.orders if orders is None else orders)
        return cls(size.name, seed, iso_z(moment), people, sold)

    @property
    def size(self) -> Preset:
        """The preset with the sizes of this recipe."""
        return replace(preset_of(self.preset), customers=self.customers, orders=self.orders)

    @property
    def moment(self) -> datetime:
        """Its date, the latest in the data set."""
        return instant(self.as_of)

    def told(self) -> str:
        """The recipe in a line for people."""
        return (
            f"{self.preset}, seed {self.seed}, as of {self.as_of},"
            f" {self.customers:,} customers, {self.orders:,} orders"
        )


def mixed(there: object, where: str) -> DomainError:
    """The refusal to put a data set on top of another one."""
    if isinstance(there, dict):
        known = Recipe(**{name: there[name] for name in Recipe.__slots__ if name in there})
        what = f"the data set {known.told()}"
    else:
        what = "other data"
    return DomainError(
        "dataset_mixed",
        f"{where} holds {what}; two data sets would mix.",
        "Choose another place, or empty this one first.",
    )


def _size(what: str, count: Any) -> int:
    most = CUSTOMERS_MAX if what == "customers" else ORDERS_MAX
    if not isinstance(count, int) or not 1 <= count <= most:
        raise DomainError(
            "size_invalid",
            f"A data set cannot have {count} {what}.",
            f"Ask for 1 to {most:,}.",
        )
    return count
