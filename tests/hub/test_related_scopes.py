"""Scopes that rest on other documents: items follow their order wherever it goes (S4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync.hub import Hub
from sync.hub.bounds import bounds_of
from sync.hub.ripples import RIPPLE_DOCUMENTS_MAX
from sync.ids import Collection, Document
from sync.peer.rules import Grant
from sync.wire.messages import Begin, Hello, Part, Sizes
from tests.helpers.lines import Line, kinds, stocked_hub
from tests.helpers.replicas import open_replica
from tests.helpers.two_devices import ANA, BELLEVUE, CLEO, SEATTLE

ITEMS = "SELECT * FROM order_items WHERE order_id IN (SELECT order_id FROM orders WHERE {})"
OF_BAY = ITEMS.format("bay = :bay")
OPEN = ITEMS.format("bay = :bay AND deleted = false")


@pytest.fixture
def hub() -> Hub:
    made = stocked_hub()
    for order, bay in (("o1", "north"), ("o2", "south")):
        wrote(made, "orders", {"_id": order, "order_id": order, "bay": bay, "deleted": False})
        for number in (1, 2):
            item = {"_id": f"{order}_{number}", "order_id": order, "quantity": number}
            wrote(made, "order_items", item)
    return made


@pytest.fixture
def cleo(hub: Hub) -> Line:
    line = joined(hub)
    line.asks_for(OF_BAY, bay="north")
    line.pull()
    return line


def joined(hub: Hub) -> Line:
    return Line.signed_in(hub, CLEO, open_replica(seed=77))


def wrote(hub: Hub, collection: str, document: Document) -> None:
    with hub.replica.transaction() as tx:
        tx.upsert(collection, {"store_id": SEATTLE, **document})


def changed(hub: Hub, order: str, **fields: object) -> None:
    with hub.replica.transaction() as tx:
        tx.update("orders", order, dict(fields))


def held(line: Line) -> set[str]:
    found = {each["_id"] for each in line.replica.find("order_items")}
    ids = sorted(found)
    assert line.replica.digest("order_items", ids) == line.hub.replica.digest("order_items", ids)
    return found


def sent(line: Line) -> set[str]:
    """Ids of the items that the next pull names, whole or as gone."""
    parts = [message for message in line.pull() if isinstance(message, Part)]
    whole = {row.doc_id for part in parts for docs in part.whole for row in docs.rows}
    return whole | {doc_id for part in parts for _, doc_id in part.gone}


def test_items_are_held_with_their_orders(cleo: Line) -> None:
    assert held(cleo) == {"o1_1", "o1_2"}


def test_items_follow_an_order_that_moves(hub: Hub, cleo: Line) -> None:
    changed(hub, "o1", bay="south")
    assert sent(cleo) == {"o1_1", "o1_2"}
    assert held(cleo) == set()
    changed(hub, "o2", bay="north")
    cleo.pull()
    assert held(cleo) == {"o2_1", "o2_2"}


def test_items_of_an_order_that_is_made_later_come_with_it(hub: Hub, cleo: Line) -> None:
    wrote(hub, "order_items", {"_id": "o3_1", "order_id": "o3"})
    cleo.pull()
    assert held(cleo) == {"o1_1", "o1_2"}
    wrote(hub, "orders", {"_id": "o3", "order_id": "o3", "bay": "north"})
    cleo.pull()
    assert held(cleo) == {"o1_1", "o1_2", "o3_1"}


def test_an_order_and_its_items_in_one_batch_are_sent_once(hub: Hub, cleo: Line) -> None:
    with hub.replica.transaction() as tx:
        tx.insert("orders", {"_id": "o3", "order_id": "o3", "bay": "north", "store_id": SEATTLE})
        tx.insert("order_items", {"_id": "o3_1", "order_id": "o3", "store_id": SEATTLE})
    assert sent(cleo) == set()
    assert held(cleo) == {"o1_1", "o1_2", "o3_1"}


def test_a_soft_delete_takes_items_along_and_a_restore_brings_them_back(hub: Hub) -> None:
    cleo = joined(hub)
    cleo.asks_for(OPEN, bay="north")
    cleo.pull()
    changed(hub, "o1", deleted=True)
    cleo.pull()
    assert held(cleo) == set()
    changed(hub, "o1", deleted=False)
    cleo.pull()
    assert held(cleo) == {"o1_1", "o1_2"}


def test_a_deleted_order_has_no_items_and_one_made_again_has_them(hub: Hub, cleo: Line) -> None:
    with hub.replica.transaction() as tx:
        tx.delete("orders", "o1")
    cleo.pull()
    assert held(cleo) == set()
    wrote(hub, "orders", {"_id": "o1", "order_id": "o1", "bay": "north"})
    cleo.pull()
    assert held(cleo) == {"o1_1", "o1_2"}


def test_what_does_not_concern_the_inner_select_moves_nothing(hub: Hub, cleo: Line) -> None:
    changed(hub, "o1", notes="call first")
    changed(hub, "o2", notes="call later", bay="west")
    wrote(hub, "orders", {"_id": "o1", "order_id": "o1", "bay": "north", "deleted": False})
    assert sent(cleo) == set()


def test_an_item_changed_while_its_order_was_elsewhere_comes_back_whole(
    hub: Hub, cleo: Line
) -> None:
    changed(hub, "o1", bay="south")
    cleo.pull()
    with hub.replica.transaction() as tx:
        tx.update("order_items", "o1_1", {"quantity": 70})
        tx.delete("order_items", "o1_2")
    changed(hub, "o1", bay="north")
    cleo.pull()
    assert held(cleo) == {"o1_1"}
    rows = cleo.replica.parts.documents.rows("order_items", ["o1_2"])
    assert rows["o1_2"].body is None


def test_a_deleted_item_is_told_with_its_order_so_that_it_can_be_revived(
    hub: Hub, cleo: Line
) -> None:
    with hub.replica.transaction() as tx:
        tx.delete("order_items", "o2_1")
    changed(hub, "o2", bay="north")
    cleo.pull()
    with hub.replica.transaction() as tx:
        tx.insert("order_items", {"_id": "o2_1", "order_id": "o2", "store_id": SEATTLE})
    cleo.pull()
    assert held(cleo) == {"o1_1", "o1_2", "o2_1", "o2_2"}


@pytest.mark.parametrize("restarted", [False, True])
def test_a_device_that_was_away_hears_of_it_later(hub: Hub, cleo: Line, restarted: bool) -> None:
    changed(hub, "o1", bay="south")
    changed(hub, "o2", bay="north")
    changed(hub, "o2", bay="south")
    wrote(hub, "orders", {"_id": "o3", "order_id": "o3", "bay": "north"})
    wrote(hub, "order_items", {"_id": "o3_1", "order_id": "o3"})
    if restarted:
        hub.replica.parts.related.forget()
    cleo.pull()
    assert held(cleo) == {"o3_1"}


@pytest.mark.parametrize("restarted", [False, True])
def test_the_field_by_which_items_are_found_may_change_itself(
    hub: Hub, cleo: Line, restarted: bool
) -> None:
    changed(hub, "o1", order_id="o2")
    if restarted:
        hub.replica.parts.related.forget()
    cleo.pull()
    cleo.pull()
    assert held(cleo) == {"o2_1", "o2_2"}


@pytest.mark.parametrize("restarted", [False, True])
def test_more_than_can_be_told_at_once_is_told_as_a_difference(
    hub: Hub, cleo: Line, restarted: bool
) -> None:
    with hub.replica.transaction() as tx:
        for number in range(RIPPLE_DOCUMENTS_MAX + 1):
            fields = {"order_id": "o2", "store_id": SEATTLE}
            tx.insert("order_items", {"_id": f"many_{number}", **fields})
    changed(hub, "o2", bay="north")
    changed(hub, "o1", bay="south")
    if restarted:
        hub.replica.parts.related.forget()
    first = cleo.pull()[0]
    assert isinstance(first, Hello)
    assert first.difference
    assert len(held(cleo)) == RIPPLE_DOCUMENTS_MAX + 3


def test_own_work_that_moves_the_order_moves_its_items_on_the_device(hub: Hub, cleo: Line) -> None:
    cleo.asks_for("SELECT * FROM orders")
    cleo.pull()
    with cleo.replica.transaction() as tx:
        tx.update("orders", "o1", {"bay": "south"})
        tx.update("orders", "o2", {"bay": "north"})
    assert held(cleo) == {"o1_1", "o1_2"}
    cleo.push()
    cleo.pull()
    assert held(cleo) == {"o2_1", "o2_2"}


def test_a_changed_subscription_counts_what_moved_meanwhile(hub: Hub, cleo: Line) -> None:
    changed(hub, "o1", bay="west")
    changed(hub, "o2", bay="west")
    (asked,) = cleo.replica.subscriptions.asked()
    cleo.replica.subscriptions.cancel(asked)
    cleo.asks_for(OF_BAY, bay="west")
    cleo.pull()
    assert held(cleo) == {"o1_1", "o1_2", "o2_1", "o2_2"}


class TestRules:
    """Rights may rest on other documents as well: items that name no store have their order's."""

    @pytest.fixture
    def ana(self, hub: Hub) -> Line:
        of_store = "order_id IN (SELECT order_id FROM orders WHERE store_id = $user.store_id)"
        rules = hub.permissions.rules
        items = Grant(of_store, of_store, of_store, of_store, of_store)
        grants = {**rules.grants["worker"], Collection("order_items"): items}
        hub.permissions.rules = replace(rules, grants={**rules.grants, "worker": grants})
        line = Line.signed_in(hub, ANA, open_replica(seed=78))
        line.pull()
        return line

    def test_items_are_read_with_their_order(self, hub: Hub, ana: Line) -> None:
        assert held(ana) == {"o1_1", "o1_2", "o2_1", "o2_2"}
        changed(hub, "o1", store_id=BELLEVUE)
        ana.pull()
        assert held(ana) == {"o2_1", "o2_2"}
        changed(hub, "o1", store_id=SEATTLE)
        ana.pull()
        assert held(ana) == {"o1_1", "o1_2", "o2_1", "o2_2"}

    def test_an_order_and_its_items_are_judged_together(self, hub: Hub, ana: Line) -> None:
        with ana.replica.transaction() as tx:
            tx.insert("orders", {"_id": "o7", "order_id": "o7", "store_id": SEATTLE})
            tx.insert("order_items", {"_id": "o7_1", "order_id": "o7"})
        ana.sync()
        assert ana.replica.quarantine() == []
        assert held(ana) >= {"o7_1"}

    def test_items_of_an_order_elsewhere_are_refused(self, hub: Hub, ana: Line) -> None:
        wrote(hub, "orders", {"_id": "o8", "order_id": "o8", "store_id": BELLEVUE})
        with ana.replica.transaction() as tx:
            tx.insert("order_items", {"_id": "o8_1", "order_id": "o8"})
        ana.sync()
        assert [each.code for each in ana.replica.quarantine()] == ["out_of_scope"]
        assert hub.replica.get("order_items", "o8_1") is None


