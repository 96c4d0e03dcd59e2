"""A workload between contestants: each once a round, in turn, in processes and files of their own.

What each is given is made once, before the first round. Who begins changes from round to round.
Ratios are taken within a round: there both had the same machine.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure, duration, of_bytes, ratio
from benchmarks.merging.scene import Scene, scene

Run = dict[str, Any]
CHILD = (sys.executable, "-m", "benchmarks.merging.contestant")
PEERS = ("pycrdt", "loro")
EVERYBODY = ("ours", *PEERS, "floor")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Contest:
    """One workload, how large, who takes part, and how many times faster we have to be."""

    workload: str
    who: tuple[str, ...] = EVERYBODY
    goals: tuple[tuple[str, str], ...] = ()
    clock: str = "cpu"
    """What the headline ratio compares; ``wall`` where the disk is waited for."""

    def goal(self, peer: str) -> str:
        return dict(self.goals).get(peer, "")


@dataclass(frozen=True, slots=True)
class Rounds:
    """What each contestant took, round by round, and facts of what it was given."""

    scene: Scene
    runs: dict[str, list[Run]]
    facts: dict[str, Run]

    def column(self, who: str, name: str) -> list[float]:
        """One measure of one contestant, round by round."""
        return [run[name] for run in self.runs[who]]


@contextmanager
def arena(contest: Contest, scale: float) -> Iterator[tuple[Path, dict[str, Run]]]:
    """A folder with what everybody is given, and facts of it."""
    with tempfile.TemporaryDirectory(prefix="zava-bench-") as name:
        folder = Path(name)
        facts = {
            who: call("prepare", contest.workload, scale, who, folder / who) for who in contest.who
        }
        yield folder, facts


def call(
    what: str, workload: str, scale: float, who: str, folder: Path, *more: str, show: bool = False
) -> Run:
    """Let a process of its own do one thing; what it says of it."""
    command = [*CHILD, what, workload, str(scale), who, str(folder), *more]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    *told, last = done.stdout.splitlines()
    if show:
        print("\n".join(told))
    found: Run = json.loads(last)
    return found


def fresh(folder: Path, who: str) -> Path:
    """A copy of what a contestant was given, for one run."""
    copy = folder / "run"
    if copy.exists():
        shutil.rmtree(copy)
    shutil.copytree(folder / who, copy)
    return copy


def hold(contest: Contest, rounds: int, scale: float) -> Rounds:
    """Let everybody do the work, ``rounds`` times."""
    runs: dict[str, list[Run]] = {who: [] for who in contest.who}
    with arena(contest, scale) as (folder, facts):
        for number in range(rounds):
            turn = number % len(contest.who)
            for who in (*contest.who[turn:], *contest.who[:turn]):
                copy = fresh(folder, who)
                runs[who].append(call("run", contest.workload, scale, who, copy))
    return Rounds(scene(contest.workload, scale), runs, facts)


def profiled(contest: Contest, scale: float, order: str) -> None:
    """Print where our time goes."""
    only = Contest(contest.workload, ("ours",))
    with arena(only, scale) as (folder, _):
        copy = fresh(folder, "ours")
        more = ("--profile", order)
        call("run", contest.workload, scale, "ours", copy, *more, show=True)


def figures(contest: Contest, rounds: int, scale: float) -> Iterable[Figure]:
    """What a contest showed: times of everybody, then how many times faster we are."""
    held, name = hold(contest, rounds, scale), contest.workload
    yield Figure.title(f"{name}: {held.scene.title}")
    for who in contest.who:
        for clock, words in (("cpu", "processor"), ("wall", "wall")):
            label = f"{name} {who}, {words}"
            yield duration(label, held.column(who, clock), of=name, who=who)
    for peer in (each for each in contest.who if each != "ours"):
        theirs, own = held.column(peer, contest.clock), held.column("ours", contest.clock)
        words = "times SQLite's own cost" if peer == "floor" else f"times as fast as {peer}"
        pair = (own, theirs) if peer == "floor" else (theirs, own)
        yield ratio(f"{name} {words}", *pair, contest.goal(peer), of=name, who=peer)
    packed = held.facts.get("ours", {}).get("packed")
    if packed is not None:
        each = packed / held.scene.ops
        yield of_bytes(f"{name} packed on the wire, a field", each, "goal ≤ 6", of=name)
