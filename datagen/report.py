"""A page to judge a data set by: checks, and pictures of what was counted. One file, no scripts.

pygal draws the charts as SVG (docs/decisions/0009-report.md); the aisle maps are tables.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pygal
from pygal.style import Style

from datagen import seasons
from datagen.baskets import LINE_COUNT_WEIGHTS, MONTHS
from datagen.checks.result import CheckResult
from datagen.checks.tallies import Tallies
from datagen.stores import STORES

# pygal installs a finder of an old form for plugins, at which Python 3.11 warns; we have none.
sys.meta_path[:] = [each for each in sys.meta_path if type(each).__module__ != "pygal"]

COLOURS = (
    "#00513B", "#E0A800", "#0B4F8A", "#A3211B", "#3E9C78",
    "#9A6733", "#6B4FA0", "#5AA9D6", "#4A5650",
)  # fmt: skip
_SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)
"""pygal's settings for its own scripts, which the page has none of."""
PRICE_STEPS = (0, 5, 10, 20, 40, 80, 160, 320, 640, 1_280)
_STYLE = Style(
    background="transparent", plot_background="#FFFFFF", colors=COLOURS, font_family="sans-serif",
    title_font_size=20, label_font_size=13, major_label_font_size=13, legend_font_size=13,
)  # fmt: skip
_CSS = """
body{font:16px/1.45 system-ui,sans-serif;color:#16201C;background:#F5F4EF;margin:0;padding:24px}
main{max-width:1180px;margin:auto}h1{margin:0 0 4px}h2{margin:32px 0 8px}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:16px}
.card{background:#fff;border:1px solid #D9D8CF;border-radius:10px;padding:12px;overflow:auto}
.card svg{width:100%;height:auto}
table{border-collapse:collapse}td,th{padding:3px 10px;text-align:left}
.checks td{border-top:1px solid #E9E8E1}.ok,.bad{color:#0F6B42;font-weight:700}.bad{color:#A3211B}
.map td{width:26px;height:22px;padding:0;text-align:center;font-size:12px;border:2px solid #fff}
.map th{font-size:12px;padding:0 4px;text-align:center}.key{font-size:13px}
.key b{display:inline-block;width:12px;height:12px;margin:0 4px 0 12px;border-radius:3px}
"""


def page(results: Sequence[CheckResult], tallies: Tallies, title: str) -> str:
    """The whole report as one HTML document."""
    bad = sum(not result.ok for result in results)
    verdict = f"{bad} of {len(results)} checks fail" if bad else f"all {len(results)} checks pass"
    charts = "".join(f'<div class="card">{chart}</div>' for chart in _charts(tallies))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_CSS}</style><main>'
        f"<h1>{escape(title)}</h1><p class={'bad' if bad else 'ok'}>{verdict}.</p>"
        f'<div class="card">{_documents(tallies)}</div>'
        f'<h2>What was counted</h2><div class="grid">{charts}</div>'
        f"<h2>Aisles</h2>{_legend(tallies)}<div class=grid>{_maps(tallies)}</div>"
        f'<h2>Checks</h2><div class="card">{_table(results)}</div></main></html>'
    )


def _documents(tallies: Tallies) -> str:
    counts = (f"<b>{count:,}</b> {escape(name)}" for name, count in tallies.documents.items())
    statuses = (f"<b>{count:,}</b> {escape(name)}" for name, count in tallies.statuses.items())
    return f"{' · '.join(counts)}<br>Orders: {' · '.join(statuses)}"


def _table(results: Sequence[CheckResult]) -> str:
    rows = (
        f'<tr><td class="{"ok" if r.ok else "bad"}">{"ok" if r.ok else "failed"}</td>'
        f"<td>{escape(r.name)}</td><td>{escape(r.detail)}</td></tr>"
        for r in results
    )
    return f'<table class="checks">{"".join(rows)}</table>'


def _charts(tallies: Tallies) -> list[str]:
    return [
        _orders_by_month(tallies),
        _seasons(tallies),
        _years(tallies),
        _stores(tallies),
        _weekdays(tallies),
        _hours(tallies),
        _baskets(tallies),
        _prices(tallies),
    ]


def _drawn(
    chart: Any, title: str, labels: Sequence[str], series: Mapping[str, Sequence[Any]]
) -> str:
    chart.title, chart.x_labels = title, labels
    for name, values in series.items():
        chart.add(name, list(values))
    return _SCRIPT.sub("", str(chart.render(is_unicode=True)))


def _bar(**options: Any) -> Any:
    return pygal.Bar(**_options(options))


def _line(**options: Any) -> Any:
    return pygal.Line(**_options({"dots_size": 2, **options}))


def _options(more: Mapping[str, Any]) -> dict[str, Any]:
    plain = {
        "js": [],
        "style": _STYLE,
        "height": 360,
        "width": 620,
        "disable_xml_declaration": True,
    }
    return {**plain, "legend_at_bottom": True, "legend_at_bottom_columns": 3, **more}


def _percent(counted: Mapping[Any, float], keys: Sequence[Any]) -> list[float]:
    total = sum(counted.get(key, 0) for key in keys) or 1
    return [round(100 * counted.get(key, 0) / total, 2) for key in keys]


