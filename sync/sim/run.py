"""One run from beginning to end, and what came of it.

Three ways to fail, told apart: the engine raised something nobody meant (crash), it never came to
rest after everything was healed (liveness), or it came to rest on something wrong (correctness).
"""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sync.sim.checkers import Finding, device_differs, judge
from sync.sim.happenings import Happenings
from sync.sim.schedule import Event, Scenario
from sync.sim.world import World

Outcome: TypeAlias = Literal["passed", "crash", "liveness", "correctness"]
HEAL_TICKS_MAX = 600
"""Ten minutes: several times the longest backoff, the silence of a dead pull and a lost answer."""
QUIET_TICKS = 3
"""A world is at rest when nothing has changed for this long."""
CHECK_TICKS = 50
"""How often devices that happen to be in step are compared with the hub during the faults."""
EXIT_CODES: dict[Outcome, int] = {"passed": 0, "crash": 10, "liveness": 11, "correctness": 12}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a run. Equal runs have equal digests; ``lines`` are the end of the trace."""

    scenario: Scenario
    outcome: Outcome
    findings: tuple[Finding, ...]
    digest: str
    ticks: int
    counts: dict[str, int] = field(default_factory=dict)
    lines: tuple[str, ...] = ()

    @property
    def symptom(self) -> tuple[str, str]:
        """What shrinking has to keep: how it failed, and before which checker."""
        return self.outcome, self.findings[0].checker if self.findings else ""

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            **{"seed": self.scenario.seed, "profile": self.scenario.profile},
            **{"outcome": self.outcome, "ticks": self.ticks, "digest": self.digest},
            "findings": [f"{finding.checker}: {finding.text}" for finding in self.findings],
            "counts": dict(sorted(self.counts.items())),
        }


def run(scenario: Scenario) -> Verdict:
    """Run a scenario in a folder of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="zava-sim-") as folder:
        return _Run(scenario, Path(folder)).verdict()


class _Run:
    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self._scenario = scenario
        self._world = World(scenario, folder)
        self._happenings = Happenings(self._world)

    def verdict(self) -> Verdict:
        """Run, judge, and put everything away."""
        try:
            findings = self._faults()
            if findings:
                return self._ended("correctness", findings)
            restless = self._heal()
            if restless:
                return self._ended("liveness", restless)
            findings = judge(self._world)
            return self._ended("correctness" if findings else "passed", findings)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(where.filename).name}:{where.name}"
            self._world.lines.extend(traceback.format_exception(error))
            return self._ended("crash", [Finding(place, f"{type(error).__name__}: {error}")])
        finally:
            self._world.close()

    def _faults(self) -> list[Finding]:
        events: dict[int, list[Event]] = {}
        for event in self._scenario.events:
            events.setdefault(event.tick, []).append(event)
        for tick in range(self._scenario.ticks):
            self._world.step(self._happening(events.get(tick, [])))
            if tick % CHECK_TICKS == CHECK_TICKS - 1:
                findings = self._glance()
                if findings:
                    return findings
        return []

    def _happening(self, events: list[Event]) -> Callable[[], None]:
        def happen() -> None:
            for event in events:
                self._happenings.carry_out(event)

        return happen

    def _glance(self) -> list[Finding]:
        """Compare devices that are in step right now and know their present rights."""
        world = self._world
        if not world.hub.is_up:
            return []
        findings: list[Finding] = []
        for device in world.devices:
            if not device.is_up:
                continue
            with device.database.watched(), world.hub.database.watched():
                if device.is_settled(world.hub.replica) and device.knows_rights(world.hub):
                    texts = device_differs(world, device)
                    findings += [Finding("convergence", text) for text in texts]
        return findings

    def _heal(self) -> list[Finding]:
        world, quiet = self._world, 0
        self._happenings.heal()
        for _ in range(HEAL_TICKS_MAX):
            world.step(lambda: None)
            settled = all(node.is_up for node in world.nodes) and all(
                device.is_settled(world.hub.replica) and device.knows_rights(world.hub)
                for device in world.devices
            )
            quiet = quiet + 1 if settled and world.network.is_idle else 0
            if quiet >= QUIET_TICKS:
                return []
        return [Finding("rest", device.describe()) for device in world.devices]

    def _ended(self, outcome: Outcome, findings: list[Finding]) -> Verdict:
        world = self._world
        for finding in findings:
            world.note(f"{finding.checker}: {finding.text}")
        return Verdict(
            scenario=self._scenario,
            outcome=outcome,
            findings=tuple(findings),
            digest=world.digest,
            ticks=world.tick,
            counts=world.counts,
            lines=tuple(world.lines),
        )
