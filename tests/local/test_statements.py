"""DQL on a replica: what statements change, and what they say about it."""

from __future__ import annotations

from typing import Any

import pytest

from sync.errors import BatchTooLarge, DocumentExists, InvalidValue
from sync.local import Replica, transaction
from sync.query.errors import (
    JoinNeedsIndex,
    NotSupported,
    ParameterMissing,
    StatementInvalid,
    UnknownCollection,
)
from tests.helpers.replicas import (
    PaperHub,
    everything_settled,
    fields_changed,
    fingerprint,
    open_replica,
    stocked,
    waiting_payloads,
)


@pytest.fixture
def replica() -> Replica:
    return stocked(3)


def field(replica: Replica, doc_id: str, name: str) -> Any:
    document = replica.get("inventory", doc_id)
    assert document is not None
    return document[name]


def last_change(replica: Replica) -> set[Any]:
    """The keys that the newest batch writes."""
    (keys,) = fields_changed(waiting_payloads(replica)[-1]).values()
    return keys


def test_a_select_reads_and_commits_nothing(replica: Replica) -> None:
    before = fingerprint(replica)
    result = replica.execute("SELECT _id FROM inventory WHERE stock_level >= :n", {"n": 2})
    assert result.items == [{"_id": "inv_2"}, {"_id": "inv_3"}]
    assert (result.mutated_ids, result.commit_id) == ([], None)
    assert fingerprint(replica) == before


def test_a_change_tells_its_commit(replica: Replica) -> None:
    result = replica.execute("UPDATE inventory SET notes = 'x' WHERE _id = 'inv_1'")
    assert (result.mutated_ids, result.commit_id) == (["inv_1"], replica.identity.seq)


def test_the_author_of_a_change_can_be_named(replica: Replica) -> None:
    replica.execute("UPDATE inventory SET notes = 'x'", author="user_ana")
    seen: list[str] = [entry.payload.decode() for entry in replica.sending.take()]
    assert '"u":"user_ana"' in seen[-1]


def test_setting_a_counted_field_to_itself_less_something_counts(replica: Replica) -> None:
    with replica.transaction() as tx:
        tx.increment("inventory", "inv_1", ("stock_level",), 9)
    text = "UPDATE inventory SET stock_level = stock_level - :q WHERE _id = 'inv_1'"
    result = replica.execute(text, {"q": 4})
    assert field(replica, "inv_1", "stock_level") == 6
    assert last_change(replica) == {("stock_level", (replica.id, 3))}
    assert "increment by -4" in result.notes[0]


def test_a_declared_counter_counts_from_the_first_time(replica: Replica) -> None:
    replica.declare_counters({"inventory": {("stock_level",)}})
    replica.execute("UPDATE inventory SET stock_level = 5 + stock_level WHERE _id = 'inv_2'")
    assert field(replica, "inv_2", "stock_level") == 7
    assert last_change(replica) == {("stock_level", (replica.id, 2))}


def test_a_field_that_is_no_counter_is_written(replica: Replica) -> None:
    text = "UPDATE inventory SET stock_level = stock_level - 1 WHERE _id = 'inv_2'"
    assert replica.execute(text).notes == []
    assert last_change(replica) == {("stock_level",)}


def test_a_counter_declared_by_the_statement_counts(replica: Replica) -> None:
    replica.execute(
        "UPDATE COLLECTION inventory (stock_level COUNTER) SET stock_level = stock_level - 1"
        " WHERE _id = 'inv_2'"
    )
    assert last_change(replica) == {("stock_level", (replica.id, 2))}


def test_a_counter_counts_whole_numbers(replica: Replica) -> None:
    replica.declare_counters({"inventory": {("stock_level",)}})
    before = fingerprint(replica)
    with pytest.raises(InvalidValue, match="whole numbers"):
        replica.execute("UPDATE inventory SET stock_level = stock_level - 0.5")
    assert fingerprint(replica) == before


def test_a_plain_value_for_a_counter_is_a_new_count(replica: Replica) -> None:
    replica.declare_counters({"inventory": {("stock_level",)}})
    result = replica.execute("UPDATE inventory SET stock_level = 40 WHERE _id = 'inv_1'")
    assert field(replica, "inv_1", "stock_level") == 40
    assert "new count" in result.notes[0]


