"""`zava sim`: run the simulator, and where a run fails, find the shortest one that still does."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli import output
from sync.errors import InvalidValue
from sync.sim.run import EXIT_CODES, Verdict, run
from sync.sim.scenario_file import read, write
from sync.sim.schedule import PROFILES, Scenario, scenario
from sync.sim.shrink import shrink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FINDINGS_SHOWN_MAX = 5
TRACE_LINES_SHOWN_MAX = 25
SEEDS_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to run, and how to tell about it."""

    seeds: range
    ticks: int
    profile: str
    keep: Path
    as_json: bool


def run_seeds(wanted: Wanted) -> None:
    """Run each seed until one fails; ends the process with the code of what was found."""
    if wanted.profile not in PROFILES:
        known = ", ".join(PROFILES)
        raise InvalidValue(f"There is no profile {wanted.profile!r:.40}; use {known}.")
    started = time.perf_counter()
    profile, totals = PROFILES[wanted.profile], dict[str, int]()
    with _bar(f"{wanted.profile} seeds", quiet=wanted.as_json) as done:
        for number, seed in enumerate(wanted.seeds, start=1):
            verdict = run(scenario(seed, profile, wanted.ticks))
            if verdict.outcome != "passed":
                break
            done(number, len(wanted.seeds))
            for what, times in {**verdict.counts, "ticks": verdict.ticks}.items():
                totals[what] = totals.get(what, 0) + times
    if verdict.outcome != "passed":
        _tell_failure(verdict, wanted)
    seconds = round(time.perf_counter() - started, 1)
    if wanted.as_json:
        facts = {"seeds": len(wanted.seeds), "profile": wanted.profile, "seconds": seconds}
        if len(wanted.seeds) == 1:
            facts |= {"digest": verdict.digest}
        output.say_json(**facts, outcome="passed", counts=dict(sorted(totals.items())))
        return
    summary = ", ".join(f"{times:,} {what}" for what, times in sorted(totals.items()))
    words = {"n": len(wanted.seeds), "profile": wanted.profile, "seconds": seconds}
    output.say("[bold green]passed[/]  {n} {profile} seeds in {seconds} s", **words)
    output.say("{summary}", summary=summary)


def replay(path: Path, *, as_json: bool) -> None:
    """Run a kept scenario again; ends the process with the code of what it shows."""
    verdict = run(read(path))
    if as_json:
        output.say_json(**verdict.to_json())
    else:
        _tell(verdict)
    raise typer.Exit(EXIT_CODES[verdict.outcome])


def parse_seeds(text: str) -> range:
    """``7`` or ``1-200``, both ends included; ``InvalidValue`` for anything else."""
    first, dash, last = text.partition("-")
    if first.isdecimal() and (last.isdecimal() if dash else True):
        seeds = range(int(first), int(last or first) + 1)
        if 0 < len(seeds) <= SEEDS_MAX:
            return seeds
    raise InvalidValue(f"{text!r:.40} is no range of seeds; write 1-200.")


def _tell_failure(verdict: Verdict, wanted: Wanted) -> None:
    """Shrink, keep the scenario, say how to replay it."""
    if not wanted.as_json:
        _tell(verdict)
    with _bar("shrinking", quiet=wanted.as_json) as done:
        short = shrink(verdict, lambda runs, left: done(runs, runs + left))
    wanted.keep.mkdir(parents=True, exist_ok=True)
    path = wanted.keep / f"{verdict.scenario.profile}-{verdict.scenario.seed}.json"
    found = f"{short.findings[0].checker}: {short.findings[0].text}"
    write(path, short.scenario, found)
    whole, brief = _command(verdict.scenario), f"zava sim --replay {path}"
    if wanted.as_json:
        facts = {"replay": whole, "replay_shrunk": brief, "events": len(short.scenario.events)}
        output.say_json(**verdict.to_json(), **facts)
    else:
        events = short.scenario.events
        output.say("\nThe shortest run that fails like this has {n} events:", n=len(events))
        for event in events:
            output.say("  {event}", event=event.to_json())
        output.say("\nreplay it:       [bold]{brief}[/]", brief=brief)
        output.say("the whole run:   [bold]{whole}[/]", whole=whole)
    raise typer.Exit(EXIT_CODES[verdict.outcome])


def _command(failed: Scenario) -> str:
    return f"zava sim --seed {failed.seed} --profile {failed.profile} --ticks {failed.ticks}"


def _tell(verdict: Verdict) -> None:
    run_by = verdict.scenario
    output.say(
        "[bold]{outcome}[/]  seed {seed} of {profile}, {ticks} ticks",
        **{"outcome": verdict.outcome, "seed": run_by.seed, "profile": run_by.profile},
        ticks=verdict.ticks,
    )
    if verdict.outcome == "passed":
        return
    for line in verdict.lines[-TRACE_LINES_SHOWN_MAX:]:
        output.say("[dim]{line}[/]", line=line)
    for finding in verdict.findings[:FINDINGS_SHOWN_MAX]:
        output.say("[red]{checker}[/]: {what}", checker=finding.checker, what=finding.text)


@contextmanager
def _bar(title: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal; nothing where nobody would see it."""
    if quiet or not output.aside.is_terminal:
        yield lambda done, total: None
        return
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=output.aside, transient=True) as bars:
        task = bars.add_task(title, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
