"""The members of each group, kept: a change works out anew the groups it touches."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from sync.query.grouping import grouped
from sync.query.keeping.joined import Delta, Ids
from sync.query.meaning import Row
from sync.query.plan import Group
from sync.query.run import NO_ROW, Runner
from sync.query.values import hashable


class Groups:
    """GROUP BY over rows that come and go."""

    def __init__(self, runner: Runner, group: Group) -> None:
        self._of = runner.of
        self._group = group
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
            self._members.setdefault(key, {})[ids] = row
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
