"""Every suite by its name, and running those that are asked for.

A suite is a function from a ``Pace`` to figures. The five of ``ALL`` are what ``all`` means; the
others measure one part each and are run by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

from benchmarks import connector, download, fanout, line, observe, query, subscriptions
from benchmarks.measure import Figure, Pace, machine
from benchmarks.merging import contest, growth, suites, wire
from sync.errors.benchmarks import BenchmarkUnknown

Suite = Callable[[Pace], Iterable[Figure]]
SUITES: dict[str, Suite] = {
    "merge": suites.merge,
    "sync": lambda pace: chain(suites.sync(pace), download.figures(pace)),
    "hub": lambda pace: chain(suites.hub(pace), _crowded(pace)),
    "query": query.figures,
    "wire": wire.figures,
    "growth": growth.figures,
    "W6": lambda pace: fanout.figures(pace.rounds),
    "fanout": lambda pace: fanout.fan_out(pace.rounds),
    "download": download.figures,
    "observe": lambda pace: observe.figures(pace.rounds),
    "connector": lambda pace: connector.figures(pace.rounds),
    "line": lambda pace: line.figures(pace.rounds),
    "subscriptions": lambda pace: subscriptions.figures(pace.rounds),
}
ALL = ("merge", "sync", "hub", "query", "wire", "growth")


def measured(names: Sequence[str], rounds: int | None, quick: bool) -> dict[str, Any]:
    """Measure suites or single workloads; what was found, as it goes into a JSON file."""
    pace = Pace.of(rounds, quick=quick)
    chosen = {name: _suite(name) for name in _names(names)}
    before, told = tell_machine(), []
    for name, suite in chosen.items():
        for figure in suite(pace):
            print(f"{name:<14}{figure}", flush=True)
            told.append({"suite": name, **figure.to_json()})
    after = tell_machine()
    return {"machine": before, "load_after": after["load"], "quick": quick, "figures": told}


def profiled(names: Sequence[str], quick: bool) -> None:
    """Print where our own time goes in workloads."""
    wanted = [suites.CONTESTS[name] for name in _names(names) if _known(name, suites.CONTESTS)]
    for each in wanted:
        contest.profiled(each, Pace.of(1, quick=quick).scale)


def _crowded(pace: Pace) -> Iterable[Figure]:
    """W6, which cannot be made smaller and stay what it is."""
    if pace.scale < 1:
        return [Figure.title("W6 takes a minute: left out of quick runs; zava bench W6")]
    return fanout.figures(pace.rounds)


def _suite(name: str) -> Suite:
    _known(name, {**SUITES, **suites.CONTESTS})
    if name in SUITES:
        return SUITES[name]
    return lambda pace: contest.figures(suites.CONTESTS[name], pace)


def _names(names: Sequence[str]) -> list[str]:
    """The names with ``all`` spelled out; all where none is given."""
    spelled = [each for name in names or ("all",) for each in (ALL if name == "all" else (name,))]
    return list(dict.fromkeys(spelled))


def _known(name: str, among: dict[str, Any]) -> bool:
    if name not in among:
        raise BenchmarkUnknown(f"There is no {name!r:.40}; there are all, {', '.join(among)}.")
    return True


def tell_machine() -> dict[str, Any]:
    """Where it ran and how busy that was: before, and again after."""
    facts = machine()
    print("machine " + ", ".join(f"{name} {value}" for name, value in facts.items()), flush=True)
    return facts