@pytest.mark.parametrize("condition", ["bay = 'north'", "bay LIKE 'n%'", "bay != 'x'"])
def test_its_size_is_told_before_it_is_sent(hub: Hub, condition: str) -> None:
    """Counted by SQL where that says all of it, otherwise document by document."""
    cleo = joined(hub)
    asked = cleo.asks_for(ITEMS.format(condition))
    messages = cleo.pull()
    assert kinds(messages).index("Sizes") < kinds(messages).index("Begin")
    sizes = next(message for message in messages if isinstance(message, Sizes))
    begin = next(message for message in messages if isinstance(message, Begin))
    assert asked in cleo.replica.subscriptions.asked()
    assert sizes.items[0].documents == begin.total == len(held(cleo))
    assert sizes.items[0].size_bytes > 20 * len(held(cleo))


def test_selects_within_selects_are_followed_to_the_end(hub: Hub) -> None:
    wrote(hub, "customers", {"_id": "c1", "primary_store_id": SEATTLE, "rep": "r1"})
    changed(hub, "o1", customer_id="c1")
    cleo = joined(hub)
    customers = "customer_id IN (SELECT _id FROM customers WHERE rep = 'r1')"
    cleo.asks_for(ITEMS.format(customers))
    cleo.pull()
    assert held(cleo) == {"o1_1", "o1_2"}
    with hub.replica.transaction() as tx:
        tx.update("customers", "c1", {"rep": "r2"})
    cleo.pull()
    assert held(cleo) == set()
    hub.replica.parts.related.forget()
    with hub.replica.transaction() as tx:
        tx.update("customers", "c1", {"rep": "r1"})
    cleo.pull()
    assert held(cleo) == {"o1_1", "o1_2"}


