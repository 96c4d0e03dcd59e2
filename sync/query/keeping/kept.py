"""The result of one SELECT, kept."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from sync.query.difference import Keyed
from sync.query.keeping.groups import Groups
from sync.query.keeping.joined import Delta, Ids, Joined
from sync.query.keeping.placed import Placed
from sync.query.keeping.shape import Shape, shape_of
from sync.query.keys import id_of
from sync.query.meaning import Row
from sync.query.plan import Plan
from sync.query.reads import asks_the_clock
from sync.query.run import NO_ROW, Execution, Runner
from sync.query.syntax import Select

UNSEEN_ROWS_MAX: Final = 50_000
"""Rows that are kept although they are not shown, such as the members of groups: some 50 MB. With
more the statement is asked anew."""
RENEWED_MAX: Final = 1_000
"""Documents whose rows are looked up one by one, or as many as are kept if those are more; beyond
that asking anew is quicker."""
RENEWED_IN_WINDOW_MAX: Final = 50
"""The same where LIMIT leaves little to ask for."""


def kept_of(select: Select, execution: Execution, plan: Plan) -> Kept | None:
    """The result of a plan, kept; None where all that can be done is to ask anew, or that is cheap:
    where the clock or ids in the statement decide, where no documents are read, and where too many
    rows stand behind few results."""
    shape = shape_of(plan)
    if shape is None or select.ids is not None or asks_the_clock(select):
        return None
    kept = Kept(Runner(execution, plan), shape)
    return kept if kept.load() else None


class Kept:
    """It stays true as long as no document of a SELECT within the statement changes. Made by
    ``kept_of``."""

    def __init__(self, runner: Runner, shape: Shape) -> None:
        self._runner = runner
        self._shape = shape
        self._joined = Joined(runner, shape)
        self._groups = None if shape.group is None else Groups(runner, shape, shape.group)
        self._placed = Placed(runner, shape)
        self._having = None if shape.having is None else runner.of(shape.having.condition)

    def load(self) -> bool:
        """Find everything; whether it is not too much."""
        shape = self._shape
        is_whole = shape.group is None and not shape.project.distinct
        if is_whole and shape.is_narrow and not shape.loops:
            self._load_window()
            return True
        found = self._joined.load(None if is_whole and not shape.is_narrow else UNSEEN_ROWS_MAX)
        if found is not None:
            self._apply((set(), found))
        return found is not None

    def renew(self, touched: Mapping[str, set[str]]) -> bool:
        """Documents have changed, given by alias and id; whether that could be worked out."""
        first: set[str] = set()
        for alias, doc_ids in touched.items():
            found = self._joined.touched(alias, doc_ids)
            if found is None:
                return False
            first.update(found)
        most = RENEWED_IN_WINDOW_MAX if self._shape.is_narrow else RENEWED_MAX
        if len(first) > max(most, len(self._placed)):
            return False
        self._apply(self._joined.renew(first))
        return not self._placed.is_off

    def results(self) -> Sequence[Keyed]:
        """The results as of now; those that stayed are the same objects."""
        return self._placed.results()

    def _apply(self, delta: Delta) -> None:
        gone: Iterable[Hashable] = delta[0]
        come = ((ids, ids, row) for ids, row in delta[1].items())
        if self._groups is None:
            self._placed.remove(gone)
            self._placed.put(come)
            return
        touched = self._groups.changed(delta)
        self._placed.remove(touched)
        rows = self._groups.rows(touched)
        holds = self._having
        self._placed.put(each for each in rows if holds is None or holds(each[2]) is True)

    def _load_window(self) -> None:
        """As many results as are shown, and as many again that may slide in."""
        assert self._shape.limit is not None
        stop = self._runner.span(self._shape.limit)[1] or 0
        alias = self._shape.first.place.alias
        most = 2 * stop + 1
        found = list(islice(self._runner.rows(self._shape.rows, NO_ROW), most))
        rows: dict[Ids, Row] = {(id_of(row[alias]),): row for row in found}
        self._joined.put(rows)
        self._apply((set(), rows))
        if len(found) == most:
            self._placed.end_here()
