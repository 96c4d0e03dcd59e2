"""``python -m benchmarks [merge …] [--rounds N] [--quick] [--json FILE]``, and ``zava bench``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import connector, fanout, line, observe, query, subscriptions
from benchmarks.measure import Figure, machine
from benchmarks.merging import contest, suites

ROUNDS, QUICK_ROUNDS = 7, 3
Suite = Callable[[int, bool], Iterable[Figure]]
SUITES: dict[str, Suite] = {
    "merge": suites.merge,
    "sync": suites.sync,
    "hub": suites.hub,
    "query": lambda rounds, _: query.figures(rounds),
    "observe": lambda rounds, _: observe.figures(rounds),
    "connector": lambda rounds, _: connector.figures(rounds),
    "line": lambda rounds, _: line.figures(rounds),
    "fanout": lambda rounds, _: fanout.figures(rounds),
    "subscriptions": lambda rounds, _: subscriptions.figures(rounds),
}


def main(arguments: Sequence[str]) -> int:
    """Run the suites or workloads asked for, all suites if none is; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    known = [*SUITES, *suites.CONTESTS]
    parser.add_argument("names", nargs="*", choices=[*known, []], help="suites or workloads")
    parser.add_argument("--rounds", type=int, help="how often each is measured")
    parser.add_argument("--quick", action="store_true", help="smaller, and fewer rounds")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--profile", choices=("tottime", "cumtime"), help="where our time goes")
    options = parser.parse_args(arguments)
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    scale = suites.QUICK_SCALE if options.quick else 1.0
    if options.profile:
        for name in options.names:
            contest.profiled(suites.CONTESTS[name], scale, options.profile)
        return 0
    found = run(options.names or list(SUITES), rounds, options.quick)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def run(names: Sequence[str], rounds: int, quick: bool) -> dict[str, Any]:
    """Measure suites or single workloads; what was found, as it goes into a JSON file."""
    before, told = tell_machine(), []
    for name in names:
        if name in SUITES:
            measured = SUITES[name](rounds, quick)
        else:
            scale = suites.QUICK_SCALE if quick else 1.0
            measured = contest.figures(suites.CONTESTS[name], rounds, scale)
        for figure in measured:
            print(f"{name:<14}{figure}", flush=True)
            told.append({"suite": name, **figure.to_json()})
    after = tell_machine()
    return {"machine": before, "load_after": after["load"], "figures": told}


def tell_machine() -> dict[str, Any]:
    """Where it ran and how busy that was: before, and again after."""
    facts = machine()
    print("machine " + ", ".join(f"{name} {value}" for name, value in facts.items()))
    return facts


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
