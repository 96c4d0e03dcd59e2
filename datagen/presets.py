"""How large a data set is: a demo of seconds, and the two sizes of the chain (DESIGN §2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class Preset:
    """A named size; stores, catalogue and inventory are the same in each."""

    name: str
    customers: int
    orders: int
    recent_share: float
    """Part of the orders that falls into the last `RECENT_DAYS`, so a shop looks alive today."""


PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("demo", customers=400, orders=3_000, recent_share=0.05),
        Preset("standard", customers=25_000, orders=100_000, recent_share=0.01),
        Preset("full", customers=50_000, orders=200_000, recent_share=0.01),
    )
}

RECENT_DAYS = 14


def preset_of(name: str | Preset) -> Preset:
    """The preset with this name. Raises `DomainError` (preset_unknown)."""
    if isinstance(name, Preset):
        return name
    if name not in PRESETS:
        raise DomainError(
            "preset_unknown",
            f"There is no data size called {name!r}.",
            f"Use one of: {', '.join(PRESETS)}.",
        )
    return PRESETS[name]
