"""When people buy: years, months, weekdays, holidays and hours, in the time of the stores.

Years follow the data model's growth, months the seasons of the categories. Weekdays and holidays
only move orders about within their month, so that years and months keep their exact weights.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
FIRST_DAY = date(2020, 1, 1)

YEAR_WEIGHTS: Mapping[int, float] = {
    2020: 1.0, 2021: 1.1, 2022: 1.21, 2023: 1.15, 2024: 1.265, 2025: 1.392, 2026: 1.531,
}  # fmt: skip
GROWTH_AFTERWARDS = 1.1
"""Yearly growth after the last year the data model knows."""

SHOP_WEEKDAYS = (0.85, 0.8, 0.85, 0.9, 1.1, 1.45, 1.25)
ONLINE_WEEKDAYS = (1.15, 1.05, 1.0, 1.0, 0.9, 0.85, 1.05)
"""Monday to Sunday: projects are begun on Saturdays, parcels are ordered from a desk."""

SHOP_HOURS = dict(zip(range(7, 20), (4, 6, 8, 10, 10, 9, 9, 8, 8, 9, 9, 6, 4), strict=True))
ONLINE_HOURS = dict(
    enumerate((2, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 7, 8, 7, 7, 6, 6, 6, 7, 8, 10, 10, 7, 4))
)
"""Hour of the day in the stores' time, and its part of a day's orders."""


def year_weight(year: int) -> float:
    """How much business a year does, 2020 being 1.0."""
    last = max(YEAR_WEIGHTS)
    return YEAR_WEIGHTS.get(year) or YEAR_WEIGHTS[last] * GROWTH_AFTERWARDS ** (year - last)


@cache
def holidays(year: int) -> Mapping[date, tuple[float, float]]:
    """Days unlike others: what they do to shops and to the online store; 0 is closed."""
    thanksgiving = _nth_weekday(year, 11, 3, 4)
    memorial = _nth_weekday(year, 6, 0, 1) - timedelta(days=7)
    labor = _nth_weekday(year, 9, 0, 1)
    presidents = _nth_weekday(year, 2, 0, 3)
    return {
        date(year, 1, 1): (0.4, 0.9),
        presidents: (1.4, 1.2),
        memorial - timedelta(days=2): (1.3, 1.1),
        memorial: (1.7, 1.2),
        date(year, 7, 3): (1.5, 1.0),
        date(year, 7, 4): (0.8, 0.8),
        labor: (1.6, 1.1),
        thanksgiving: (0.0, 1.3),
        thanksgiving + timedelta(days=1): (2.6, 2.6),
        thanksgiving + timedelta(days=4): (1.0, 2.4),
        date(year, 12, 24): (0.7, 0.5),
        date(year, 12, 25): (0.0, 0.4),
    }


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def day_pull(day: date, *, online: bool) -> float:
    """The pull of a day within its month."""
    weekdays = ONLINE_WEEKDAYS if online else SHOP_WEEKDAYS
    return weekdays[day.weekday()] * holidays(day.year).get(day, (1.0, 1.0))[online]


@dataclass(frozen=True, slots=True)
class Days:
    """The days from the first order on, ready to draw from; one for shops, one for online."""

    noons: Sequence[int]
    """Noon in the stores' time, as Unix seconds."""
    cumulative: Sequence[float]
    hours: Sequence[int]
    hour_weights: Sequence[float]

    def draw(self, rng: random.Random, count: int, since: int = 0) -> Iterator[int]:
        """Moments as Unix seconds, not sorted, on days whose noon is at ``since`` or later."""
        start = min(bisect_left(self.noons, since), len(self.noons) - 1)
        before = self.cumulative[start - 1] if start else 0.0
        weights = [weight - before for weight in self.cumulative[start:]]
        days = rng.choices(self.noons[start:], cum_weights=weights, k=count)
        hours = rng.choices(self.hours, cum_weights=self.hour_weights, k=count)
        seconds = rng.choices(range(3_600), k=count)
        for noon, hour, second in zip(days, hours, seconds, strict=True):
            yield noon + (hour - 12) * 3_600 + second


def days(as_of: datetime, months: Sequence[float], *, online: bool) -> Days:
    """Every day up to ``as_of``; ``months`` are the seasons of the whole chain, January first."""
    last = as_of.astimezone(PACIFIC).date()
    every = [FIRST_DAY + timedelta(days=n) for n in range((last - FIRST_DAY).days + 1)]
    noons = [_noon(day) for day in every]
    weights = [day_weight(day, months, online=online) for day in every]
    hours = ONLINE_HOURS if online else SHOP_HOURS
    return Days(
        noons, list(accumulate(weights)), list(hours), list(accumulate(map(float, hours.values())))
    )


def day_weight(day: date, months: Sequence[float], *, online: bool) -> float:
    """The part of all business that falls on a day: year x month x its part of the month."""
    pull = day_pull(day, online=online) / _month_pull(day.year, day.month, online)
    return year_weight(day.year) * months[day.month - 1] * pull


@cache
def _month_pull(year: int, month: int, online: bool) -> float:
    start = date(year, month, 1)
    end = (start + timedelta(days=32)).replace(day=1)
    month_days = (start + timedelta(days=n) for n in range((end - start).days))
    return sum(day_pull(day, online=online) for day in month_days)


def _noon(day: date) -> int:
    return int(datetime.combine(day, time(12), PACIFIC).astimezone(UTC).timestamp())
