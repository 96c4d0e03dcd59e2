"""How a connector is, as one value: for `zava connector status`, ``/v1/health`` and metrics."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from sync.connector.engine import Engine
from sync.connector.initial import Far
from sync.connector.ports import Features

State: TypeAlias = Literal[
    "starting", "initial_sync", "running", "reconnecting", "stalled", "failed", "stopped"
]
"""reconnecting: MongoDB did not answer and is tried again. stalled: for longer than a moment, or no
heartbeat comes back. failed: a person has to do something. stopped: nothing runs."""


_PRIVATE = ("address", "database")


@dataclass(frozen=True, slots=True)
class Status:
    """One look at a connector."""

    state: State
    address: str
    database: str
    error: dict[str, Any] | None
    lag_ms: int | None
    """How long the newest heartbeat took to come back."""
    heard_ms: int | None
    server: dict[str, Any] | None
    collections: dict[str, dict[str, Any]]
    events: int
    images: int
    skipped: int
    writes: dict[str, int]
    reconnects: int
    under_way: int
    due: int
    dead_letters: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    def health(self) -> dict[str, Any]:
        """The same for anybody who asks: without where MongoDB is, and of an error its code."""
        told = self.to_json()
        told["error"] = None if self.error is None else self.error["code"]
        return {name: value for name, value in told.items() if name not in _PRIVATE}


def durable(engine: Engine) -> dict[str, Any]:
    """What the hub's file alone tells of a connector, running or not."""
    counts = engine.status()
    collections = {
        each.name: {"state": each.state, "reason": each.reason, "done": each.done}
        for each in engine.progress()
        if each.name in engine.rules.collections
    }
    return {
        "collections": collections,
        "under_way": counts["under_way"],
        "due": counts["due"],
        "dead_letters": counts["letters"],
    }


def with_progress(collections: dict[str, dict[str, Any]], far: dict[str, Far]) -> None:
    """Add how far the snapshots under way are."""
    for name, each in far.items():
        if name in collections:
            more = {"done": each.done, "total": each.total, "eta_seconds": each.eta_seconds}
            collections[name] = {**collections[name], **more}


def server(features: Features | None) -> dict[str, Any] | None:
    """What was found out about the server."""
    return None if features is None else {"version": features.version, **_flags(features)}


def _flags(features: Features) -> dict[str, Any]:
    return {
        "database_stream": features.database_stream,
        "descriptions": features.descriptions,
        "resumes": features.resumes,
        **features.details,
    }
