"""The running session of a device with its hub: carries out what ``replicator.decide`` decides.

Two background tasks at most, a pull and a push, and one that waits for something to change. All
state lives on the event loop; merging runs in a worker thread. What is asked and what is made of
the answers stands in ``exchange``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

from sync.backoff import BACKOFF_FIRST_MS
from sync.device.exchange import Exchange
from sync.device.hub_link import HubLink
from sync.device.profile import SignedIn
from sync.device.replicator import Action, Decision, decide
from sync.device.status import SyncStatus
from sync.errors import ReplicaForked, StorageError
from sync.local.replica import Replica
from sync.ports import Clock, Entropy

_log = logging.getLogger(__name__)


class Session:
    """See the module. Public methods are called on the loop only."""

    def __init__(
        self,
        replica: Replica,
        link: HubLink,
        clock: Clock,
        entropy: Entropy,
        signed_in: SignedIn | None = None,
    ) -> None:
        """``signed_in`` is who was when the device was closed; a pause from then goes on."""
        self._replica = replica
        self._link = link
        self._exchange = Exchange(replica, clock, entropy, signed_in)
        self._tasks: dict[Action, asyncio.Task[None]] = {}
        self._main: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._listeners: list[Callable[[SyncStatus], None]] = []
        self._told = self._exchange.status

    def start(self) -> None:
        """Run until ``stop``."""
        if self._main is None:
            loop = asyncio.get_running_loop()
            self._replica.on_commit(lambda: _set(loop, self._wake))
            self._main = loop.create_task(self._run())

    async def stop(self) -> None:
        """End all tasks."""
        if self._main is not None:
            self._main.cancel()
            await asyncio.gather(self._main, return_exceptions=True)
            self._main = None
            self._replica.on_commit(None)
        await self._stop_tasks()
        self._publish()

    @property
    def status(self) -> SyncStatus:
        """The present status."""
        return self._exchange.status

    @property
    def online(self) -> bool:
        """The network switch."""
        return self._exchange.online

    def adopt(self, signed_in: SignedIn | None) -> None:
        """Somebody signed in, or out; what runs for another person ends."""
        before = self._exchange.signed_in
        self._exchange.adopt(signed_in)
        if before is not None and before != signed_in:
            for task in self._tasks.values():
                task.cancel()
        self.retry_now()

    def switch(self, online: bool) -> None:
        """The network switch."""
        self._exchange.online = online
        self.retry_now()

    def retry_now(self) -> None:
        """Forget the backoff and look again."""
        self._exchange.forget_failures()
        self._wake.set()
        self._publish()

    def ask_anew(self) -> None:
        """The subscriptions have changed: an open pull is closed, and the next asks for them."""
        if "pull" in self._tasks and self._exchange.asks_for_other():
            self._tasks["pull"].cancel()
        self._wake.set()

    def on_status(self, callback: Callable[[SyncStatus], None]) -> Callable[[], None]:
        """Call back on changes; the returned function ends that."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            decision = self._decide()
            for action in decision.actions:
                await self._act(action)
            self._publish()
            seconds = None if decision.look_again_ms is None else decision.look_again_ms / 1_000
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):  # wait_for may lose a cancel
                    await self._wake.wait()

    def _decide(self) -> Decision:
        pulling, pushing = "pull" in self._tasks, "push" in self._tasks
        try:
            return decide(self._exchange.view(pulling=pulling, pushing=pushing))
        except StorageError as error:  # the file went away under us; it may come back
            self._exchange.failed(error)
            return Decision((), BACKOFF_FIRST_MS)

    async def _act(self, action: Action) -> None:
        if action == "stop":
            await self._stop_tasks()
        elif action == "pull":
            self._spawn("pull", self._pull())
        else:
            self._spawn("push", self._push())

    def _spawn(self, name: Action, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks[name] = task
        task.add_done_callback(lambda done: self._ended(name, done))

    def _ended(self, name: Action, task: asyncio.Task[None]) -> None:
        if self._tasks.get(name) is task:
            del self._tasks[name]
        if name == "pull":
            self._exchange.pull_ended()
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            self._exchange.failed(error)
        self._wake.set()

    async def _stop_tasks(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _push(self) -> None:
        exchange, signed_in = self._exchange, self._exchange.signed_in
        outgoing = await asyncio.to_thread(exchange.take)
        if signed_in is None or outgoing is None:
            return
        try:
            reply = await self._link.push(signed_in.token, outgoing.push)
        except ReplicaForked:
            if outgoing.author == self._replica.id:
                raise
            return  # the pull has found out meanwhile, and the work waits under another id
        exchange.pushed(await asyncio.to_thread(exchange.held, outgoing, reply))

    async def _pull(self) -> None:
        exchange, signed_in = self._exchange, self._exchange.signed_in
        if signed_in is None:
            return
        cursor = exchange.cursor(signed_in)
        async with aclosing(self._link.pull(signed_in.token, cursor)) as stream:
            async for messages in stream:
                received = await asyncio.to_thread(exchange.merge, messages)
                reads_on = exchange.heard(messages, received)
                self._wake.set()
                if not reads_on:
                    return
        exchange.hub_ended()

    def _publish(self) -> None:
        """Work the state out anew and tell the listeners if anything changed."""
        status = self._exchange.look(pulling="pull" in self._tasks)
        if replace(status, last_synced_ms=None) != replace(self._told, last_synced_ms=None):
            self._told = status
            for listener in list(self._listeners):
                try:
                    listener(status)
                except Exception:  # a screen's mistake is no reason to stop syncing
                    _log.exception("A listener of the sync status failed.")


def _set(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    loop.call_soon_threadsafe(event.set)
