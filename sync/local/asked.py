"""The answer of an observed SELECT: what of it a commit may change, and its rows now."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from sync.ids import Json
from sync.local.commits import Commit
from sync.local.statements import Statements
from sync.query.difference import Keyed
from sync.query.keeping import Kept, kept_of
from sync.query.reads import Reads, reads_of


class Asked:
    """One SELECT with its arguments; ``observer.Answer``. Its result is kept where it can be, and
    asked for anew where not, or when a SELECT within it may have another answer."""

    judges = True

    def __init__(self, statements: Statements, text: str, args: Mapping[str, Json]) -> None:
        """Raises ``StatementError``."""
        self._statements = statements
        self._text = text
        self._args = args
        self._reads = reads_of(statements.asked(text, args)[0], args)
        self.collections = frozenset(reads.collection for reads in self._reads)
        self._lock = threading.Lock()
        self._touched: dict[str, set[str]] = {}
        self._is_stale = True
        self._keeps = True
        self._kept: Kept | None = None
        self._indexes = statements.indexes
        self._rows: Sequence[Keyed] = ()

    def note(self, commit: Commit) -> bool:
        """A commit was made; whether it may change the answer."""
        is_concerned = False
        for reads in self._reads:
            doc_ids = _seen(reads, commit)
            if doc_ids:
                is_concerned = True
                with self._lock:
                    self._is_stale = self._is_stale or reads.is_within
                    self._touched.setdefault(reads.alias, set()).update(doc_ids)
        return is_concerned

    def rows(self) -> Sequence[Keyed]:
        """The rows as the data is now; the same list while nothing that matters has changed."""
        with self._lock:
            touched, self._touched = self._touched, {}
            is_stale, self._is_stale = self._is_stale, False
        try:
            if is_stale or (touched and not self._renewed(touched)):
                self._ask()
            elif touched and self._kept is not None:
                self._rows = self._kept.results()
        except BaseException:
            with self._lock:
                self._is_stale = True
            raise
        return self._rows

    def _renewed(self, touched: dict[str, set[str]]) -> bool:
        """Whether what is kept could be brought up to date; plans are made for the indexes there
        were."""
        if self._kept is None or self._indexes is not self._statements.indexes:
            return False
        return self._kept.renew(touched)

    def _ask(self) -> None:
        self._indexes = self._statements.indexes
        select, execution, plan = self._statements.asked(self._text, self._args)
        self._kept = kept_of(select, execution, plan) if self._keeps else None
        if self._kept is None:
            self._keeps = False  # finding out again would cost as much as the answer
            self._rows = list(execution.keyed(plan))
        else:
            self._rows = self._kept.results()


def _seen(reads: Reads, commit: Commit) -> set[str]:
    """The changed documents that this reading sees, as far as that is known."""
    changed = commit.changed.get(reads.collection, set())
    pairs = commit.pairs(reads.collection) if changed else None
    if pairs is None:
        return changed
    return {doc_id for doc_id, before, now in pairs if reads.matters(before, now)}
