"""Pushes that have come together: taken in one commit, each with an answer of its own (S2).

A commit costs as much as what is in a small push, and a hub of a chain gets a thousand of them a
second. So what waits while others are taken in is taken in together. Nobody sees a difference: each
is judged on what those before it have left, none is answered before it is safe, and one that fails
fails alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby

from sync.core.batch import Batch
from sync.hub.intake import Intake, Pushed, Taken
from sync.hub.outcome import outcome
from sync.hub.readers import Readers
from sync.hub.relay import Relay
from sync.ids import ReplicaId
from sync.local.identity import Identity as Log
from sync.peer.identity import Identity
from sync.ports import Clock
from sync.wire.messages import Push, PushReply
from sync.wire.pushes import decode_push, encode_push_reply

Message = tuple[Identity, bytes]
"""Who pushes, and the unpacked message."""
_Read = tuple[Identity, Push] | Exception


class Pushing:
    """The pushes of one hub."""

    def __init__(
        self,
        intake: Intake,
        relay: Relay,
        readers: Readers,
        log: Log,
        clock: Clock,
        check_device: Callable[[Identity, ReplicaId], None],
    ) -> None:
        """``check_device`` raises unless a person is signed in on a device."""
        self._intake = intake
        self._relay = relay
        self._readers = readers
        self._log = log
        self._clock = clock
        self._check_device = check_device

    def take(self, asked: Sequence[Message]) -> list[bytes | Exception]:
        """Take pushes in order; the unpacked reply to each, or why there is none."""
        found: list[bytes | Exception] = []
        read = [outcome(partial(self._read, *each)) for each in asked]
        for take, group in groupby(read, key=self._way):
            found += take([*group])
        return found

    def _read(self, identity: Identity, body: bytes) -> tuple[Identity, Push]:
        push = decode_push(body)
        if not push.proofs:
            self._check_device(identity, push.replica)
        return identity, push

    def _way(self, read: _Read) -> Callable[[list[_Read]], list[bytes | Exception]]:
        if isinstance(read, Exception):
            return _refused
        return self._passed_on if read[1].proofs else self._own

    def _own(self, group: list[_Read]) -> list[bytes | Exception]:
        """Devices' own batches."""
        pushes = [Pushed(who, push.replica, push.batches) for who, push in _sound(group)]
        taken = self._intake.take_all(pushes)
        newest = [each.newest for each in taken if isinstance(each, Taken)]
        self._heard_of([batch for batch in newest if batch is not None])
        return [
            each if isinstance(each, Exception) else self._reply(each.head, "") for each in taken
        ]

    def _heard_of(self, batches: Sequence[Batch]) -> None:
        self._readers.pushed(batches, self._log, self._clock.now_ms())

    def _passed_on(self, group: list[_Read]) -> list[bytes | Exception]:
        """Batches that devices hold for others; each push is many commits by itself."""

        def taken(push: Push) -> bytes:
            return self._reply(*self._relay.take(push))

        return [outcome(partial(taken, push)) for _, push in _sound(group)]

    def _reply(self, acked: int, declined: str) -> bytes:
        return encode_push_reply(PushReply(acked, self._clock.now_ms(), declined))


def _sound(group: list[_Read]) -> list[tuple[Identity, Push]]:
    return [each for each in group if not isinstance(each, Exception)]


def _refused(group: list[_Read]) -> list[bytes | Exception]:
    return [each for each in group if isinstance(each, Exception)]
