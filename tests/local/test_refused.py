"""A refused batch as a document: everything a person needs to enter it by hand somewhere else."""

from __future__ import annotations

import json

import pytest

from sync.errors import OutOfScope
from sync.local import Replica
from tests.helpers.clocks import NOON_MS
from tests.helpers.replicas import PaperHub, everything_settled, stocked, waiting_payloads


@pytest.fixture
def replica() -> Replica:
    hub, replica = PaperHub(), stocked(4)
    replica.receive([hub.hello()])
    everything_settled(hub, replica)
    with replica.transaction(author="user_ana") as tx:
        tx.insert("customers", {"_id": "cust_1", "first_name": "Rose", "tags": {"vip": True}})
        tx.increment("inventory", "inv_1", ("stock_level",), -3)
        tx.update("inventory", "inv_2", {"notes": "n", "location": {"bin": "7"}})
        tx.unset("inventory", "inv_2", ("product_id",))
        tx.delete("inventory", "inv_3")
    (payload,) = waiting_payloads(replica)
    replica.receive([hub.reject(payload, OutOfScope("Elsewhere."))])
    return replica


def test_the_document_says_who_when_where_what_and_why(replica: Replica) -> None:
    (refused,) = replica.quarantine()
    document = replica.export_refused(refused.n, device_name="Ana's handheld")
    assert document is not None
    assert json.loads(json.dumps(document)) == document
    assert (document["format"], document["version"]) == ("zava-refused-change", 1)
    assert document["reason"]["code"] == "out_of_scope"
    assert document["reason"]["message"] == "Elsewhere."
    assert document["person"] == "user_ana"
    assert document["device"] == {"replica": replica.id, "name": "Ana's handheld"}
    assert (document["made_at_ms"], document["number"]) == (NOON_MS, refused.n)
    assert document["made_at"].startswith("20")
    assert document["stamp"] > 0


def test_every_field_is_there_with_what_was_done_to_it(replica: Replica) -> None:
    (refused,) = replica.quarantine()
    changes = {each["id"]: each for each in (replica.export_refused(refused.n) or {})["changes"]}
    assert changes["cust_1"] == {
        "collection": "customers",
        "id": "cust_1",
        "kind": "created",
        "fields": [
            {"path": ["first_name"], "op": "set", "value": "Rose"},
            {"path": ["tags"], "op": "set", "value": {"vip": True}},
        ],
    }
    assert changes["inv_1"]["fields"] == [{"path": ["stock_level"], "op": "increment", "value": -3}]
    ops = {(".".join(op["path"]), op["op"], op.get("value")) for op in changes["inv_2"]["fields"]}
    assert ops >= {
        ("notes", "set", "n"),
        ("location.bin", "set", "7"),
        ("product_id", "unset", None),
    }
    assert (changes["inv_3"]["kind"], changes["inv_3"]["fields"]) == ("removed", [])


def test_there_is_nothing_to_export_of_what_was_not_refused(replica: Replica) -> None:
    assert replica.export_refused(99) is None


def test_an_edited_count_of_sold_pieces_is_counted_instead(replica: Replica) -> None:
    (refused,) = replica.quarantine()
    before = stock(replica)
    edits = {("inventory", "inv_1"): {"stock_level": -1, "notes": "one was a mistake"}}
    assert replica.resend(refused.n, edits=edits)
    assert stock(replica) == before - 1
    assert (replica.get("inventory", "inv_1") or {})["notes"] == "one was a mistake"
    assert edits[("inventory", "inv_1")]["stock_level"] == -1


def stock(replica: Replica) -> int:
    return int((replica.get("inventory", "inv_1") or {})["stock_level"])
