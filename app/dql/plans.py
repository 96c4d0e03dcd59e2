"""A plan as the lines of a drawn tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_MEASURED = ("rows", "ms")


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One node: the branches that lead to it, its name, what it does, and what PROFILE measured."""

    stem: str
    node: str
    details: str
    measured: str = ""


def plan_lines(plan: Mapping[str, Any]) -> tuple[PlanLine, ...]:
    """The lines of what EXPLAIN calls ``plan``; the first one gives the results."""
    return tuple(_lines(plan, "", ""))


def _lines(node: Mapping[str, Any], stem: str, below: str) -> Iterator[PlanLine]:
    inputs = list(node.get("inputs", ()))
    skipped = ("node", "inputs", *_MEASURED)
    details = " · ".join(f"{name} {value}" for name, value in node.items() if name not in skipped)
    measured = f"{node['rows']:,} rows, {node['ms']} ms" if "rows" in node else ""
    yield PlanLine(stem, str(node["node"]), details, measured)
    for each in inputs:
        last = each is inputs[-1]
        yield from _lines(
            each, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  ")
        )
