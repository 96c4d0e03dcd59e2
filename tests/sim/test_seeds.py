"""Two hundred worlds, each a little different, and every failure ever kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.sim.run import Verdict, run
from sync.sim.scenario_file import read
from sync.sim.schedule import PROFILES, scenario

KEPT = sorted((Path(__file__).parent / "scenarios").glob("*.json"))
SEEDS_A_PROFILE = 30
SEEDS_A_TEST = 15
TICKS = 75


def words(verdict: Verdict) -> str:
    """What somebody needs to look into a failure."""
    run_by = verdict.scenario
    replay = f"zava sim --seed {run_by.seed} --profile {run_by.profile} --ticks {run_by.ticks}"
    findings = [f"{finding.checker}: {finding.text}" for finding in verdict.findings[:5]]
    return "\n".join([verdict.outcome, replay, *findings])


@pytest.mark.parametrize("first", range(1, SEEDS_A_PROFILE, SEEDS_A_TEST))
@pytest.mark.parametrize("profile", PROFILES)
def test_whatever_happens_every_promise_holds(profile: str, first: int) -> None:
    for seed in range(first, first + SEEDS_A_TEST):
        verdict = run(scenario(seed, PROFILES[profile], TICKS))
        assert verdict.outcome == "passed", words(verdict)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_what_once_failed_does_not_fail_again(path: Path) -> None:
    verdict = run(read(path))
    assert verdict.outcome == "passed", words(verdict)
