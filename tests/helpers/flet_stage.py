"""Serves the app on generated data and stand-in devices, to be looked at: no hub, no network.

python -m tests.helpers.flet_stage 8571 [status]     then open http://127.0.0.1:8571

Every account gets a replica of its own in memory. The status of all devices is one of up_to_date,
syncing, loading, offline, needs_you.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import flet as ft

from app.config import AppConfig
from app.main import ASSETS, open_tab
from app.state.devices import Devices
from app.state.sync_status import moment
from datagen.generate import generate
from sync.device import SyncStatus
from sync.errors import OutOfScope
from sync.local import Replica
from sync.query import Equals
from sync.system import SystemClock
from tests.helpers.flet_device import CountingEntropy, KeptInMemory, StandInDevice, replica_with
from tests.helpers.replicas import PaperHub, everything_settled, waiting_payloads

STATUSES = {
    "up_to_date": SyncStatus(state="up_to_date", reachable=True, pushed=14, pulled=5_133),
    "syncing": SyncStatus(state="syncing", reachable=True, waiting=12),
    "offline": SyncStatus(state="offline", waiting=3),
    "loading": SyncStatus(state="syncing", reachable=True, loaded=1_730, expected=5_100),
    "needs_you": SyncStatus(state="needs_you", reachable=True, quarantined=1),
}
CUSTOMER = {
    "_id": "cust_new",
    "customer_id": "cust_new",
    "first_name": "Rose",
    "last_name": "Samson",
    "email": "rose.samson@example.com",
    "phone": "(253) 555-0133",
    "primary_store_id": "store_tacoma",
    "deleted": False,
}
COLLECTIONS_LEFT_OUT = frozenset({"orders", "order_items"})


def documents(login: str, now: str) -> list[tuple[str, dict[str, Any]]]:
    """What a device of this account holds: a worker's has the inventory of one store."""
    everything = generate("demo", seed=7, as_of=now)
    return [
        (name, document)
        for name, document in everything
        if (name not in COLLECTIONS_LEFT_OUT or login == "ben")
        and (name != "inventory" or login != "ana" or document["store_id"] == "store_seattle")
    ]


class Stage:
    """Makes devices and tabs."""

    def __init__(self, status: str) -> None:
        self.status = STATUSES[status]
        self.clock = SystemClock()
        self.devices = Devices(self.open_device)
        self.config = AppConfig(Path(tempfile.gettempdir()) / "zava-stage", demo=True)

    async def open_device(self, path: Path) -> Any:
        now_ms = self.clock.now_ms()
        seeds = documents(path.stem, _iso(now_ms))
        replica = replica_with(seeds, self.clock, entropy=CountingEntropy())
        if self.status.quarantined:
            _refuse(replica)
        device = StandInDevice(replica, status=self.status)
        device.become(last_synced_ms=now_ms - 120_000)
        return device

    async def open(self, page: ft.Page) -> None:
        await open_tab(page, self.config, self.devices, KeptInMemory())


def _refuse(replica: Replica) -> None:
    """Have a hub on paper refuse a new customer and a sale of theirs."""
    hub = PaperHub()
    replica.receive([hub.hello()])
    everything_settled(hub, replica)
    (shelf,) = replica.find("inventory", Equals(("store_id",), "store_seattle"), limit=1)
    with replica.transaction(author="user_ana") as tx:
        tx.insert("customers", CUSTOMER)
        tx.increment("inventory", str(shelf["_id"]), ("stock_level",), -2)
    payloads = waiting_payloads(replica)
    reason = OutOfScope(
        "A worker may write customers only where the store is store_seattle, "
        "and this document would be elsewhere."
    )
    replica.receive([hub.reject(payload, reason) for payload in payloads])


def _iso(ms: int) -> str:
    return moment(ms).strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    ft.run(
        Stage(*sys.argv[2:] or ["up_to_date"]).open,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        view=None,
        assets_dir=str(ASSETS),
        no_cdn=True,
    )
