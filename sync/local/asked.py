"""The answer of an observed SELECT: what of it a commit may change, and its rows now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sync.ids import Json
from sync.local.commits import Commit
from sync.local.statements import Statements
from sync.query.difference import Keyed
from sync.query.reads import Reads, reads_of


class Asked:
    """One SELECT with its arguments; ``observer.Answer``."""

    judges = True

    def __init__(self, statements: Statements, text: str, args: Mapping[str, Json]) -> None:
        """Raises ``StatementError``."""
        self._statements = statements
        self._text = text
        self._args = args
        select, self._rows = statements.observed(text, args)
        self._reads = reads_of(select, args)
        self.collections = frozenset(reads.collection for reads in self._reads)
        self._is_stale = False

    def note(self, commit: Commit) -> bool:
        """A commit was made; whether it may change the answer."""
        concerned = any(_concerns(reads, commit) for reads in self._reads)
        self._is_stale = self._is_stale or concerned
        return concerned

    def rows(self) -> Sequence[Keyed]:
        """The rows as the data is now; the same list while nothing that matters has changed."""
        if self._is_stale:
            _, self._rows = self._statements.observed(self._text, self._args)
            self._is_stale = False
        return self._rows


def _concerns(reads: Reads, commit: Commit) -> bool:
    if reads.collection not in commit.changed:
        return False
    pairs = commit.pairs(reads.collection)
    return pairs is None or any(reads.matters(*pair) for pair in pairs)
