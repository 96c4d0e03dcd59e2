"""The suites that compare merging: what a device takes in, its first download, a hub's intake."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Figure
from benchmarks.merging.contest import Contest, figures

QUICK_SCALE = 0.1
FULL_ROUNDS_MAX, LARGE_ROUNDS_MAX = 9, 3

W1 = Contest("W1", goals=(("pycrdt", "goal ≥ 2"), ("loro", "goal ≥ 2")))
W2 = Contest("W2", goals=(("pycrdt", "goal ≥ 2"), ("loro", "goal ≥ 3")))
W3 = Contest("W3", goals=(("pycrdt", "goal ≥ 0.9"),))
W3_FULL = Contest("W3-full", goals=(("pycrdt", "goal ≥ 1"),), clock="wall")
W4 = Contest("W4", goals=(("pycrdt", "goal ≥ 1"),))
W5 = Contest("W5", who=("ours", "floor"))
W7 = Contest("W7")
CONTESTS = {each.workload: each for each in (W1, W2, W3, W3_FULL, W4, W5, W7)}


def merge(rounds: int, quick: bool) -> Iterator[Figure]:
    """W1, W3, W4 and W7: what a device merges."""
    for contest in (W1, W3, W3_FULL, W4, W7):
        yield from _held(contest, min(rounds, FULL_ROUNDS_MAX), quick)


def sync(rounds: int, quick: bool) -> Iterator[Figure]:
    """W2: a first download."""
    yield from _held(W2, min(rounds, FULL_ROUNDS_MAX), quick)


def hub(rounds: int, quick: bool) -> Iterator[Figure]:
    """W5: a large hub takes in what W1 merges."""
    yield from _held(W5, min(rounds, LARGE_ROUNDS_MAX), quick)


def _held(contest: Contest, rounds: int, quick: bool) -> Iterator[Figure]:
    yield from figures(contest, rounds, QUICK_SCALE if quick else 1.0)
