"""The members of each group, kept: a change works out anew the groups it touches."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from typing import Any

from sync.ids import Document
from sync.query.evaluate import MISSING, lookup
from sync.query.grouping import grouped
from sync.query.keeping.joined import Delta, Ids
from sync.query.keeping.shape import Shape
from sync.query.meaning import Row
from sync.query.nodes import Path
from sync.query.plan import Filter, Group, Ordered
from sync.query.run import NO_ROW, Runner
from sync.query.syntax import Field
from sync.query.values import hashable
from sync.query.walk import nodes_in


class Groups:
    """GROUP BY over rows that come and go. Of their documents only the fields are kept that are
    looked at from here on."""

    def __init__(self, runner: Runner, shape: Shape, group: Group) -> None:
        self._of = runner.of
        self._group = group
        seen = (group.keys, group.calls, shape.having, shape.ordered, shape.project.columns)
        fields = [each for part in seen for each in _fields(part)]
        self._paths = {
            alias: {each.path for each in fields if each.alias == alias}
            for alias in shape.project.aliases
        }
        self._keys = [runner.of(key) for key in group.keys]
        self._members: dict[Hashable, dict[Ids, Row]] = {} if group.keys else {(): {}}
        self._key_of: dict[Ids, Hashable] = {}

    def changed(self, delta: Delta) -> set[Hashable]:
        """Rows have gone and come; the keys of the groups that this changes. Without keys there is
        one group, even of no rows."""
        gone, come = delta
        touched: set[Hashable] = set() if self._keys else {()}
        for ids in gone & self._key_of.keys():
            key = self._key_of.pop(ids)
            del self._members[key][ids]
            touched.add(key)
        for ids, row in come.items():
            key = tuple([hashable(each(row)) for each in self._keys])
            self._members.setdefault(key, {})[ids] = self._cut(row)
            self._key_of[ids] = key
            touched.add(key)
        return touched

    def rows(self, touched: set[Hashable]) -> Iterator[tuple[Hashable, Ids, Row]]:
        """Of these groups those that are there: key, place without ORDER BY, and row."""
        for key in touched:
            members = self._members[key]
            if not members and self._keys:
                del self._members[key]
                continue
            in_order = sorted(members)
            (row,) = grouped(self._group, [members[ids] for ids in in_order], NO_ROW, self._of)
            yield key, in_order[0] if in_order else (), row

    def _cut(self, row: Row) -> Row:
        return {alias: _cut(document, self._paths[alias]) for alias, document in row.items()}


def _fields(part: Any) -> Iterator[Field]:
    """The fields in a part of a statement; a node of the plan stands for its expressions."""
    if isinstance(part, Filter):
        part = part.condition
    elif isinstance(part, Ordered):
        part = part.terms
    return (each for each in nodes_in(part) if type(each) is Field)


def _cut(document: Document | None, paths: Collection[Path]) -> Document | None:
    """A document with these fields alone, as far as it has them."""
    if document is None or () in paths:
        return document
    cut: Document = {}
    for path in paths:
        value = lookup(document, path)
        if value is not MISSING:
            holder = cut
            for step in path[:-1]:
                holder = holder.setdefault(step, {})
            holder[path[-1]] = value
    return cut
