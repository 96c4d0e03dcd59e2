"""A running connector takes orders from this machine: JSON lines on the loopback address.

The hub's file has one holder, so whoever wants to look or to act from outside has to ask it. Where
it listens, and a key, stand in a file beside the hub's that only its owner may read.

    → {"key": "…", "do": "audit", "with": {"repair": true}}
    ← {"progress": {…}}            as often as there is some
    ← {"done": {…}}  or  {"error": {"code", "message", "remedy", "retryable"}}
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

from sync.errors import HubFailed, MessageGarbage, ZavaError, from_json
from sync.ports import Entropy

Told: TypeAlias = Callable[[dict[str, Any]], None]
"""Hears how far something is."""
Carry: TypeAlias = Callable[[str, dict[str, Any], Told], Awaitable[dict[str, Any]]]
"""Carries out an order: its name, what it is given, who hears of progress; the answer."""

HOST = "127.0.0.1"
LINE_BYTES_MAX = 4 * 1_048_576
"""A list of dead letters is the longest answer."""
ASK_SECONDS_MAX = 10
_KEY_BYTES = 32
_OWNER_ONLY = 0o600

_log = logging.getLogger(__name__)


def control_file(hub: Path) -> Path:
    """Where the connector of a hub's file says how to reach it."""
    return hub.with_name(hub.name + ".connector")


@asynccontextmanager
async def listening(file: Path, carry: Carry, entropy: Entropy) -> AsyncIterator[None]:
    """Take orders for as long as the block lasts."""
    key = entropy.draw(_KEY_BYTES).hex()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await _answer(reader, writer, key, carry)
        writer.close()

    server = await asyncio.start_server(serve, HOST, 0, limit=LINE_BYTES_MAX)
    async with server:
        _announce(file, server.sockets[0].getsockname()[1], key)
        try:
            yield
        finally:
            _withdraw(file)


def _withdraw(file: Path) -> None:
    file.unlink(missing_ok=True)


def _announce(file: Path, port: int, key: str) -> None:
    _withdraw(file)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as text:
        json.dump({"port": port, "key": key}, text)


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str, carry: Carry
) -> None:
    def say(**fields: Any) -> None:
        writer.write(json.dumps(fields).encode() + b"\n")

    try:
        async with asyncio.timeout(ASK_SECONDS_MAX):
            order = json.loads(await reader.readline())
        if not hmac.compare_digest(str(order["key"]), key):
            raise MessageGarbage("The key of the order is not that of this connector.")
        answer = await carry(order["do"], order.get("with") or {}, lambda far: say(progress=far))
        say(done=answer)
    except ZavaError as error:
        say(error=error.to_json())
    except (ValueError, KeyError, TypeError, TimeoutError):
        say(error=MessageGarbage("This is no order that a connector takes.").to_json())
    except Exception:
        _log.exception("An order to the connector failed.")
        say(error=HubFailed("The connector could not do this; its log says why.").to_json())
    await writer.drain()


async def ask(file: Path, do: str, given: dict[str, Any], told: Told) -> dict[str, Any] | None:
    """Give an order to the connector that runs over a hub's file; None where none does.

    Raises the named error with which it was refused.
    """
    found = _read(file)
    if found is None:
        return None
    try:
        reader, writer = await asyncio.open_connection(
            HOST, int(found["port"]), limit=LINE_BYTES_MAX
        )
    except OSError:
        return None  # it was killed, and its file is left over
    try:
        order = {"key": found["key"], "do": do, "with": given}
        writer.write(json.dumps(order).encode() + b"\n")
        while line := await reader.readline():
            answer = json.loads(line)
            if "error" in answer:
                raise from_json(answer["error"])
            if "done" in answer:
                done: dict[str, Any] = answer["done"]
                return done
            told(answer["progress"])
    finally:
        writer.close()
    raise HubFailed("The connector stopped before it had done this.")


def _read(file: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and {"port", "key"} <= found.keys() else None
