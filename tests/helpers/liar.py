"""A client of a hub that is no device: it writes its own batches and says in them what it likes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import httpx

from sync.core.batch import NO_DIGEST, Batch, Birth, Change, Context, Delta, digest_of, encode
from sync.core.stamps import hlc_of_ms
from sync.core.state import ROOT
from sync.core.values import TOMBSTONE, canonical
from sync.errors import ZavaError
from sync.hub import Account
from sync.hub.collections import COLLECTIONS
from sync.ids import Collection, DocId, Document, Json, ReplicaId, UserId
from sync.query.subscription import Subscription
from sync.wire import codec
from sync.wire.frames import Inflater, check_of, deflate
from sync.wire.messages import Begin, Cursor, Docs, End, Message, Outcome, Push, Verdict
from sync.wire.pushes import encode_push
from tests.helpers.clocks import NOON_MS
from tests.helpers.hub_process import PASSWORD

Outcomes = dict[int, ZavaError | None]


@dataclass
class Liar:
    """Signed in as somebody; everything else is made up."""

    client: httpx.AsyncClient
    account: Account
    replica: ReplicaId
    token: str = ""
    head: tuple[int, str] = (0, NO_DIGEST)
    waiting: list[bytes] = field(default_factory=list)

    @classmethod
    async def signed_in(cls, client: httpx.AsyncClient, account: Account, letter: str) -> Liar:
        """Somebody's liar, with a replica id of its own."""
        liar = cls(client, account, ReplicaId(letter * 32))
        body = {"login": account.login, "password": PASSWORD, "replica_id": liar.replica}
        answer = await client.post("/v1/sign-in", json={**body, "device_name": "Laptop"})
        liar.token = answer.raise_for_status().json()["token"]
        return liar

    def batch(self, *deltas: Delta, user: str = "") -> int:
        """Put a batch into the next push; its number."""
        n, prev = self.head[0] + 1, self.head[1]
        who = UserId(user or self.account.user_id)
        stamp = hlc_of_ms(NOON_MS) + n
        made = Batch(self.replica, n, stamp, who, Context("", 0), prev, deltas)
        payload = encode(made)
        self.head = (n, digest_of(payload))
        self.waiting.append(payload)
        return n

    async def push(self, replica: ReplicaId | None = None) -> httpx.Response:
        """Send what waits, as this replica or as another."""
        payloads, self.waiting = self.waiting, []
        body = deflate(encode_push(Push(replica or self.replica, tuple(payloads))))
        return await self._post("/v1/push", body)

    async def outcomes(self) -> Outcomes:
        """What the hub says became of every batch so far, as a device would hear it."""
        found: Outcomes = {}
        async for message in self._pulled():
            for verdict in _verdicts(message):
                found[verdict.n] = verdict.error
            if isinstance(message, End):
                break
        return found

    async def reads(self) -> set[tuple[str, str]]:
        """Everything that the hub sends to a device that asks for all there is."""
        found: set[tuple[str, str]] = set()
        everything = [Subscription.of(f"SELECT * FROM {name}") for name in COLLECTIONS]
        async for message in self._pulled(*everything):
            if isinstance(message, Docs):
                found |= {(message.collection, row.doc_id) for row in message.rows}
            if isinstance(message, End):
                break
        return found

    async def _pulled(self, *asked: Subscription) -> AsyncIterator[Message]:
        start = Cursor(self.replica, "Laptop", epoch="", seq=0, chain="", scope="")
        body = codec.encode(replace(start, subscriptions=asked))
        request = self.client.stream("POST", "/v1/pull", content=body, headers=self._headers(body))
        async with request as answer:
            assert answer.status_code == 200
            inflater = Inflater()
            async with aclosing(answer.aiter_raw()) as chunks:  # type: ignore[type-var]
                async for chunk in chunks:
                    for line in inflater.feed(chunk):
                        yield codec.decode(line)

    async def _post(self, path: str, body: bytes) -> httpx.Response:
        return await self.client.post(path, content=body, headers=self._headers(body))

    def _headers(self, body: bytes) -> dict[str, str]:
        check = check_of(self.token.encode(), body)
        return {"Authorization": f"Bearer {self.token}", "zava-check": check}


def _verdicts(message: Message) -> Iterable[Verdict]:
    if isinstance(message, Begin):
        return [verdict for _, verdict in message.own]
    return [message.verdict] if isinstance(message, Outcome) else []


def born(collection: str, document: Document) -> Birth:
    """The making of a document."""
    fields = {name: value for name, value in document.items() if name != "_id"}
    return Birth(Collection(collection), DocId(document["_id"]), canonical(fields))


def changed(collection: str, doc_id: str, **fields: Json) -> Change:
    """Some fields of a document written."""
    changes = {(name,): value for name, value in fields.items()}
    return Change.of(Collection(collection), DocId(doc_id), {**changes})


def removed(collection: str, doc_id: str) -> Change:
    """The removal of a document."""
    return Change.of(Collection(collection), DocId(doc_id), {ROOT: TOMBSTONE})
