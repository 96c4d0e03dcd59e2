"""One contestant in one workload, in a process of its own, on a fresh copy of its files.

``python -m benchmarks.merging.contestant run W1 1.0 ours FOLDER [--profile]``; the last line of
what it prints is JSON.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import importlib
import json
import os
import pstats
import resource
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.merging.scene import Scene, scene
from benchmarks.merging.shares import shares

MODULES = {
    "ours": "benchmarks.merging.ours",
    "plain": "benchmarks.merging.ours",
    "pycrdt": "benchmarks.merging.with_pycrdt",
    "loro": "benchmarks.merging.with_loro",
    "loro-snapshot": "benchmarks.merging.with_loro_snapshot",
    "floor": "benchmarks.merging.floor",
}
PROFILE_LINES = 40


def main(arguments: list[str]) -> int:
    """Do one thing; the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("prepare", "run", "open"))
    parser.add_argument("workload")
    parser.add_argument("scale", type=float)
    parser.add_argument("who", choices=MODULES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args(arguments)
    if options.who == "plain":
        for name in ("orjson", "sync.core._compiled"):
            sys.modules[name] = None  # type: ignore[assignment]
    wanted = scene(options.workload, options.scale)
    module = importlib.import_module(_module(options.who, options.what, wanted))
    if options.what == "prepare":
        extra = [options.folder.parent / "ours"] if options.who == "floor" else []
        options.folder.mkdir(parents=True, exist_ok=True)
        facts = module.prepare(wanted, options.folder, *extra)
    elif options.what == "open":
        facts = _opened(module, wanted, options.folder)
    else:
        facts = _timed(module, wanted, options.folder, options.profile)
    print(json.dumps(facts))
    return 0


def _module(who: str, what: str, wanted: Scene) -> str:
    """What makes a contestant's files, or is the contestant: it loads no more than it needs."""
    if who == "ours" and what == "prepare":
        return "benchmarks.merging.shop"
    is_hub = wanted.on_hub and who in ("ours", "plain")
    return "benchmarks.merging.ours_hub" if is_hub else MODULES[who]


def _timed(module: Any, wanted: Scene, folder: Path, profile: bool) -> dict[str, Any]:
    contestant = module.Contestant(wanted, folder)
    gc.collect()
    before, profiler = resident_bytes(), cProfile.Profile()
    wall, cpu = time.perf_counter(), time.process_time()
    if profile:
        profiler.runcall(contestant.run)
    else:
        contestant.run()
    found: dict[str, Any] = {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "memory": resident_bytes() - before,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024 - before,
    }
    if profile:
        stats = pstats.Stats(profiler)
        for order in ("tottime", "cumtime"):
            stats.sort_stats(order).print_stats(PROFILE_LINES)
        for part, percent in shares(stats):
            print(f"{wanted.name:<8}{part:<36}{percent:>5.1f} %")
    found["facts"] = contestant.check()
    contestant.close()
    return found


def _opened(module: Any, wanted: Scene, folder: Path) -> dict[str, Any]:
    """From nothing but imported modules to the first document in hand."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    document = module.first_read(folder, wanted.document(wanted.documents // 2)[0])
    found = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    if not document["store_id"]:
        raise AssertionError(f"{document} is not what was stored")
    return found


def resident_bytes() -> int:
    """What this process holds in memory; 0 where the system does not tell."""
    path = Path("/proc/self/statm")
    if not path.exists():
        return 0
    return int(path.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
