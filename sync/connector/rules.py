"""What an operator decides for each collection, as plain values; ``config`` reads it as YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

IdMode: TypeAlias = Literal["match_ids", "single_field", "multiple_fields"]
Direction: TypeAlias = Literal["both", "in", "out"]

GUARD_FIELD = "_zava"
"""The one reserved field in documents of MongoDB: {connector: number of its last write} (M5)."""


@dataclass(frozen=True, slots=True)
class IdRule:
    """How documents of the two sides are matched (M1). ``fields`` are top-level names: none for
    ``match_ids``, one for ``single_field``."""

    mode: IdMode = "match_ids"
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CounterRule:
    """A counter field (C4). ``counted`` is the field whose change beside it says that an outside
    write was a count and no movement (M5); None: every outside change is a movement."""

    path: tuple[str, ...]
    counted: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CollectionRule:
    """One collection of both sides, which has the same name in both."""

    name: str
    ids: IdRule = IdRule()
    counters: tuple[CounterRule, ...] = ()
    direction: Direction = "both"
    initial_sync: bool = True
    """Whether documents that are there already are exchanged, not only later changes."""
    hard_deletes: bool = False
    """Whether a document that the hub deleted is removed in MongoDB rather than flagged (M5)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """All of it. ``connector`` names this connector among those that write to one MongoDB."""

    connector: str = "zava"
    collections: Mapping[str, CollectionRule] = field(default_factory=dict)
