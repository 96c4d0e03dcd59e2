"""Devices tied to a hub without a network: every message is packed and unpacked, nothing waits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sync.device.peering import public_key
from sync.device.profile import SignedIn, from_answer
from sync.hub import Account, Hub
from sync.ids import Json
from sync.local import Replica
from sync.peer.ed25519 import Ed25519
from sync.query.subscription import Subscription
from sync.wire import codec
from sync.wire.messages import Cursor, Message, Push
from sync.wire.pushes import decode_push_reply, encode_push
from tests.helpers.clocks import FixedClock
from tests.helpers.hub_process import PASSWORD, open_hub
from tests.helpers.replicas import acknowledged, open_replica
from tests.helpers.two_devices import PEOPLE, tiny_data


def stocked_hub(path: str = ":memory:", *, clock: FixedClock | None = None, seed: int = 100) -> Hub:
    """A hub with ``tiny_data`` and everybody's accounts."""
    hub = open_hub(path, PEOPLE, clock, seed)
    with hub.replica.transaction() as tx:
        for collection, document in tiny_data():
            tx.insert(collection, document)
    return hub


@dataclass
class Line:
    """One person's replica and the hub."""

    hub: Hub
    account: Account
    replica: Replica
    welcome: SignedIn | None = None

    @classmethod
    def signed_in(cls, hub: Hub, account: Account, replica: Replica | None = None) -> Line:
        """Ready to push and pull; the replica is in memory unless one is given."""
        if replica is None:
            replica = open_replica(seed=sum(map(ord, account.login)))
        line = cls(hub, account, replica)
        line.sign_in()
        return line

    def sign_in(self) -> None:
        """The hub gives out a token, as to a device with a key."""
        name, key = f"{self.account.display_name}'s", public_key(self.replica, Ed25519())
        login = self.account.login
        answer = self.hub.sign_in(login, PASSWORD, self.replica.id, name, key)
        self.replica.author = self.account.user_id
        self.welcome, _ = from_answer(answer)

    def becomes(self, **changes: str) -> None:
        """The person's account changes on the hub: another role, another store."""
        self.account = replace(self.account, **changes)
        self.hub.accounts.add(self.account, PASSWORD)

    def asks_for(self, text: str, **args: Json) -> Subscription:
        """One more subscription of this replica."""
        subscription = Subscription.of(text, args)
        self.replica.subscriptions.add(subscription)
        return subscription

    def push(self) -> int:
        """Push what waits, and settle what the hub acknowledges; up to where that is."""
        payloads = [entry.payload for entry in self.replica.sending.take()]
        return self.push_these(payloads)

    def push_these(self, payloads: list[bytes]) -> int:
        """Push these bytes as this replica's batches."""
        body = encode_push(Push(self.replica.id, tuple(payloads)))
        reply = decode_push_reply(self.hub.push(self.account.identity, body))
        acknowledged(self.replica, reply.acked)
        return reply.acked

    def cursor(self, **changes: object) -> Cursor:
        """Where this replica stands."""
        identity = self.replica.identity
        fields: dict[str, object] = {
            "replica": identity.replica,
            "name": "Handheld",
            "epoch": identity.hub_epoch,
            "seq": identity.cursor,
            "chain": identity.cursor_chain,
            "scope": identity.scope,
            "subscriptions": self.replica.subscriptions.asked(),
            "held": self.replica.held.oldest(),
            "unsettled": self.replica.sending.unsettled_from(),
        }
        return Cursor(**{**fields, **changes})  # type: ignore[arg-type]

    def sent(self, cursor: Cursor | None = None) -> Iterator[Message]:
        """What the hub sends from here, up to its head; read as it is asked for."""
        request = json.loads(codec.encode(cursor or self.cursor()))
        feed = self.hub.feed(self.account.identity, request)
        for message in feed.opening():
            yield codec.decode(codec.encode(message))
        while page := feed.more():
            for each in page:
                assert each.line == codec.encode(each.message)
                yield codec.decode(each.line)

    def pull(self) -> list[Message]:
        """Take everything in; what it was."""
        messages = [*self.sent()]
        received = self.replica.receive(messages)
        assert received.forked is None
        return messages

    def sync(self) -> list[Message]:
        """Push, then pull."""
        self.push()
        return self.pull()


def kinds(messages: list[Message]) -> list[str]:
    """The names of the messages, for tests of their order."""
    return [type(message).__name__ for message in messages]


def noted(line: Line, text: str, doc_id: str = "inv_1") -> None:
    """Write a note on a shelf, offline."""
    with line.replica.transaction() as tx:
        tx.update("inventory", doc_id, {"notes": text})
