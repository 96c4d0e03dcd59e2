"""How far each change stream of MongoDB has been read, and taken over (M2).

Part of the same transaction as the ops and the shadow, so that a kill at any instant repeats or
loses nothing.
"""

from __future__ import annotations

from sync.local.database import Database


class Positions:
    """The table ``mongo_streams``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def token(self, stream: str) -> str | None:
        """Where a stream goes on; None: from now on."""
        rows = self._database.query("SELECT token FROM mongo_streams WHERE stream = ?", (stream,))
        return rows[0][0] if rows else None

    def move(self, stream: str, token: str | None) -> None:
        """Save a position; None forgets it."""
        if token is None:
            self._database.execute("DELETE FROM mongo_streams WHERE stream = ?", (stream,))
            return
        self._database.execute(
            "INSERT INTO mongo_streams(stream, token) VALUES(?, ?)"
            " ON CONFLICT(stream) DO UPDATE SET token = excluded.token",
            (stream, token),
        )
