"""The running session of a device with its hub: carries out what ``replicator.decide`` decides.

Two background tasks at most, a pull and a push, and one that waits for something to change. All
state lives on the event loop; merging runs in a worker thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from sync.core.decode import decode
from sync.device.backoff import BACKOFF_MS_MAX, delay_ms
from sync.device.hub_link import HubLink
from sync.device.profile import SignedIn
from sync.device.replicator import Action, View, decide
from sync.device.status import SyncStatus, state_of
from sync.errors import (
    HubFailed,
    SignInRefused,
    SignInRequired,
    StorageError,
    TokenExpired,
    TokenInvalid,
    VersionUnknown,
    ZavaError,
)
from sync.local.replica import Replica
from sync.ports import Clock, Entropy
from sync.wire.messages import Begin, Cursor, Docs, End, Hello, Message, Part, Ping

_PERSON_NEEDED = (SignInRefused, SignInRequired, TokenExpired, TokenInvalid, VersionUnknown)
_RETRY_NOTE = "retry"


class Session:
    """See the module. Public methods are called on the loop only."""

    def __init__(self, replica: Replica, link: HubLink, clock: Clock, entropy: Entropy) -> None:
        self._replica = replica
        self._link = link
        self._clock = clock
        self._entropy = entropy
        self._signed_in: SignedIn | None = None
        self._refusal: ZavaError | None = None
        self._head: int | None = None
        self._loading = False
        self._tasks: dict[Action, asyncio.Task[None]] = {}
        self._main: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._listeners: list[Callable[[SyncStatus], None]] = []
        self.online = True
        self.status = self._told = SyncStatus()
        kept: Any = replica.note(_RETRY_NOTE) or {"attempt": 0, "at_ms": 0}
        self._attempt: int = kept["attempt"]
        self._retry_at_ms: int = min(kept["at_ms"], clock.now_ms() + BACKOFF_MS_MAX)

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

    def adopt(self, signed_in: SignedIn | None) -> None:
        """Somebody signed in, or out; what runs for another person ends."""
        before, self._signed_in = self._signed_in, signed_in
        self._refusal = None
        if before is not None and before != signed_in:
            for task in self._tasks.values():
                task.cancel()
        self.retry_now()

    def switch(self, online: bool) -> None:
        """The network switch."""
        self.online = online
        self.retry_now()

    def retry_now(self) -> None:
        """Forget the backoff and look again."""
        self._attempt, self._retry_at_ms = 0, 0
        if isinstance(self._refusal, VersionUnknown):
            self._refusal = None
        self._wake.set()
        self._publish()

    def on_status(self, callback: Callable[[SyncStatus], None]) -> Callable[[], None]:
        """Call back on changes; the returned function ends that."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            decision = decide(self._view())
            for action in decision.actions:
                await self._act(action)
            self._publish()
            seconds = None if decision.look_again_ms is None else decision.look_again_ms / 1_000
            try:
                await asyncio.wait_for(self._wake.wait(), seconds)
            except TimeoutError:
                continue

    def _view(self) -> View:
        now_ms = self._clock.now_ms()
        return View(
            online=self.online,
            signed_in=self._signed_in is not None,
            refused=self._refusal is not None,
            waiting=self._replica.outbox().waiting,
            pulling="pull" in self._tasks,
            heard=self._head is not None,
            pushing="push" in self._tasks,
            now_ms=now_ms,
            retry_at_ms=self._retry_at_ms,
        )

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
            self._head = None
            self._loading = False
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._failed(error if isinstance(error, ZavaError) else HubFailed(f"{error!r:.200}"))
        self._wake.set()

    async def _stop_tasks(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _failed(self, error: ZavaError) -> None:
        """Note a failure: some need a person, the others a pause."""
        if isinstance(error, _PERSON_NEEDED):
            self._refusal = error
        else:
            self._attempt += 1
            chance = int.from_bytes(self._entropy.draw(4), "big") / 2**32
            self._retry_at_ms = self._clock.now_ms() + delay_ms(self._attempt, chance)
            self._keep_retry()
        self.status = replace(self.status, error=error)

    def _keep_retry(self) -> None:
        """Backoff survives a restart (S2); where the file cannot be written it does not."""
        try:
            self._replica.set_note(
                _RETRY_NOTE, {"attempt": self._attempt, "at_ms": self._retry_at_ms}
            )
        except StorageError as error:
            self.status = replace(self.status, error=error)

    async def _push(self) -> None:
        signed_in = self._signed_in
        entries = await asyncio.to_thread(self._replica.sending.take)
        if signed_in is None or not entries:
            return
        payloads = [entry.payload for entry in entries]
        reply = await self._link.push(signed_in.token, self._replica.id, payloads)
        if reply.acked < entries[0].n - 1:
            self._replica.sending.offer_again(reply.acked + 1)
        await asyncio.to_thread(self._replica.sending.acknowledge, reply.acked)
        pushed = sum(_ops_in(payload) for payload in payloads[: reply.acked - entries[0].n + 1])
        self._succeeded()
        self.status = replace(self.status, pushed=self.status.pushed + pushed)

    async def _pull(self) -> None:
        signed_in, identity = self._signed_in, self._replica.identity
        if signed_in is None:
            return
        cursor = Cursor(
            replica=self._replica.id,
            name=signed_in.profile.device_name,
            epoch=identity.hub_epoch,
            seq=identity.cursor,
            chain=identity.cursor_chain,
            scope=identity.scope,
        )
        async with aclosing(self._link.pull(signed_in.token, cursor)) as stream:
            async for messages in stream:
                if not await self._receive(messages):
                    self.retry_now()  # under the new replica id, from the same cursor
                    return

    async def _receive(self, messages: Sequence[Message]) -> bool:
        """Merge what came; False when this replica turned out to be forked and took a new id."""
        for message in messages:
            if isinstance(message, Hello | Ping):
                await asyncio.to_thread(self._replica.judge_clock, message.hub_time_ms)
        if not all(isinstance(message, Ping) for message in messages):
            received = await asyncio.to_thread(self._replica.receive, messages)
            self.status = replace(
                self.status,
                merged=self.status.merged + received.documents,
                conflicts=self.status.conflicts + received.conflicts,
            )
            if received.forked is not None:
                await asyncio.to_thread(self._replica.reissue)
                return False
        for message in messages:
            self._note(message)
        self._succeeded()
        self._wake.set()
        return True

    def _note(self, message: Message) -> None:
        """What a message means for the status."""
        now_ms = self._clock.now_ms()
        match message:
            case Hello():
                self._head = message.head
                drift = message.hub_time_ms - now_ms
                self.status = replace(self.status, reachable=True, drift_ms=drift)
            case Begin():
                self._loading = True
                self.status = replace(self.status, loaded=0, expected=message.total)
            case Docs():
                self.status = replace(self.status, loaded=self.status.loaded + len(message.rows))
            case End():
                self._loading = False
                self.status = replace(self.status, loaded=0, expected=0)
            case Part():
                ops = sum(1 for delta in message.deltas for _ in delta.ops())
                self.status = replace(self.status, pulled=self.status.pulled + ops)
            case Ping():
                self.status = replace(self.status, drift_ms=message.hub_time_ms - now_ms)

    def _succeeded(self) -> None:
        if self._attempt:
            self._attempt, self._retry_at_ms = 0, 0
            self._keep_retry()
        self.status = replace(self.status, error=None)

    def _publish(self) -> None:
        """Work the state out anew and tell the listeners if anything changed."""
        outbox = self._replica.outbox()
        pulling = "pull" in self._tasks and self._head is not None
        cursor = self._replica.identity.cursor
        caught_up = not self._loading and self._head is not None and cursor >= self._head
        state = state_of(
            online=self.online,
            pulling=pulling,
            caught_up=caught_up,
            unsettled=outbox.waiting + outbox.sent,
            needs_person=outbox.quarantined > 0 or self._refusal is not None,
        )
        status = replace(
            self.status,
            state=state,
            online=self.online,
            reachable=pulling,
            waiting=outbox.waiting,
            quarantined=outbox.quarantined,
            error=self._refusal or self.status.error,
        )
        if state == "up_to_date":
            status = replace(status, last_synced_ms=self._clock.now_ms())
        changed = replace(status, last_synced_ms=None) != replace(self._told, last_synced_ms=None)
        self.status = status
        if changed:
            self._told = status
            for listener in list(self._listeners):
                listener(status)


def _set(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    loop.call_soon_threadsafe(event.set)


def _ops_in(payload: bytes) -> int:
    return sum(1 for delta in decode(payload).deltas for _ in delta.ops())
