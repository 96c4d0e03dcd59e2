"""Whether what was counted follows the intended weights: chi-square tests (Pearson).

A large sample makes the smallest deviation significant, so a distribution fails only if it is both
unlikely (p < `P_MIN`) and visible: Cohen's w = √((χ² − degrees of freedom) / n), less what chance
alone would give, above a bound. The last days, fuller on purpose, are left out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping
from datetime import timedelta

from datagen import seasons
from datagen.baskets import LINE_COUNT_WEIGHTS, MONTHS
from datagen.checks.result import CheckResult
from datagen.checks.tallies import Tallies
from datagen.presets import RECENT_DAYS
from datagen.stores import STORES

P_MIN = 0.001
EFFECT_MAX = 0.05
SEASON_EFFECT_MAX = 0.1
"""Cohen's "small effect": what goes together follows the season of what it goes with."""
BASKET_EFFECT = 2.0
"""Items of one basket are alike, so that many of them count as one (the design effect of surveys:
χ² is divided by it)."""
SAMPLE_MIN = 1_000
EXPECTED_MIN = 5.0
"""Rarer outcomes are put together, as the test demands."""
REMEDY = "Look at the report (--html): another weight in the code, or a data set that was edited."


def judged(tallies: Tallies) -> list[CheckResult]:
    """One result a distribution."""
    months = sorted({month for month, _ in tallies.items})
    whole = set(months[:-2])  # the last days lie in the last two months
    cut = max((day for day, _ in tallies.orders), default=None)
    earlier: Counter[tuple[int, str]] = Counter()
    weekdays: Counter[tuple[bool, int]] = Counter()
    for (day, store), count in tallies.orders.items():
        if cut is not None and day < cut - timedelta(days=RECENT_DAYS + 1):
            earlier[day.year, store] += count
            if day not in seasons.holidays(day.year):
                weekdays[store in tallies.online, day.weekday()] += count
    years: Counter[int] = Counter()
    for (year, _), count in earlier.items():
        years[year] += count
    full = {year: years[year] for year in sorted(years)[:-1]}
    results = [
        _test(
            "customers follow the stores' shares", tallies.customers,
            {store.store_id: store.share_percent for store in STORES},
        ),
        _test(
            "orders follow the stores' multipliers",
            _sums(tallies, lambda day, store: store),
            {store.store_id: store.order_multiplier for store in STORES},
        ),
        _test("years grow as intended", full, {year: seasons.year_weight(year) for year in full}),
        *(_weekdays(weekdays, online) for online in (False, True)),
        *(_hours(tallies, online) for online in (False, True)),
        _test(
            "baskets are as large as intended", tallies.baskets,
            dict(enumerate(LINE_COUNT_WEIGHTS, start=1)),
        ),
    ]  # fmt: skip
    return [*results, _seasons(tallies, whole)]


def _sums(tallies: Tallies, key: object) -> Counter[Hashable]:
    sums: Counter[Hashable] = Counter()
    for (day, store), count in tallies.orders.items():
        sums[key(day, store)] += count  # type: ignore[operator]
    return sums


def _weekdays(counted: Mapping[tuple[bool, int], int], online: bool) -> CheckResult:
    weights = seasons.ONLINE_WEEKDAYS if online else seasons.SHOP_WEEKDAYS
    found = {day: counted.get((online, day), 0) for day in range(7)}
    return _test(f"weekdays of {_where(online)} are as intended", found, dict(enumerate(weights)))


def _hours(tallies: Tallies, online: bool) -> CheckResult:
    weights = seasons.ONLINE_HOURS if online else seasons.SHOP_HOURS
    found = {hour: tallies.hours[online, hour] for hour in weights}
    return _test(f"hours of {_where(online)} are as intended", found, weights)


def _where(online: bool) -> str:
    return "the online store" if online else "shops"


def _seasons(tallies: Tallies, whole: set[tuple[int, int]]) -> CheckResult:
    """Every category by month, the worst of them."""
    name = "categories follow their seasons"
    worst = CheckResult(name, True, f"fewer than {SAMPLE_MIN:,} to judge")
    largest = 0.0
    for category, document in tallies.categories.items():
        multipliers = document["seasonal_multipliers"]
        found = {month: tallies.items[month, category] for month in whole}
        wanted = {(y, m): seasons.year_weight(y) * multipliers[MONTHS[m - 1]] for y, m in whole}
        result = _test(name, found, wanted, SEASON_EFFECT_MAX, category, BASKET_EFFECT)
        if not result.ok:
            return result
        effect = _effect(found, wanted)
        if effect > largest and sum(found.values()) >= SAMPLE_MIN:
            largest, worst = effect, result
    return worst


def _test(
    name: str,
    counted: Mapping[Hashable, int],
    weights: Mapping[Hashable, float],
    effect_max: float = EFFECT_MAX,
    of: str = "",
    alike: float = 1.0,
) -> CheckResult:
    total = sum(counted.get(key, 0) for key in weights)
    if total < SAMPLE_MIN:
        return CheckResult(name, True, f"{total:,} are too few to judge")
    chi, freedom = chi_square(counted, weights)
    chi /= alike
    p, effect = p_value(chi, freedom), effect_size(chi, freedom, total)
    told = f"{of + ': ' if of else ''}χ² = {chi:.1f}, {freedom} degrees of freedom, p = {p:.3f}"
    ok = p >= P_MIN or effect <= effect_max
    return CheckResult(name, ok, f"{told}, w = {effect:.3f}", "" if ok else REMEDY)


def _effect(counted: Mapping[Hashable, int], weights: Mapping[Hashable, float]) -> float:
    total = sum(counted.values())
    chi, freedom = chi_square(counted, weights)
    return effect_size(chi / BASKET_EFFECT, freedom, total) if total else 0.0


def chi_square(
    counted: Mapping[Hashable, int], weights: Mapping[Hashable, float]
) -> tuple[float, int]:
    """Pearson's χ² and its degrees of freedom."""
    total, whole = sum(counted.get(key, 0) for key in weights), sum(weights.values())
    chi, terms = 0.0, 0
    rare = [0.0, 0.0]
    for key, weight in weights.items():
        found, expected = counted.get(key, 0), total * weight / whole
        if expected < EXPECTED_MIN:
            rare[0] += found
            rare[1] += expected
            continue
        chi += (found - expected) ** 2 / expected
        terms += 1
    if rare[1] > 0:
        chi += (rare[0] - rare[1]) ** 2 / max(rare[1], EXPECTED_MIN)
        terms += 1
    return chi, max(terms - 1, 1)


def effect_size(chi: float, freedom: int, total: int) -> float:
    """Cohen's w, less what chance alone would give."""
    return math.sqrt(max(chi - freedom, 0.0) / total)


def p_value(chi: float, freedom: int) -> float:
    """How likely so large a χ² is by chance (Wilson and Hilferty's normal approximation)."""
    spread = 2 / (9 * freedom)
    z = ((chi / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return 0.5 * math.erfc(z / math.sqrt(2))
