"""A connector that runs: its tasks, what becomes of them when something fails, and a clean stop.

    streams ──▶ engine ──▶ hub's log ──▶ devices
    MongoDB ◀── sink ◀── engine ◀── hub's log

Each task fails and comes back by itself, after a pause, for as long as the connector runs; nothing
that is not durable is kept between two tries.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Any

from sync.connector.around import Around
from sync.connector.config import Plan
from sync.connector.connection import connect, redacted
from sync.connector.desk import Desk, Doorbell
from sync.connector.engine import Engine
from sync.connector.heartbeat import Heartbeat
from sync.connector.incoming import Incoming
from sync.connector.indexes import check_indexes
from sync.connector.initial import InitialSync
from sync.connector.outgoing import Outgoing
from sync.connector.pace import Backoff
from sync.connector.sink import MongoSink
from sync.connector.source import DATABASE, MongoSource
from sync.connector.status import State, Status, durable, server, with_progress
from sync.connector.tally import Tally
from sync.errors import ZavaError
from sync.errors.mongo import MongoFailed, PositionLost
from sync.local.replica import Replica

WAIT_FOR_SNAPSHOTS_MS = 500
"""How often is looked whether a snapshot is due."""
LOOK_MS = 1_000
"""How old what ``report`` tells of the file may be."""
CANCEL_AGAIN_SECONDS = 1.0

Work = Callable[[Callable[[], None]], Awaitable[None]]

_log = logging.getLogger(__name__)


class Connector:
    """One connector of one open replica. ``run`` it once; ``close`` it afterwards."""

    def __init__(
        self, replica: Replica, uri: str, plan: Plan, around: Around, doorbell: Doorbell
    ) -> None:
        """Connects when it runs. ``MongoAddressInvalid``."""
        self.plan = plan
        self.around = around
        self._address = redacted(uri)
        self._client = connect(uri)
        self.desk = Desk(Engine(replica, plan.rules), doorbell)
        self.tally = Tally()
        self._state: State = "stopped"
        self._told: dict[str, Any] = durable(self.desk.engine)
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._outgoing = Outgoing(self.desk, self.tally)
        self._begin()

    def _begin(self) -> None:
        """Make what works by the present plan."""
        plan, around = self.plan, self.around
        self.database = self._client[plan.database]
        self.source = MongoSource(self.database, plan.rules.collections, around)
        name = plan.rules.connector
        self.heartbeat = Heartbeat(self.database, name, around)
        self.sink = MongoSink(self.database)
        held = (self.desk, self.source)
        self._incoming = Incoming(*held, self.heartbeat, self.tally, around)
        self._initial = InitialSync(*held, self.tally, plan.limits, around)

    async def check(self) -> None:
        """Find out what the server gives, and that the ids are safe there.

        Raises ``ChangeStreamsMissing``, ``MappingIndexMissing``, ``MongoRefused``, or a retryable
        error where MongoDB cannot be reached now.
        """
        await self.source.features()
        await check_indexes(self.database, self.plan.rules)

    async def change(self, plan: Plan) -> None:
        """Go on by another plan."""
        self.plan = plan
        await self.desk.do(lambda engine: engine.change_rules(plan.rules))
        self._changed.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Exchange until ``stopping``. Never raises for what MongoDB does."""
        self._state = "starting"
        try:
            while not stopping.is_set():
                self._changed.clear()
                await self._session(stopping)
                self._begin()
        finally:
            self._state = "stopped"

    async def close(self) -> None:
        """Wait for the step under way and let go of MongoDB. The replica stays open."""
        self.desk.close()
        await self._client.close()

    async def _session(self, stopping: asyncio.Event) -> None:
        """Run by one plan until it changes or everything stops."""
        work = asyncio.create_task(self._work())
        ends = [asyncio.create_task(each.wait()) for each in (stopping, self._changed)]
        try:
            await asyncio.wait([work, *ends], return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _ended(work, *self._tasks, *ends)
            self.tally.open_streams.clear()
        if not work.cancelled() and (error := work.exception()) is not None:
            raise error

    async def _work(self) -> None:
        await self._checked()
        features = await self.source.features()
        names = list(self.plan.rules.collections)
        streams = [DATABASE] if features.database_stream else names
        works = [self._kept_up(each, self._listening(each, _told(each, names))) for each in streams]
        if not features.database_stream:
            works.append(self._kept_up("heartbeats", self._incoming.listen_to_heartbeats))
        works.append(self._kept_up("heartbeat", self._beating))
        works.append(self._kept_up("writes", self._writing))
        works.append(self._kept_up("snapshots", self._snapshots))
        works.append(self._kept_up("looks", self._looking))
        self._tasks = [asyncio.create_task(work) for work in works]
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def _checked(self) -> None:
        """Wait until MongoDB is there and fit to be used."""

        async def once(worked: Callable[[], None]) -> None:
            await self.check()
            worked()

        await self._kept_up("check", once, for_ever=False)

    async def _kept_up(self, what: str, work: Work, *, for_ever: bool = True) -> None:
        """Do something again and again, with pauses while it fails."""
        backoff = Backoff(self.around.entropy, self.around.sleep, self.plan.pause_factor)

        def worked() -> None:
            backoff.succeeded()
            if self.tally.worked(what):
                _log.warning("MongoDB and the hub exchange again.")

        while True:
            try:
                await work(worked)
                if not for_ever:
                    return
                raise MongoFailed(f"{what} ended by itself.")
            except ZavaError as error:
                if not self.tally.failures.get(what):
                    _log.warning("%s: %s", what or "changes", error)
                self.tally.failed(what, error)
                await backoff.failed()
            except Exception as error:
                _log.exception("%s failed by a mistake of ours.", what or "changes")
                self.tally.failed(what, MongoFailed(f"{type(error).__name__} in {what}."))
                await backoff.failed()

    def _listening(self, stream: str, names: Collection[str]) -> Work:
        async def listen(worked: Callable[[], None]) -> None:
            try:
                await self._incoming.listen(stream, names, worked)
            except PositionLost as error:
                reason = str(error)
                await self.desk.do(lambda engine: engine.lost(stream, reason))
                raise
            finally:
                self.tally.open_streams.discard(stream)

        return listen

    async def _beating(self, worked: Callable[[], None]) -> None:
        await self.heartbeat.beat(worked)

    async def _writing(self, worked: Callable[[], None]) -> None:
        await self._outgoing.write(self.sink, worked)

    async def _snapshots(self, worked: Callable[[], None]) -> None:
        while True:
            for name in await self.desk.do(lambda engine: engine.due()):
                if self._is_open(name):
                    await self._initial.take(name, partial(self._is_open, name))
                    self.desk.doorbell.ring()
            worked()
            await self.around.sleep(WAIT_FOR_SNAPSHOTS_MS)

    async def _looking(self, worked: Callable[[], None]) -> None:
        """Have ``report`` at hand for whoever asks, also while a long snapshot is taken."""
        while True:
            self._told = await self.desk.do(durable)
            worked()
            await self.around.sleep(LOOK_MS)

    def _is_open(self, collection: str) -> bool:
        return bool({DATABASE, collection} & self.tally.open_streams)

    async def status(self) -> Status:
        """One look."""
        self._told = await self.desk.do(durable)
        return self.report()

    def report(self) -> Status:
        """The same without asking the file; what it holds may be a second old."""
        told = {**self._told, "collections": dict(self._told["collections"])}
        with_progress(told["collections"], self._initial.far)
        heard = self.heartbeat.heard_at_ms
        now_ms = self.around.clock.now_ms()
        error = self.tally.error
        return Status(
            state=self._state_of(told["collections"]),
            address=self._address,
            database=self.plan.database,
            error=None if error is None else error.to_json(),
            lag_ms=self.heartbeat.lag_ms,
            heard_ms=None if heard is None else now_ms - heard,
            server=server(self.source.known_features),
            events=self.tally.events,
            images=self.tally.images,
            skipped=self.tally.skipped,
            writes=dict(self.tally.writes),
            reconnects=self.tally.reconnects,
            **told,
        )

    def _state_of(self, collections: dict[str, dict[str, object]]) -> State:
        if self._state == "stopped":
            return "stopped"
        error, failures = self.tally.error, max(self.tally.failures.values(), default=0)
        if error is not None and not error.retryable:
            return "failed"
        if failures >= self.plan.failures_max:
            return "stalled"
        if failures:
            return "reconnecting"
        if not self.tally.open_streams:
            return "starting"
        if self.heartbeat.is_stalled():
            return "stalled"
        due = any(each["state"] == "due" for each in collections.values())
        return "initial_sync" if due else "running"


def _told(stream: str, names: list[str]) -> list[str]:
    """The collections a stream tells of."""
    return names if stream == DATABASE else [stream]


async def _ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until they have ended. The driver may take a cancel for a connection that was
    lost, and what works again and again then goes on."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_SECONDS)
