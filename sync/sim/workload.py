"""What people and programs do in the simulated shop: verbs, each one transaction (C3, C4, C6).

A verb gets a hand of chance and writes as a worker, a rep, a manager or an ERP would. Each leaves
something that only this act writes: its number as an amount, a note, or a document of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from sync.hub.accounts import Account
from sync.ids import Document, UserId
from sync.local.replica import Replica
from sync.local.transaction import Transaction
from sync.query import Equals
from sync.sim.ledger import Count, DocumentName

STOCK = ("stock_level",)
STORES = ("store_seattle", "store_bellevue", "store_tacoma")
CODES = ("SEA", "BEL", "TAC")
SHELVES_A_STORE = 4
PRODUCTS = 6
COUNTED_FROM = 1_000_000
"""Physical counts lie above every number of an act, so that no two verbs write the same value."""


def account(login: str, role: str, store: int) -> Account:
    """An account of the simulated shop."""
    return Account(login, UserId(f"user_{login}"), role, STORES[store], CODES[store], login)


PEOPLE = (
    account("ana", "worker", 0),
    account("ben", "rep", 0),
    account("cleo", "manager", 0),
    account("dara", "worker", 1),
    account("eli", "rep", 1),
    account("faye", "manager", 1),
    account("gus", "super", 2),
)


def opening_stock() -> list[tuple[str, Document]]:
    """What the hub holds before anybody comes."""
    documents: list[tuple[str, Document]] = []
    for number in range(PRODUCTS):
        product = {"_id": f"prod_{number}", "sku": f"SKU-{number}", "base_price": 9.5}
        documents.append(("products", product))
    for store in STORES:
        documents.append(("stores", {"_id": store, "store_id": store}))
        documents.append(("customers", {"_id": f"cust_{store}", **_customer(store)}))
        for number in range(SHELVES_A_STORE):
            documents.append(("inventory", {"_id": f"inv_{store}_{number}", **_shelf(store)}))
    return documents


def _customer(store: str) -> Document:
    """A customer of a store, and of its rep."""
    reps = [p.user_id for p in PEOPLE if (p.role, p.store_id) == ("rep", store)]
    return {"primary_store_id": store, "assigned_rep_id": reps[0] if reps else "user_nobody"}


def _shelf(store: str) -> Document:
    return {
        "store_id": store,
        "product_id": "prod_1",
        "location": {"aisle": "3", "bin": "12"},
        "stock_level": 40,
        "notes": "as delivered",
        "deleted": False,
    }


@dataclass(slots=True)
class Hand:
    """One act in the making."""

    replica: Replica
    tx: Transaction
    number: int
    store: str
    chance: random.Random
    counts: list[Count] = field(default_factory=list)
    documents: list[DocumentName] = field(default_factory=list)

    def pick(self, collection: str, where: Equals | None = None) -> str | None:
        """A visible document, noted as touched."""
        found = (
            self.replica.find(collection) if where is None else self.replica.find(collection, where)
        )
        if not found:
            return None
        doc_id = str(self.chance.choice(found)["_id"])
        self.touch(collection, doc_id)
        return doc_id

    def shelf(self) -> str | None:
        """A place of stock in the own store; sometimes any that can be seen."""
        own = Equals(("store_id",), self.store)
        return self.pick("inventory", own) or self.pick("inventory")

    def touch(self, collection: str, doc_id: str) -> None:
        """Note a document as written."""
        if (collection, doc_id) not in self.documents:
            self.documents.append((collection, doc_id))

    def insert(self, collection: str, doc_id: str, fields: Document) -> None:
        """A new document, noted as written."""
        self.touch(collection, doc_id)
        self.tx.insert(collection, {"_id": doc_id, **fields})

    def slip(self) -> None:
        """A document of this act alone, for verbs whose other writes anybody could make."""
        self.insert("orders", f"slip_{self.number}", {"store_id": self.store})

    @property
    def mark(self) -> str:
        """A value that only this act writes."""
        return f"act-{self.number}"


Verb = Callable[[Hand], None]


def sell(hand: Hand) -> None:
    """An order with its items, and the stock they take (C4)."""
    order = f"order_{hand.number}"
    if shelf := hand.shelf():
        hand.tx.increment("inventory", shelf, STOCK, -hand.number)
        hand.counts.append(Count(("inventory", shelf), "add", -hand.number))
    fields = {"store_id": hand.store, "customer_id": f"cust_{hand.store}", "state": "placed"}
    hand.insert("orders", order, {**fields, "order_id": order})
    for item in range(hand.chance.randint(1, 3)):
        hand.insert("order_items", f"{order}_{item}", {"store_id": hand.store, "order_id": order})


def process(hand: Hand) -> None:
    """An order goes on, or back: what rests on its state follows (S4)."""
    if order := hand.pick("orders"):
        state = hand.chance.choice(("placed", "picked"))
        hand.tx.update("orders", order, {"state": state, "processed": hand.mark})


def withdraw(hand: Hand) -> None:
    """An order is withdrawn or brought back; seldom it is deleted the hard way."""
    order = hand.pick("orders")
    if order is None:
        return
    if hand.chance.random() < 0.15:
        hand.tx.delete("orders", order)
        hand.slip()
    else:
        gone = hand.chance.random() < 0.6
        hand.tx.update("orders", order, {"deleted": gone, "deleted_at": hand.mark})


def rewrite(hand: Hand) -> None:
    """A program writes an order whole, equal values included; seldom under another number."""
    order = hand.pick("orders")
    held = None if order is None else hand.replica.get("orders", order)
    if held is not None:
        number = hand.mark if hand.chance.random() < 0.1 else held.get("order_id", held["_id"])
        hand.tx.upsert("orders", {**held, "order_id": number, "written": hand.mark})


def take(hand: Hand) -> None:
    """Stock moves with nothing written beside it: the barest counting there is."""
    if shelf := hand.shelf():
        hand.tx.increment("inventory", shelf, STOCK, hand.number)
        hand.counts.append(Count(("inventory", shelf), "add", hand.number))


def count(hand: Hand) -> None:
    """A physical count (C4)."""
    if shelf := hand.shelf():
        counted = COUNTED_FROM + hand.number
        hand.tx.restart("inventory", shelf, STOCK, counted)
        hand.tx.update("inventory", shelf, {"last_counted": hand.mark})
        hand.counts.append(Count(("inventory", shelf), "restart", counted))


def note(hand: Hand) -> None:
    """One field, the one everybody fights over."""
    if shelf := hand.shelf():
        hand.tx.update("inventory", shelf, {"notes": hand.mark})


def move(hand: Hand) -> None:
    """Fields inside a map."""
    if shelf := hand.shelf():
        place = hand.chance.choice(("aisle", "bin", "side"))
        hand.tx.update("inventory", shelf, {"location": {place: hand.mark}})


def tag(hand: Hand) -> None:
    """Maps that grow, shrink, vanish, and turn into something that is no map (C3)."""
    shelf = hand.shelf()
    if shelf is None:
        return
    name = hand.chance.choice("abc")
    way = hand.chance.randrange(5)
    if way == 0:
        hand.tx.unset("inventory", shelf, ("tags", name), ("location", "side"))
    elif way == 1:
        hand.tx.unset("inventory", shelf, ("tags",))
    elif way == 2:
        hand.tx.update("inventory", shelf, {"tags": hand.mark})
    else:
        hand.tx.update("inventory", shelf, {"tags": {name: hand.mark, "n": {}}})
    if way < 2:
        hand.slip()


def soft_delete(hand: Hand) -> None:
    """The usual way to remove something, and back (C6)."""
    if shelf := hand.shelf():
        gone = hand.chance.random() < 0.6
        hand.tx.update("inventory", shelf, {"deleted": gone, "deleted_at": hand.mark})


def delete(hand: Hand) -> None:
    """The hard way to remove something (C3)."""
    if shelf := hand.shelf():
        hand.tx.delete("inventory", shelf)
        hand.slip()


def stock_new(hand: Hand) -> None:
    """A new place of stock."""
    hand.insert("inventory", f"inv_new_{hand.number}", _shelf(hand.store))


def change_customer(hand: Hand) -> None:
    """A customer's details, or a new customer."""
    customer = hand.pick("customers")
    if customer is None or hand.chance.random() < 0.3:
        fields = {**_customer(hand.store), "name": hand.mark}
        hand.insert("customers", f"cust_{hand.number}", fields)
    else:
        hand.tx.update("customers", customer, {"name": hand.mark})