def test_declared_counters_are_known_to_whoever_opens_the_file(tmp_path: Any) -> None:
    path = tmp_path / "shop.sqlite3"
    replica = stocked(1, path=path)
    replica.declare_counters({"inventory": {("stock_level",)}})
    replica.close()
    again = open_replica(path)
    result = again.execute("UPDATE inventory SET stock_level = stock_level - 1")
    assert "increment by -1" in result.notes[0]
    again.close()


def test_an_object_merges_unless_the_field_is_a_register(replica: Replica) -> None:
    replica.execute("UPDATE inventory SET location = {'aisle': '9'} WHERE _id = 'inv_1'")
    assert field(replica, "inv_1", "location") == {"aisle": "9", "shelf": "B", "bin": "12"}
    replica.execute(
        "UPDATE COLLECTION inventory (location REGISTER) SET location = {'aisle': '9'}"
        " WHERE _id = 'inv_1'"
    )
    assert field(replica, "inv_1", "location") == {"aisle": "9"}


def test_what_is_missing_sets_nothing_and_is_told(replica: Replica) -> None:
    result = replica.execute("UPDATE inventory SET notes = nowhere WHERE _id = 'inv_1'")
    assert field(replica, "inv_1", "notes") == "as delivered"
    assert "MISSING" in result.notes[0]


def test_an_insert_is_all_or_nothing(replica: Replica) -> None:
    before = fingerprint(replica)
    with pytest.raises(DocumentExists):
        replica.execute("INSERT INTO inventory DOCUMENTS ({'_id': 'new'}), ({'_id': 'inv_1'})")
    assert fingerprint(replica) == before


def test_an_insert_without_an_id_draws_one(replica: Replica) -> None:
    result = replica.execute("INSERT INTO inventory DOCUMENTS ({'notes': 'x'}) RETURNING _id")
    assert result.items == [{"_id": result.mutated_ids[0]}]


def test_what_was_given_is_not_what_is_kept(replica: Replica) -> None:
    document = {"_id": "new", "list": [1]}
    with replica.transaction() as tx:
        tx.execute("INSERT INTO inventory DOCUMENTS (:doc)", {"doc": document})
        document["list"] = "changed"
    assert field(replica, "new", "list") == [1]


def test_local_difference_writes_only_what_differs(replica: Replica) -> None:
    replica.execute(
        "INSERT INTO inventory DOCUMENTS (:doc) ON ID CONFLICT DO UPDATE_LOCAL_DIFF",
        {"doc": {"_id": "inv_1", "notes": "as delivered", "location": {"aisle": "4", "bin": "12"}}},
    )
    assert last_change(replica) == {("location", "aisle")}


def test_initial_documents_stay_here_until_they_change(replica: Replica) -> None:
    text = "INSERT INTO settings INITIAL DOCUMENTS ({'_id': 's', 'theme': 'light'})"
    waiting = replica.outbox().pending
    assert replica.execute(text).mutated_ids == ["s"]
    assert replica.execute(text).mutated_ids == []
    assert replica.outbox().pending == waiting
    replica.execute("UPDATE settings SET theme = 'dark'")
    assert last_change(replica) == {("theme",)}


def test_two_replicas_make_the_same_of_initial_documents() -> None:
    one, other = open_replica(seed=1), open_replica(seed=2)
    for replica in (one, other):
        replica.execute("INSERT INTO c INITIAL DOCUMENTS ({'_id': 's', 'o': {'x': 1}})")
    assert one.digest("c") == other.digest("c")


def test_an_initial_document_that_was_deleted_stays_deleted(replica: Replica) -> None:
    text = "INSERT INTO c INITIAL DOCUMENTS ({'_id': 's', 'n': 1})"
    replica.execute(text)
    replica.execute("DELETE FROM c")
    assert replica.execute(text).mutated_ids == []
    assert replica.execute("SELECT * FROM c").items == []


def test_evict_forgets_here_and_tells_nobody(replica: Replica) -> None:
    everything_settled(PaperHub(), replica)
    result = replica.execute("EVICT FROM inventory WHERE _id = 'inv_1' RETURNING _id")
    assert result.items == [{"_id": "inv_1"}]
    assert replica.get("inventory", "inv_1") is None
    assert replica.outbox().waiting == 0
    replica.check()


