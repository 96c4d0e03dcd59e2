"""What a device asks for is what it gets, as subscriptions and documents change (S4)."""

from __future__ import annotations

import json

import pytest

from sync.hub import Account, Hub
from sync.ids import Document
from sync.wire.codec import encode
from sync.wire.messages import (
    Begin,
    Docs,
    End,
    Gone,
    Hello,
    Message,
    Outcome,
    Part,
    Position,
    Sizes,
)
from tests.helpers.clocks import NOON_MS, FixedClock
from tests.helpers.lines import Line, kinds, stocked_hub
from tests.helpers.replicas import open_replica
from tests.helpers.two_devices import ANA, BELLEVUE, BEN, CLEO, DARA, SEATTLE

SHELVES = "SELECT * FROM inventory WHERE store_id = :store"
OPEN = "SELECT * FROM orders WHERE state = 'open'"
DAY_MS = 86_400_000


@pytest.fixture
def hub() -> Hub:
    made = stocked_hub()
    wrote(made, "orders", {"_id": "order_1", "store_id": SEATTLE, "state": "open"})
    wrote(made, "orders", {"_id": "order_2", "store_id": SEATTLE, "state": "closed"})
    return made


@pytest.fixture
def ben(hub: Hub) -> Line:
    """A rep, who may read every store's shelves; asks for Seattle's."""
    line = joined(hub, BEN)
    line.asks_for(SHELVES, store=SEATTLE)
    line.pull()
    return line


def joined(hub: Hub, account: Account) -> Line:
    return Line.signed_in(hub, account, open_replica(seed=2_000 + ord(account.login[0])))


def wrote(hub: Hub, collection: str, document: Document) -> None:
    with hub.replica.transaction() as tx:
        tx.upsert(collection, document)


def held(line: Line, collection: str) -> set[str]:
    return {document["_id"] for document in line.replica.find(collection)}


def sent_ids(messages: list[Message]) -> set[str]:
    """Ids of documents that travelled whole outside the log."""
    return {row.doc_id for docs in messages if isinstance(docs, Docs) for row in docs.rows}


def gone_ids(messages: list[Message]) -> set[str]:
    return {doc_id for gone in messages if isinstance(gone, Gone) for doc_id in gone.ids}


def test_a_device_gets_what_it_asks_for_and_nothing_else(hub: Hub, ben: Line) -> None:
    assert held(ben, "inventory") == {"inv_1", "inv_2", "inv_3"}
    assert held(ben, "products") == held(ben, "customers") == held(ben, "orders") == set()


def test_a_wider_subscription_brings_what_is_new_and_sends_nothing_twice(
    hub: Hub, ben: Line
) -> None:
    ben.asks_for(SHELVES, store=BELLEVUE)
    messages = ben.pull()
    assert kinds(messages)[:3] == ["Hello", "Sizes", "Begin"]
    assert sent_ids(messages) == {"inv_4", "inv_5"}
    assert held(ben, "inventory") == {"inv_1", "inv_2", "inv_3", "inv_4", "inv_5"}
    ids = held(ben, "inventory")
    assert ben.replica.digest("inventory", ids) == hub.replica.digest("inventory", ids)


def test_a_narrower_one_evicts_and_sends_no_document(hub: Hub, ben: Line) -> None:
    wide = ben.asks_for(SHELVES, store=BELLEVUE)
    ben.pull()
    ben.replica.subscriptions.cancel(wide)
    messages = ben.pull()
    assert sent_ids(messages) == set()
    assert gone_ids(messages) == {"inv_4", "inv_5"}
    assert held(ben, "inventory") == {"inv_1", "inv_2", "inv_3"}


def test_without_any_subscription_the_role_decides_again(hub: Hub, ben: Line) -> None:
    for subscription in ben.replica.subscriptions.asked():
        ben.replica.subscriptions.cancel(subscription)
    messages = ben.pull()
    assert sent_ids(messages) >= {"inv_4", "prod_1", "cust_SEA", "order_2"}
    assert not sent_ids(messages) & {"inv_1", "inv_2", "inv_3"}
    assert len(held(ben, "inventory")) == 5


def test_what_another_subscription_asks_for_stays(hub: Hub, ben: Line) -> None:
    every = ben.asks_for("SELECT * FROM inventory")
    ben.pull()
    ben.replica.subscriptions.cancel(every)
    ben.pull()
    assert held(ben, "inventory") == {"inv_1", "inv_2", "inv_3"}


def test_what_happened_while_the_device_was_away_comes_with_the_new_scope(
    hub: Hub, ben: Line
) -> None:
    wrote(hub, "inventory", {"_id": "inv_1", "notes": "counted"})
    wrote(hub, "inventory", {"_id": "inv_2", "store_id": BELLEVUE})
    wrote(hub, "inventory", {"_id": "inv_4", "store_id": SEATTLE})
    wrote(hub, "inventory", {"_id": "inv_5", "store_id": SEATTLE})
    wrote(hub, "inventory", {"_id": "inv_5", "store_id": BELLEVUE})
    ben.asks_for("SELECT * FROM orders")
    ben.pull()
    assert held(ben, "inventory") == {"inv_1", "inv_3", "inv_4"}
    assert held(ben, "orders") == {"order_1", "order_2"}
    ids = held(ben, "inventory")
    assert ben.replica.digest("inventory", ids) == hub.replica.digest("inventory", ids)


