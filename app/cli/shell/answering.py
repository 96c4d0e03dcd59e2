"""What a replica's file cannot answer by itself, without starting the hub or the device of it."""

from __future__ import annotations

from typing import Any

from sync.local import Replica


def equip(replica: Replica) -> None:
    """Have EXPLAIN SYNC, journeys and ``system:peers`` answered as the hub, or the device, would.
    What answers is loaded when something is asked first."""
    own = () if not replica.identity.is_hub else ("journey",)
    for name in ("explain_sync", "peers", *own):
        setattr(replica.system, name, _Later(replica, name))


class _Later:
    """Answers by what takes its place when it is asked."""

    def __init__(self, replica: Replica, name: str) -> None:
        self._replica = replica
        self._name = name

    def __call__(self, *asked: Any) -> Any:
        if self._replica.identity.is_hub:
            from sync.connector.whereabouts import whereabouts
            from sync.hub import trace_file

            trace_file(self._replica).in_mongodb = whereabouts(self._replica.parts.database)
        else:
            from sync.device import trace_file as trace_device

            trace_device(self._replica)
        return getattr(self._replica.system, self._name)(*asked)
