"""A device as a process of the simulated world: the real replica and the real session, and death.

``decide`` says what to do, ``Exchange`` what it means; this module only carries bytes between them
and the network, as ``sync.device.session`` does over HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sync.core.decode import parse_object
from sync.device.exchange import Exchange
from sync.device.outgoing import Outgoing
from sync.device.peering import public_key
from sync.device.profile import SignedIn, from_answer
from sync.device.replicator import Action, decide
from sync.errors import HubUnreachable, ZavaError
from sync.hub.bounds import Bounds, bounds_of
from sync.ids import UserId
from sync.local.replica import NOBODY, Replica
from sync.peer.ed25519 import Ed25519
from sync.sim.clocks import DriftingClock, SeededEntropy, TrueTime
from sync.sim.hub_node import PASSWORD, HubNode, opened
from sync.sim.ledger import fingerprint_of
from sync.sim.network import Connection, Network, Parcel
from sync.sim.storage import FaultyDatabase, kill
from sync.wire.codec import decode, encode
from sync.wire.frames import Inflater, deflate, inflate
from sync.wire.messages import Message
from sync.wire.pushes import decode_push_reply, encode_push

ANSWER_MS_MAX = 30_000
SILENCE_MS_MAX = 40_000
"""As ``sync.device.hub_link`` waits."""
SIGN_IN_EVERY_MS = 15_000
"""How often a person tries again who could not sign in."""
ANSWER_BYTES_MAX = 1_048_576
_NOTE = "signed_in"

Watch = Callable[[int, Sequence[tuple[Message, int | None]], bool], None]
"""Told of messages before (False) and after (True) a device merges them, each with the hub's seq
when it wrote it."""


@dataclass(eq=False, slots=True)
class Pulling:
    """An open pull."""

    connection: Connection
    heard_ms: int
    lines: int = 0
    inflater: Inflater = field(default_factory=Inflater)


@dataclass(eq=False, slots=True)
class Asking:
    """A request on its way. ``outgoing`` is what a push carries."""

    connection: Connection
    since_ms: int
    outgoing: Outgoing | None = None


class DeviceNode:
    """One device: its file, the process over it while it runs, and what it is waiting for."""

    def __init__(
        self, number: int, login: str, path: Path, clock: DriftingClock, time: TrueTime, seed: int
    ) -> None:
        self.number = number
        self.login = login
        self.path = path
        self.clock = clock
        self.watch: Watch = _nobody
        self._time = time
        self._entropy = SeededEntropy(f"device/{number}/{seed}")
        self._replica: Replica | None = None
        self._pull: Pulling | None = None
        self._push: Asking | None = None
        self._sign_in: Asking | None = None
        self._next_sign_in_ms = 0

    @property
    def is_up(self) -> bool:
        """Whether the process runs."""
        return self._replica is not None

    @property
    def replica(self) -> Replica:
        """The open replica."""
        assert self._replica is not None
        return self._replica

    @property
    def database(self) -> FaultyDatabase:
        """Its file, where faults are armed."""
        database = self.replica.parts.database
        assert isinstance(database, FaultyDatabase)
        return database

    def start(self) -> None:
        """Open the file, as after every kill; who was signed in still is."""
        replica = Replica(FaultyDatabase(self.path), self.clock, self._entropy, "device")
        self.exchange = Exchange(replica, self.clock, self._entropy)
        kept = replica.note(_NOTE)
        self._replica = replica
        self._adopt(None if kept is None else SignedIn.from_json(kept))

    def stop(self) -> None:
        """The process is killed."""
        kill(self.database, self.path)
        self._replica = None
        self._pull = self._push = self._sign_in = None

    def step(self, network: Network) -> None:
        """Do what is due now."""
        self._give_up_waiting()
        if self._pull is not None and self.exchange.asks_for_other():
            self._end_pull()
        view = self.exchange.view(pulling=self._pull is not None, pushing=self._push is not None)
        if view.online and (view.refused or not self._is_right_person()):
            self._ask_to_sign_in(network)
        for action in decide(view).actions:
            self._act(action, network)
        self.exchange.look(pulling=self._pull is not None)

    def take(self, parcel: Parcel) -> None:
        """Something arrived, or broke."""
        connection = parcel.connection
        if self._pull is not None and self._pull.connection is connection:
            self._guarded(self._take_chunk, parcel)
        elif self._push is not None and self._push.connection is connection:
            asking, self._push = self._push, None
            self._guarded(lambda parcel: self._take_reply(asking, parcel), parcel)
        elif self._sign_in is not None and self._sign_in.connection is connection:
            self._sign_in = None
            with suppress(ZavaError):  # the person reads why, and tries again later
                self._take_welcome(parcel)

    def knows_rights(self, hub: HubNode) -> bool:
        """Whether it reads under the rights its person has now."""
        scope = self.replica.identity.scope
        return self._is_right_person() and scope == self.bounds(hub).digest

    def bounds(self, hub: HubNode) -> Bounds:
        """What it may and wants to hold now."""
        account = hub.hub.accounts.find(self.login)
        assert account is not None
        return bounds_of(account.identity, self.replica.subscriptions.asked(), hub.clock.now_ms())

    def describe(self) -> str:
        """Where it stands, for somebody who wonders why it does not come to rest."""
        if not self.is_up:
            return f"device {self.number} is down"
        identity, status = self.replica.identity, self.exchange.status
        return (
            f"device {self.number} of {self.login} is {status.state} at {identity.cursor}:"
            f" {self.replica.outbox()}, {status.error!r}"
        )

    def quarantined_fingerprints(self) -> list[str]:
        """Of the batches that were set aside here, and not given up since."""
        entries = self.replica.parts.log.with_status(("rejected",))
        return [fingerprint_of(entry.payload) for entry in entries]

    def sign_out(self) -> None:
        """The person leaves; what waits stays in the file (S5)."""
        self._adopt(None)
        self.replica.set_note(_NOTE, None)

    def switch(self, online: bool) -> None:
        """The network switch."""
        self.exchange.online = online
        self.exchange.forget_failures()

    def is_settled(self, hub: Replica) -> bool:
        """Whether it has read all of the hub's log, nothing of its own waits, and it holds nothing
        for others. A log of another epoch may be as long and is not the same."""
        outbox, here, there = self.replica.outbox(), self.replica.identity, hub.identity
        unsettled = outbox.waiting + outbox.sent
        return (
            not unsettled
            and not self.replica.held.numbers()
            and self.exchange.status.state in ("up_to_date", "needs_you")
            and (here.cursor, here.cursor_chain) == (there.seq, there.chain)
        )

    def _guarded(self, work: Callable[[Parcel], None], parcel: Parcel) -> None:
        """Errors raised on purpose are failures of the session; any other ends the simulation."""
        try:
            if parcel.kind == "broken":
                raise HubUnreachable("The connection to the hub was cut.")
            work(parcel)
        except ZavaError as error:
            if work == self._take_chunk:
                self._end_pull()
            self.exchange.failed(error)

    def _is_right_person(self) -> bool:
        """Whether the one who is signed in is the one who holds the device."""
        signed_in = self.exchange.signed_in
        return signed_in is not None and signed_in.profile.login == self.login

    def _ask_to_sign_in(self, network: Network) -> None:
        if self._sign_in is not None or self._time.ms < self._next_sign_in_ms:
            return
        self._next_sign_in_ms = self._time.ms + SIGN_IN_EVERY_MS
        fields = {
            **{"login": self.login, "password": PASSWORD},
            **{"replica_id": self.replica.id, "device_name": f"Device {self.number}"},
            "key": public_key(self.replica, Ed25519()),
        }
        connection = network.connect(self.number, "sign-in")
        self._sign_in = Asking(connection, self._time.ms)
        network.send(Parcel(connection, "request", "up", json.dumps(fields).encode()))

    def _take_welcome(self, parcel: Parcel) -> None:
        if parcel.kind == "broken":
            return
        signed_in, hub_time_ms = from_answer(parse_object(opened(parcel.body)))
        if signed_in.profile.login != self.login:
            return  # the device has changed hands since
        before = self.exchange.signed_in
        if before is not None and before.profile.user_id != signed_in.profile.user_id:
            if self.replica.outbox().waiting:
                return  # as Device.sign_in refuses it (S5); the person tries again later
            self._end_everything()
        self.replica.judge_clock(hub_time_ms)
        self.replica.set_note(_NOTE, signed_in.to_json())
        self._adopt(signed_in)

    def _adopt(self, signed_in: SignedIn | None) -> None:
        self._end_everything()
        self.replica.author = UserId(NOBODY if signed_in is None else signed_in.profile.user_id)
        self.exchange.adopt(signed_in)

    def _act(self, action: Action, network: Network) -> None:
        if action == "stop":
            self._end_everything()
        elif action == "pull":
            self._open_pull(network)
        else:
            self._send_push(network)

    def _open_pull(self, network: Network) -> None:
        signed_in = self.exchange.signed_in
        assert signed_in is not None
        connection = network.connect(self.number, "pull")
        self._pull = Pulling(connection, self._time.ms)
        body = encode(self.exchange.cursor(signed_in))
        network.send(Parcel(connection, "request", "up", body, signed_in.token))

    def _take_chunk(self, parcel: Parcel) -> None:
        pull = self._pull
        assert pull is not None
        pull.heard_ms = self._time.ms
        if parcel.kind == "answer":
            opened(parcel.body)  # a pull is answered in one piece only when it is refused
        messages = [decode(line) for line in pull.inflater.feed(parcel.body)]
        if not messages:
            return
        made = pull.connection.made[pull.lines : pull.lines + len(messages)]
        pull.lines += len(messages)
        heard = list(zip(messages, made, strict=True))
        self.watch(self.number, heard, False)
        received = self.exchange.merge(messages)
        if received.forked is None:
            self.watch(self.number, heard, True)
        if not self.exchange.heard(messages, received):
            self._end_pull()

    def _send_push(self, network: Network) -> None:
        signed_in = self.exchange.signed_in
        try:
            outgoing = self.exchange.take()
        except ZavaError as error:
            self.exchange.failed(error)
            return
        if signed_in is None or outgoing is None:
            return
        connection = network.connect(self.number, "push")
        self._push = Asking(connection, self._time.ms, outgoing)
        body = deflate(encode_push(outgoing.push))
        network.send(Parcel(connection, "request", "up", body, signed_in.token))

    def _take_reply(self, asking: Asking, parcel: Parcel) -> None:
        reply = decode_push_reply(inflate(opened(parcel.body), ANSWER_BYTES_MAX))
        assert asking.outgoing is not None
        self.exchange.pushed(self.exchange.held(asking.outgoing, reply))

    def _give_up_waiting(self) -> None:
        now_ms, silent = self._time.ms, HubUnreachable("The hub does not answer in time.")
        if self._pull is not None and now_ms - self._pull.heard_ms > SILENCE_MS_MAX:
            self._end_pull()
            self.exchange.failed(silent)
        if self._push is not None and now_ms - self._push.since_ms > ANSWER_MS_MAX:
            self._push = None
            self.exchange.failed(silent)
        if self._sign_in is not None and now_ms - self._sign_in.since_ms > ANSWER_MS_MAX:
            self._sign_in = None

    def _end_pull(self) -> None:
        if self._pull is not None:
            self._pull.connection.broken = True
        self._pull = None
        self.exchange.pull_ended()

    def _end_everything(self) -> None:
        self._end_pull()
        self._push = None


def _nobody(number: int, heard: Sequence[tuple[Message, int | None]], merged: bool) -> None:
    """Nobody watches."""
