"""`zava connector`: what it says where nothing runs, where a hub has no connector, and for real."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from app.cli.connector.looking import EXIT_UNWELL
from app.cli.data_dir import open_directory
from app.cli.root import run
from sync.system import SystemClock
from tests.helpers.hub_process import ROOT, open_hub
from tests.helpers.mongo_server import mongo_server, named_server

CONFIG = """
mongodb: {connection_string: "${MONGODB_CONNECTION_STRING}", database: zava_test_cli}
collections: [{name: products}]
"""
SECRET = "s3cr3t"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a hub's data and a connector's file."""
    monkeypatch.delenv("MONGODB_CONNECTION_STRING", raising=False)
    (tmp_path / "connector.yaml").write_text(CONFIG, encoding="utf-8")
    open_hub(open_directory(tmp_path / "data").hub, (), SystemClock()).close()
    return tmp_path


@pytest.fixture(scope="module")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if named := named_server():
        yield named
        return
    with mongo_server(tmp_path_factory.mktemp("mongo")) as server:
        yield server.uri


def options(place: Path) -> list[str]:
    return ["--data-dir", str(place / "data"), "--config", str(place / "connector.yaml"), "--json"]


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_where_nothing_runs_the_file_alone_tells(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["connector", "status", *options(place)]) == EXIT_UNWELL
    found = said(capsys)
    assert (found["state"], found["due"], found["dead_letters"]) == ("stopped", 0, {})
    assert found["collections"] == {"products": {"state": "due", "reason": "", "done": 0}}
    assert run(["connector", "list", *options(place)]) == 0
    assert run(["connector", "status", *options(place)[:-1]]) == EXIT_UNWELL
    assert "stopped" in capsys.readouterr().out


def test_a_hub_that_runs_without_a_connector_is_named(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(open_hub(place / "data" / "hub.sqlite3", (), SystemClock())):
        assert run(["connector", "status", *options(place)]) == 1
    assert said(capsys)["error"]["code"] == "connector_elsewhere"


def test_without_an_address_it_says_which_file_lacks_it(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["connector", "run", *options(place)]) == 1
    error = said(capsys)["error"]
    assert error["code"] == "mongo_address_invalid"
    assert "connector.yaml names no MongoDB" in error["message"]


@pytest.mark.parametrize("uri", [f"mongodb://ana:{SECRET}@h:1/x y", f"mongodb://ana:{SECRET}/@h/"])
def test_a_password_is_said_nowhere(
    place: Path, capsys: pytest.CaptureFixture[str], uri: str
) -> None:
    assert run(["connector", "audit", "--mongodb", uri, *options(place)]) == 1
    captured = capsys.readouterr()
    assert SECRET not in captured.out + captured.err


def test_a_mistake_in_the_file_is_told_with_its_line(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "connector.yaml").write_text("collections:\n  - {name: a, sync: yes}\n")
    assert run(["connector", "list", *options(place)]) == 1
    assert "connector.yaml:2:" in said(capsys)["error"]["message"]


async def test_it_runs_alone_takes_orders_and_stops_cleanly(place: Path, mongo_uri: str) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongo_uri) as mongo:
        products = mongo["zava_test_cli"]["products"]
        await products.delete_many({})
        await products.insert_many([{"_id": f"prod_{n}", "price": n} for n in range(9)])
        runs = await _zava("run", "--mongodb", mongo_uri, *options(place))
        assert runs.stdout is not None
        assert b"ready" in await runs.stdout.readline()
        code, found = await _ask("initial-sync", *options(place))
        assert (code, found["collections"]) == (0, ["products"])
        code, found = await _ask("audit", *options(place))
        assert (code, found["clean"], found["documents"]) == (0, True, 9)
        code, found = await _ask("show", "7", *options(place))
        assert (code, found["error"]["code"]) == (1, "letter_unknown")
        runs.send_signal(signal.SIGTERM)
        assert await runs.wait() == 0
        assert not (place / "data" / "hub.sqlite3.connector").exists()
        code, found = await _ask("audit", "--mongodb", mongo_uri, *options(place))
        assert (code, found["clean"], found["documents"]) == (0, True, 9)
        await mongo.drop_database("zava_test_cli")


async def _zava(*arguments: str) -> asyncio.subprocess.Process:
    code = "import sys; from app.cli import main; sys.exit(main())"
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, "connector", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )


async def _ask(*arguments: str) -> tuple[int, dict[str, Any]]:
    process = await _zava(*arguments)
    out, _ = await process.communicate()
    return process.returncode or 0, json.loads(out.splitlines()[-1])
