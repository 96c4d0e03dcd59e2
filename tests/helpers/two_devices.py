"""A small shop: a hub behind a real socket, and devices of its people with files on disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync.device import Device
from sync.hub import Account, Hub
from sync.hub.permissions import access
from sync.ids import Document, UserId
from sync.local import Replica
from sync.peer.access import Access
from sync.peer.ed25519 import Ed25519
from tests.helpers.clocks import NOON_MS, FixedClock, SeededEntropy
from tests.helpers.hub_process import PASSWORD, HubStand, open_hub
from tests.helpers.replicas import shelf

SEATTLE, BELLEVUE = "store_seattle", "store_bellevue"
LOOK_SECONDS = 0.002
LOOKS_MAX = 10_000
"""Twenty seconds at least, enough for the slowest machine; a test that waits longer has failed."""


def _account(login: str, role: str, store: str, code: str) -> Account:
    return Account(login, UserId(f"user_{login}"), role, store, code, login.title())


ANA = _account("ana", "worker", SEATTLE, "SEA")
BEN = _account("ben", "rep", SEATTLE, "SEA")
CLEO = _account("cleo", "manager", SEATTLE, "SEA")
DARA = _account("dara", "worker", BELLEVUE, "BEL")
FAYE = _account("faye", "manager", BELLEVUE, "BEL")
PEOPLE = (ANA, BEN, CLEO, DARA, FAYE)


def tiny_data() -> list[tuple[str, Document]]:
    """The least data a scenario needs: two stores, three products, five shelves, two customers."""
    documents: list[tuple[str, Document]] = []
    for store, code in ((SEATTLE, "SEA"), (BELLEVUE, "BEL")):
        documents.append(("stores", {"_id": store, "store_id": store, "store_code": code}))
        documents.append(("customers", {"_id": f"cust_{code}", "primary_store_id": store}))
        for device in ("W1", "R1", "M1"):
            record = {"_id": f"dev_{code}_{device}", "device_code": device, "store_id": store}
            documents.append(("devices", {**record, "user_id": f"user_{code}_{device}"}))
    for number in (1, 2, 3):
        product = f"prod_{number}"
        documents.append(("products", {"_id": product, "sku": f"SKU-{number}", "base_price": 9.5}))
        documents.append(("inventory", shelf(f"inv_{number}", product_id=product)))
    for number in (4, 5):
        documents.append(("inventory", shelf(f"inv_{number}", store_id=BELLEVUE)))
    for person in PEOPLE:
        user = {"_id": person.user_id, "user_id": person.user_id, "role": person.role}
        documents.append(("users", {**user, "store_id": person.store_id}))
    return documents


async def until(condition: Callable[[], object]) -> None:
    """Look again and again until something holds."""
    for _ in range(LOOKS_MAX):
        if condition():
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError("what the test waits for does not come")


@dataclass
class Shop:
    """The hub, its address, and every device opened so far, by login."""

    folder: Path
    hub: Hub
    stand: HubStand
    clock: FixedClock
    devices: dict[str, Device] = field(default_factory=dict)
    clocks: dict[str, FixedClock] = field(default_factory=dict)
    seed: int = 1

    async def open(self, login: str, *, url: str | None = None, name: str = "") -> Device:
        """A device of this person's, on disk, not signed in and not running."""
        clock = self.clocks.setdefault(login, FixedClock(NOON_MS))
        device = await Device.open(
            self.folder / f"{login}.db",
            url or self.stand.url,
            name=name or f"{login.title()}'s handheld",
            clock=clock,
            entropy=SeededEntropy(self.seed * 1_000 + len(self.devices)),
            signatures=Ed25519(),
        )
        self.devices[login] = device
        return device

    async def join(self, login: str) -> Device:
        """A device, signed in, running, and up to date."""
        device = await self.open(login)
        await device.sign_in(login, PASSWORD)
        device.start()
        await self.settled(device)
        return device

    async def settled(self, *devices: Device) -> None:
        """Wait until these devices (or all that are online) agree with the hub on everything."""
        chosen = devices or tuple(d for d in self.devices.values() if d.online)
        for _ in range(2):  # the first may have pushed what the second has still to hear
            for device in chosen:
                await until(lambda device=device: self.is_settled(device))

    def is_settled(self, device: Device) -> bool:
        outbox, identity = device.replica.outbox(), self.hub.replica.identity
        settled = outbox.waiting == outbox.sent == 0
        here = device.replica.identity
        read = (here.hub_epoch, here.cursor, here.cursor_chain)
        return settled and read == (identity.epoch, identity.seq, identity.chain)

    def write(self, *documents: tuple[str, Document]) -> None:
        """Have the hub itself write something, as a data load does."""
        with self.hub.replica.transaction() as tx:
            for collection, document in documents:
                tx.upsert(collection, document)
        self.hub.doorbell.ring()

    async def close(self) -> None:
        for device in self.devices.values():
            await device.close()
        await self.stand.down()
        self.hub.close()


