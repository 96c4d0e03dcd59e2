"""Where one record is in MongoDB, as the connector's tables in the hub's file say."""

from __future__ import annotations

from functools import partial

from sync.explain.journey import InMongoDB, Landed
from sync.local.database import Database


def whereabouts(database: Database) -> InMongoDB | None:
    """What answers for journeys in the file of a hub; None where there has never been a
    connector."""
    known = database.query("SELECT 1 FROM mongo_collections LIMIT 1")
    return partial(landed, database) if known else None


def landed(database: Database, collection: str, doc_id: str) -> Landed | None:
    """Where a record is; None where the connector has not written it yet."""
    sql = "SELECT seq, state FROM mongo_collections WHERE name = ?"
    exchanged = database.query(sql, (collection,))
    if not exchanged:
        return Landed(0, problem=f"{collection} is not exchanged with it.")
    sql = "SELECT reason, at_ms FROM mongo_letters WHERE collection = ? AND id = ? AND way = 'out'"
    for reason, at_ms in database.query(sql, (collection, doc_id)):
        return Landed(0, at_ms, problem=f"it was set aside, {reason}.")
    sql = (
        "SELECT seq, due OR EXISTS (SELECT 1 FROM mongo_writes AS w"
        " WHERE w.collection = d.collection AND w.id = d.id)"
        " FROM mongo_documents AS d WHERE collection = ? AND id = ? AND body IS NOT NULL"
    )
    looked_at, state = exchanged[0]
    for seq, differs in database.query(sql, (collection, doc_id)):
        level = not differs and state == "live"  # nothing up to there was news to MongoDB
        return Landed(max(seq, looked_at) if level else seq)
    return None
