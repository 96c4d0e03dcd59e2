"""A small shop on a real replica, and the app drawn on a fake page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.config import AppConfig
from app.main import open_tab
from app.state.app_state import AppState
from app.state.devices import Devices
from app.state.workspace import Workspace
from sync.device import Profile
from sync.local import Replica
from tests.helpers.flet_device import (
    ANA,
    PEOPLE,
    CountingEntropy,
    KeptInMemory,
    StandInDevice,
    StillClock,
    replica_with,
)
from tests.helpers.flet_harness import Client, start

DRILL, HAMMER, SAW = "prod_drill", "prod_hammer", "prod_saw"
SHELF, OVERSTOCK, TACOMA, HAMMER_ROW = "inv_shelf", "inv_over", "inv_tacoma", "inv_hammer"


def product(product_id: str, name: str, sku: str, barcode: str, price: float) -> dict[str, Any]:
    return {
        "_id": product_id,
        "product_id": product_id,
        "product_name": name,
        "sku": sku,
        "barcode": barcode,
        "base_price": price,
        "product_description": f"A {name.lower()} for the shop.",
        "specifications": {"warranty_years": 3},
        "deleted": False,
    }


def row(row_id: str, product_id: str, store: str, place: str, stock: int, counted: str) -> Any:
    aisle, shelf, bin_ = place.split()
    return {
        "_id": row_id,
        "product_id": product_id,
        "store_id": f"store_{store}",
        "location": {"aisle": aisle, "shelf": shelf, "bin": bin_},
        "label_code": "SEA-03-B-12",
        "stock_level": stock,
        "reorder_threshold": 10,
        "last_counted": counted,
        "last_updated": counted,
        "notes": "",
        "deleted": False,
    }


def store(slug: str, code: str) -> dict[str, Any]:
    return {
        "_id": f"store_{slug}",
        "store_id": f"store_{slug}",
        "store_name": f"Zava Retail {slug.capitalize()}",
        "store_code": code,
        "deleted": False,
    }


DOCUMENTS = [
    ("stores", store("seattle", "SEA")),
    ("stores", store("tacoma", "TAC")),
    *[
        (
            "users",
            {
                "_id": each.user_id,
                "user_id": each.user_id,
                "login": each.login,
                "display_name": each.display_name,
                "role": each.role,
                "store_id": each.store_id,
                "deleted": False,
            },
        )
        for each in PEOPLE.values()
    ],
    ("products", product(DRILL, "20V Cordless Drill", "PWR-DRILL-001", "2000000000015", 149.99)),
    ("products", product(HAMMER, "16 oz Claw Hammer", "HND-HAMMER-002", "2000000000022", 16.99)),
    ("products", product(SAW, "Jig Saw", "PWR-SAW-003", "2000000000039", 79.0)),
    ("inventory", row(SHELF, DRILL, "seattle", "3 B 12", 37, "2026-11-18T10:00:00Z")),
    ("inventory", row(OVERSTOCK, DRILL, "seattle", "14 A 1", 4, "2026-11-20T18:35:00Z")),
    ("inventory", row(TACOMA, DRILL, "tacoma", "1 A 1", 6, "2026-11-20T17:00:00Z")),
    ("inventory", row(HAMMER_ROW, HAMMER, "seattle", "9 A 3", 0, "2026-11-20T12:00:00Z")),
]


class AtOnce:
    """`Wake` without a loop: tasks run at once, later ones when told to."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], object]] = []

    def soon(self, task: Callable[[], object]) -> None:
        task()

    def later(self, seconds: float, task: Callable[[], object]) -> Callable[[], None]:
        self.waiting.append(task)
        return lambda: self.waiting.remove(task) if task in self.waiting else None


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def replica(clock: StillClock) -> Iterator[Replica]:
    replica = replica_with(DOCUMENTS, clock)
    yield replica
    replica.close()


@pytest.fixture
def wake() -> AtOnce:
    return AtOnce()


@pytest.fixture
def workspace_of(
    replica: Replica, clock: StillClock, wake: AtOnce
) -> Iterator[Callable[[Profile], Workspace]]:
    """A workspace of a person on the one replica."""
    made: list[Workspace] = []

    def make(profile: Profile = ANA) -> Workspace:
        device: Any = StandInDevice(replica, profile)
        made.append(Workspace(device, clock, CountingEntropy(), wake))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def workspace(workspace_of: Callable[[], Workspace]) -> Workspace:
    """Ana's workspace: a worker of the Seattle store."""
    return workspace_of()


@dataclass
class App:
    """The app on a fake page."""

    client: Client
    state: AppState
    device: StandInDevice
    devices: Devices
    preferences: KeptInMemory = field(default_factory=KeptInMemory)


@pytest.fixture
async def app_on(
    tmp_path: Path, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Any]]:
    """Opens the app; page properties are passed on."""
    monkeypatch.setattr("app.main.SystemClock", lambda: clock)
    opened: list[App] = []

    async def open_app(demo: bool = True, **page: Any) -> App:
        device = StandInDevice(replica_with(DOCUMENTS, clock))

        async def opener(_path: Path) -> Any:
            return device

        devices, preferences = Devices(opener), KeptInMemory()
        states: list[AppState] = []

        async def main(drawn: Any) -> None:
            config = AppConfig(tmp_path, demo=demo)
            states.append(await open_tab(drawn, config, devices, preferences))

        client = await start(main, **page)
        opened.append(App(client, states[0], device, devices, preferences))
        return opened[-1]

    yield open_app
    for each in opened:
        each.client.enter()
        assert each.client.crashes == []
        await each.state.session.leave()
        each.client.connection.dispose()
