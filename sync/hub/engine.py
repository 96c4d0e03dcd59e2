"""The hub: one replica everybody syncs with, and the accounts of those who may (DESIGN §1)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

from argon2 import PasswordHasher

from sync.errors import SessionError, SignInRequired
from sync.hub.accounts import Accounts, signing_key
from sync.hub.bounds import Bounds
from sync.hub.device_facts import Sources
from sync.hub.doorbell import Doorbell
from sync.hub.feed import Feed
from sync.hub.hand import Hand
from sync.hub.identity import TokenSigner
from sync.hub.intake import Intake
from sync.hub.known_scopes import Asked, KnownScopes
from sync.hub.pages import Pages, joined
from sync.hub.people import People
from sync.hub.permissions import Found, Permissions
from sync.hub.pull import Pull
from sync.hub.pushing import Message, Pushing
from sync.hub.readers import Readers
from sync.hub.relay import Relay
from sync.hub.rounds import Rounds
from sync.hub.standing import Standing
from sync.hub.tail import Tail
from sync.hub.tracing import trace
from sync.ids import Document, ReplicaId
from sync.local.oplog import HUB_USER
from sync.local.replica import Replica
from sync.peer.access import Access
from sync.peer.ed25519 import Ed25519
from sync.peer.identity import Identity
from sync.peer.tokens import HubKey, key_of
from sync.ports import Clock, Entropy
from sync.query.selection import DAY_MS
from sync.wire.codec import decode_cursor
from sync.wire.messages import Cursor

DEVICE_NAME_CHARACTERS_MAX = 60
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O, which a person reads as 1 and 0."""
_NO_STORE = "-"
"""Where the codes of people without a store are kept."""


