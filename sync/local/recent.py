"""What the newest commits say of the hub's log, until it is put where it belongs.

A commit costs what the pages cost that it writes. A small part of the log changes a document, the
table ``batches`` and the row of ``identity``: three pages. So a commit with nothing else in it adds
one row to ``recent`` instead of the last two, and many rows move together (``settle``).
"""

from __future__ import annotations

from typing import Final

from sync.core.batch import Context
from sync.core.conflicts import Provenance
from sync.core.text import compact
from sync.local.database import Database

RECENT_MAX: Final = 500
"""Rows before they move: what a move costs is shared by as many, and takes a millisecond."""

_SETTLE: Final = (
    "INSERT INTO batches(replica, hlc, n, user, context, hub_seq)"
    " SELECT replica, hlc, n, user, context, hub_seq FROM recent WHERE true ORDER BY seq"
    " ON CONFLICT(replica, hlc) DO UPDATE SET"
    " hub_seq = excluded.hub_seq, context = excluded.context",
    "UPDATE identity SET (seq, hlc, cursor, cursor_chain, known) ="
    " (SELECT seq, clock, hub_seq, chain, known FROM recent ORDER BY seq DESC LIMIT 1)"
    " WHERE seq < (SELECT max(seq) FROM recent)",
    "DELETE FROM recent",
)


class Recent:
    """The table ``recent``: a row a commit, numbered like it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._context = Context("", 0)
        self._context_text = '["",0,[]]'
        self._load()
        database.on_rollback(self._load)

    def _load(self) -> None:
        ((self.count,),) = self._database.query("SELECT count(*) FROM recent")

    def add(self, seq: int, clock: int, known: int, source: Provenance, chain: str) -> None:
        """Note, as all of commit ``seq`` but a document, that the log was read up to a batch. The
        clock's last reading and how far the log is known are those after it."""
        self._database.run(
            "INSERT INTO recent(seq, clock, known, chain, replica, hlc, n, user, context, hub_seq)"
            " VALUES(?,?,?,?,?,?,?,?,?,?)",
            (
                *(seq, clock, known, chain, source.replica, source.hlc, source.n, source.user),
                *(self._text(source.context), source.hub_seq),
            ),
        )
        self.count += 1
        if self.count >= RECENT_MAX:
            self.settle()

    def _text(self, context: Context) -> str:
        if context != self._context:
            beside = [list(item) for item in context.beside]
            self._context = context
            self._context_text = compact([context.epoch, context.seq, beside])
        return self._context_text

    def settle(self) -> None:
        """Move every row to where it belongs. Part of a transaction."""
        if self.count:
            for statement in _SETTLE:
                self._database.run(statement)
            self.count = 0
