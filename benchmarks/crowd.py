"""Clients of a hub in one process of their own, as light as they can be: sockets, and the product's
way of packing, checking and decoding what travels. ``fanout`` starts it and reads what it prints.

Plans come in as JSON on standard input, one a line, and so does what was found, once for each; an
empty line ends it.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sync.connector.pace import sleep
from sync.core.batch import NO_DIGEST, Batch, Change, Context, Delta, digest_of, encode
from sync.core.stamps import hlc_of_ms, ms_of_hlc
from sync.ids import Collection, DocId, ReplicaId, UserId
from sync.wire.codec import decode
from sync.wire.frames import CHECK_HEADER, Inflater, check_of, deflate, inflate
from sync.wire.messages import End, Message, Outcome, Part, Push
from sync.wire.pushes import decode_push_reply, encode_push

ANSWER_BYTES_MAX = 1_048_576
HOST = "127.0.0.1"


@dataclass
class Device:
    """One device: its pull, what came by it, and how far its own batches are."""

    replica: ReplicaId
    user: UserId
    token: str
    request: bytes
    shelves: list[str]
    wanted: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    end: End | None = None
    parts: int = 0
    ops: int = 0
    outcomes: int = 0
    refused: int = 0
    waits_ms: list[int] = field(default_factory=list)
    n: int = 0
    digest: str = NO_DIGEST

    def heard(self, message: Message, now_ms: float) -> None:
        """Count a message, and how long ago it was written."""
        if isinstance(message, Part):
            self.parts += 1
            self.ops += sum(len(list(delta.ops())) for delta in message.deltas)
            self.waits_ms.append(round(now_ms - ms_of_hlc(message.source.hlc)))
        elif isinstance(message, Outcome):
            self.outcomes += 1
            self.refused += message.verdict.error is not None
        elif isinstance(message, End):
            self.end = message
            self.ended.set()
        if self.parts + self.outcomes >= self.wanted:
            self.done.set()

    def starts(self, request: dict[str, Any] | None, wanted: int) -> None:
        """Forget what came; the next pull asks this and is for so many batches."""
        self.request = json.dumps(request, separators=(",", ":")).encode()
        self.parts = self.ops = self.outcomes = self.refused = 0
        self.waits_ms.clear()
        self.wanted, self.end = wanted, None
        self.done, self.ended = asyncio.Event(), asyncio.Event()

    def write(self, number: int, ops: int) -> bytes:
        """The next batch of this device: ``ops`` counts, one on each of as many shelves."""
        self.n += 1
        key = ("stock_level", (self.replica, self.n))
        shelves = (self.shelves[(number * ops + i) % len(self.shelves)] for i in range(ops))
        deltas: tuple[Delta, ...] = tuple(
            Change.of(Collection("inventory"), DocId(shelf), {key: -1}) for shelf in shelves
        )
        hlc = hlc_of_ms(time.time_ns() // 1_000_000) + self.n % 65_536
        payload = encode(
            Batch(self.replica, self.n, hlc, self.user, Context("", 0), self.digest, deltas)
        )
        self.digest = digest_of(payload)
        return payload


class Reader(asyncio.Protocol):
    """The pull of one device."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._inflater = Inflater()
        self._head = b""
        self._in_body = False
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(_head("pull", self._device.token, self._device.request))  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._in_body:
            head, found, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not found:
                return
            if b" 200 " not in head.split(b"\r\n", 1)[0]:
                raise RuntimeError(bytes(self._buffer))
            self._in_body, self._buffer = True, bytearray(rest)
        now_ms = time.time_ns() / 1e6
        for chunk in self._chunks():
            for line in self._inflater.feed(chunk):
                self._device.heard(decode(line), now_ms)

    def _chunks(self) -> list[bytes]:
        """The chunks of HTTP that are here whole."""
        found, at = [], 0
        while (end := self._buffer.find(b"\r\n", at)) >= 0:
            size = int(self._buffer[at:end], 16)
            if len(self._buffer) < end + 2 + size + 2:
                break
            found.append(bytes(self._buffer[end + 2 : end + 2 + size]))
            at = end + 2 + size + 2
        del self._buffer[:at]
        return found


