"""What goes wrong below SQLite's door, as errors of ours."""

from __future__ import annotations

import re
import sqlite3

from sync.errors import (
    DatabaseCorrupt,
    DatabaseForeign,
    DatabaseLocked,
    DatabaseUnwritable,
    StorageError,
)

_BY_CODE: dict[int, type[StorageError]] = {
    sqlite3.SQLITE_CORRUPT: DatabaseCorrupt,
    sqlite3.SQLITE_CONSTRAINT: DatabaseCorrupt,  # in a sound file our statements meet none
    sqlite3.SQLITE_NOTADB: DatabaseForeign,
    sqlite3.SQLITE_BUSY: DatabaseLocked,
    sqlite3.SQLITE_LOCKED: DatabaseLocked,
    sqlite3.SQLITE_FULL: DatabaseUnwritable,
    sqlite3.SQLITE_READONLY: DatabaseUnwritable,
    sqlite3.SQLITE_IOERR: DatabaseUnwritable,
    sqlite3.SQLITE_CANTOPEN: DatabaseUnwritable,
}

FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""The second where SQLite quotes a damaged name."""
_OF_DAMAGE = re.compile(r"Could not decode|malformed|no such (table|column)")
"""What SQLite and Python's door to it say of texts and names that are not what we wrote."""


def kind_of(error: Exception) -> type[StorageError] | None:
    """The error of ours that one of SQLite's is; None for what is a bug of ours."""
    if isinstance(error, UnicodeDecodeError):
        return DatabaseCorrupt
    code = getattr(error, "sqlite_errorcode", None)
    kind = None if code is None else _BY_CODE.get(code & 0xFF)
    if kind is None and _OF_DAMAGE.search(str(error)):
        return DatabaseCorrupt
    return kind
