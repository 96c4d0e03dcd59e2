"""What a device asks its hub and makes of the answers: a session without its waiting (S1, S2, C8).

No socket, no task, no loop. ``session`` carries it out over HTTP and the simulator over a network
of its own, so both run the same device. Methods named for the file (``take``, ``held``, ``merge``)
work on the replica alone and may run in a worker thread; the others belong to the caller's loop.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sync.backoff import BACKOFF_MS_MAX, delay_ms
from sync.core.decode import decode
from sync.device.outgoing import Outgoing, PassedOn
from sync.device.profile import SignedIn
from sync.device.replicator import View
from sync.device.status import SyncStatus, state_of
from sync.errors import (
    BatchGap,
    HubFailed,
    HubUnreachable,
    SignInRefused,
    SignInRequired,
    StorageError,
    TokenExpired,
    TokenInvalid,
    VersionUnknown,
    ZavaError,
)
from sync.ids import ReplicaId
from sync.local.received import Received
from sync.local.replica import Replica
from sync.ports import Clock, Entropy
from sync.query.subscription import Subscription
from sync.wire.messages import (
    Begin,
    Cursor,
    Docs,
    End,
    Hello,
    Message,
    Outcome,
    Part,
    Ping,
    Position,
    PushReply,
    Sizes,
)

_log = logging.getLogger(__name__)

_PERSON_NEEDED = (SignInRefused, SignInRequired, TokenExpired, TokenInvalid, VersionUnknown)
_PROGRESS = (Part, Outcome, Position, End, Ping)
"""Messages that show that reading gets somewhere. A hello alone does not, nor half a snapshot."""
RETRY_NOTE = "retry"
SYNCED_NOTE = "last_synced_ms"
SYNCED_NOTE_MS = 60_000
"""How stale the kept time of the last agreement may be: a minute is nothing to a person."""


class Exchange:
    """One device's side of the protocol, and what a person may know of it (``status``)."""

    def __init__(
        self,
        replica: Replica,
        clock: Clock,
        entropy: Entropy,
        signed_in: SignedIn | None = None,
    ) -> None:
        """``signed_in`` is who was when the device was closed."""
        self._replica = replica
        self._clock = clock
        self._entropy = entropy
        self.signed_in = signed_in
        self.online = True
        synced: Any = replica.note(SYNCED_NOTE)
        self.status = SyncStatus(last_synced_ms=synced)
        self._synced_kept_ms: int = synced or 0
        self._refusal: ZavaError | None = None
        self._passed_on = PassedOn(replica)
        self._asked_as: ReplicaId | None = None
        self._asked_held: tuple[tuple[ReplicaId, int], ...] = ()
        self._asked: tuple[Subscription, ...] = ()
        self._head: int | None = None
        self._advanced = False
        self._loading = False
        kept: Any = replica.note(RETRY_NOTE) or {"attempt": 0, "at_ms": 0}
        self._attempt: int = kept["attempt"]
        self._retry_at_ms: int = min(kept["at_ms"], clock.now_ms() + BACKOFF_MS_MAX)

    def adopt(self, signed_in: SignedIn | None) -> None:
        """Somebody signed in, or out."""
        self.signed_in, self._refusal = signed_in, None
        self.forget_failures()

    def forget_failures(self) -> None:
        """Try again at once; what only a person can put right stays refused."""
        self._attempt, self._retry_at_ms = 0, 0
        if isinstance(self._refusal, VersionUnknown):
            self._refusal = None

    def view(self, *, pulling: bool, pushing: bool) -> View:
        """What ``replicator.decide`` looks at."""
        return View(
            online=self.online,
            signed_in=self.signed_in is not None,
            refused=self._refusal is not None,
            waiting=self._replica.outbox().waiting + self._passed_on.waiting(),
            pulling=pulling,
            heard=self._head is not None and self._asked_as == self._replica.id,
            pushing=pushing,
            now_ms=self._clock.now_ms(),
            retry_at_ms=self._retry_at_ms,
        )

    def cursor(self, signed_in: SignedIn) -> Cursor:
        """What opens a pull."""
        identity = self._replica.identity
        self._asked_as = self._replica.id
        self._asked_held = self._replica.held.oldest()
        self._passed_on.start_over()
        self._asked = self._replica.subscriptions.asked()
        return Cursor(
            replica=self._asked_as,
            name=signed_in.profile.device_name,
            epoch=identity.hub_epoch,
            seq=identity.cursor or identity.known,
            chain=identity.cursor_chain,
            scope=identity.scope,
            held=self._asked_held,
            subscriptions=self._asked,
            unsettled=self._replica.sending.unsettled_from(),
        )

    def take(self) -> Outgoing | None:
        """The next push: what others made, then own batches, marked as offered before they go (C1).
        None where those are under an id that the hub has not heard from yet: the pull introduces it
        first (C8)."""
        passed_on = self._passed_on.take()
        if passed_on is not None:
            return passed_on
        entries = self._replica.sending.take()
        known = all(entry.replica == self._asked_as for entry in entries)
        return Outgoing(entries[0].replica, tuple(entries)) if entries and known else None

    def held(self, outgoing: Outgoing, reply: PushReply) -> int:
        """The hub holds everything up to ``reply.acked``; how many pushed ops it has taken.

        ``BatchGap`` where it lacks what it has confirmed before: only a pull can settle that.
        """
        if reply.declined:
            _log.info("The hub declined work of %s: %s.", outgoing.author, reply.declined)
        if outgoing.held:
            return 0
        entries, author = outgoing.entries, outgoing.author
        first = entries[0].n
        if reply.acked < first and not self._replica.sending.offer_again(author, reply.acked + 1):
            raise BatchGap("The hub lacks changes of this device that it once had.")
        self._replica.sending.acknowledge(author, reply.acked)
        return sum(_ops_in(entry.payload) for entry in entries if entry.n <= reply.acked)

    def merge(self, messages: Sequence[Message]) -> Received:
        """Apply what arrived together. ``forked`` of the result: this replica was a copy, has
        taken a new id, and reads on under it from the same cursor (C8)."""
        for message in messages:
            if isinstance(message, Hello | Ping):
                self._replica.judge_clock(message.hub_time_ms)
        if all(isinstance(message, Ping) for message in messages):
            return Received()
        received = self._replica.receive(messages)
        for message in messages:
            if isinstance(message, Sizes):
                self._replica.subscriptions.sized(self._asked, message.items)
        if received.forked is not None:
            self._replica.reissue()
        return received

    def pushed(self, ops: int) -> None:
        """A push went through."""
        self._succeeded()
        self.status = replace(self.status, pushed=self.status.pushed + ops)

    def heard(self, messages: Sequence[Message], received: Received) -> bool:
        """Note what merged messages mean; False when the pull has to be opened anew."""
        self.status = replace(
            self.status,
            merged=self.status.merged + received.documents,
            conflicts=self.status.conflicts + received.conflicts,
        )
        if received.forked is not None or received.again:
            self.forget_failures()
            return False
        for message in messages:
            self._note(message)
        if any(isinstance(message, _PROGRESS) for message in messages):
            self._advanced = True
            self._succeeded()
        self.status = replace(self.status, error=None)
        asked = dict(self._asked_held)  # a peer may have brought more since
        known = self._loading or all(
            asked.get(replica, n + 1) <= n for replica, n in self._replica.held.oldest()
        )
        return known and not self.asks_for_other()

    def asks_for_other(self) -> bool:
        """Whether the subscriptions are other ones than those of the open pull."""
        return self._asked != self._replica.subscriptions.asked()

    def hub_ended(self) -> None:
        """The hub ended the stream by itself: it restarts, our rights have changed, or the stream
        was long enough. We read on; after a pause if all it said was hello."""
        if self._head is None:
            raise HubUnreachable("The hub hung up before it said anything.")
        if not self._advanced:
            self._pause()

    def pull_ended(self) -> None:
        """The pull is closed, for whatever reason."""
        self._head = None
        self._advanced = False
        self._loading = False

    def failed(self, error: Exception) -> None:
        """Note a failure: some need a person, the others a pause."""
        known = error if isinstance(error, ZavaError) else HubFailed(f"{error!r:.200}")
        if isinstance(known, _PERSON_NEEDED):
            self._refusal = known
        else:
            self._pause()
        self.status = replace(self.status, error=known)

    def _pause(self) -> None:
        self._attempt += 1
        chance = int.from_bytes(self._entropy.draw(4), "big") / 2**32
        self._retry_at_ms = self._clock.now_ms() + delay_ms(self._attempt, chance)
        self._keep_retry()

    def look(self, *, pulling: bool) -> SyncStatus:
        """The status as it stands now."""
        try:
            outbox, asked = self._replica.outbox(), self._replica.subscriptions.all()
        except StorageError as error:
            self.status = replace(self.status, state="needs_you", error=error)
            return self.status
        pulling = pulling and self._head is not None
        cursor = self._replica.identity.cursor
        caught_up = not self._loading and self._head is not None and cursor >= self._head
        state = state_of(
            online=self.online,
            pulling=pulling,
            caught_up=caught_up,
            unsettled=outbox.waiting + outbox.sent,
            needs_person=outbox.quarantined > 0 or self._refusal is not None,
        )
        self.status = replace(
            self.status,
            state=state,
            online=self.online,
            reachable=pulling,
            waiting=outbox.waiting,
            quarantined=outbox.quarantined,
            error=self._refusal or self.status.error,
            refused=sum(each.error is not None for each in asked),
            large=sum(each.is_large for each in asked),
        )
        if state == "up_to_date":
            self._in_step(self._clock.now_ms())
        return self.status

    def _in_step(self, now_ms: int) -> None:
        """We agree with the hub now; a restart still knows it, give or take a minute."""
        self.status = replace(self.status, last_synced_ms=now_ms)
        if abs(now_ms - self._synced_kept_ms) >= SYNCED_NOTE_MS:
            self._synced_kept_ms = now_ms
            self._keep(SYNCED_NOTE, now_ms)

    def _note(self, message: Message) -> None:
        """What a message means for the status."""
        now_ms = self._clock.now_ms()
        match message:
            case Hello():
                self._head = message.head
                self._loading = message.snapshot or message.difference
                drift = message.hub_time_ms - now_ms
                self.status = replace(self.status, reachable=True, drift_ms=drift)
            case Begin():
                self._loading = True
                self.status = replace(self.status, loaded=0, expected=message.total)
            case Docs():
                shown = len(message.bodies) - message.bodies.count(None)
                self.status = replace(self.status, loaded=self.status.loaded + shown)
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

    def _keep_retry(self) -> None:
        """Backoff survives a restart (S2)."""
        self._keep(RETRY_NOTE, {"attempt": self._attempt, "at_ms": self._retry_at_ms})

    def _keep(self, name: str, value: Any) -> None:
        """Remember something across restarts; where the file cannot be written, the status says."""
        try:
            self._replica.set_note(name, value)
        except StorageError as error:
            self.status = replace(self.status, error=error)


def _ops_in(payload: bytes) -> int:
    return sum(1 for delta in decode(payload).deltas for _ in delta.ops())