def test_a_document_that_leaves_a_subscription_goes_and_comes_back_whole(hub: Hub) -> None:
    cleo = joined(hub, CLEO)
    cleo.asks_for("SELECT * FROM inventory WHERE deleted = false")
    cleo.pull()
    wrote(hub, "inventory", {"_id": "inv_1", "deleted": True})
    cleo.pull()
    assert held(cleo, "inventory") == {"inv_2", "inv_3"}
    wrote(hub, "inventory", {"_id": "inv_1", "notes": "unseen"})
    wrote(hub, "inventory", {"_id": "inv_1", "deleted": False})
    cleo.pull()
    assert cleo.replica.get("inventory", "inv_1") == hub.replica.get("inventory", "inv_1")


def test_own_work_may_take_a_document_out_and_another_device_may_bring_it_back(hub: Hub) -> None:
    cleo = joined(hub, CLEO)
    cleo.asks_for(OPEN)
    cleo.pull()
    with cleo.replica.transaction() as tx:
        tx.update("orders", "order_1", {"state": "closed"})
    cleo.push()
    cleo.pull()
    assert held(cleo, "orders") == set()
    wrote(hub, "orders", {"_id": "order_1", "state": "open", "total": 9})
    cleo.pull()
    assert cleo.replica.get("orders", "order_1") == hub.replica.get("orders", "order_1")


def test_a_verdict_is_heard_again_if_the_retraction_with_it_was_cut_off(hub: Hub) -> None:
    cleo = joined(hub, CLEO)
    cleo.asks_for(OPEN)
    cleo.pull()
    with cleo.replica.transaction() as tx:
        tx.update("orders", "order_1", {"state": "closed"})
    cleo.push()
    *before, retraction = [m for m in cleo.sent() if not isinstance(m, Position)]
    assert isinstance(retraction, Part) and isinstance(before[-1], Outcome)
    cleo.replica.receive(before)
    cleo.pull()
    assert held(cleo, "orders") == set()


def test_own_work_that_brings_a_document_in_gets_it_whole(hub: Hub) -> None:
    cleo = joined(hub, CLEO)
    cleo.asks_for(OPEN)
    cleo.pull()
    with cleo.replica.transaction() as tx:
        tx.update("orders", "order_1", {"state": "open", "mine": True})
    wrote(hub, "orders", {"_id": "order_1", "state": "closed"})
    cleo.pull()
    wrote(hub, "orders", {"_id": "order_1", "total": 9})
    with cleo.replica.transaction() as tx:
        tx.update("orders", "order_1", {"state": "open"})
    cleo.push()
    cleo.pull()
    assert cleo.replica.get("orders", "order_1") == hub.replica.get("orders", "order_1")


def test_unsent_work_on_what_left_stays_and_is_taken(hub: Hub, ben: Line) -> None:
    with ben.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "typed in the basement"})
    (asked,) = ben.replica.subscriptions.asked()
    ben.asks_for("SELECT * FROM products")
    ben.replica.subscriptions.cancel(asked)
    ben.pull()
    assert held(ben, "inventory") == {"inv_1"}
    ben.sync()
    assert held(ben, "inventory") == set()
    assert (hub.replica.get("inventory", "inv_1") or {})["notes"] == "typed in the basement"


def test_edits_of_a_document_that_left_claim_no_knowledge_of_later_ones(
    hub: Hub, ben: Line
) -> None:
    with ben.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"notes": "before"})
    (asked,) = ben.replica.subscriptions.asked()
    ben.asks_for("SELECT * FROM products")
    ben.replica.subscriptions.cancel(asked)
    ben.pull()
    wrote(hub, "inventory", {"_id": "inv_1", "location": {"bin": "99"}})
    ben.pull()
    clock = ben.replica.parts.clock
    assert isinstance(clock, FixedClock)
    clock.move(1)
    with ben.replica.transaction() as tx:
        tx.update("inventory", "inv_1", {"location": {"bin": "7"}})
    ben.push()
    told = hub.replica.conflicts("inventory", "inv_1")
    assert [(record.path, record.loser.value) for record in told] == [(("location", "bin"), "99")]


def test_lost_rights_are_a_difference_too(hub: Hub) -> None:
    dara = joined(hub, DARA)
    dara.pull()
    dara.becomes(store_id=SEATTLE, store_code="SEA")
    messages = dara.pull()
    assert held(dara, "inventory") == {"inv_1", "inv_2", "inv_3"}
    assert not sent_ids(messages) & held(dara, "products")


