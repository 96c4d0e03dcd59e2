"""Events that belong together: those of one MongoDB transaction, or one alone (M4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sync.connector.events import Event


def units_of(events: Iterable[Event]) -> Iterator[list[Event]]:
    """The events one by one, those of one MongoDB transaction together."""
    unit: list[Event] = []
    for event in events:
        if unit and not (event.transaction and event.transaction == unit[-1].transaction):
            yield unit
            unit = []
        unit.append(event)
    if unit:
        yield unit


def last_token(units: list[list[Event]]) -> str | None:
    """Where to resume after whole units; None if there are none."""
    return units[-1][-1].token if units else None