@asynccontextmanager
async def open_shop(folder: Path, *, seed: int = 1, up: bool = True) -> AsyncIterator[Shop]:
    """A shop with ``tiny_data``, closed in the end."""
    clock = FixedClock()
    hub = open_hub(folder / "hub.db", PEOPLE, clock, seed * 1_000 + 999)
    with hub.replica.transaction() as tx:
        for collection, document in tiny_data():
            tx.insert(collection, document)
    shop = Shop(folder, hub, HubStand(hub), clock, seed=seed)
    if up:
        await shop.stand.up()
    try:
        yield shop
    finally:
        await shop.close()


def rows_of(replica: Replica, collection: str) -> set[str]:
    """Ids of all documents a replica holds, deleted ones included."""
    rows = replica.parts.documents.page(collection, "", 1_000_000, 1 << 40)
    return {doc_id for doc_id, _ in rows}


def differences(shop: Shop, devices: Iterable[Device] = ()) -> list[str]:
    """Where a device and the hub do not agree: full states, what is shown, conflict records."""
    found: list[str] = []
    for device in devices or shop.devices.values():
        found += _differences(shop.hub.replica, device)
    return found


def _differences(hub: Replica, device: Device) -> list[str]:
    profile, replica, found = device.profile, device.replica, []
    assert profile is not None
    account = next(person for person in PEOPLE if person.login == profile.login)
    rights = access(account.identity)
    for collection in sorted({*hub.parts.documents.collections, *rights.read}):
        held = rows_of(replica, collection)
        shown = {d["_id"]: d for d in replica.find(collection)}
        readable = in_scope(hub, rights, collection)
        wanted = {d["_id"]: d for d in hub.find(collection) if d["_id"] in readable}
        if shown != wanted:
            found.append(f"{profile.login} shows other {collection}: {shown} not {wanted}")
        if replica.digest(collection, held) != hub.digest(collection, held):
            found.append(f"{profile.login} has other states of {collection}")
        for doc_id in held:
            ours, theirs = (told(each, collection, doc_id) for each in (replica, hub))
            if ours != theirs:
                found.append(f"{profile.login} tells of {collection} {doc_id}: {ours} not {theirs}")
    return found


def in_scope(hub: Replica, rights: Access, collection: str) -> set[str]:
    """Ids of what somebody may hold; of a deleted document, its fields with the delete ignored."""
    rows = hub.parts.documents.page(collection, "", 1_000_000, 1 << 40)
    fields = {doc_id: row.undeleted for doc_id, row in rows}
    return {
        doc_id
        for doc_id, shown in fields.items()
        if shown is not None and rights.may_read({"_id": doc_id, **shown}, collection)
    }


def told(replica: Replica, collection: str, doc_id: str) -> list[Any]:
    """The conflict history of one document, in an order of its own."""
    records = replica.conflicts(collection, doc_id, limit=1_000)
    return sorted(records, key=lambda record: record.id)