def test_evict_leaves_what_waits_for_the_hub(replica: Replica) -> None:
    result = replica.execute("EVICT FROM inventory WHERE _id = 'inv_1'")
    assert result.mutated_ids == []
    assert "not sent yet" in result.notes[0]
    assert replica.get("inventory", "inv_1") is not None


def test_evict_wakes_live_queries(replica: Replica) -> None:
    everything_settled(PaperHub(), replica)
    live = replica.live("inventory")
    replica.execute("EVICT FROM inventory WHERE _id = 'inv_1'")
    assert [each.row["_id"] for each in live.refresh().removed] == ["inv_1"]


def test_too_many_changes_are_refused(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "BATCH_OPS_MAX", 10)
    documents = [{"_id": str(n), "n": n} for n in range(6)]
    with pytest.raises(BatchTooLarge):
        replica.execute("INSERT INTO inventory DOCUMENTS (:all)", {"all": documents})
    assert replica.count("inventory") == 3


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT * FROM inventori", UnknownCollection),
        ("SELECT * FROM inventory WHERE n = :x", ParameterMissing),
        ("SELECT * FROM inventory LIMIT -1", StatementInvalid),
        ("INSERT INTO inventory DOCUMENTS ({'_id': 5})", StatementInvalid),
        ("INSERT INTO inventory DOCUMENTS (7)", StatementInvalid),
        ("PROFILE DELETE FROM inventory", NotSupported),
        ("SELECT a._id FROM inventory a JOIN inventory b ON b.notes = a.notes", JoinNeedsIndex),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    replica: Replica, text: str, error: type[Exception]
) -> None:
    before = fingerprint(replica)
    with pytest.raises(error):
        replica.execute(text)
    assert fingerprint(replica) == before


def test_explain_does_nothing_and_tells_why(replica: Replica) -> None:
    replica.execute("CREATE INDEX by_store ON inventory (store_id)")
    before = fingerprint(replica)
    (told,) = replica.execute("EXPLAIN DELETE FROM inventory WHERE store_id = 'x'").items
    assert told["plan"]["node"] == "delete"
    assert "by_store (store_id) is used" in told["reasons"][0]
    assert fingerprint(replica) == before


def test_profile_counts_rows(replica: Replica) -> None:
    (told,) = replica.execute("PROFILE SELECT * FROM inventory WHERE stock_level > 1").items
    (scan,) = told["plan"]["inputs"][0]["inputs"]
    assert told["plan"]["rows"] == 2
    assert scan["node"] == "scan"


def test_advise_names_an_index_and_makes_it(replica: Replica) -> None:
    text = "SELECT * FROM inventory WHERE store_id = 's' AND stock_level < 3"
    wanted = "CREATE INDEX by_store_id_stock_level ON inventory (store_id, stock_level)"
    assert [each["statement"] for each in replica.execute(f"ADVISE {text}").items] == [wanted]
    replica.execute(f"ADVISE AND PROVISION {text}")
    assert replica.execute(f"ADVISE {text}").items == []
    assert "indexScan" in replica.execute(f"EXPLAIN {text}").items[0]["text"]


def test_a_statement_in_a_transaction_sees_what_the_transaction_wrote(replica: Replica) -> None:
    replica.execute("CREATE INDEX by_stock ON inventory (stock_level)")
    with replica.transaction() as tx:
        tx.execute("UPDATE inventory SET stock_level = 50 WHERE _id = 'inv_1'")
        tx.execute("DELETE FROM inventory WHERE _id = 'inv_2'")
        tx.execute("INSERT INTO inventory DOCUMENTS ({'_id': 'new', 'stock_level': 60})")
        found = tx.execute("SELECT _id FROM inventory WHERE stock_level > 10 ORDER BY stock_level")
        assert found.items == [{"_id": "inv_1"}, {"_id": "new"}]
        assert tx.execute("SELECT COUNT(*) AS n FROM inventory").items == [{"n": 3}]
    assert replica.count("inventory") == 3


def test_a_failed_statement_leaves_its_transaction_as_it_was(replica: Replica) -> None:
    with replica.transaction() as tx:
        tx.execute("UPDATE inventory SET notes = 'kept' WHERE _id = 'inv_1'")
        with pytest.raises(DocumentExists):
            tx.execute("INSERT INTO inventory DOCUMENTS ({'_id': 'new'}), ({'_id': 'inv_1'})")
    assert field(replica, "inv_1", "notes") == "kept"
    assert replica.get("inventory", "new") is None
