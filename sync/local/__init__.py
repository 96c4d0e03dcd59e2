"""The local document store: one SQLite file a replica (L1–L7). ``docs/local.md`` is the tour."""

from sync.local.live import LiveQuery
from sync.local.observer import Observer
from sync.local.outbox import OutboxSummary
from sync.local.refused import Quarantined
from sync.local.replica import Replica
from sync.local.result import Result
from sync.local.table import Table
from sync.local.transaction import Transaction
from sync.query.difference import Changes, RowChange

__all__ = [
    "Changes",
    "LiveQuery",
    "Observer",
    "OutboxSummary",
    "Quarantined",
    "Replica",
    "Result",
    "RowChange",
    "Table",
    "Transaction",
]
