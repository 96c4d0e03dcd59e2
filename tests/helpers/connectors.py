"""Connectors for tests: over real time and a server that speaks the MongoDB protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync.config import parse_config
from sync.connector.around import Around
from sync.connector.config import ConnectorFile, Plan, checked, plan_of
from sync.connector.pace import sleep
from sync.connector.runner import Connector
from sync.device import Device
from sync.hub import Hub
from sync.system import SystemClock, SystemEntropy
from tests.helpers.hub_process import PASSWORD, HubStand, open_hub
from tests.helpers.two_devices import PEOPLE

LOOK_SECONDS = 0.01
WAIT_SECONDS_MAX = 30
PLAN = """
mongodb: {{database: {database}}}
collections:
  - {{name: inventory, counters: {{stock_level: last_counted}}}}
  - {{name: orders, id_mapping: {{mode: single_field, field: order_id}}}}
  - {{name: customers, id_mapping: {{mode: single_field, field: customer_id}}}}
  - {{name: products}}
settings: {{batch_size: 100}}
"""


def real_surroundings() -> Around:
    clock = SystemClock()
    return Around(clock, SystemEntropy(), clock, sleep)


def plan(database: str, text: str = PLAN) -> Plan:
    found = parse_config(text.format(database=database), "connector.yaml", ConnectorFile)
    return plan_of(checked(found).value)


async def until(condition: Callable[[], Any]) -> None:
    """Look again and again until something holds; a coroutine is awaited."""
    deadline = asyncio.get_running_loop().time() + WAIT_SECONDS_MAX
    while asyncio.get_running_loop().time() < deadline:
        found = condition()
        if await found if asyncio.iscoroutine(found) else found:
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError("what the test waits for does not come")


@dataclass
class TwoWays:
    """A hub behind a real socket with a connector in it, and devices of its people."""

    folder: Path
    hub: Hub
    stand: HubStand
    connector: Connector
    devices: list[Device] = field(default_factory=list)

    async def join(self, login: str) -> Device:
        """A device on disk, signed in and running."""
        device = await Device.open(
            self.folder / f"{login}.db",
            self.stand.url,
            name=login,
            clock=SystemClock(),
            entropy=SystemEntropy(),
        )
        self.devices.append(device)
        await device.sign_in(login, PASSWORD)
        device.start()
        return device

    async def is_running(self) -> bool:
        return (await self.connector.status()).state == "running"

    async def is_idle(self) -> bool:
        """Whether everything the hub has is in MongoDB, as far as the connector knows."""
        status = await self.connector.status()
        return status.state == "running" and not status.due and not status.under_way


@asynccontextmanager
async def two_ways(
    folder: Path, uri: str, plan: Plan, *, hub: Path | None = None
) -> AsyncIterator[TwoWays]:
    """Everything running; stopped in order when the block ends."""
    opened = open_hub(hub or folder / "hub.db", PEOPLE, SystemClock(), seed=7)
    stand = HubStand(opened)
    await stand.up()
    around = real_surroundings()
    connector = Connector(opened.replica, uri, plan, around, opened.doorbell)
    stopping = asyncio.Event()
    running = asyncio.create_task(connector.run(stopping))
    both = TwoWays(folder, opened, stand, connector)
    try:
        yield both
    finally:
        stopping.set()
        await running
        for device in both.devices:
            await device.close()
        await connector.close()
        await stand.down()
        opened.close()
