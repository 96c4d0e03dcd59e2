"""A connector beside an open hub, for as long as that lasts: it runs, takes orders, and follows its
file."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sync.config import Config, watched
from sync.connector.around import Around
from sync.connector.config import ConnectorFile, plan_of, read_plan
from sync.connector.control import control_file, listening
from sync.connector.desk import Doorbell
from sync.connector.orders import Orders
from sync.connector.runner import Connector
from sync.errors import ZavaError
from sync.errors.mongo import MongoAddressInvalid
from sync.local.replica import Replica

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody who starts a connector says: its file, and perhaps the address."""

    file: Path
    uri: str | None = None
    environment: Mapping[str, str] | None = None

    def read(self) -> Config[ConnectorFile]:
        """The file as it is now; ``ConfigError``."""
        return read_plan(self.file, os.environ if self.environment is None else self.environment)


def opened(wanted: Wanted, replica: Replica, around: Around, doorbell: Doorbell) -> Connector:
    """A connector that does not run yet. ``ConfigError``, ``MongoAddressInvalid``."""
    plan = plan_of(wanted.read().value)
    uri = wanted.uri or (None if plan.uri is None else plan.uri.get_secret_value())
    if not uri:
        message = f"{wanted.file} names no MongoDB: its `connection_string` is empty or not set."
        raise MongoAddressInvalid(message)
    return Connector(replica, uri, plan, around, doorbell)


@asynccontextmanager
async def connected(
    wanted: Wanted, replica: Replica, around: Around, doorbell: Doorbell
) -> AsyncIterator[Connector]:
    """The connector of an open hub, running.

    Raises what a person has to put right before it can start: ``ConfigError``,
    ``MongoAddressInvalid``, ``MappingIndexMissing``, ``ChangeStreamsMissing``, ``MongoRefused``.
    A MongoDB that does not answer is waited for.
    """
    connector = opened(wanted, replica, around, doorbell)
    try:
        await _fit(connector)
        orders = Orders(replica, connector)
        async with listening(control_file(_path(replica)), orders.carry, around.entropy):
            stopping = asyncio.Event()
            tasks = [
                asyncio.create_task(connector.run(stopping)),
                asyncio.create_task(_follow(wanted, connector, stopping)),
            ]
            try:
                yield connector
            finally:
                stopping.set()
                await asyncio.gather(*tasks)
    finally:
        await connector.close()


async def _fit(connector: Connector) -> None:
    try:
        await connector.check()
    except ZavaError as error:
        if not error.retryable:
            raise
        _log.warning("%s", error)


async def _follow(wanted: Wanted, connector: Connector, stopping: asyncio.Event) -> None:
    """Have the connector go on by each new state of its file; a mistake changes nothing."""
    async for found in watched(wanted.file, wanted.read, wanted.read().text, stopping):
        if isinstance(found, ZavaError):
            _log.error("%s", found)
            continue
        await connector.change(plan_of(found.value))
        _log.warning("The connector follows the new %s.", wanted.file)


def _path(replica: Replica) -> Path:
    return Path(replica.parts.database.path)