def overstep(hand: Hand) -> None:
    """Something nobody on a device may write; the hub refuses it (S3)."""
    if product := hand.pick("products"):
        hand.tx.update("products", product, {"price_tag": hand.mark})
        if shelf := hand.shelf():
            hand.tx.increment("inventory", shelf, STOCK, hand.number)
            hand.counts.append(Count(("inventory", shelf), "add", hand.number))


def reprice(hand: Hand) -> None:
    """An ERP changes every price at once."""
    for product in hand.replica.find("products"):
        hand.touch("products", product["_id"])
        hand.tx.update("products", product["_id"], {"price_tag": hand.mark})


def transfer(hand: Hand) -> None:
    """Documents move to another store: out of one scope, into another (S4)."""
    moving = ("inventory", "store_id"), ("customers", "primary_store_id"), ("orders", "store_id")
    for collection, name in moving:
        if hand.chance.random() < 0.7 and (doc_id := hand.pick(collection)):
            store = hand.chance.choice(STORES)
            hand.tx.update(collection, doc_id, {name: store, "moved": hand.mark})


def restock(hand: Hand) -> None:
    """A delivery: an ERP counts up and writes notes in bulk."""
    for number in range(hand.chance.randint(1, 4)):
        if shelf := hand.pick("inventory"):
            hand.tx.increment("inventory", shelf, STOCK, hand.number)
            hand.counts.append(Count(("inventory", shelf), "add", hand.number))
            if number == 0:
                hand.tx.update("inventory", shelf, {"notes": hand.mark})


VERBS: dict[str, Verb] = {
    verb.__name__: verb
    for verb in (
        *(sell, take, count, note, move, tag, soft_delete, delete, stock_new),
        *(change_customer, overstep, reprice, transfer, restock, process, withdraw, rewrite),
    )
}
WORK: dict[str, tuple[str, ...]] = {
    "worker": ("count", "count", "take", "note", "move", "tag", "soft_delete", "overstep", "sell"),
    "rep": ("sell", "sell", "sell", "take", "note", "change_customer", "tag", "process"),
    "manager": (
        *("delete", "stock_new", "count", "note", "soft_delete", "sell", "tag", "move"),
        *("process", "withdraw"),
    ),
    "super": ("transfer", "delete", "note", "sell", "reprice", "count", "process"),
    "hub": ("reprice", "restock", "transfer", "restock", "note", "process", "withdraw", "rewrite"),
}
"""Verbs by role; what stands twice is done more often."""
