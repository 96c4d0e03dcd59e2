"""Whatever happens to orders and items: once a device has read on, it holds what its subscription
answers over the hub's documents, worked out afresh (S4)."""

from __future__ import annotations

from itertools import islice
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.hub import Hub
from sync.ids import Document
from sync.wire.messages import Hello
from tests.helpers.lines import Line, stocked_hub
from tests.helpers.replicas import open_replica
from tests.helpers.two_devices import CLEO, SEATTLE
from tests.query.over_dicts import answer_over_dicts

ITEMS = "SELECT * FROM order_items WHERE "
WISHES = (
    ITEMS + "order_id IN (SELECT order_id FROM orders WHERE bay = 'north')",
    ITEMS + "order_id IN (SELECT _id FROM orders WHERE bay = 'south' AND deleted IS MISSING)",
    ITEMS + "order_id NOT IN (SELECT order_id FROM orders WHERE deleted = true)",
    ITEMS + "EXISTS (SELECT 1 FROM orders WHERE bay = 'north' AND deleted = true)",
    ITEMS + "EXISTS (SELECT 1 FROM orders o WHERE o.order_id = order_items.order_id"
    " AND o.bay = order_items.bay)",
    ITEMS + "order_id IN (SELECT order_id FROM orders WHERE bay IN"
    " (SELECT bay FROM customers WHERE open = true))",
    "SELECT * FROM orders WHERE order_id IN (SELECT order_id FROM order_items WHERE bay = 'north')",
)
COLLECTIONS = ("orders", "order_items", "customers")

numbers = st.integers(1, 3)
bays = st.sampled_from(["north", "south"])
fields = {
    "orders": st.fixed_dictionaries(
        {}, optional={"bay": bays, "deleted": st.booleans(), "note": numbers}
    ),
    "order_items": st.fixed_dictionaries(
        {}, optional={"bay": bays, "order_id": numbers.map(lambda n: f"o{n}"), "note": numbers}
    ),
    "customers": st.fixed_dictionaries({}, optional={"bay": bays, "open": st.booleans()}),
}


def write(collection: str) -> st.SearchStrategy[Any]:
    return st.tuples(st.just("write"), st.just(collection), numbers, fields[collection])


steps = st.one_of(
    write("orders"),
    write("orders"),
    write("order_items"),
    write("customers"),
    st.tuples(st.just("delete"), st.sampled_from(COLLECTIONS), numbers),
    st.tuples(st.just("rekey"), numbers, numbers),
    st.tuples(st.just("pull"), st.integers(1, 12)),
    st.tuples(st.just("ask"), st.sampled_from(WISHES)),
    st.tuples(st.just("drop")),
    st.tuples(st.just("restart")),
    st.tuples(st.just("own"), numbers, bays),
)


def _id(collection: str, number: int) -> str:
    return f"{collection[0] if collection != 'order_items' else 'i'}{number}"


def take(hub: Hub, line: Line, step: tuple[Any, ...]) -> None:
    """One thing that happens."""
    match step:
        case "write", collection, number, changes:
            doc_id = _id(collection, number)
            owner = {"customers": {"primary_store_id": SEATTLE}}
            born: Document = {"_id": doc_id, **owner.get(collection, {"store_id": SEATTLE})}
            if collection != "customers":
                born["order_id"] = f"o{number}"
            with hub.replica.transaction() as tx:
                held = hub.replica.get(collection, doc_id)
                tx.upsert(collection, {**(held or born), **changes})
        case "delete", collection, number:
            if hub.replica.get(collection, _id(collection, number)) is not None:
                with hub.replica.transaction() as tx:
                    tx.delete(collection, _id(collection, number))
        case "rekey", number, other:
            if hub.replica.get("orders", f"o{number}") is not None:
                with hub.replica.transaction() as tx:
                    tx.update("orders", f"o{number}", {"order_id": f"o{other}"})
        case "pull", count:
            for message in islice(line.sent(), count):
                line.replica.receive([message])
        case "ask", text:
            line.asks_for(text)
        case ("drop",):
            for asked in line.replica.subscriptions.asked()[:1]:
                line.replica.subscriptions.cancel(asked)
        case ("restart",):
            hub.replica.parts.related.forget()
        case "own", number, bay:
            if line.replica.get("orders", f"o{number}") is not None:
                with line.replica.transaction() as tx:
                    tx.update("orders", f"o{number}", {"bay": bay})
                line.push()


def pull_until_told(line: Line) -> None:
    """Until the hub has no difference to tell any more."""
    while True:
        first = line.pull()[0]
        assert isinstance(first, Hello)
        if not (first.difference or first.snapshot):
            return


@settings(deadline=None)
@given(happened=st.lists(steps, max_size=14))
def test_a_device_holds_what_its_subscriptions_answer(happened: list[tuple[Any, ...]]) -> None:
    hub = stocked_hub()
    line = Line.signed_in(hub, CLEO, open_replica(seed=5))
    line.asks_for(WISHES[0])
    for number in (1, 2):
        for collection in COLLECTIONS:
            take(hub, line, ("write", collection, number, {"bay": "north"}))
    line.pull()
    for step in happened:
        take(hub, line, step)
    if not line.replica.subscriptions.asked():
        line.asks_for(WISHES[0])
    pull_until_told(line)
    data = {name: list(hub.replica.find(name)) for name in COLLECTIONS}
    wanted: dict[str, set[str]] = {"orders": set(), "order_items": set()}
    for asked in line.replica.subscriptions.asked():
        name = "orders" if asked.text.startswith("SELECT * FROM orders") else "order_items"
        wanted[name] |= {each["_id"] for each in answer_over_dicts(data, asked.text, {})}
    for name, ids in wanted.items():
        assert {each["_id"] for each in line.replica.find(name)} == ids
        assert line.replica.digest(name, sorted(ids)) == hub.replica.digest(name, sorted(ids))
    hub.close()
    line.replica.close()
