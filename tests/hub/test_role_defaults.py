"""What a device holds that asks for nothing: what its role is given by the permissions (S4)."""

from __future__ import annotations

import pytest

from sync.hub import Account, Hub
from sync.hub.permissions import default_rules
from sync.ids import Document
from tests.helpers.lines import Line, stocked_hub
from tests.helpers.replicas import open_replica
from tests.helpers.two_devices import ANA, BELLEVUE, BEN, CLEO, SEATTLE


@pytest.fixture
def hub() -> Hub:
    made = stocked_hub()
    made.permissions.rules = default_rules()
    for number, rep in enumerate((BEN.user_id, "user_other", BEN.user_id), start=1):
        wrote(made, "customers", _id=f"c{number}", assigned_rep_id=rep, primary_store_id=SEATTLE)
        sold(made, f"o{number}", f"c{number}", SEATTLE)
    sold(made, "o9", "c9", BELLEVUE)
    return made


def wrote(hub: Hub, collection: str, **fields: object) -> None:
    document: Document = dict(fields)  # type: ignore[arg-type]
    with hub.replica.transaction() as tx:
        tx.upsert(collection, document)


def sold(hub: Hub, order: str, customer: str, store: str, by: str = "user_ana") -> None:
    fields = {"store_id": store, "customer_id": customer}
    wrote(hub, "orders", _id=order, order_id=order, created_by=by, **fields)
    wrote(hub, "order_items", _id=f"{order}_1", order_id=order, **fields)


def joined(hub: Hub, account: Account) -> Line:
    line = Line.signed_in(hub, account, open_replica(seed=300 + ord(account.login[0])))
    line.pull()
    return line


def held(line: Line, collection: str) -> set[str]:
    return {each["_id"] for each in line.replica.find(collection)}


def test_a_worker_holds_their_store_without_its_customers(hub: Hub) -> None:
    ana = joined(hub, ANA)
    assert held(ana, "inventory") == {"inv_1", "inv_2", "inv_3"}
    assert held(ana, "orders") == {"o1", "o2", "o3"}
    assert held(ana, "order_items") == {"o1_1", "o2_1", "o3_1"}
    assert len(held(ana, "products")) == 3
    assert len(held(ana, "stores")) == 2
    assert held(ana, "customers") == set()
    ana.asks_for("SELECT * FROM customers")
    ana.pull()
    assert {"c1", "c2", "c3"} <= held(ana, "customers")


def test_a_rep_holds_their_customers_with_all_they_bought_and_every_shelf(hub: Hub) -> None:
    ben = joined(hub, BEN)
    assert held(ben, "customers") == {"c1", "c3"}
    assert held(ben, "orders") == {"o1", "o3"}
    assert held(ben, "order_items") == {"o1_1", "o3_1"}
    assert len(held(ben, "inventory")) == 5
    assert len(held(ben, "products")) == 3


def test_a_customer_who_is_given_to_another_rep_takes_everything_along(hub: Hub) -> None:
    ben = joined(hub, BEN)
    wrote(hub, "customers", _id="c1", assigned_rep_id="user_other")
    wrote(hub, "customers", _id="c2", assigned_rep_id=BEN.user_id)
    ben.pull()
    assert held(ben, "customers") == {"c2", "c3"}
    assert held(ben, "orders") == {"o2", "o3"}
    assert held(ben, "order_items") == {"o2_1", "o3_1"}


def test_what_a_rep_sells_stays_whoever_the_customer_is(hub: Hub) -> None:
    ben = joined(hub, BEN)
    new = {"_id": "c7", "assigned_rep_id": BEN.user_id, "primary_store_id": SEATTLE}
    with ben.replica.transaction() as tx:
        tx.insert("customers", new)
        for order, customer in (("o7", "c7"), ("o8", "c2")):
            fields = {"store_id": SEATTLE, "customer_id": customer}
            tx.insert("orders", {"_id": order, "created_by": BEN.user_id, **fields})
            tx.insert("order_items", {"_id": f"{order}_1", "order_id": order, **fields})
    ben.sync()
    assert ben.replica.quarantine() == []
    assert held(ben, "customers") == {"c1", "c3", "c7"}
    assert held(ben, "orders") == {"o1", "o3", "o7", "o8"}
    assert held(ben, "order_items") == {"o1_1", "o3_1", "o7_1", "o8_1"}


def test_a_manager_holds_the_whole_store(hub: Hub) -> None:
    cleo = joined(hub, CLEO)
    assert held(cleo, "customers") == {"c1", "c2", "c3", "cust_SEA"}
    assert held(cleo, "orders") == {"o1", "o2", "o3"}
    assert held(cleo, "inventory") == {"inv_1", "inv_2", "inv_3"}
