"""The syntax tree of a condition. Paths are tuples of keys; ``("_id",)`` is the document's id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sync.ids import Json

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Equals:
    """The value at ``path`` is there and equals ``value``; null equals null, 1 equals 1.0."""

    path: Path
    value: Json


@dataclass(frozen=True, slots=True)
class In:
    """The value at ``path`` is there and equals one of ``values``."""

    path: Path
    values: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """The value at ``path`` lies within the bounds; other types than the bound's never do."""

    path: Path
    low: Json = None
    high: Json = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class Has:
    """There is a value at ``path``; null is a value."""

    path: Path


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; without parts, everything does."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One part holds; without parts, nothing does."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Node


Node: TypeAlias = Equals | In | Range | Has | And | Or | Not

EVERYTHING = And(())
NOTHING = Or(())
