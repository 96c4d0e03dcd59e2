"""How a SELECT will be answered: a tree of values, made by ``planner``, carried out by ``run``.

Every node yields rows; a row maps aliases to documents. The leaves read a collection and may yield
more than is asked for: a ``Filter`` above them decides. ``text_of`` and ``json_of`` in ``explain``
print a tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sync.query.nodes import Path
from sync.query.syntax import Call, Expr, Projection, Sort
from sync.query.terms import Among, Same, Terms


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a collection: its fields in order, and whether each descends."""

    name: str
    collection: str
    paths: tuple[tuple[Path, bool], ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the planner may know of the data: the indexes, and the collections of which a count
    and an order can be had from them. Within a transaction those it has written to cannot."""

    indexes: Mapping[str, tuple[Index, ...]] = field(default_factory=dict)
    unsettled: frozenset[str] = frozenset()

    def of(self, collection: str) -> tuple[Index, ...]:
        """The indexes of a collection."""
        return self.indexes.get(collection, ())


@dataclass(frozen=True, slots=True)
class Place:
    """A collection of the statement and the alias its documents go by."""

    name: str
    alias: str
    system: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """Every document; ``terms`` are what is known of those that matter."""

    place: Place
    terms: Terms


@dataclass(frozen=True, slots=True)
class IdScan:
    """The documents whose ``_id`` meets ``ids``."""

    place: Place
    ids: Same | Among


@dataclass(frozen=True, slots=True)
class IndexScan:
    """The documents that an index finds for ``terms``. ``order``: in the order of that field,
    descending or not, ties in any."""

    place: Place
    index: Index
    terms: Terms
    order: tuple[Path, bool] | None = None


@dataclass(frozen=True, slots=True)
class UnionScan:
    """The documents of any of the parts, each once."""

    parts: tuple[IdScan | IndexScan, ...]

    @property
    def place(self) -> Place:
        """Where all parts read."""
        return self.parts[0].place


@dataclass(frozen=True, slots=True)
class CountScan:
    """One row without documents that knows how many there are."""

    place: Place


Access: TypeAlias = Scan | IdScan | IndexScan | UnionScan


@dataclass(frozen=True, slots=True)
class Filter:
    """The rows for which a condition is true."""

    input: Node
    condition: Expr


@dataclass(frozen=True, slots=True)
class NestedLoop:
    """Each row of ``input`` with each document of ``inner`` for which ``on`` is true; a ``left``
    join keeps rows without any."""

    input: Node
    inner: Access
    kind: Literal["inner", "left"]
    on: Expr


@dataclass(frozen=True, slots=True)
class Group:
    """A row for each group of rows with equal keys, the first of them, which from here on knows the
    values of the aggregates ``calls``. Without keys there is exactly one."""

    input: Node
    keys: tuple[Expr, ...]
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """Rows in order. ``given``: how many of the leading terms the input is in order of already."""

    input: Node
    terms: tuple[Sort, ...]
    given: int = 0


@dataclass(frozen=True, slots=True)
class Project:
    """From here on rows are results."""

    input: Node
    columns: Projection
    aliases: tuple[str, ...]
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many results, after leaving some out."""

    input: Node
    limit: Expr | None
    offset: Expr | None


Node: TypeAlias = (
    Scan
    | IdScan
    | IndexScan
    | UnionScan
    | CountScan
    | Filter
    | NestedLoop
    | Group
    | Ordered
    | Project
    | Limit
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A tree and why it is this one: a sentence for each index that was or was not used."""

    root: Node
    calls: tuple[Call, ...] = ()
    """The aggregates: above ``Group`` every row knows their values, by their place in here."""
    reasons: tuple[str, ...] = ()
    advice: tuple[Index, ...] = ()
    """Indexes that do not exist and would help."""
