"""`zava connector run`, and the connector inside `zava hub`."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from functools import partial
from pathlib import Path

from app.cli import output
from app.cli.connector.place import Place, open_hub_file, surroundings
from sync.connector.control import ask, control_file
from sync.connector.indexes import create_indexes as create
from sync.connector.service import Wanted, connected, opened
from sync.connector.whereabouts import landed
from sync.errors.mongo import ConnectorElsewhere
from sync.hub import Hub
from sync.hub.doorbell import Doorbell
from sync.local import Replica
from sync.local.oplog import HUB_USER


def run_connector(place: Place, *, create_indexes: bool) -> None:
    """Exchange until Ctrl-C or SIGTERM. Raises what has to be put right before it can start."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(_run(place, create_indexes=create_indexes))


async def _run(place: Place, *, create_indexes: bool) -> None:
    if await ask(control_file(place.hub), "status", {}, lambda _: None) is not None:
        raise ConnectorElsewhere(f"A connector runs over {place.hub} already.")
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C raises instead
            loop.add_signal_handler(number, stopping.set)
    with closing(open_hub_file(place.hub)) as replica:
        replica.author = HUB_USER
        replica.begin_epoch()
        doorbell, around = Doorbell(), surroundings()
        if create_indexes:
            await _create_indexes(place, replica)
        async with connected(place.wanted, replica, around, doorbell) as connector:
            address = connector.report().address
            if place.as_json:
                output.say_json(ready={"address": address, "hub_id": replica.id})
            else:
                output.say("The connector exchanges with [bold]{at}[/]", at=address)
                output.say("[dim]Ctrl-C stops it.[/]")
            await stopping.wait()


async def _create_indexes(place: Place, replica: Replica) -> None:
    connector = opened(place.wanted, replica, surroundings(), Doorbell())
    try:
        await create(connector.database, connector.plan.rules)
    finally:
        await connector.close()


def beside(uri: str | None, config: Path) -> Callable[[Hub], AbstractAsyncContextManager[None]]:
    """The connector of a hub that serves (``ServeConfig.beside``)."""

    @asynccontextmanager
    async def run(hub: Hub) -> AsyncIterator[None]:
        wanted = Wanted(config, uri)
        async with connected(wanted, hub.replica, surroundings(), hub.doorbell) as connector:
            hub.beside["connector"] = lambda: connector.report().health()
            hub.journeys.in_mongodb = partial(landed, hub.replica.parts.database)
            yield

    return run
