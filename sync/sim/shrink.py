"""The shortest run that still fails the same way: delta debugging over the events of a schedule.

Events are left out in ever smaller pieces for as long as the run keeps its symptom; then the end
of the schedule is cut off. What is left is what the failure needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sync.sim.run import Verdict, run
from sync.sim.schedule import Event, Scenario

SHRINK_RUNS_MAX = 400
"""A small world runs in well under a second, so this is minutes at most."""

Told = Callable[[int, int], None]
"""Hears how many runs were made and how many events are left."""


def shrink(failed: Verdict, told: Told | None = None, runs_max: int = SHRINK_RUNS_MAX) -> Verdict:
    """The verdict of the shortest failing run that was found within ``runs_max`` runs."""
    return _Shrinking(failed, told, runs_max).shortest()


class _Shrinking:
    def __init__(self, failed: Verdict, told: Told | None, runs_max: int) -> None:
        self._best = failed
        self._told = told
        self._left = runs_max
        self._runs_max = runs_max

    def shortest(self) -> Verdict:
        self._drop_devices()
        self._drop_events()
        self._drop_ticks()
        return self._best

    def _drop_events(self) -> None:
        """Leave out pieces of the list, halving their size whenever none can go (ddmin)."""
        size = max(1, len(self._best.scenario.events) // 2)
        while self._left > 0:
            shorter = self._without_a_piece(size)
            if not shorter and size == 1:
                return
            size = max(1, size // 2) if not shorter else size

    def _without_a_piece(self, size: int) -> bool:
        """Try to leave out each piece of this size, from the end; whether any could go."""
        found = False
        start = len(self._best.scenario.events)
        while start > 0 and self._left > 0:
            start = max(0, start - size)
            events = self._best.scenario.events
            found |= self._keeps_failing(events[:start] + events[start + size :])
        return found

    def _drop_devices(self) -> None:
        """Leave out everything one device does and suffers."""
        for node in {event.node for event in self._best.scenario.events}:
            events = self._best.scenario.events
            self._keeps_failing(tuple(event for event in events if event.node != node))

    def _drop_ticks(self) -> None:
        """Let the run end sooner."""
        last = max((event.tick for event in self._best.scenario.events), default=0)
        for ticks in (last + 1, last + 20, last + 60):
            if ticks < self._best.scenario.ticks and self._try(
                replace(self._best.scenario, ticks=ticks)
            ):
                return

    def _keeps_failing(self, events: tuple[Event, ...]) -> bool:
        return self._try(replace(self._best.scenario, events=events))

    def _try(self, scenario: Scenario) -> bool:
        self._left -= 1
        verdict = run(scenario)
        fails = verdict.symptom == self._best.symptom
        if fails:
            self._best = verdict
        if self._told is not None:
            self._told(self._runs_max - self._left, len(self._best.scenario.events))
        return fails
