"""Measuring: every workload once a round, in turn, so that what disturbs one disturbs all; then the
median of each. A ratio is taken within the rounds, never between runs.
"""

from __future__ import annotations

import gc
import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

LONG_ENOUGH_SECONDS = 0.002
"""A workload that takes less is repeated within a round: the clock is too coarse for one."""
REPEATS_MAX = 10_000
ROUNDS, QUICK_ROUNDS, QUICK_SCALE = 5, 2, 0.05
_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


@dataclass(frozen=True, slots=True)
class Pace:
    """How thoroughly to measure: rounds, and what part of the full size."""

    rounds: int
    scale: float = 1.0

    @classmethod
    def of(cls, rounds: int | None, *, quick: bool) -> Pace:
        """So many rounds, or the usual number; ``quick`` is a twentieth of the size."""
        usual, scale = (QUICK_ROUNDS, QUICK_SCALE) if quick else (ROUNDS, 1.0)
        return cls(rounds or usual, scale)

    def at_most(self, rounds: int) -> Pace:
        """For what takes long."""
        return Pace(min(self.rounds, rounds), self.scale)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a report: the median of seconds or of a ratio, the middle half of the rounds,
    and the best one, which on a busy machine is nearest to the truth. Or a number of bytes, or of
    whatever the name says."""

    name: str
    value: float
    low: float
    high: float
    best: float
    is_ratio: bool = False
    is_bytes: bool = False
    is_amount: bool = False
    is_title: bool = False
    goal: str = ""
    of: str = ""
    """The workload it belongs to, for charts; ``who`` did it, or was compared with us."""
    who: str = ""

    @classmethod
    def title(cls, name: str) -> Figure:
        """A line of words between figures."""
        return cls(name, 0, 0, 0, 0, is_title=True)

    def __str__(self) -> str:
        if self.is_title:
            return self.name
        if self.is_bytes:
            shown = f"{_short(self.value):>12} bytes"
        elif self.is_amount:
            shown = f"{_short(self.value):>12}  ({_short(self.low)} – {_short(self.high)}, "
            shown += f"best {_short(self.best)})"
        elif self.is_ratio:
            shown = f"{_short(self.value):>9} ×   ({_short(self.low)} – {_short(self.high)}, "
            shown += f"best {_short(self.best)})"
        else:
            size, unit = next((u for u in _UNITS if self.value >= u[0]), _UNITS[-1])
            low, high = self.low / size, self.high / size
            shown = f"{self.value / size:>9.2f} {unit:<3} ({low:.2f} – {high:.2f}, "
            shown += f"best {self.best / size:.2f})"
        return f"{self.name:<48}{shown:<50}{self.goal}".rstrip()

    def to_json(self) -> dict[str, Any]:
        if self.is_title:
            return {"name": self.name}
        texts = {"goal": self.goal, "of": self.of, "who": self.who}
        more = {name: text for name, text in texts.items() if text}
        if self.is_bytes:
            return {"name": self.name, "bytes": self.value, **more}
        unit = "ratio" if self.is_ratio else "amount" if self.is_amount else "seconds"
        fields = {"name": self.name, unit: self.value, "low": self.low, "high": self.high}
        return {**fields, "best": self.best, **more}


def interleaved(
    workloads: Mapping[str, Callable[[int], object]],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Seconds of one call of each workload, round by round. A workload is called with a number
    that never comes twice, to vary what it asks for. ``time.process_time`` as the clock counts what
    this process worked, whoever else keeps the machine busy."""
    repeats = {name: _repeats(run) for name, run in workloads.items()}
    seconds: dict[str, list[float]] = {name: [] for name in workloads}
    calls = REPEATS_MAX
    for _ in range(rounds):
        for name, run in workloads.items():
            gc.collect()
            started = clock()
            for call in range(calls, calls + repeats[name]):
                run(call)
            seconds[name].append((clock() - started) / repeats[name])
            calls += repeats[name]
    return seconds


def _repeats(run: Callable[[int], object]) -> int:
    """How many calls make a round; also the warm-up."""
    count = 1
    while True:
        started = time.perf_counter()
        for call in range(count):
            run(call)
        if time.perf_counter() - started >= LONG_ENOUGH_SECONDS or count >= REPEATS_MAX:
            return count
        count *= 4


def duration(name: str, seconds: list[float], goal: str = "", **labels: str) -> Figure:
    """The median of a workload."""
    return Figure(name, *_middle(seconds), min(seconds), goal=goal, **labels)


def of_bytes(name: str, size: float, goal: str = "", **labels: str) -> Figure:
    """So many bytes; there is no chance in it."""
    return Figure(name, size, size, size, size, is_bytes=True, goal=goal, **labels)


def amount(name: str, values: list[float], goal: str = "", **labels: str) -> Figure:
    """The median of a number of which more is better."""
    return Figure(name, *_middle(values), max(values), is_amount=True, goal=goal, **labels)


def ratio(name: str, slow: list[float], fast: list[float], goal: str = "", **labels: str) -> Figure:
    """How many times faster one workload is, from the rounds both ran in."""
    ratios = [a / b for a, b in zip(slow, fast, strict=True)]
    return Figure(name, *_middle(ratios), max(ratios), is_ratio=True, goal=goal, **labels)


def _short(number: float) -> str:
    """Two decimals where they say something."""
    return f"{number:,.2f}" if number < 100 else f"{number:,.0f}"


def _middle(values: list[float]) -> tuple[float, float, float]:
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return median, low, high


def machine() -> dict[str, Any]:
    """What the figures were measured on, and how busy it is."""
    load = [round(each, 2) for each in os.getloadavg()] if hasattr(os, "getloadavg") else []
    return {
        "cores": os.cpu_count(),
        "load": load,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
    }
