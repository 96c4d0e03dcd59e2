"""What a device may and wants to hold: rights ∩ subscriptions, on one document."""

from __future__ import annotations

from sync.hub.bounds import Bounds, bounds_of
from sync.ids import Collection, Json, UserId
from sync.peer.identity import Identity
from sync.query.related import UNRELATED
from sync.query.subscription import Subscription
from tests.helpers.hub_process import WITHOUT_DEFAULTS

OWN, OTHER = "store_seattle", "store_tacoma"
ORDERS, SHELVES = Collection("orders"), Collection("inventory")


def bounds(role: str, *asked: Subscription, user_id: str = "user_me", store: str = OWN) -> Bounds:
    person = Identity(UserId(user_id), "me", "Me", role, store, "SEA")
    return bounds_of(person, asked, rules=WITHOUT_DEFAULTS)


def ask(text: str, **args: Json) -> Subscription:
    return Subscription.of(text, args)


def test_what_decides_are_the_fields_the_conditions_look_at() -> None:
    worker, rep = bounds("worker"), bounds("rep")
    assert worker.paths(ORDERS) == {("store_id",)}
    assert worker.paths(Collection("customers")) == {("primary_store_id",)}
    assert worker.paths(Collection("users")) == {("store_id",), ("user_id",)}
    assert rep.paths(SHELVES) == frozenset()
    assert worker.paths(Collection("products")) == worker.paths(Collection("none")) == frozenset()
    aisle = bounds("rep", ask("SELECT * FROM inventory WHERE location.aisle = '3'"))
    assert aisle.paths(SHELVES) == {("location", "aisle")}


def test_the_digest_follows_what_may_be_read_and_what_is_asked_for() -> None:
    shelves, orders = ask("SELECT * FROM inventory"), ask("SELECT * FROM orders")
    made = [
        *(bounds(role) for role in ("worker", "rep", "super", "nobody")),
        bounds("worker", store=OTHER),
        bounds("worker", user_id="user_you"),
        bounds("worker", shelves),
        bounds("worker", orders),
        bounds("worker", orders, shelves),
        bounds("worker", ask("SELECT * FROM orders WHERE state = :s", s="open")),
        bounds("worker", ask("SELECT * FROM orders WHERE state = :s", s="closed")),
        bounds("worker", ask("SELECT * FROM secrets")),
    ]
    assert len({each.digest for each in made}) == len(made)
    assert bounds("worker").digest == bounds("manager").digest
    assert bounds("worker", orders, shelves).digest == bounds("worker", shelves, orders).digest


def test_the_digest_is_stable() -> None:
    """Devices keep it in their cursor; another value makes every one of them read anew."""
    assert bounds("worker").digest == "65481ad592b9e5f454c8af410578defd"


def test_a_scope_is_never_more_than_the_rights() -> None:
    asked = bounds("worker", ask("SELECT * FROM orders"))
    assert asked.holds(ORDERS, {"_id": "o", "store_id": OWN}, UNRELATED)
    assert not asked.holds(ORDERS, {"_id": "o", "store_id": OTHER}, UNRELATED)
    assert not asked.holds(SHELVES, {"_id": "i", "store_id": OWN}, UNRELATED)


def test_several_subscriptions_are_their_union() -> None:
    both = bounds(
        "worker",
        ask("SELECT * FROM orders WHERE state = 'open'"),
        ask("SELECT * FROM orders WHERE total = 7"),
    )
    for fields, inside in (
        ({"state": "open"}, True),
        ({"state": "closed", "total": 7}, True),
        ({"state": "closed", "total": 8}, False),
    ):
        assert both.holds(ORDERS, {"_id": "o", "store_id": OWN, **fields}, UNRELATED) is inside


def test_a_collection_one_may_not_read_is_refused_and_the_others_go_on() -> None:
    odd = ("SELECT * FROM secrets", "SELECT * FROM orders WHERE", "SELECT total FROM orders")
    asked = bounds("worker", ask("SELECT * FROM orders"), *map(ask, odd))
    codes = [each.error and each.error.code for each in asked.judged]
    assert codes == [
        *(None, "subscription_refused"),
        *("dql_syntax", "subscription_invalid"),
    ]
    assert asked.holds(ORDERS, {"_id": "o", "store_id": OWN}, UNRELATED)
    nobody = bounds("nobody", ask("SELECT * FROM orders"))
    assert nobody.judged[0].error is not None
    assert not nobody.holds(ORDERS, {"_id": "o", "store_id": OWN}, UNRELATED)
