"""Entries of the op log (S1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from sync.ids import ReplicaId

Status: TypeAlias = Literal["pending", "offered", "sent", "accepted", "rejected", "discarded"]
"""pending: made here. offered: bytes may have left this device, its stamps are final (C1).
sent: the hub holds it. accepted, rejected: the hub's log says so. discarded: given up by hand."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log. ``reason`` is the JSON of the error of a rejected batch."""

    seq: int
    replica: ReplicaId
    n: int
    digest: str
    chain: str
    status: Status
    at_ms: int
    payload: bytes
    reason: str | None
