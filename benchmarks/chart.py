"""Pictures for the documentation from a file of ``zava bench all --json FILE``.

``python -m benchmarks.chart FILE … FOLDER`` writes merging.svg and growth.svg, as far as what they
show has been measured. Their numbers are the files': medians of rounds; what is compared comes from
one run.
"""

from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path
from typing import Any

import pygal
from pygal.style import Style

from benchmarks.merging.contest import PEERS
from benchmarks.merging.suites import CONTESTS

SERIES = {"ours": "Zava Edge", "pycrdt": "pycrdt = 1", "loro": "loro", "floor": "SQLite alone"}
COMPARED = ("W1", "W2", "W3", "W3-full", "W4")
UNITS = {
    "first download, a document": "first download, a document",
    "a field, a commit each": "a field, a commit each",
    "a field, in one batch": "a field, in a batch",
    "a document by id": "a document by id",
    "twenty documents by index": "twenty documents by index",
    "open and read one": "open, read one",
}
_STYLE = Style(
    background="#FFFFFF",
    plot_background="#FFFFFF",
    colors=("#00513B", "#9FA8A3", "#E0A800", "#0B4F8A", "#A3211B"),
    font_family="sans-serif",
    title_font_size=18,
    value_font_size=11,
    value_colors=("#000000",) * 5,
)
_OPTIONS: dict[str, Any] = {
    **{"style": _STYLE, "width": 860, "height": 420, "js": [], "legend_at_bottom": True},
    **{"legend_at_bottom_columns": 3, "disable_xml_declaration": True, "truncate_legend": -1},
    **{"margin": 12, "margin_right": 36},
}
_SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)
"""pygal's settings for its own scripts, of which a picture in a page runs none."""


def merging(figures: list[dict[str, Any]]) -> str:
    """How many times as fast as pycrdt each contestant is, workload by workload."""
    taken = {
        (each["of"], each["who"]): each["seconds"]
        for each in figures
        if each.get("who") in SERIES and each["of"] in COMPARED
        if each["name"] == f"{each['of']} {each['who']}, {_clock(each['of'])}"
    }
    chart = pygal.Bar(
        **{**_OPTIONS, "legend_at_bottom_columns": len(SERIES)},
        y_title="times as fast as pycrdt",
        print_values=True,
        print_values_position="top",
    )
    chart.title = "Merging, durable: higher is faster"
    chart.value_formatter = lambda value: f"{value:.2f}"
    chart.x_labels = COMPARED
    for who, name in SERIES.items():
        if who in ("ours", "floor", *PEERS):
            chart.add(name, [taken[of, "pycrdt"] / taken[of, who] for of in COMPARED])
    return _svg(chart)


def growth(figures: list[dict[str, Any]]) -> str:
    """The cost of one step by the number of documents, both on logarithmic scales."""
    chart = pygal.XY(
        **_OPTIONS,
        x_title="documents in the file",
        y_title="processor time, µs",
        logarithmic=True,
        dots_size=4,
    )
    chart.title = "What one step costs as a replica's file grows"
    chart.x_value_formatter = lambda power: f"{round(10**power, -2):,.0f}"
    chart.value_formatter = lambda value: f"{value:,.0f} µs"
    chart.y_labels = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000)
    sizes = sorted({int(each["who"]) for each in figures if each["suite"] == "growth"})
    chart.x_labels = [math.log10(size) for size in sizes]
    for what, name in UNITS.items():
        points = [
            (math.log10(int(each["who"])), each["seconds"] * 1e6)
            for each in figures
            if each.get("of") == what
        ]
        chart.add(name, sorted(points))
    return _svg(chart)


def _clock(workload: str) -> str:
    return "processor" if CONTESTS[workload].clock == "cpu" else "wall"


def _svg(chart: Any) -> str:
    return _SCRIPT.sub("", chart.render(is_unicode=True)) + "\n"


def main(*paths: str) -> None:
    """Write the pictures of some files to the folder named last."""
    *files, folder = map(Path, paths)
    told = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    figures = [each for one in told for each in one["figures"]]
    measured = {each.get("of") for each in figures}
    for name, draw, shown in (("merging", merging, COMPARED), ("growth", growth, UNITS)):
        if measured.issuperset(shown):
            (folder / f"{name}.svg").write_text(draw(figures), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
