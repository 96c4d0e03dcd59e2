"""`zava bench`: how fast it is, beside others; measured by the folder ``benchmarks``."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path

from sync.errors.benchmarks import BenchmarksMissing

NEEDED = ("benchmarks", "tests", "pycrdt", "loro")
"""The two folders come with the source, not with the package."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure, how thoroughly, and where the figures go besides the screen."""

    names: tuple[str, ...]
    rounds: int | None
    quick: bool
    file: Path | None
    profile: bool


def run_bench(wanted: Wanted) -> None:
    """Measure, and tell figure by figure; ``BenchmarkUnknown`` before anything is run."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise BenchmarksMissing(f"{' and '.join(missing)} cannot be found.")
    from benchmarks.suites import measured, profiled

    if wanted.profile:
        profiled(wanted.names, wanted.quick)
        return
    found = measured(wanted.names, wanted.rounds, wanted.quick)
    if wanted.file is not None:
        wanted.file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