class Hub:
    """The engine behind the routes of ``sync.web``. Its calls block on the file: use threads."""

    def __init__(
        self,
        replica: Replica,
        clock: Clock,
        entropy: Entropy,
        hasher: PasswordHasher | None = None,
        permissions: Permissions | None = None,
    ) -> None:
        database = replica.parts.database
        self.replica = replica
        self.clock = clock
        self.accounts = Accounts(database, clock, entropy, hasher)
        self.tokens = TokenSigner(signing_key(database, entropy), replica.id, clock, entropy)
        self.doorbell = Doorbell()
        self.permissions = permissions or Permissions.of(None, clock.now_ms())
        self.beside: dict[str, Callable[[], dict[str, Any]]] = {}
        """What runs in this process besides, by name, and how it is; part of ``status``."""
        self._standing = Standing(replica.parts.documents)
        self._tail = Tail(replica.parts)
        self._pages = Pages(replica, self._tail)
        self.hand = Hand(database)
        self.rounds = Rounds(replica.parts, self.doorbell, self._pages, self.hand)
        intake = Intake(replica, self._rights_of, self._tail)
        key = HubKey(replica.id, key_of(self.tokens.public_jwk()["x"]))
        relay = Relay(key, Ed25519(), self.accounts, intake, clock)
        self._scopes = KnownScopes(database)
        self.readers = Readers(database)
        self._pushing = Pushing(
            intake, relay, self.readers, replica.identity, clock, self._check_device
        )
        people = People(replica, self.accounts)
        sources = Sources(
            replica, people, self._scopes, self.readers, lambda: self.permissions.rules
        )
        self.journeys = trace(sources)

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        clock: Clock,
        entropy: Entropy,
        permissions: Permissions | None = None,
    ) -> Hub:
        """Open or create the hub's file; ``StorageError`` says what is wrong with it."""
        replica = Replica.open(path, clock=clock, entropy=entropy, kind="hub")
        return cls.start(replica, clock, entropy, permissions=permissions)

    @classmethod
    def start(
        cls,
        replica: Replica,
        clock: Clock,
        entropy: Entropy,
        hasher: PasswordHasher | None = None,
        permissions: Permissions | None = None,
    ) -> Hub:
        """Serve an open hub replica, as a new epoch of its log (S1)."""
        replica.author = HUB_USER
        replica.begin_epoch()
        return cls(replica, clock, entropy, hasher, permissions)

    @property
    def hub_id(self) -> str:
        """The replica id of the hub, which its tokens name as issuer."""
        return self.replica.id

    @property
    def epoch(self) -> str:
        """The epoch of its log (S1)."""
        return self.replica.identity.epoch

    def close(self) -> None:
        """Close the file, once what is being done with it is done."""
        self.hand.close()
        self.replica.close()

    def sign_in(
        self,
        login: str,
        password: str,
        replica_id: ReplicaId,
        device_name: str,
        key: str | None = None,
    ) -> dict[str, Any]:
        """Check the password, register the device with its person, give out a token.

        ``key`` is the device's public key, which the token then names, for peers (S7).
        """
        identity = self.accounts.check(login, password)
        device = self._register(identity, replica_id, device_name)
        token = self.tokens.issue(identity, device=None if key is None else (replica_id, key))
        return {
            "token": token.text,
            "expires_at_ms": token.expires_at_ms,
            "hub_id": self.hub_id,
            "hub_time_ms": self.clock.now_ms(),
            "hub_key": self.tokens.public_jwk()["x"],
            "rules": self.permissions.rules.to_json(),
            "user": {
                "user_id": identity.user_id,
                "login": identity.login,
                "display_name": identity.display_name,
                "role": identity.role,
                "store_id": identity.store_id,
                "store_code": identity.store_code,
            },
            "device": {"device_code": device["device_code"], "device_name": device["device_name"]},
        }

    def push(self, identity: Identity, body: bytes) -> bytes:
        """Take the batches of an unpacked push message; the unpacked reply."""
        (reply,) = self.push_all([(identity, body)])
        if isinstance(reply, Exception):
            raise reply
        return reply

    def push_all(self, asked: Sequence[Message]) -> list[bytes | Exception]:
        """``push`` of several, in order, in one commit if none fails; what each would raise."""
        replies = self._pushing.take(asked)
        self.doorbell.ring()
        return replies

    async def pull(
        self, identity: Identity, request: dict[str, Any]
    ) -> AsyncGenerator[bytes, None]:
        """The lines of a pull, in runs that go out together, for as long as the caller reads."""
        feed = await asyncio.to_thread(self.feed, identity, request)
        readers, replica_id = self.readers, decode_cursor(request).replica
        try:
            async with aclosing(Pull(feed, self.rounds).pages()) as pages:
                async for page in pages:
                    for lines in joined(page):
                        yield lines
                    if readers.went_out(replica_id, page[-1].message, self.clock.now_ms()):
                        await self.hand.do(partial(readers.keep, replica_id))
        finally:
            await self.hand.do(partial(readers.keep, replica_id))

    def feed(self, identity: Identity, request: dict[str, Any]) -> Feed:
        """What a pull from the cursor in ``request`` has to send."""
        cursor = decode_cursor(request)
        self._admit(identity, cursor)

        rules = self.permissions.rules
        asked = Asked(identity, cursor.subscriptions, self._day(), rules)
        bounds = asked.bounds()
        self._make_quick(bounds)
        former = self._scopes.recall(cursor.replica, cursor.scope)
        self._scopes.remember(cursor.replica, bounds.digest, asked)
        same_log = self.replica.parts.log.chain_at(cursor.seq) == cursor.chain
        read = cursor.seq if same_log else 0
        self.readers.opened(cursor.replica, read, cursor.scope, self.clock.now_ms())

        seen: list[object] = [None, None]

        def present() -> Bounds | None:
            now = self._standing.now(self.accounts, self.permissions, self._day())
            if seen[0] != now:
                seen[:] = now, self._present(asked, bounds, cursor.replica)
            return cast(Bounds | None, seen[1])

        tail, pages = self._tail, self._pages
        return Feed(self.replica, self.hub_id, bounds, cursor, former, present, tail, pages)

    def _present(self, asked: Asked, bounds: Bounds, replica_id: ReplicaId) -> Bounds | None:
        """What the bounds of a pull are by now; None for somebody who may not read any more."""
        try:
            self._check_device(asked.identity, replica_id)
            person, rules = self.accounts.current(asked.identity), self.permissions.rules
            present = replace(asked, identity=person, day=self._day(), rules=rules)
            return bounds if present == asked else present.bounds()
        except SessionError:
            return None

    def _rights_of(self, identity: Identity) -> Access:
        """What a person may by the present rules."""
        return self.permissions.rules.access(identity, self.clock.now_ms())

    def follow(self, found: Found) -> None:
        """Take a new state of the permission file; who holds what follows at once."""
        if self.permissions.take(found, self.clock.now_ms()):
            self.doorbell.ring()

    def _make_quick(self, bounds: Bounds) -> None:
        """Index the fields by which documents are found that rest on others."""
        lookups = self.replica.parts.related.lookups
        for link in bounds.links:
            path = next((each for each in link.probe.paths if each is not None), None)
            if path is not None and lookups.lacks_index(link.outer, path):
                with self.replica.parts.database.transaction():
                    lookups.ensure(link.outer, path)

    def _day(self) -> int:
        """The day by which subscriptions that ask the clock are judged, in UTC."""
        return self.clock.now_ms() // DAY_MS

    def status(self) -> dict[str, Any]:
        """Counts for health checks and dashboards."""
        documents = self.replica.parts.documents
        return {
            "hub_id": self.hub_id,
            "epoch": self.epoch,
            "seq": self.replica.identity.seq,
            "accounts": self.accounts.count(),
            "documents": {name: documents.count(name) for name in documents.collections},
            "conflicts": self.replica.history.count(),
            "permissions": self.permissions.status(),
            **{name: told() for name, told in self.beside.items()},
        }

    def _admit(self, identity: Identity, cursor: Cursor) -> None:
        """Check the device; one that had to take a new replica id registers by itself (C8)."""
        if self.replica.get("devices", cursor.replica) is None:
            self._register(identity, cursor.replica, cursor.name)
        self._check_device(identity, cursor.replica)

    def _check_device(self, identity: Identity, replica_id: ReplicaId) -> None:
        """Raise ``SignInRequired`` unless this person signed in last on this device."""
        if self._standing.holder(replica_id) != identity.user_id:
            raise SignInRequired(f"{identity.login} is not signed in on this device.")

    def _register(self, identity: Identity, replica_id: ReplicaId, name: str) -> Document:
        """Make or renew the device's document, so that histories can say where (C5)."""
        seen = _iso(self.clock.now_ms())
        fields: Document = {
            "device_id": replica_id,
            "device_name": name.strip()[:DEVICE_NAME_CHARACTERS_MAX] or "Device",
            "user_id": identity.user_id,
            "store_id": identity.store_id,
            "last_seen": seen,
            "deleted": False,
        }
        with self.replica.transaction() as tx:
            held = tx.get("devices", replica_id)
            code = None if held is None else _code_in(held, identity.store_id)
            fields["device_code"] = code or self._next_code(identity.store_id)
            fields["codes"] = {identity.store_id or _NO_STORE: fields["device_code"]}
            tx.upsert("devices", {"_id": replica_id, **fields})
        self.doorbell.ring()
        return fields

    def _next_code(self, store_id: str) -> str:
        """The next code no device ever had in a store: A1 … Z9, then A10 and on."""
        taken = {_code_in(device, store_id) for device in self.replica.find("devices")}
        number = 0
        while True:
            block, rest = divmod(number, len(_CODE_LETTERS) * 9)
            letter, digit = divmod(rest, 9)
            code = f"{_CODE_LETTERS[letter]}{block * 9 + digit + 1}"
            if code not in taken:
                return code
            number += 1


def _code_in(device: Document, store_id: str) -> str | None:
    """The code a device has, or had before it changed stores, in this store."""
    codes = device.get("codes")
    known = codes.get(store_id or _NO_STORE) if isinstance(codes, dict) else None
    here = device.get("device_code") if device.get("store_id") == store_id else None
    return None if (code := known or here) is None else str(code)


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
