"""The suites that compare merging: what a device takes in, its first download, a hub's intake."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Figure, Pace
from benchmarks.merging.contest import EVERYBODY, Contest, figures

LARGE_ROUNDS_MAX = 3

W1 = Contest("W1", goals=(("pycrdt", "goal ≥ 2"), ("loro", "goal ≥ 2")))
W2 = Contest(
    "W2",
    (*EVERYBODY, "loro-snapshot"),
    goals=(("pycrdt", "goal ≥ 2"), ("loro", "goal ≥ 3")),
    holds_much=True,
)
W3 = Contest("W3", goals=(("pycrdt", "goal ≥ 0.9"),))
W3_FULL = Contest("W3-full", goals=(("pycrdt", "goal ≥ 1"),), clock="wall")
W4 = Contest("W4", goals=(("pycrdt", "goal ≥ 1"),))
W5 = Contest("W5", who=("ours", "floor"))
W7 = Contest("W7")
CONTESTS = {each.workload: each for each in (W1, W2, W3, W3_FULL, W4, W5, W7)}


def merge(pace: Pace) -> Iterator[Figure]:
    """W1, W3, W4 and W7: what a device merges."""
    for contest in (W1, W3, W3_FULL, W4, W7):
        yield from figures(contest, pace)


def sync(pace: Pace) -> Iterator[Figure]:
    """W2: a first download."""
    yield from figures(W2, pace)


def hub(pace: Pace) -> Iterator[Figure]:
    """W5: a large hub takes in what W1 merges."""
    yield from figures(W5, pace.at_most(LARGE_ROUNDS_MAX))
