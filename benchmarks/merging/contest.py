"""A workload between contestants: each once a round, in turn, in processes and files of their own.

What each is given is made once, before the first round. Who begins changes from round to round.
Ratios are taken within a round: there both had the same machine.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure, Pace, duration, of_bytes, ratio
from benchmarks.merging.scene import Scene, scene
from sync.errors.benchmarks import BenchmarkFailed

Run = dict[str, Any]
CHILD = (sys.executable, "-m", "benchmarks.merging.contestant")
PEERS = ("pycrdt", "loro")
EVERYBODY = ("ours", "plain", *PEERS, "floor")
"""``plain`` is ours in Python alone, as on a phone; ``floor`` is SQLite with rows made before."""
WIRE_GOALS = {"W1": "goal ≤ 6", "W2": "goal ≤ 6", "W4": "", "W7": ""}
CLOCKS = (("cpu", "processor"), ("wall", "wall"))
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Contest:
    """One workload, how large, who takes part, and how many times faster we have to be."""

    workload: str
    who: tuple[str, ...] = EVERYBODY
    goals: tuple[tuple[str, str], ...] = ()
    clock: str = "cpu"
    """What the headline ratio compares; ``wall`` where the disk is waited for."""
    holds_much: bool = False
    """Whether memory, and opening what was stored, are measured as well."""

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
            who: call("prepare", contest.workload, scale, who, folder / who)
            for who in contest.who
            if who != "plain"
        }
        yield folder, facts


def call(
    what: str, workload: str, scale: float, who: str, folder: Path, *more: str, show: bool = False
) -> Run:
    """Let a process of its own do one thing; what it says of it."""
    command = [*CHILD, what, workload, str(scale), who, str(folder), *more]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise BenchmarkFailed(f"{who} ended with exit code {done.returncode} in {workload}.")
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
    shutil.copytree(folder / ("ours" if who == "plain" else who), copy)
    return copy


def hold(contest: Contest, rounds: int, scale: float) -> Rounds:
    """Let everybody do the work, ``rounds`` times."""
    runs: dict[str, list[Run]] = {who: [] for who in contest.who}
    with arena(contest, scale) as (folder, facts):
        for number in range(rounds):
            turn = number % len(contest.who)
            for who in (*contest.who[turn:], *contest.who[:turn]):
                copy = fresh(folder, who)
                run = call("run", contest.workload, scale, who, copy)
                if contest.holds_much and who not in ("plain", "floor"):
                    opened = call("open", contest.workload, scale, who, copy)
                    run |= {f"open {clock}": taken for clock, taken in opened.items()}
                runs[who].append(run)
    return Rounds(scene(contest.workload, scale), runs, facts)


def profiled(contest: Contest, scale: float) -> None:
    """Print where our time goes."""
    only = Contest(contest.workload, ("ours",))
    with arena(only, scale) as (folder, _):
        copy = fresh(folder, "ours")
        call("run", contest.workload, scale, "ours", copy, "--profile", show=True)


def figures(contest: Contest, pace: Pace) -> Iterator[Figure]:
    """What a contest showed: times of everybody, then how many times faster we are."""
    held, name = hold(contest, pace.rounds, pace.scale), contest.workload
    yield Figure.title(f"{name}: {held.scene.title}")
    for who in contest.who:
        for clock, words in CLOCKS:
            label = f"{name} {who}, {words}"
            yield duration(label, held.column(who, clock), of=name, who=who)
    for peer in (each for each in contest.who if each not in ("ours", "plain")):
        theirs, own = held.column(peer, contest.clock), held.column("ours", contest.clock)
        words = "times SQLite's own cost" if peer == "floor" else f"times as fast as {peer}"
        pair = (own, theirs) if peer == "floor" else (theirs, own)
        yield ratio(f"{name} {words}", *pair, contest.goal(peer), of=name, who=peer)
    if contest.holds_much:
        yield from _holding(contest, held)
    for who, facts in held.facts.items():
        if "packed" in facts and name in WIRE_GOALS:
            each = facts["packed"] / held.scene.ops
            goal = WIRE_GOALS[name] if who == "ours" else ""
            label = f"{name} {who}, packed on the wire, a field"
            yield of_bytes(label, each, goal, of=name, who=who)


def _holding(contest: Contest, held: Rounds) -> Iterator[Figure]:
    """Memory that the work added, and the time from opening a file to its first document."""
    name, who = contest.workload, [who for who in contest.who if who not in ("plain", "floor")]
    memory = {each: held.column(each, "memory") for each in who}
    for each in who:
        middle = statistics.median(memory[each])
        yield of_bytes(f"{name} {each}, memory added", middle, of=name, who=each)
    for peer, goal in (("pycrdt", "goal ≥ 8"), ("loro", "")):
        label = f"{name} times less memory than {peer}"
        yield ratio(label, memory[peer], memory["ours"], goal, of=name, who=peer)
    for each in who:
        for clock, words in CLOCKS:
            goal = "goal ≤ 5 ms" if each == "ours" else ""
            label = f"{name} {each}, cold open and first read, {words}"
            yield duration(label, held.column(each, f"open {clock}"), goal, of=name, who=each)