@pytest.mark.parametrize("cut_after", [Hello, Begin, Docs, Gone])
def test_a_change_that_is_cut_off_is_made_again_from_the_beginning(
    hub: Hub, ben: Line, cut_after: type[Message]
) -> None:
    (seattle,) = ben.replica.subscriptions.asked()
    ben.asks_for(SHELVES, store=BELLEVUE)
    ben.replica.subscriptions.cancel(seattle)
    for message in ben.sent():
        ben.replica.receive([message])
        if isinstance(message, cut_after):
            break
    assert held(ben, "inventory") >= {"inv_1", "inv_2", "inv_3"}
    ben.pull()
    assert held(ben, "inventory") == {"inv_4", "inv_5"}


@pytest.mark.parametrize("back", [True, False])
def test_a_change_that_is_cut_off_and_thought_better_of_leaves_nothing_behind(
    hub: Hub, ben: Line, back: bool
) -> None:
    every = ben.asks_for("SELECT * FROM inventory")
    for message in ben.sent():
        ben.replica.receive([message])
        if isinstance(message, Docs):
            break
    assert len(held(ben, "inventory")) == 5
    ben.replica.subscriptions.cancel(every)
    if not back:
        ben.asks_for("SELECT * FROM products")
    ben.pull()
    assert held(ben, "inventory") == {"inv_1", "inv_2", "inv_3"}
    assert ben.replica.parts.database.query("SELECT * FROM arrived") == []


def test_a_hub_that_does_not_know_the_old_scope_sends_everything(hub: Hub, ben: Line) -> None:
    hub.replica.parts.database.execute("DELETE FROM scopes")
    ben.asks_for(SHELVES, store=BELLEVUE)
    messages = ben.pull()
    assert isinstance(messages[0], Hello) and messages[0].snapshot
    assert len(sent_ids(messages)) == 5


def test_nobody_learns_of_documents_by_naming_a_scope_they_never_had(hub: Hub) -> None:
    """The digest of somebody else's scope is no secret; it is worth nothing."""
    ana, dara = joined(hub, ANA), joined(hub, DARA)
    ana.pull()
    dara.pull()
    lie = dara.cursor(scope=ana.replica.identity.scope)
    for message in dara.sent(lie):
        assert "inv_1" not in repr(message)


def test_the_hub_says_how_much_each_subscription_is_before_it_sends(hub: Hub, ben: Line) -> None:
    ben.asks_for(SHELVES, store=BELLEVUE)
    ben.asks_for("SELECT * FROM products")
    ben.asks_for("SELECT * FROM secrets")
    messages = ben.pull()
    sizes = next(message for message in messages if isinstance(message, Sizes))
    assert kinds(messages).index("Sizes") < kinds(messages).index("Begin")
    by_text = dict(zip(ben.replica.subscriptions.asked(), sizes.items, strict=True))
    counts = sorted(each.documents for each in by_text.values())
    assert counts == [0, 2, 3, 3]
    assert [e.error.code for e in by_text.values() if e.error] == ["subscription_refused"]
    assert all(each.size_bytes >= 20 * each.documents for each in by_text.values())


def test_a_window_moves_with_the_day() -> None:
    clock = FixedClock(NOON_MS)
    hub = stocked_hub(clock=clock)
    for number in range(1, 5):
        date = f"2026-11-{18 + number}T08:00:00Z"  # the clock says the 22nd
        wrote(hub, "orders", {"_id": f"o{number}", "store_id": SEATTLE, "order_date": date})
    cleo = joined(hub, CLEO)
    cleo.asks_for("SELECT * FROM orders WHERE order_date >= date_sub(clock(), 'day', 2)")
    cleo.pull()
    assert held(cleo, "orders") == {"o2", "o3", "o4"}
    feed = hub.feed(cleo.account.identity, json.loads(encode(cleo.cursor())))
    assert feed.is_current()
    clock.move(DAY_MS)
    assert not feed.is_current()
    messages = cleo.pull()
    assert sent_ids(messages) == set()
    assert held(cleo, "orders") == {"o3", "o4"}


def test_adding_orders_does_not_send_the_catalogue_again(hub: Hub) -> None:
    for number in range(200):
        wrote(hub, "products", {"_id": f"prod_x{number}", "name": f"A product, number {number}"})
    cleo = joined(hub, CLEO)
    cleo.asks_for("SELECT * FROM products")
    first = sum(len(encode(message)) for message in cleo.pull())
    cleo.asks_for("SELECT * FROM orders")
    second = sum(len(encode(message)) for message in cleo.pull())
    assert held(cleo, "orders") == {"order_1", "order_2"}
    assert second < first / 10


def test_a_subscription_that_changes_nothing_costs_a_greeting(hub: Hub, ben: Line) -> None:
    ben.asks_for("SELECT * FROM inventory WHERE store_id = :s", s=SEATTLE)
    messages = ben.pull()
    assert sent_ids(messages) == gone_ids(messages) == set()
    assert any(isinstance(message, End) for message in messages)
