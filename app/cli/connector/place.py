"""Which connector a command means, and how it is reached: asked if it runs, else opened for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli.data_dir import DataDir
from app.domain.errors import DomainError
from sync.connector.around import Around
from sync.connector.control import Told, ask, control_file
from sync.connector.orders import Orders
from sync.connector.pace import sleep
from sync.connector.runner import Connector
from sync.connector.service import Wanted, opened
from sync.errors import DatabaseLocked
from sync.errors.mongo import ConnectorElsewhere
from sync.hub.doorbell import Doorbell
from sync.local import Replica
from sync.system import SystemClock, SystemEntropy

NOWHERE = "mongodb://127.0.0.1:1/"
"""For looks at the file alone, where no address is known or needed."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the options of a command say."""

    data_dir: Path
    config: Path
    uri: str | None
    as_json: bool

    @property
    def hub(self) -> Path:
        """The hub's file."""
        return DataDir(self.data_dir).hub

    @property
    def wanted(self) -> Wanted:
        """What to start a connector with."""
        return Wanted(self.config, self.uri)

    def carry(self, do: str, given: dict[str, Any], told: Told) -> dict[str, Any]:
        """Have an order carried out by whoever holds the hub's file, or by a connector that does
        nothing else."""
        logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        return asyncio.run(self._carry(do, given, told))

    async def _carry(self, do: str, given: dict[str, Any], told: Told) -> dict[str, Any]:
        answer = await ask(control_file(self.hub), do, given, told)
        if answer is not None:
            return answer
        async with self.alone(needs_mongodb=do in ("audit", "initial-sync", "retry")) as held:
            replica, connector = held
            return await Orders(replica, connector).carry(do, given, told)

    @asynccontextmanager
    async def alone(
        self, *, needs_mongodb: bool = True
    ) -> AsyncIterator[tuple[Replica, Connector]]:
        """The hub's file and a connector over it that does not run yet."""
        with closing(open_hub_file(self.hub)) as replica:
            wanted = self.wanted
            if not needs_mongodb and self.uri is None:
                wanted = Wanted(self.config, NOWHERE)
            connector = opened(wanted, replica, surroundings(), Doorbell())
            try:
                yield replica, connector
            finally:
                await connector.close()


def surroundings() -> Around:
    """Real time and chance."""
    clock = SystemClock()
    return Around(clock, SystemEntropy(), clock, sleep)


def open_hub_file(path: Path) -> Replica:
    """The hub's replica. ``ConnectorElsewhere`` where a hub without a connector holds it."""
    if not path.is_file():
        raise DomainError(
            "file_missing", f"There is no hub in {path.parent}.", "Name its folder: --data-dir."
        )
    clock = SystemClock()
    try:
        return Replica.open(path, clock=clock, entropy=SystemEntropy(), kind="hub")
    except DatabaseLocked:
        message = f"{path} is held by a hub that runs without a connector."
        raise ConnectorElsewhere(message) from None
