"""A transaction is one batch over several collections: all of it, or nothing at all (L2, C7)."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sync.core.batch import encode
from sync.core.decode import decode
from sync.errors import (
    BatchTooLarge,
    DataError,
    DocumentExists,
    DocumentMissing,
    DocumentTooLarge,
    InvalidPath,
    InvalidValue,
    TransactionOpen,
)
from sync.local import Replica, Transaction
from tests.helpers.replicas import (
    PaperHub,
    fields_changed,
    fingerprint,
    open_replica,
    shelf,
    stocked,
    waiting_payloads,
)

MIB = 1_048_576


class Regret(Exception):
    """Somebody changed their mind in the middle of a transaction."""


def memory(replica: Replica) -> dict[str, Any]:
    """What a replica keeps beside its file."""
    identity = replica.identity
    names = ("replica", "seq", "n", "digest", "chain", "cursor", "known")
    return {
        **{name: getattr(identity, name) for name in names},
        "clock": identity.clock.last,
        "collections": replica.parts.documents.collections,
    }


def write_everywhere(tx: Transaction) -> None:
    tx.insert("orders", {"_id": "order_1", "store_id": "s"})
    tx.insert("order_items", {"_id": "item_1", "order_id": "order_1"})
    tx.increment("inventory", "inv_1", ("stock_level",), -3)
    tx.update("inventory", "inv_1", {"location": {"bin": "9"}})
    tx.delete("inventory", "inv_2")


def test_a_transaction_over_several_collections_is_one_batch() -> None:
    replica = stocked(2)
    waiting_payloads(replica)
    with replica.transaction(author="user_ana") as tx:
        write_everywhere(tx)
    (_, payload) = waiting_payloads(replica)
    assert fields_changed(payload) == {
        ("orders", "order_1"): {"+"},
        ("order_items", "item_1"): {"+"},
        ("inventory", "inv_1"): {("location", "bin"), ("stock_level", (replica.id, 2))},
        ("inventory", "inv_2"): {()},
    }
    assert decode(payload).user == "user_ana"
    assert replica.get("inventory", "inv_1") == shelf(
        "inv_1", stock_level=-2, location={"aisle": "3", "shelf": "B", "bin": "9"}
    )
    assert replica.get("inventory", "inv_2") is None
    assert replica.outbox().waiting == 2


def test_an_exception_undoes_everything_in_the_file_and_in_memory() -> None:
    replica = stocked(2)
    before, remembered = fingerprint(replica), memory(replica)
    with pytest.raises(Regret), replica.transaction() as tx:
        write_everywhere(tx)
        raise Regret
    assert fingerprint(replica) == before
    assert memory(replica) == remembered


@pytest.mark.parametrize("where", ["documents.save", "log.append", "log.learn", "identity.save"])
def test_a_failure_at_any_point_of_the_commit_undoes_everything(
    monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    replica = stocked(2)
    before, remembered = fingerprint(replica), memory(replica)
    name, method = where.split(".")
    part = getattr(replica.parts, name)
    real = getattr(part, method)

    def fails_after_working(*arguments: Any) -> None:
        real(*arguments)
        raise Regret

    with monkeypatch.context() as patched:
        patched.setattr(part, method, fails_after_working)
        with pytest.raises(Regret), replica.transaction() as tx:
            write_everywhere(tx)
    assert fingerprint(replica) == before
    assert memory(replica) == remembered
    with replica.transaction() as tx:
        write_everywhere(tx)
    assert replica.identity.n == 2
    assert replica.get("orders", "order_1") is not None


def test_a_failure_while_receiving_undoes_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """New collections and new authors are forgotten again, and come anew with the next try."""
    hub, ana, ben = PaperHub(), stocked(), open_replica(seed=2)
    messages = [hub.hello(), *map(hub.part, waiting_payloads(ana))]
    before, remembered = fingerprint(ben), memory(ben)

    def fails(*arguments: Any) -> None:
        raise Regret

    with monkeypatch.context() as patched:
        patched.setattr(ben.identity, "save", fails)
        with pytest.raises(Regret):
            ben.receive(messages)
    assert fingerprint(ben) == before
    assert memory(ben) == remembered
    ben.receive(messages)
    assert ben.digest("inventory") == ana.digest("inventory")


def test_an_error_that_is_caught_leaves_the_transaction_usable() -> None:
    replica = stocked()
    with replica.transaction() as tx:
        for mistake in (
            lambda: tx.insert("inventory", shelf("inv_1")),
            lambda: tx.update("inventory", "nowhere", {"a": 1}),
            lambda: tx.update("inventory", "inv_1", {"notes": float("nan"), "a": 1}),
            lambda: tx.increment("inventory", "inv_1", ("notes",), 1),
            lambda: tx.increment("inventory", "inv_1", ("notes", "deep"), 1 << 63),
            lambda: tx.restart("inventory", "inv_1", ("notes", "deep"), 1.5),  # type: ignore[arg-type]
            lambda: tx.unset("inventory", "inv_1", ("_id",)),
            lambda: tx.insert("no such collection", {"_id": "x"}),
        ):
            with pytest.raises(DataError):
                mistake()
        tx.update("inventory", "inv_1", {"notes": "after all"})
    assert replica.get("inventory", "inv_1") == shelf(stock_level=1, notes="after all")
    assert fields_changed(waiting_payloads(replica)[-1]) == {("inventory", "inv_1"): {("notes",)}}


def test_reads_inside_see_the_transaction_and_reads_outside_do_not_yet(tmp_path: Path) -> None:
    with closing(stocked(path=tmp_path / "some.db")) as replica:
        seen: list[Any] = []
        with replica.transaction() as tx:
            tx.update("inventory", "inv_1", {"notes": "inside"})
            assert tx.get("inventory", "inv_1")["notes"] == "inside"  # type: ignore[index]
            assert replica.get("inventory", "inv_1")["notes"] == "as delivered"  # type: ignore[index]
            tx.delete("inventory", "inv_1")
            assert tx.get("inventory", "inv_1") is None
            reader = threading.Thread(target=lambda: seen.append(replica.count("inventory")))
            reader.start()  # waits for the commit
        reader.join()
        assert seen == [0]


def test_what_a_transaction_hands_out_is_a_copy() -> None:
    replica = stocked()
    with replica.transaction() as tx:
        shown = tx.get("inventory", "inv_1")
        assert shown is not None
        shown["location"]["bin"] = "changed outside"
        fields: dict[str, Any] = {"tags": {"a": 1}}
        tx.update("inventory", "inv_1", fields)
        fields["tags"]["a"] = 2
    held = replica.get("inventory", "inv_1")
    assert held is not None
    assert (held["location"]["bin"], held["tags"]) == ("12", {"a": 1})


def test_an_empty_transaction_leaves_no_trace() -> None:
    replica = stocked()
    before = fingerprint(replica)
    with replica.transaction():
        pass
    with replica.transaction() as tx:
        tx.insert("orders", {"_id": "order_1"})
        tx.delete("orders", "order_1")
    assert fingerprint(replica) == before


def test_a_transaction_inside_a_transaction_is_a_mistake() -> None:
    replica = stocked()
    before = fingerprint(replica)
    with pytest.raises(TransactionOpen), replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "outer"})
        with replica.transaction():
            pass
    assert fingerprint(replica) == before


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({"_id": "inv_1"}, DocumentExists),
        ({"_id": ""}, InvalidValue),
        ({"_id": 7}, InvalidValue),
        ({"_id": "x" * 2_000}, InvalidValue),
        ({"_id": "x", "a": {1, 2}}, InvalidValue),
        ({"_id": "x", "a": 1 << 63}, InvalidValue),
        ({"_id": "x", "a": "\ud800"}, InvalidValue),
        ({"_id": "x", "": 1}, InvalidPath),
    ],
    ids=repr,
)
def test_what_cannot_be_stored_is_named(document: dict[str, Any], error: type[DataError]) -> None:
    replica = stocked()
    before = fingerprint(replica)
    with pytest.raises(error), replica.transaction() as tx:
        tx.insert("inventory", document)
    assert fingerprint(replica) == before


def test_ids_are_drawn_where_none_is_given() -> None:
    replica = open_replica()
    with replica.transaction() as tx:
        ids = [tx.insert("orders", {"a": 1}) for _ in range(3)]
    assert len(set(ids)) == 3
    assert {document["_id"] for document in replica.find("orders")} == set(ids)


def test_a_missing_document_is_named_and_an_absent_field_is_no_error() -> None:
    replica = stocked()
    with replica.transaction() as tx:
        tx.unset("inventory", "inv_1", ("nowhere",), ("location", "nowhere"))
        for write in (tx.delete, tx.unset):
            with pytest.raises(DocumentMissing):
                write("inventory", "nowhere", *([("a",)] if write == tx.unset else []))
    assert replica.outbox().pending == 1


class TestLimits:
    """Over a cap, a transaction is refused at the local commit, and nothing of it stays (C7)."""

    def refused(self, error: type[DataError], documents: list[dict[str, Any]]) -> None:
        replica = stocked()
        before, remembered = fingerprint(replica), memory(replica)
        with pytest.raises(error), replica.transaction() as tx:
            for number, document in enumerate(documents):
                tx.insert("orders", {"_id": f"order_{number}", **document})
        assert fingerprint(replica) == before
        assert memory(replica) == remembered

    def test_too_many_ops(self) -> None:
        fields = {f"f{number}": number for number in range(1_000)}
        self.refused(BatchTooLarge, [fields] * 50)

    def test_too_many_bytes(self) -> None:
        self.refused(BatchTooLarge, [{"text": "x" * (3 * MIB)}] * 3)

    def test_too_large_a_document(self) -> None:
        self.refused(DocumentTooLarge, [{"text": "é" * (5 * MIB // 2)}])

    def test_the_largest_that_fits_is_taken(self) -> None:
        replica = open_replica()
        with replica.transaction() as tx:
            tx.insert("orders", {"_id": "large", "text": "x" * (5 * MIB - 40)})
        (payload,) = waiting_payloads(replica)
        assert encode(decode(payload)) == payload

    def test_a_document_that_grew_too_large_bit_by_bit(self) -> None:
        replica = open_replica()
        with replica.transaction() as tx:
            tx.insert("orders", {"_id": "large", "one": "x" * (3 * MIB)})
        with pytest.raises(DocumentTooLarge), replica.transaction() as tx:
            tx.update("orders", "large", {"two": "x" * (3 * MIB)})
        assert "two" not in (replica.get("orders", "large") or {})