def test_exists_is_followed_too(hub: Hub) -> None:
    cleo = joined(hub)
    cleo.asks_for(
        "SELECT * FROM order_items WHERE NOT EXISTS (SELECT 1 FROM orders"
        " WHERE orders.order_id = order_items.order_id AND bay = 'north')"
    )
    cleo.pull()
    assert held(cleo) == {"o2_1", "o2_2"}
    changed(hub, "o1", bay="south")
    cleo.pull()
    assert held(cleo) == {"o1_1", "o1_2", "o2_1", "o2_2"}


def test_exists_of_anything_turns_a_whole_collection(hub: Hub) -> None:
    cleo = joined(hub)
    cleo.asks_for("SELECT * FROM order_items WHERE EXISTS (SELECT 1 FROM orders WHERE bay = 'x')")
    cleo.pull()
    assert held(cleo) == set()
    changed(hub, "o1", bay="x")
    cleo.pull()
    cleo.pull()
    assert len(held(cleo)) == 4


def test_a_select_within_sees_what_the_person_may_read_and_no_more(hub: Hub, cleo: Line) -> None:
    """Or a subscription would tell what stands in documents of other stores."""
    changed(hub, "o1", store_id=BELLEVUE)
    cleo.pull()
    assert held(cleo) == set()
    cleo.asks_for(ITEMS.format("order_id IN (SELECT _id FROM secrets)"))
    cleo.asks_for("SELECT * FROM products WHERE EXISTS (SELECT 1 FROM users WHERE role = 'x')")
    bounds = bounds_of(CLEO.identity, cleo.replica.subscriptions.asked())
    codes = [None if each.error is None else each.error.code for each in bounds.judged]
    assert sorted(map(str, codes)) == ["None", "None", "subscription_refused"]
