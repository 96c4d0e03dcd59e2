"""A socket that speaks MongoDB's wire protocol and answers as a script says: for what no server at
hand does, such as refusing a password."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import bson

Answer: TypeAlias = dict[str, Any]
Script: TypeAlias = Callable[[str, dict[str, Any]], Answer | None]
"""The answer to a command by its name; None for one that says only that it is done."""

_HEADER = struct.Struct("<iiii")
_OP_REPLY, _OP_QUERY, _OP_MSG = 1, 2004, 2013
HELLO: Answer = {
    "isWritablePrimary": True,
    "helloOk": True,
    "maxBsonObjectSize": 16_777_216,
    "maxMessageSizeBytes": 48_000_000,
    "maxWriteBatchSize": 100_000,
    "minWireVersion": 0,
    "maxWireVersion": 21,
    "ok": 1,
}


def refused(code: int, message: str) -> Answer:
    """An error of the server's."""
    return {"ok": 0, "code": code, "errmsg": message}


@asynccontextmanager
async def scripted(script: Script, hello: Answer = HELLO) -> AsyncIterator[str]:
    """``host:port`` of a server that greets with ``hello`` and asks the script for the rest."""

    def answer(command: dict[str, Any]) -> Answer:
        name = next(iter(command))
        if name.lower() in ("hello", "ismaster"):
            return {**hello, "localTime": None, "ok": 1}
        return {"ok": 1, **(script(name, command) or {})}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                size, number, _, kind = _HEADER.unpack(await reader.readexactly(_HEADER.size))
                if kind not in (_OP_QUERY, _OP_MSG):
                    break  # another protocol: MongoDB hangs up as well
                body = await reader.readexactly(size - _HEADER.size)
                writer.write(_reply(kind, number, answer(_command(kind, body))))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    try:
        yield f"{host}:{port}"
    finally:
        server.close()


def _command(kind: int, body: bytes) -> dict[str, Any]:
    if kind == _OP_MSG:
        return bson.decode(body[5:])
    name_ends = body.index(b"\0", 4)
    return bson.decode(body[name_ends + 9 :])


def _reply(kind: int, number: int, document: Answer) -> bytes:
    packed = bson.encode(document)
    if kind == _OP_MSG:
        body, code = struct.pack("<iB", 0, 0) + packed, _OP_MSG
    else:
        body, code = struct.pack("<iqii", 8, 0, 0, 1) + packed, _OP_REPLY
    return _HEADER.pack(_HEADER.size + len(body), 0, number, code) + body
