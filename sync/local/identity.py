"""Who a replica is and how far it has come: the one row of the ``identity`` table, in memory."""

from __future__ import annotations

from sync.core.batch import NO_DIGEST
from sync.core.stamps import HybridClock
from sync.errors import DatabaseCorrupt
from sync.ids import NIL_REPLICA, ReplicaId
from sync.local.database import Database
from sync.ports import Clock, Entropy

REPLICA_ID_BYTES = 16
_COLUMNS = (
    "replica, epoch, kind, seq, hlc, n, digest, chain,"
    " hub_epoch, cursor, cursor_chain, known, scope"
)

_TYPES = [str, str, str, int, int, int, str, str, str, int, str, int, str]


class Identity:
    """Mirror of the row. Change the attributes inside a transaction, then ``save``.

    ``seq`` numbers the commits of this file (S1); ``n`` and ``digest`` are the newest own batch
    (C8); ``chain`` is the digest of the log so far. Of the hub's log: ``cursor`` is how far we
    have read, ``known`` how far what we hold reaches (ahead of the cursor while a snapshot loads).
    """

    replica: ReplicaId
    epoch: str
    kind: str
    seq: int
    n: int
    digest: str
    chain: str
    hub_epoch: str
    cursor: int
    cursor_chain: str
    known: int
    scope: str

    def __init__(self, database: Database, clock: Clock, entropy: Entropy, kind: str) -> None:
        self._database = database
        self._wall = clock
        self._offset_ms = 0
        self.clock = HybridClock(self.now_ms)
        if not database.query("SELECT 1 FROM identity"):
            if database.query("SELECT 1 FROM log LIMIT 1"):
                raise DatabaseCorrupt(f"{database.path}: it does not say whose file it is.")
            with database.transaction():
                self._create(entropy, kind)
        self.load()
        database.on_rollback(self.load)

    def _create(self, entropy: Entropy, kind: str) -> None:
        replica, epoch = (entropy.draw(REPLICA_ID_BYTES).hex() for _ in range(2))
        row = (replica, epoch, kind, 0, 0, 0, NO_DIGEST, NO_DIGEST, "", 0, NO_DIGEST, 0, "")
        marks = ",".join("?" * len(row))
        self._database.execute(f"INSERT INTO identity({_COLUMNS}) VALUES({marks})", row)
        self._database.execute("INSERT INTO sites(site, replica) VALUES(0, ?)", (NIL_REPLICA,))

    def load(self) -> None:
        """Read the row again, after opening and after a rollback."""
        offset = self._database.query("SELECT value FROM notes WHERE name = 'clock_offset_ms'")
        self._offset_ms = int(self._database.parse(offset[0][0])) if offset else 0
        rows = self._database.query(f"SELECT {_COLUMNS} FROM identity")
        if len(rows) != 1 or [type(value) for value in rows[0]] != _TYPES:
            raise DatabaseCorrupt(f"{self._database.path}: it does not say whose file it is.")
        row = rows[0]
        (self.replica, self.epoch, self.kind, self.seq, self.clock.last, self.n, self.digest) = row[
            :7
        ]
        (self.chain, self.hub_epoch, self.cursor, self.cursor_chain, self.known, self.scope) = row[
            7:
        ]

    def now_ms(self) -> int:
        """Wall time, put right by what the hub said if our clock is wrong (C1)."""
        return self._wall.now_ms() + self._offset_ms

    def start_generation(self, hub_time_ms: int, newest: int) -> None:
        """Follow hub time from now on, with readings above ``newest`` (C1)."""
        self._offset_ms = hub_time_ms - self._wall.now_ms()
        self._database.execute(
            "INSERT INTO notes(name, value) VALUES('clock_offset_ms', ?)"
            " ON CONFLICT(name) DO UPDATE SET value = excluded.value",
            (str(self._offset_ms),),
        )
        self.clock.last = newest

    def read_to(self, seq: int, chain: str) -> None:
        """The hub's log has been read up to ``seq``."""
        self.cursor, self.cursor_chain = seq, chain
        self.known = max(self.known, seq)

    def save(self) -> None:
        """Write the row; part of every commit."""
        self._database.run(
            "UPDATE identity SET replica=?, epoch=?, seq=?, hlc=?, n=?, digest=?, chain=?,"
            " hub_epoch=?, cursor=?, cursor_chain=?, known=?, scope=?",
            (
                *(self.replica, self.epoch, self.seq, self.clock.last, self.n),
                *(self.digest, self.chain),
                *(self.hub_epoch, self.cursor, self.cursor_chain, self.known, self.scope),
            ),
        )

    @property
    def is_hub(self) -> bool:
        """A hub's log is the truth others confirm their work against (L7)."""
        return self.kind == "hub"
