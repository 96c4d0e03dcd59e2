"""What a running snapshot or difference of scopes has brought, and what goes when it is complete.

A snapshot puts everything held on trial: what it does not bring goes (S4). A difference says what
goes. Until it is complete the device reads under its old scope, so what a cut-off one has brought
is on trial in the next, or goes at once if the hub goes on under the old scope after all.

Tables: ``leaving`` is what is to go: held when the running snapshot began, named by the running
difference, or, ``brought``, left over from differences that were cut off. ``arrived`` is what the
running difference has brought. So a first download, which finds nothing here, writes neither.
"""

from __future__ import annotations

from collections.abc import Iterable

from sync.local.parts import Parts

Names = list[tuple[str, str]]


class Arrivals:
    """The two tables. Called by the inbox, inside its transaction."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database
        self._documents = parts.documents

    def begin(self, *, whole: bool) -> None:
        """A snapshot or a difference starts."""
        if whole:
            self._database.execute("DELETE FROM leaving")
            for name in self._documents.collections:
                self._database.execute(
                    "INSERT INTO leaving(collection, id, brought)"
                    f" SELECT ?, id, 0 FROM {self._documents.table(name)}",
                    (name,),
                )
        else:
            self._database.execute("DELETE FROM leaving WHERE NOT brought")
            self._database.execute(
                "INSERT OR REPLACE INTO leaving(collection, id, brought)"
                " SELECT collection, id, 1 FROM arrived"
            )
        self._database.execute("DELETE FROM arrived")

    def came(self, collection: str, ids: Iterable[str], *, whole: bool) -> None:
        """Documents have arrived, with a snapshot (``whole``) or with a difference."""
        names = [(collection, doc_id) for doc_id in ids]
        if not whole:
            self._database.executemany(
                "INSERT OR IGNORE INTO arrived(collection, id) VALUES(?, ?)", names
            )
        if self._database.query("SELECT 1 FROM leaving LIMIT 1"):
            sql = "DELETE FROM leaving WHERE collection = ? AND id = ?"
            self._database.executemany(sql, names)

    def go(self, collection: str, ids: Iterable[str]) -> None:
        """Documents are to go."""
        self._database.executemany(
            "INSERT OR IGNORE INTO leaving(collection, id, brought) VALUES(?, ?, 0)",
            [(collection, doc_id) for doc_id in ids],
        )

    def end(self, *, whole: bool) -> Names:
        """It is complete: what has to go now."""
        stale = self._not_arrived() if whole else self._leaving("1")
        self._clear()
        return stale

    def break_off(self) -> Names:
        """The log goes on under the old scope: what a cut-off difference has brought goes."""
        stale: Names = self._database.query("SELECT collection, id FROM arrived")
        stale += self._leaving("brought")
        self._clear()
        return stale

    def is_under_way(self) -> bool:
        """Whether something has been brought and not been completed."""
        rows = self._database.query(
            "SELECT EXISTS (SELECT 1 FROM arrived) OR EXISTS (SELECT 1 FROM leaving WHERE brought)"
        )
        return bool(rows[0][0])

    def _leaving(self, condition: str) -> Names:
        sql = f"SELECT collection, id FROM leaving WHERE {condition} ORDER BY collection, id"
        return self._database.query(sql)

    def _not_arrived(self) -> Names:
        stale: Names = []
        for name in self._documents.collections:
            rows = self._database.query(
                "SELECT id FROM leaving WHERE collection = ? AND EXISTS"
                f" (SELECT 1 FROM {self._documents.table(name)} AS held WHERE held.id = leaving.id)"
                " ORDER BY id",
                (name,),
            )
            stale += [(name, doc_id) for (doc_id,) in rows]
        return stale

    def _clear(self) -> None:
        self._database.execute("DELETE FROM arrived")
        self._database.execute("DELETE FROM leaving")