def _orders_by_month(tallies: Tallies) -> str:
    months: Counter[tuple[int, int]] = Counter()
    for (day, _), count in tallies.orders.items():
        months[day.year, day.month] += count
    keys = sorted(months)
    labels = [f"{year}" if month == 1 else "" for year, month in keys]
    chart = _line(show_legend=False, fill=True, show_dots=False)
    return _drawn(chart, "Orders a month", labels, {"orders": [months[key] for key in keys]})


def _seasons(tallies: Tallies) -> str:
    """Items of each category by month of the year, against the category's own mean."""
    series = {}
    for category, document in tallies.categories.items():
        counted = [0.0] * 12
        for ((year, month), of), count in tallies.items.items():
            if of == category and year < max(y for (y, _), _ in tallies.items):
                counted[month - 1] += count
        mean = sum(counted) / 12 or 1.0
        series[document["category_name"]] = [round(count / mean, 2) for count in counted]
    return _drawn(_line(height=460), "Items by month, mean = 1", MONTHS, series)


def _years(tallies: Tallies) -> str:
    years: Counter[int] = Counter()
    for (day, _), count in tallies.orders.items():
        years[day.year] += count
    keys = sorted(years)
    first = years[keys[0]] if keys else 1
    series = {
        "orders": [round(years[year] / first, 3) for year in keys],
        "intended": [seasons.year_weight(year) for year in keys],
    }
    return _drawn(_bar(), "Growth, first year = 1", [str(year) for year in keys], series)


def _stores(tallies: Tallies) -> str:
    keys = [store.store_id for store in STORES]
    orders: Counter[str] = Counter()
    for (_, store), count in tallies.orders.items():
        orders[store] += count
    series = {
        "orders %": _percent(orders, keys),
        "orders, intended %": _percent({s.store_id: s.order_multiplier for s in STORES}, keys),
        "customers %": _percent(tallies.customers, keys),
    }
    names = [tallies.store_names.get(key, key) for key in keys]
    return _drawn(_bar(), "Stores", names, series)


def _weekdays(tallies: Tallies) -> str:
    counted: Counter[tuple[bool, int]] = Counter()
    for (day, store), count in tallies.orders.items():
        counted[store in tallies.online, day.weekday()] += count
    series = {
        name: _percent({d: counted[online, d] for d in range(7)}, range(7))
        for name, online in (("shops %", False), ("online %", True))
    }
    return _drawn(_bar(), "Weekdays", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), series)


def _hours(tallies: Tallies) -> str:
    series = {
        name: _percent({h: tallies.hours[online, h] for h in range(24)}, range(24))
        for name, online in (("shops %", False), ("online %", True))
    }
    return _drawn(_bar(), "Hours, in the stores' time", [str(hour) for hour in range(24)], series)


def _baskets(tallies: Tallies) -> str:
    keys = range(1, len(LINE_COUNT_WEIGHTS) + 1)
    series = {
        "orders %": _percent(tallies.baskets, keys),
        "intended %": _percent(dict(enumerate(LINE_COUNT_WEIGHTS, start=1)), keys),
    }
    return _drawn(_bar(), "Lines in a basket", [str(key) for key in keys], series)


def _prices(tallies: Tallies) -> str:
    counted = [
        sum(low <= price < high for price in tallies.prices)
        for low, high in zip(PRICE_STEPS, (*PRICE_STEPS[1:], float("inf")), strict=True)
    ]
    labels = [f"${step:,}+" for step in PRICE_STEPS]
    return _drawn(_bar(show_legend=False), "Products by price", labels, {"products": counted})


def _legend(tallies: Tallies) -> str:
    keys = (
        f'<b style="background:{_colour(tallies, name)}"></b>{escape(category["category_name"])}'
        for name, category in tallies.categories.items()
    )
    return (
        f'<p class="key">{"".join(keys)}<br>'
        "A cell is a shelf of an aisle: how many of its places are low or out of stock.</p>"
    )


def _colour(tallies: Tallies, category: str) -> str:
    return COLOURS[list(tallies.categories).index(category) % len(COLOURS)]


def _maps(tallies: Tallies) -> str:
    return "".join(_map(tallies, store) for store in tallies.store_names if store in tallies.zones)


def _map(tallies: Tallies, store: str) -> str:
    """One store: a column an aisle in the colour of its category, a row a shelf."""
    shelves, zones = tallies.shelves[store], tallies.zones[store]
    aisles = sorted(zones, key=lambda aisle: (len(aisle), aisle))
    rows = []
    for shelf in sorted({shelf for _, shelf, _ in shelves}):
        cells = []
        for aisle in aisles:
            wanting = shelves[aisle, shelf, "low"] + shelves[aisle, shelf, "out"]
            colour = _colour(tallies, zones[aisle].most_common(1)[0][0])
            cells.append(f'<td style="background:{colour}55">{wanting or ""}</td>')
        rows.append(f"<tr><th>{escape(shelf)}</th>{''.join(cells)}</tr>")
    heads = "".join(f"<th>{escape(aisle)}</th>" for aisle in aisles)
    name = escape(tallies.store_names[store])
    return (
        f'<div class="card"><b>{name}</b><table class="map"><tr><th></th>{heads}</tr>'
        f"{''.join(rows)}</table></div>"
    )
