"""``python -m benchmarks [query …] [--rounds N] [--json]``: run workloads and print figures."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence

from benchmarks import connector, line, observe, query, subscriptions
from benchmarks.measure import Figure, machine

ROUNDS = 15
SUITES: dict[str, Callable[[int], list[Figure]]] = {
    "query": query.figures,
    "observe": observe.figures,
    "connector": connector.figures,
    "line": line.figures,
    "subscriptions": subscriptions.figures,
}


def main(arguments: Sequence[str]) -> int:
    """Run the suites asked for, all if none is; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("suites", nargs="*", choices=[*SUITES, []], help="default: all of them")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is measured")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args(arguments)
    tell_machine(as_json=options.json)
    for name in options.suites or SUITES:
        for figure in SUITES[name](options.rounds):
            if options.json:
                print(json.dumps({"suite": name, **figure.to_json()}), flush=True)
            else:
                print(f"{name:<14}{figure}", flush=True)
    tell_machine(as_json=options.json)
    return 0


def tell_machine(*, as_json: bool) -> None:
    """Where it ran and how busy that was: before, and again after."""
    facts = machine()
    if as_json:
        print(json.dumps({"machine": facts}), flush=True)
    else:
        print("machine " + ", ".join(f"{name} {value}" for name, value in facts.items()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
