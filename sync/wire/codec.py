"""Messages to lines of JSON and back, believing nothing that comes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sync.core.batch import pack_deltas
from sync.core.decode import (
    collection_name,
    origin_of,
    pairs_of,
    parse_object,
    replica_id,
    short_text,
    unpack_deltas,
    whole,
)
from sync.core.text import compact
from sync.core.values import INT_MAX, check_id
from sync.errors import (
    DataError,
    MessageGarbage,
    VersionUnknown,
    from_json,
)
from sync.query.subscription import SUBSCRIPTIONS_MAX, Subscription
from sync.query.subscription_errors import SubscriptionInvalid
from sync.wire.documents import GROUP, docs_of, head_of, rows_of, source_body, source_of
from sync.wire.messages import (
    HELD_REPLICAS_MAX,
    PROTOCOL,
    Begin,
    Cursor,
    Docs,
    End,
    Gone,
    Hello,
    Message,
    Outcome,
    Part,
    Ping,
    Position,
    Settled,
    Sized,
    Sizes,
    Verdict,
)
from sync.wire.small_parts import small_part

dumps = compact
"""JSON as everything on the wire is written."""


def encode(message: Message | Cursor) -> bytes:
    """A message as one line, newline included."""
    if isinstance(message, Docs):
        return f"{dumps(_body(message))}{GROUP}{rows_of(message)}\n".encode()
    return (dumps(_body(message)) + "\n").encode()


def _body(message: Message | Cursor) -> dict[str, Any]:
    match message:
        case Hello():
            return {
                **{"k": "hello", "v": PROTOCOL, "hub": message.hub_id, "epoch": message.epoch},
                **{"head": message.head, "time": message.hub_time_ms},
                **{"scope": message.scope, "snapshot": message.snapshot, "shared": message.shared},
                "difference": message.difference,
            }
        case Sizes():
            return {"k": "sizes", "n": [_sized_body(item) for item in message.items]}
        case Begin():
            settled = [[seq, *_verdict_body(verdict)] for seq, verdict in message.own]
            begin = {"k": "begin", "at": message.at, "total": message.total, "own": settled}
            return {**begin, "whole": message.whole}
        case Docs():
            return {"k": "docs", **head_of(message)}
        case Gone():
            return {"k": "gone", "c": message.collection, "x": list(message.ids)}
        case End():
            end = {"k": "end", "at": message.at, "g": message.chain, "scope": message.scope}
            return {**end, "reach": message.reach, "whole": message.whole}
        case Part():
            return {
                **{"k": "part", "seq": message.seq, "g": message.chain},
                **{"s": source_body(message.source), "d": pack_deltas(message.deltas)},
                **{"w": [[head_of(docs), rows_of(docs)] for docs in message.whole]},
                "x": [list(item) for item in message.gone],
                **({} if message.origin is None else {"o": list(message.origin)}),
            }
        case Outcome():
            verdict = _verdict_body(message.verdict)
            own = {"k": "own", "seq": message.seq, "g": message.chain, "e": verdict}
            return {**own, "more": message.more}
        case Settled():
            return {"k": "settled", "r": message.replica, "n": message.n}
        case Position():
            return {"k": "at", "seq": message.seq, "g": message.chain}
        case Ping():
            return {"k": "ping", "time": message.hub_time_ms}
        case Cursor():
            return {
                **{"v": PROTOCOL, "replica": message.replica, "name": message.name},
                **{"epoch": message.epoch, "seq": message.seq},
                **{"g": message.chain, "scope": message.scope},
                **({"held": [list(item) for item in message.held]} if message.held else {}),
                "unsettled": message.unsettled,
                "subscriptions": [[each.text, each.args] for each in message.subscriptions],
            }


def _verdict_body(verdict: Verdict) -> list[Any]:
    error = None if verdict.error is None else verdict.error.to_json()
    return [verdict.n, verdict.digest, error]


def _sized_body(sized: Sized) -> list[Any]:
    error = None if sized.error is None else sized.error.to_json()
    return [sized.documents, sized.size_bytes, error]


def decode(line: bytes) -> Message:
    """The message of one line; ``MessageGarbage`` for anything that is not one."""
    return small_part(line) or decode_any(line)


def decode_any(line: bytes) -> Message:
    """The same without the quick way of small parts."""
    end = len(line) - line.endswith(b"\n")
    group = line.find(GROUP.encode())
    body = parse_object(line[: end if group < 0 else group])
    kind = body.get("k")
    if kind == "docs":
        body["rows"] = b"" if group < 0 else memoryview(line)[group + 1 : end]
    elif group >= 0:
        raise MessageGarbage("A message is more than its JSON.")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise MessageGarbage(f"There is no message of kind {kind!r:.20}.")
    try:
        return reader(body)
    except (KeyError, TypeError, ValueError, DataError) as error:
        raise MessageGarbage(f"A {kind} message is malformed: {error!r:.200}") from error


def decode_cursor(body: dict[str, Any]) -> Cursor:
    """The cursor that opens a pull."""
    if body.get("v") != PROTOCOL:
        raise VersionUnknown(f"The device speaks protocol {body.get('v')!r:.20}, not {PROTOCOL}.")
    return Cursor(
        replica=replica_id(body.get("replica")),
        name=short_text(body.get("name"), "device name"),
        epoch=short_text(body.get("epoch"), "epoch"),
        seq=whole(body.get("seq"), 0, INT_MAX, "seq"),
        chain=short_text(body.get("g"), "digest"),
        scope=short_text(body.get("scope"), "scope"),
        held=pairs_of(body.get("held") or [], HELD_REPLICAS_MAX, "cursor"),
        subscriptions=_subscriptions(body.get("subscriptions", [])),
        unsettled=whole(body.get("unsettled", 1), 1, INT_MAX, "unsettled"),
    )


def _subscriptions(items: object) -> tuple[Subscription, ...]:
    if not isinstance(items, list) or len(items) > SUBSCRIPTIONS_MAX:
        raise MessageGarbage(f"A device has at most {SUBSCRIPTIONS_MAX} subscriptions.")
    try:
        return tuple(Subscription.of(text, parse_object(args.encode())) for text, args in items)
    except (AttributeError, TypeError, ValueError, SubscriptionInvalid) as error:
        raise MessageGarbage(f"A subscription is malformed: {error!r:.200}") from error


def _hello(body: dict[str, Any]) -> Hello:
    if body["v"] != PROTOCOL:
        raise VersionUnknown(f"The hub speaks protocol {body['v']!r:.20}, not {PROTOCOL}.")
    return Hello(
        hub_id=short_text(body["hub"], "hub id"),
        epoch=short_text(body["epoch"], "epoch"),
        head=whole(body["head"], 0, INT_MAX, "seq"),
        hub_time_ms=whole(body["time"], 0, INT_MAX, "time"),
        scope=short_text(body["scope"], "scope"),
        snapshot=bool(body["snapshot"]),
        shared=whole(body["shared"], 0, INT_MAX, "seq"),
        difference=bool(body.get("difference")),
    )


def _sizes(body: dict[str, Any]) -> Sizes:
    return Sizes(
        tuple(
            Sized(
                documents=whole(documents, 0, INT_MAX, "count"),
                size_bytes=whole(size_bytes, 0, INT_MAX, "size"),
                error=None if error is None else from_json(error),
            )
            for documents, size_bytes, error in body["n"]
        )
    )


def _begin(body: dict[str, Any]) -> Begin:
    return Begin(
        at=whole(body["at"], 0, INT_MAX, "seq"),
        total=whole(body["total"], 0, INT_MAX, "count"),
        own=tuple((whole(seq, 1, INT_MAX, "seq"), _verdict(item)) for seq, *item in body["own"]),
        whole=bool(body.get("whole", True)),
    )


def _verdict(item: list[Any]) -> Verdict:
    n, digest, error = item
    return Verdict(
        n=whole(n, 1, INT_MAX, "batch number"),
        digest=short_text(digest, "digest"),
        error=None if error is None else from_json(error),
    )


def _gone(body: dict[str, Any]) -> Gone:
    ids = tuple(body["x"])
    for doc_id in ids:
        check_id(doc_id)
    return Gone(collection_name(body["c"]), ids)


def _end(body: dict[str, Any]) -> End:
    return End(
        at=whole(body["at"], 0, INT_MAX, "seq"),
        chain=short_text(body["g"], "digest"),
        scope=short_text(body["scope"], "scope"),
        reach=whole(body["reach"], 0, INT_MAX, "seq"),
        whole=bool(body["whole"]),
    )


def _part(body: dict[str, Any]) -> Part:
    source = source_of(body["s"])
    return Part(
        seq=whole(body["seq"], 1, INT_MAX, "seq"),
        chain=short_text(body["g"], "digest"),
        source=source,
        deltas=unpack_deltas(body["d"], source.replica, source.n),
        whole=tuple(docs_of(*item) for item in body["w"]),
        gone=tuple((collection_name(name), str(doc_id)) for name, doc_id in body["x"]),
        origin=origin_of(body.get("o")),
    )


def _outcome(body: dict[str, Any]) -> Outcome:
    return Outcome(
        seq=whole(body["seq"], 1, INT_MAX, "seq"),
        chain=short_text(body["g"], "digest"),
        verdict=_verdict(body["e"]),
        more=bool(body.get("more")),
    )


def _settled(body: dict[str, Any]) -> Settled:
    return Settled(replica_id(body["r"]), whole(body["n"], 1, INT_MAX, "batch number"))


def _position(body: dict[str, Any]) -> Position:
    return Position(whole(body["seq"], 0, INT_MAX, "seq"), short_text(body["g"], "digest"))


def _ping(body: dict[str, Any]) -> Ping:
    return Ping(whole(body["time"], 0, INT_MAX, "time"))


_READERS: dict[str, Callable[[dict[str, Any]], Message]] = {
    "hello": _hello,
    "sizes": _sizes,
    "begin": _begin,
    "docs": lambda body: docs_of(body, str(body["rows"], "utf-8")),
    "gone": _gone,
    "end": _end,
    "part": _part,
    "own": _outcome,
    "settled": _settled,
    "at": _position,
    "ping": _ping,
}
