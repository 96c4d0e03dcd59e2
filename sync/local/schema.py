"""The tables of a replica, as numbered migrations (L1).

A migration is never edited after a release; a change is a new one at the end. ``user_version`` of
the file is how many have run, ``application_id`` says that the file is ours.
"""

from __future__ import annotations

APPLICATION_ID = 0x5A415641  # "ZAVA"
PAGE_BYTES = 8_192
CACHE_MIB = {"device": 64, "hub": 400}
"""How much of a file may be kept in memory: a ceiling, so a small file needs little. Where the file
is larger, each step asks the system for a page or two, which makes a change half as dear again."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # One row: who this replica is and how far it has come.
        """CREATE TABLE identity(
            replica TEXT NOT NULL, epoch TEXT NOT NULL, kind TEXT NOT NULL,
            seq INTEGER NOT NULL, hlc INTEGER NOT NULL, n INTEGER NOT NULL, digest TEXT NOT NULL,
            chain TEXT NOT NULL, hub_epoch TEXT NOT NULL, cursor INTEGER NOT NULL,
            cursor_chain TEXT NOT NULL, known INTEGER NOT NULL, scope TEXT NOT NULL)""",
        # Small settings of the layers above (profile, token), by name.
        "CREATE TABLE notes(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        # Replica ids as small integers, for the packed stamps of rows. 0 is the nil replica.
        "CREATE TABLE sites(site INTEGER PRIMARY KEY, replica TEXT NOT NULL UNIQUE)",
        "CREATE TABLE collections(name TEXT PRIMARY KEY) WITHOUT ROWID",
        # Where a stamp comes from: what the conflict rule needs to know of a batch (C5).
        """CREATE TABLE batches(
            replica TEXT NOT NULL, hlc INTEGER NOT NULL, n INTEGER NOT NULL, user TEXT NOT NULL,
            context TEXT NOT NULL, hub_seq INTEGER, PRIMARY KEY(replica, hlc)) WITHOUT ROWID""",
        # The op log (S1): on a device its own batches, on a hub everybody's.
        """CREATE TABLE log(
            seq INTEGER PRIMARY KEY, replica TEXT NOT NULL, n INTEGER NOT NULL,
            digest TEXT NOT NULL, chain TEXT NOT NULL, status TEXT NOT NULL, at_ms INTEGER NOT NULL,
            payload BLOB NOT NULL, reason TEXT, UNIQUE(replica, n))""",
        "CREATE INDEX log_status ON log(status, n)",
        # Newest batch the hub holds of each replica (C8).
        """CREATE TABLE heads(
            replica TEXT PRIMARY KEY, n INTEGER NOT NULL, digest TEXT NOT NULL) WITHOUT ROWID""",
        # Hub only: its earlier epochs and the seq at which each ended (S1).
        "CREATE TABLE epochs(epoch TEXT PRIMARY KEY, ended INTEGER NOT NULL) WITHOUT ROWID",
        # Hub only: first names of accepted batches that were written again (C1, C8).
        """CREATE TABLE origins(
            replica TEXT NOT NULL, n INTEGER NOT NULL, digest TEXT NOT NULL,
            PRIMARY KEY(replica, n, digest)) WITHOUT ROWID""",
        # Which documents wait for which own batch, and their form without that work (L7).
        """CREATE TABLE pending(
            collection TEXT NOT NULL, id TEXT NOT NULL, n INTEGER NOT NULL,
            PRIMARY KEY(collection, id, n)) WITHOUT ROWID""",
        "CREATE INDEX pending_n ON pending(n)",
        """CREATE TABLE confirmed(
            collection TEXT NOT NULL, id TEXT NOT NULL, body TEXT, meta TEXT, ghost TEXT,
            PRIMARY KEY(collection, id)) WITHOUT ROWID""",
        # What a running snapshot has brought so far (S4).
        """CREATE TABLE arrived(
            collection TEXT NOT NULL, id TEXT NOT NULL,
            PRIMARY KEY(collection, id)) WITHOUT ROWID""",
        """CREATE TABLE conflicts(
            id TEXT PRIMARY KEY, seq INTEGER NOT NULL, collection TEXT NOT NULL,
            doc_id TEXT NOT NULL, path TEXT NOT NULL, rule TEXT NOT NULL,
            loser TEXT NOT NULL, winner TEXT NOT NULL) WITHOUT ROWID""",
        "CREATE INDEX conflicts_document ON conflicts(collection, doc_id)",
        "CREATE INDEX conflicts_seq ON conflicts(seq)",
    ),
    (
        # Batches of other devices that came from a peer and that the hub has not settled (L7).
        # ``first`` is the name a batch was first written under, ``proof`` what a peer is shown.
        """CREATE TABLE held(
            replica TEXT NOT NULL, n INTEGER NOT NULL, digest TEXT NOT NULL, hlc INTEGER NOT NULL,
            first TEXT NOT NULL, at_ms INTEGER NOT NULL, payload BLOB NOT NULL,
            proof TEXT NOT NULL, PRIMARY KEY(replica, n)) WITHOUT ROWID""",
        # Documents may wait for batches of several replicas now.
        """CREATE TABLE waiting(
            collection TEXT NOT NULL, id TEXT NOT NULL, replica TEXT NOT NULL, n INTEGER NOT NULL,
            PRIMARY KEY(collection, id, replica, n)) WITHOUT ROWID""",
        "INSERT INTO waiting SELECT collection, id, identity.replica, pending.n"
        " FROM pending, identity",
        "DROP TABLE pending",
        "ALTER TABLE waiting RENAME TO pending",
        "CREATE INDEX pending_of ON pending(replica, n)",
        # Documents that the hub has taken out of our scope: no peer brings them back (S4).
        """CREATE TABLE evicted(
            number INTEGER PRIMARY KEY, collection TEXT NOT NULL, id TEXT NOT NULL,
            UNIQUE(collection, id))""",
        # Hub only: whether the work of a first name was accepted under a later one, or refused.
        "ALTER TABLE origins ADD COLUMN accepted INTEGER NOT NULL DEFAULT 1",
    ),
    (
        # What CREATE INDEX and the app made: the fields in order as [[path, descends], …].
        """CREATE TABLE indexes(
            collection TEXT NOT NULL, name TEXT NOT NULL, fields TEXT NOT NULL,
            PRIMARY KEY(collection, name)) WITHOUT ROWID""",
    ),
    (
        # What this device asks the hub for, and what the hub made of it (S4).
        """CREATE TABLE subscriptions(
            text TEXT NOT NULL, args TEXT NOT NULL, documents INTEGER, bytes INTEGER, error TEXT,
            PRIMARY KEY(text, args)) WITHOUT ROWID""",
        # What goes when the running difference of scopes is complete (see ``local.arrivals``).
        """CREATE TABLE leaving(
            collection TEXT NOT NULL, id TEXT NOT NULL, brought INTEGER NOT NULL,
            PRIMARY KEY(collection, id)) WITHOUT ROWID""",
        # Documents that left the scope while own work waits on them, and how far the hub's log
        # had been read then: nothing later is known of them (C5).
        """CREATE TABLE strays(
            collection TEXT NOT NULL, id TEXT NOT NULL, known INTEGER NOT NULL,
            PRIMARY KEY(collection, id)) WITHOUT ROWID""",
    ),
    (
        # When a document went, and whether it was EVICTed here, by nobody's word but this device's.
        "ALTER TABLE evicted ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE evicted ADD COLUMN here INTEGER NOT NULL DEFAULT 0",
    ),
    (
        # Hub only: how far each change stream of MongoDB has been read, and taken over (M2).
        "CREATE TABLE mongo_streams(stream TEXT PRIMARY KEY, token TEXT NOT NULL) WITHOUT ROWID",
        # Hub only: a collection is 'due' for a snapshot, 'live' or 'stopped'; what the running
        # snapshot has read, and how far the hub's own commits were looked at (M2, M5).
        """CREATE TABLE mongo_collections(
            name TEXT PRIMARY KEY, state TEXT NOT NULL, reason TEXT NOT NULL,
            round INTEGER NOT NULL, after TEXT, done INTEGER NOT NULL,
            seq INTEGER NOT NULL) WITHOUT ROWID""",
        # Hub only: the shadow, each document as MongoDB had it at the saved position (M1, M3).
        """CREATE TABLE mongo_documents(
            collection TEXT NOT NULL, id TEXT NOT NULL, key TEXT, body BLOB, at INTEGER NOT NULL,
            read INTEGER NOT NULL, stamps TEXT, seq INTEGER NOT NULL, round INTEGER NOT NULL,
            due INTEGER NOT NULL, PRIMARY KEY(collection, id))""",
        "CREATE UNIQUE INDEX mongo_documents_key ON mongo_documents(collection, key)",
        "CREATE INDEX mongo_documents_due ON mongo_documents(collection, id) WHERE due",
        # Hub only: writes to MongoDB of which its stream has not told yet, one a document (M5).
        """CREATE TABLE mongo_writes(
            collection TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL,
            seq INTEGER NOT NULL, wanted TEXT NOT NULL, state TEXT NOT NULL, seen INTEGER NOT NULL,
            PRIMARY KEY(collection, id)) WITHOUT ROWID""",
        # Hub only: what could not be brought to the other side, with the reason (M6).
        """CREATE TABLE mongo_letters(
            number INTEGER PRIMARY KEY, collection TEXT NOT NULL, id TEXT NOT NULL,
            key TEXT NOT NULL, way TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
            at_ms INTEGER NOT NULL, UNIQUE(collection, id, key, way))""",
    ),
    (
        # When a batch came to its present state, NULL while that is the first.
        "ALTER TABLE log ADD COLUMN marked_ms INTEGER",
    ),
    (
        # The conflict history, a row per merge instead of one per losing write; see ``losses``.
        # ``at_ms`` is the newest of its writes. What was recorded before goes on as ``told``.
        """CREATE TABLE losses(
            number INTEGER PRIMARY KEY, seq INTEGER NOT NULL, count INTEGER NOT NULL,
            at_ms INTEGER NOT NULL, records TEXT NOT NULL)""",
        """INSERT INTO losses(seq, count, at_ms, records)
            SELECT seq, count(*),
                max(max(json_extract(loser, '$.at_ms'), json_extract(winner, '$.at_ms'))),
                json_object('told', json_group_array(json_array(
                    id, collection, doc_id, json(path), rule, json(loser), json(winner))))
            FROM conflicts WHERE json_valid(path) AND json_valid(loser) AND json_valid(winner)
            GROUP BY seq ORDER BY seq""",
        "DROP TABLE conflicts",
    ),
    (
        # Commits that only read the hub's log one small part on, the newest: what they would have
        # written to ``batches`` and ``identity``; see ``recent``.
        """CREATE TABLE recent(
            seq INTEGER PRIMARY KEY, clock INTEGER NOT NULL, known INTEGER NOT NULL,
            chain TEXT NOT NULL, replica TEXT NOT NULL, hlc INTEGER NOT NULL, n INTEGER NOT NULL,
            user TEXT NOT NULL, context TEXT NOT NULL, hub_seq INTEGER NOT NULL)""",
    ),
    (
        # They are in the journal now, with their documents, and only until somebody looks.
        """INSERT INTO batches(replica, hlc, n, user, context, hub_seq)
            SELECT replica, hlc, n, user, context, hub_seq FROM recent WHERE true ORDER BY seq
            ON CONFLICT(replica, hlc) DO UPDATE SET
            hub_seq = excluded.hub_seq, context = excluded.context""",
        """UPDATE identity SET (seq, hlc, cursor, cursor_chain, known) =
            (SELECT seq, clock, hub_seq, chain, known FROM recent ORDER BY seq DESC LIMIT 1)
            WHERE seq < (SELECT max(seq) FROM recent)""",
        "DROP TABLE recent",
    ),
)


def collection_table(name: str) -> tuple[str, ...]:
    """The statements that make the table of one collection: a row per document (L1).

    ``body`` is what a reader sees, NULL when the document is deleted; ``ghost`` keeps the last
    visible fields of a document that was deleted, until it shows them all again, so that its scope
    and its rights can still be judged (S3).
    """
    return (
        f"""CREATE TABLE "c_{name}"(
            id TEXT PRIMARY KEY, body TEXT, meta TEXT NOT NULL, ghost TEXT,
            seq INTEGER NOT NULL)""",
        deleted_index(name),
    )


def commit_index(name: str) -> str:
    """The statement that makes the documents of a span of commits quick to find, for who asks: it
    costs every write of every document two pages more."""
    return f'CREATE INDEX IF NOT EXISTS "c_{name}_seq" ON "c_{name}"(seq)'


def deleted_index(name: str) -> str:
    """The statement that makes the deleted documents of a collection countable, so that the living
    are all rows but these: SQLite knows the number of all without looking at them."""
    return f'CREATE INDEX IF NOT EXISTS "c_{name}_gone" ON "c_{name}"(seq) WHERE body IS NULL'
