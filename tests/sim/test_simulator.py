"""The simulator itself: one seed is one run, and what is broken on purpose is found."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.core.batch import Batch
from sync.core.conflicts import Provenance
from sync.errors import InvalidValue
from sync.hub.feed import Feed
from sync.local.commits import Changed
from sync.local.following import Following
from sync.local.held import Held
from sync.local.outbox import Outbox
from sync.local.transaction import Transaction
from sync.local.unsettled import Unsettled
from sync.peer.access import Access
from sync.sim.run import Verdict, run
from sync.sim.scenario_file import read, write
from sync.sim.schedule import PROFILES, Scenario, scenario
from sync.sim.shrink import shrink

ROOT = Path(__file__).resolve().parents[2]
SEEDS = range(1, 7)
TICKS = 120
Break = Callable[[pytest.MonkeyPatch], None]


def test_a_seed_is_one_run_to_the_byte_in_any_process() -> None:
    program = (
        "from sync.sim.run import run; from sync.sim.schedule import *;"
        "print(run(scenario(3, PROFILES['brutal'], 80)).digest)"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for hash_seed in ("0", "1")
    }
    assert len(digests) == 1


def test_other_seeds_are_other_runs() -> None:
    digests = {run(scenario(seed, PROFILES["calm"], 20)).digest for seed in range(5)}
    assert len(digests) == 5


def first_failure(profile: str, ticks: int = TICKS) -> Verdict:
    """The first run that does not pass."""
    for seed in SEEDS:
        verdict = run(scenario(seed, PROFILES[profile], ticks))
        if verdict.outcome != "passed":
            return verdict
    raise AssertionError(f"nobody noticed in {len(SEEDS)} runs")


def merge_lets_the_older_win(patch: pytest.MonkeyPatch) -> None:
    from sync.core import state

    right = state.wins
    patch.setattr(state, "wins", lambda ours, theirs: not right(ours, theirs))


def a_count_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    from sync.core import visible

    patch.setattr(visible, "_bounded", lambda total: total - total % 2)


def acknowledged_before_it_is_kept(patch: pytest.MonkeyPatch) -> None:
    right = Outbox.acknowledge
    patch.setattr(Outbox, "acknowledge", lambda self, author, up_to: right(self, author, up_to + 1))


def retractions_are_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Unsettled, "retract", lambda self, collection, doc_id: False)


def everybody_may_read_everything(patch: pytest.MonkeyPatch) -> None:
    from sync.hub import scope

    patch.setattr(scope.Scope, "holds", lambda self, collection, doc_id, row: True)


def conflicts_are_judged_by_stamps(patch: pytest.MonkeyPatch) -> None:
    from sync.core import conflicts

    def had_merged(writer: Provenance, other: Provenance) -> bool:
        return writer.hlc > other.hlc

    patch.setattr(conflicts, "had_merged", had_merged)


def observers_miss_some_changes(patch: pytest.MonkeyPatch) -> None:
    right = Following.committed

    def committed(self: Following, changed: Changed) -> None:
        right(self, {name: set(sorted(ids)[::2]) for name, ids in changed.items()})

    patch.setattr(Following, "committed", committed)


def peers_are_forgotten_by_writers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Transaction, "_beside", lambda self, name, row, known: set())


def held_work_stays_on_the_screen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Unsettled, "rebuild", lambda self, collection, doc_id: None)


def nobody_hears_what_became_of_held_work(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Held, "settled", lambda self, *name: [])


def the_hub_stops_sending(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Feed, "more", lambda self: [])


def the_hub_trips_over_itself(patch: pytest.MonkeyPatch) -> None:
    def judge_write(self: Access, write: object, states: object) -> None:
        raise LookupError(write)

    patch.setattr(Access, "judge_write", judge_write)


@pytest.mark.parametrize(
    ("broken", "profile", "outcome", "checkers"),
    [
        (merge_lets_the_older_win, "calm", "correctness", {"convergence", "documents"}),
        (a_count_is_forgotten, "calm", "correctness", {"convergence", "documents"}),
        (acknowledged_before_it_is_kept, "rough", "liveness", {"rest"}),
        (retractions_are_ignored, "scopes", "correctness", {"convergence", "scope"}),
        (everybody_may_read_everything, "calm", "correctness", {"convergence", "scope"}),
        (conflicts_are_judged_by_stamps, "rough", "correctness", {"conflicts"}),
        (observers_miss_some_changes, "calm", "correctness", {"screens"}),
        (peers_are_forgotten_by_writers, "peers", "correctness", {"conflicts"}),
        (held_work_stays_on_the_screen, "peers", "correctness", {"convergence"}),
        (nobody_hears_what_became_of_held_work, "peers", "liveness", {"rest"}),
        (the_hub_stops_sending, "calm", "liveness", {"rest"}),
        (the_hub_trips_over_itself, "calm", "crash", {"test_simulator.py:judge_write"}),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_is_broken_is_found(
    monkeypatch: pytest.MonkeyPatch, broken: Break, profile: str, outcome: str, checkers: set[str]
) -> None:
    broken(monkeypatch)
    verdict = first_failure(profile)
    assert verdict.outcome == outcome, verdict.findings
    assert verdict.symptom[1] in checkers


def test_a_failure_is_shrunk_to_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    a_count_is_forgotten(monkeypatch)
    failed = first_failure("calm")
    short = shrink(failed, runs_max=60)
    assert short.symptom == failed.symptom
    assert len(short.scenario.events) <= 3 < len(failed.scenario.events)
    path = tmp_path / "kept.json"
    write(path, short.scenario, "odd counts are forgotten")
    assert read(path) == short.scenario
    assert run(read(path)).digest == short.digest
    monkeypatch.undo()
    assert run(read(path)).outcome == "passed"


def test_leaving_events_out_leaves_the_others_alone() -> None:
    whole = scenario(1, PROFILES["brutal"], 60)
    assert isinstance(whole, Scenario)
    part = dataclasses.replace(whole, events=whole.events[::2])
    assert run(part).outcome == "passed"


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2}', '{"format": 1, "seed": 1}'])
def test_what_is_no_scenario_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(text)
    with pytest.raises(InvalidValue):
        read(path)


def test_a_batch_keeps_its_fingerprint_under_another_name() -> None:
    from sync.core.batch import Birth, Change, Context
    from sync.sim.ledger import fingerprint

    def batch(replica: str, n: int, hlc: int) -> Batch:
        key = ("stock_level", (replica, n))
        deltas = (Birth("orders", "o", "{}"), Change.of("inventory", "i", {key: -3}))  # type: ignore[arg-type]
        return Batch(replica, n, hlc, "ana", Context("", hlc), "", deltas)  # type: ignore[arg-type]

    assert fingerprint(batch("a" * 32, 1, 7)) == fingerprint(batch("b" * 32, 9, 8))


def test_the_command_says_how_to_replay(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from app.cli import main; main()", "sim", "--json"]
    arguments = ["--seed", "2", "--ticks", "30", "--profile", "calm"]
    done = subprocess.run(
        [*command, *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    )
    facts = json.loads(done.stdout)
    assert (facts["outcome"], facts["seeds"]) == ("passed", 1)
    assert facts["digest"] == run(scenario(2, PROFILES["calm"], 30)).digest
