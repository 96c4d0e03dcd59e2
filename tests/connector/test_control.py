"""Orders to a running connector."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from sync.connector.control import Told, ask, control_file, listening
from sync.errors import MessageGarbage, ZavaError
from sync.errors.mongo import MongoUnreachable
from tests.helpers.clocks import SeededEntropy


async def carry(do: str, given: dict[str, Any], told: Told) -> dict[str, Any]:
    if do == "fail":
        raise MongoUnreachable("MongoDB does not answer.")
    if do == "break":
        raise ZeroDivisionError
    told({"done": 1, "of": 2})
    return {"did": do, **given}


async def test_an_order_is_carried_out_with_progress(tmp_path: Path) -> None:
    file, far = control_file(tmp_path / "hub.sqlite3"), []
    async with listening(file, carry, SeededEntropy()):
        answer = await ask(file, "audit", {"repair": True}, far.append)
    assert answer == {"did": "audit", "repair": True}
    assert far == [{"done": 1, "of": 2}]


async def test_errors_come_back_under_their_names(tmp_path: Path) -> None:
    file = control_file(tmp_path / "hub.sqlite3")
    async with listening(file, carry, SeededEntropy()):
        with pytest.raises(MongoUnreachable, match="does not answer"):
            await ask(file, "fail", {}, print)
        with pytest.raises(ZavaError, match="its log says why"):
            await ask(file, "break", {}, print)


async def test_nobody_runs_where_there_is_no_file_or_a_file_left_over(tmp_path: Path) -> None:
    file = control_file(tmp_path / "hub.sqlite3")
    assert await ask(file, "status", {}, print) is None
    async with listening(file, carry, SeededEntropy()):
        kept = file.read_text()
    assert not file.exists()
    file.write_text(kept)
    assert await ask(file, "status", {}, print) is None
    file.write_text("what")
    assert await ask(file, "status", {}, print) is None


async def test_only_the_owner_may_read_the_key_and_without_it_nothing_is_done(
    tmp_path: Path,
) -> None:
    file = control_file(tmp_path / "hub.sqlite3")
    async with listening(file, carry, SeededEntropy()):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.write_text(json.dumps({**json.loads(file.read_text()), "key": "guessed"}))
        with pytest.raises(MessageGarbage, match="key"):
            await ask(file, "status", {}, print)


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b"[1]\n", b'{"key": 1}\n', b"\xff\n"])
async def test_what_is_no_order_is_refused(tmp_path: Path, line: bytes) -> None:
    file = control_file(tmp_path / "hub.sqlite3")
    async with listening(file, carry, SeededEntropy()):
        port = json.loads(file.read_text())["port"]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(line)
        answer = json.loads(await reader.readline())
        writer.close()
    assert answer["error"]["code"] == "message_garbage"
