"""Pushes and their answers as bytes; bad ones have names."""

from __future__ import annotations

from sync.core.decode import parse_object, replica_id, short_text, whole
from sync.core.values import INT_MAX
from sync.errors import MessageGarbage, VersionUnknown
from sync.wire.codec import dumps
from sync.wire.messages import PROTOCOL, Push, PushReply


def decode_push(line: bytes) -> Push:
    """Who made the batches that are pushed, and the batches, as the bytes their digests are of."""
    body = parse_object(line)
    if body.get("v") != PROTOCOL:
        raise VersionUnknown(f"The device speaks protocol {body.get('v')!r:.20}, not {PROTOCOL}.")
    batches, proofs = _texts(body.get("batches")), _texts(body.get("proofs", []))
    if proofs and len(proofs) != len(batches):
        raise MessageGarbage("A push has proofs of some batches and not of others.")
    try:
        payloads = tuple(item.encode() for item in batches)
    except UnicodeEncodeError as error:
        raise MessageGarbage("A batch is not Unicode text.") from error
    return Push(replica_id(body.get("replica")), payloads, tuple(proofs))


def _texts(items: object) -> list[str]:
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise MessageGarbage("A push is not a list of batches.")
    return items


def encode_push(push: Push) -> bytes:
    """The inverse of ``decode_push``."""
    texts = [batch.decode() for batch in push.batches]
    proofs = {"proofs": list(push.proofs)} if push.proofs else {}
    return dumps({"v": PROTOCOL, "replica": push.replica, "batches": texts, **proofs}).encode()


def decode_push_reply(line: bytes) -> PushReply:
    """The hub's answer to a push."""
    body = parse_object(line)
    return PushReply(
        acked=whole(body.get("acked"), 0, INT_MAX, "batch number"),
        hub_time_ms=whole(body.get("time"), 0, INT_MAX, "time"),
        declined=short_text(body.get("declined", ""), "reason"),
    )


def encode_push_reply(reply: PushReply) -> bytes:
    """The inverse of ``decode_push_reply``."""
    declined = {"declined": reply.declined} if reply.declined else {}
    return dumps({"acked": reply.acked, "time": reply.hub_time_ms, **declined}).encode()
