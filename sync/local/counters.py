"""Which fields of a replica are counters (C4): the one place that knows.

A field is a counter if the app declared it, if the statement does, or if it has been counted on.
``SET n = n - 3`` on such a field is meant as a count of -3, never as a write of what it makes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from sync.core.state import is_increment
from sync.local.database import Database
from sync.local.documents import Documents, Row
from sync.query.nodes import Path

_NOTE = "counter_fields"


class Counters:
    """The counters that were declared, kept in the file for whoever opens it next."""

    def __init__(self, database: Database, documents: Documents) -> None:
        self._database = database
        self._documents = documents
        rows = database.query("SELECT value FROM notes WHERE name = ?", (_NOTE,))
        held = database.parse(rows[0][0]) if rows else {}
        self._declared = {name: {tuple(path) for path in paths} for name, paths in held.items()}

    def declare(self, fields: Mapping[str, Iterable[Path]]) -> None:
        """Remember that these fields are counters, by collection; part of a transaction."""
        wanted = {name: set(paths) for name, paths in fields.items()}
        if wanted == self._declared:
            return
        text = json.dumps({name: sorted(paths) for name, paths in sorted(wanted.items())})
        self._database.execute("DELETE FROM notes WHERE name = ?", (_NOTE,))
        self._database.execute("INSERT INTO notes(name, value) VALUES(?, ?)", (_NOTE, text))
        self._declared = wanted

    def has(self, collection: str, path: Path, row: Row | None) -> bool:
        """Whether a field is a counter in the document that ``row`` holds."""
        if path in self._declared.get(collection, ()):
            return True
        state, _ = self._documents.state(row)
        return any(is_increment(key) and key[:-1] == path for key in state)
