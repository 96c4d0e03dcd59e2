"""What a replica tells of itself in DQL."""

from __future__ import annotations

import json

import pytest

from sync.errors import PermissionDenied
from sync.query.errors import StatementInvalid
from tests.helpers.replicas import PaperHub, stocked, waiting_payloads


def test_collections_with_their_documents() -> None:
    replica = stocked(3)
    replica.execute("DELETE FROM inventory WHERE _id = 'inv_1'")
    assert replica.execute("SELECT * FROM system:collections").items == [
        {"_id": "inventory", "name": "inventory", "documents": 2}
    ]


def test_work_that_waits_for_the_hub() -> None:
    replica = stocked(1)
    replica.execute("UPDATE inventory SET notes = 'x'")
    found = replica.execute("SELECT n, status, changes FROM system:outbox WHERE n = 2").items
    changes = [{"collection": "inventory", "id": "inv_1", "fields": {"notes": "x"}}]
    assert found == [{"n": 2, "status": "pending", "changes": changes}]


def test_work_that_was_refused() -> None:
    hub, replica = PaperHub(), stocked(1)
    (payload,) = waiting_payloads(replica)
    replica.receive([hub.hello(), hub.reject(payload, PermissionDenied("not yours"))])
    found = replica.execute("SELECT code, message FROM system:quarantine").items
    assert found == [{"code": "permission_denied", "message": "not yours"}]
    assert replica.execute("SELECT COUNT(*) AS n FROM system:outbox").items == [{"n": 0}]


def test_conflicts_and_peers() -> None:
    replica = stocked(1)
    assert replica.execute("SELECT * FROM system:conflicts").items == []
    assert replica.execute("SELECT * FROM system:peers").items == []
    replica.system.peers = lambda: [{"_id": "p", "name": "till"}]
    assert replica.execute("SELECT name FROM system:peers").items == [{"name": "till"}]


def test_what_it_tells_is_json() -> None:
    replica = stocked(1)
    for name in ("collections", "indexes", "conflicts", "outbox", "quarantine", "peers"):
        json.dumps(replica.execute(f"SELECT * FROM system:{name}").items)


def test_it_cannot_be_changed() -> None:
    with pytest.raises(StatementInvalid):
        stocked(1).execute("DELETE FROM system:outbox")
