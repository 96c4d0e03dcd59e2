"""A run as a file: JSON that a test can keep and anybody can replay (``zava sim --replay``)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sync.errors import InvalidValue
from sync.sim.schedule import Event, Scenario

FORMAT = 1


def write(path: Path, scenario: Scenario, found: str = "") -> None:
    """Keep a scenario; ``found`` says what it showed when it was made."""
    head = {
        **{"format": FORMAT, "found": found, "seed": scenario.seed, "profile": scenario.profile},
        **{"ticks": scenario.ticks, "logins": list(scenario.logins)},
    }
    events = ",\n  ".join(json.dumps(event.to_json()) for event in scenario.events)
    text = json.dumps(head, indent=1, ensure_ascii=False)[:-2]
    path.write_text(f'{text},\n "events": [\n  {events}\n ]\n}}\n', encoding="utf-8")


def read(path: Path) -> Scenario:
    """The scenario of a file; ``InvalidValue`` where it is none."""
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise InvalidValue(f"{path} has format {data['format']!r:.20}, not {FORMAT}.")
        return Scenario(
            seed=int(data["seed"]),
            profile=str(data["profile"]),
            ticks=int(data["ticks"]),
            logins=tuple(data["logins"]),
            events=tuple(Event.from_json(event) for event in data["events"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidValue(f"{path} is no scenario: {error!r:.100}.") from error
