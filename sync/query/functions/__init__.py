"""The functions of DQL by name, a family a module."""

from __future__ import annotations

from typing import Final

from sync.query.functions import (
    arrays,
    conversion,
    dates,
    durations,
    numbers,
    objects,
    texts,
    unknowns,
)
from sync.query.functions.registry import Context, Function

FAMILIES: Final = (
    numbers.FAMILY,
    texts.FAMILY,
    unknowns.FAMILY,
    conversion.FAMILY,
    arrays.FAMILY,
    objects.FAMILY,
    dates.FAMILY,
    durations.FAMILY,
)

FUNCTIONS: Final[dict[str, Function]] = {
    function.name: function for family in FAMILIES for function in family.functions
}
"""Every function that is not an aggregate, by its name in lower case."""

__all__ = ["FAMILIES", "FUNCTIONS", "Context", "Function"]