def _head(route: str, token: str, body: bytes) -> bytes:
    head = f"POST /v1/{route} HTTP/1.1\r\nhost: {HOST}\r\nauthorization: Bearer {token}\r\n"
    check = check_of(token.encode(), body)
    head += f"{CHECK_HEADER}: {check}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Line:
    """A kept-alive connection for the pushes of one device."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def push(self, device: Device, payloads: list[bytes]) -> None:
        """Push batches; they are held by the hub when this returns."""
        body = deflate(encode_push(Push(device.replica, tuple(payloads))))
        self._writer.write(_head("push", device.token, body))
        head = await self._reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().split(b"content-length:")[1].split(b"\r\n", 1)[0])
        answer = await self._reader.readexactly(size)
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(answer)
        reply = decode_push_reply(inflate(answer, ANSWER_BYTES_MAX))
        if reply.acked != device.n:
            raise RuntimeError(f"the hub holds {reply.acked} of {device.n}")

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def _read(port: int, devices: list[Device], plan: dict[str, Any]) -> dict[str, Any]:
    """Pull with every device until each has had so many parts, or until the time is up."""
    loop = asyncio.get_running_loop()
    lines = [await loop.create_connection(lambda d=d: Reader(d), HOST, port) for d in devices]  # type: ignore[misc]
    if plan.get("waits_for_end"):
        await asyncio.gather(*(device.ended.wait() for device in devices))
    print(json.dumps({"ready": True}), flush=True)
    before = _worked()
    started = time.perf_counter()
    with suppress(TimeoutError):
        async with asyncio.timeout(plan["seconds_max"]):
            await asyncio.gather(*(device.done.wait() for device in devices))
    seconds = time.perf_counter() - started
    for transport, _ in lines:
        transport.abort()
    return {
        "seconds": seconds,
        "worked": _worked() - before,
        "lacking": sum(max(0, d.wanted - d.parts - d.outcomes) for d in devices),
        "parts": sum(d.parts for d in devices),
        "ops": sum(d.ops for d in devices),
        "refused": sum(d.refused for d in devices),
        "waits_ms": sorted(Counter(ms for d in devices for ms in d.waits_ms).items()),
        "ends": {d.replica: [d.end.at, d.end.chain, d.end.scope] for d in devices if d.end},
    }


async def _write(port: int, devices: list[Device], plan: dict[str, Any]) -> dict[str, Any]:
    """Every device writes ``batches`` times, ``a_second`` where that is given; else it pushes
    ``at_once`` batches as fast as the hub takes them."""
    print(json.dumps({"ready": True}), flush=True)
    before, started = _worked(), time.perf_counter()
    paced = plan.get("a_second")
    offsets = (i / len(devices) / paced if paced else 0.0 for i in range(len(devices)))
    work = (_writes(port, d, plan, offset) for d, offset in zip(devices, offsets, strict=True))
    pushes = sum(await asyncio.gather(*work))
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "worked": _worked() - before, "pushes": pushes}


async def _writes(port: int, device: Device, plan: dict[str, Any], offset: float) -> int:
    line = Line(*await asyncio.open_connection(HOST, port))
    batches, ops, paced = plan["batches"], plan["ops"], plan.get("a_second")
    started, made, pushes = time.perf_counter() + offset, 0, 0
    while made < batches:
        if paced:
            due = started + made / paced
            await sleep(max(0, round(1_000 * (due - time.perf_counter()))))
            late = int((time.perf_counter() - started) * paced) + 1
            count = min(batches, max(late, made + 1)) - made
        else:
            count = min(plan["at_once"], batches - made)
        await line.push(device, [device.write(made + i, ops) for i in range(count)])
        made, pushes = made + count, pushes + 1
    line.close()
    return pushes


def _worked() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Carry out plans as they come."""
    known: dict[str, Device] = {}
    while text := sys.stdin.readline().strip():
        plan = json.loads(text)
        for d in plan["devices"]:
            if d["replica"] not in known:
                known[d["replica"]] = Device(request=b"", **d)
        devices = [known[d["replica"]] for d in plan["devices"]]
        for device in devices:
            requests, wanted = plan.get("requests", {}), plan.get("parts", {})
            device.starts(requests.get(device.replica), wanted.get(device.replica, 0))
        run = _read if plan["does"] == "read" else _write
        print(json.dumps(asyncio.run(run(plan["port"], devices, plan))), flush=True)


if __name__ == "__main__":
    main()
