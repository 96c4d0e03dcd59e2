"""Stock as people judge it: how much is left, and how old the figure is.

The thresholds of ageing are those of the shop floor: under 15 minutes nobody doubts a figure, after
a shift of 8 hours nobody should rely on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.domain.times import instant

FRESH_SECONDS_MAX = 15 * 60
AGEING_SECONDS_MAX = 8 * 60 * 60

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3_600, 86_400, 365 * 86_400


class Level(StrEnum):
    """How much is left: nothing, no more than the reorder threshold, or enough."""

    OUT = "out"
    LOW = "low"
    OK = "ok"


class Age(StrEnum):
    """How far a figure can be trusted: fresh < 15 min, ageing < 8 h, stale after that."""

    FRESH = "fresh"
    AGEING = "ageing"
    STALE = "stale"


def is_low(row: Mapping[str, Any]) -> bool:
    """Whether an inventory row is due for reorder: a threshold is set, and stock is at or below."""
    threshold = row.get("reorder_threshold")
    return threshold is not None and row.get("stock_level", 0) <= threshold


def level(row: Mapping[str, Any]) -> Level:
    """How much an inventory row has left; below zero (oversold) counts as out."""
    if row.get("stock_level", 0) <= 0:
        return Level.OUT
    return Level.LOW if is_low(row) else Level.OK


def age(then: str | datetime, now: str | datetime) -> Age:
    """How old a figure is; one from the future (another device's clock) is fresh."""
    seconds = (instant(now) - instant(then)).total_seconds()
    if seconds < FRESH_SECONDS_MAX:
        return Age.FRESH
    return Age.AGEING if seconds < AGEING_SECONDS_MAX else Age.STALE


def age_text(then: str | datetime | None, now: str | datetime) -> str:
    """The age in words: `just now`, `4 min ago`, `3 h ago`, `2 d ago`, `1 y ago`, or `never`."""
    if not then:
        return "never"
    seconds = int((instant(now) - instant(then)).total_seconds())
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min ago"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h ago"
    if seconds < _YEAR:
        return f"{seconds // _DAY} d ago"
    return f"{seconds // _YEAR} y ago"


def walk_key(row: Mapping[str, Any]) -> tuple[tuple[int, str], str, tuple[int, str]]:
    """Sort key of the way through a shop: aisle, shelf, bin, with numbers in number order."""
    location = row.get("location") or {}
    return (
        _numbered(location.get("aisle")),
        str(location.get("shelf") or ""),
        _numbered(location.get("bin")),
    )


def _numbered(value: object) -> tuple[int, str]:
    text = str(value or "")
    digits = "".join(character for character in text if character in "0123456789")
    return (int(digits) if digits else 0, text)
