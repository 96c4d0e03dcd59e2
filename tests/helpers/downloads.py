"""A snapshot of shelves as a hub would send it, message by message."""

from __future__ import annotations

from collections.abc import Iterator

from sync.core.conflicts import Provenance
from sync.core.stamps import hlc_of_ms
from sync.core.values import canonical
from sync.ids import Collection, ReplicaId, UserId
from sync.local.oplog import nothing_known
from sync.wire.messages import Begin, Docs, End, Message, PackedRow
from tests.helpers.clocks import NOON_MS
from tests.helpers.replicas import PaperHub, shelf

HUB = ReplicaId("b" * 32)
HLC = hlc_of_ms(NOON_MS)


def download(count: int, page: int) -> Iterator[Message]:
    """Greeting, beginning, pages of shelves and the end."""
    yield PaperHub().hello(snapshot=True)
    yield Begin(at=1, total=count, own=())
    source = Provenance(HUB, 1, HLC, UserId("hub"), nothing_known(), 1)
    for start in range(0, count, page):
        numbers = range(start, min(start + page, count))
        rows = [PackedRow(name(each), body(each), f"[{HLC},7]", None) for each in numbers]
        yield Docs.of(Collection("inventory"), {7: HUB}, (source,), rows)
    yield End(at=1, chain="0" * 32, scope="scope", reach=1)


def name(number: int) -> str:
    return f"inv_{number:06}"


def body(number: int) -> str:
    fields = shelf(name(number), stock_level=number)
    del fields["_id"]
    return canonical(fields)
