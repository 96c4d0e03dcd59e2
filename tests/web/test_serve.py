"""The hub as a process: it says where it is, stops when told, names what keeps it from starting."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sync import serve
from sync.errors import PortInUse
from sync.hub.accounts import Accounts
from sync.hub.engine import Hub
from sync.ids import ReplicaId
from sync.system import SystemClock, SystemEntropy
from sync.wire.codec import encode
from sync.wire.frames import CHECK_HEADER, check_of
from sync.wire.messages import Cursor
from tests.web.conftest import ANA, ANA_REPLICA, PASSWORD

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def hub_process(data: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "sync.serve", "--data", str(data), "--json", *options]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line: dict[str, Any] = json.loads(process.stdout.readline())
    return line


def post(url: str, body: bytes, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}", CHECK_HEADER: check_of(token.encode(), body)}
    request = urllib.request.Request(url, body, headers)
    return urllib.request.urlopen(request, timeout=10)


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly_with_a_pull_open(tmp_path: Path, number: int) -> None:
    path = tmp_path / "hub.sqlite"
    hub = Hub.open(path, clock=SystemClock(), entropy=SystemEntropy())
    hub.accounts.add(ANA, PASSWORD)
    hub.close()
    with hub_process(path, "--port", "0") as process:
        url = first_line(process)["ready"]["url"]
        sign_in = {"login": "ana", "password": PASSWORD, "replica_id": ANA_REPLICA}
        fields = json.dumps({**sign_in, "device_name": "Handheld"}).encode()
        with post(f"{url}/v1/sign-in", fields) as answer:
            token = json.load(answer)["token"]
        cursor = encode(Cursor(ReplicaId(ANA_REPLICA), "Handheld", "", 0, "", ""))
        with post(f"{url}/v1/pull", cursor, token) as pull:
            assert pull.read(1)
            process.send_signal(number)
            assert pull.read() is not None
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_it_stops_when_its_parent_is_gone(tmp_path: Path) -> None:
    with hub_process(tmp_path / "hub.sqlite", "--port", "0", "--until-stdin-closes") as process:
        assert first_line(process)["ready"]["port"]
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="permissions as on POSIX")
def test_its_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "hub.sqlite"
    with hub_process(path, "--port", "0", "--until-stdin-closes") as process:
        first_line(process)
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with serve.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with hub_process(tmp_path / "hub.sqlite", "--port", str(port)) as process:
            error = first_line(process)["error"]
            assert process.wait(10) == serve.EXIT_PORT_IN_USE
    assert error["code"] == "port_in_use"
    assert str(port) in error["message"]
    assert "--port" in error["remedy"]
    assert not (tmp_path / "hub.sqlite").exists()


def test_a_foreign_file_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "hub.sqlite"
    path.write_text("my diary " * 1_000)
    with hub_process(path, "--port", "0") as process:
        error = first_line(process)["error"]
        assert process.wait(10) == serve.EXIT_FAILED
    assert error["code"] == "database_foreign"
    assert path.read_text() == "my diary " * 1_000


def test_the_words_are_for_people_without_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve.main(["--data", str(tmp_path / "hub.sqlite"), "--port", "70000"]) == 2
    assert "what to do:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "address", [("127.0.0.1", -1), ("127.0.0.1", 65_536), ("no.such.invalid", 0)]
)
def test_an_impossible_address_is_named(address: tuple[str, int]) -> None:
    with pytest.raises(PortInUse):
        serve.listen(*address)


def test_two_hubs_never_share_a_port() -> None:
    with serve.listen("127.0.0.1", 0) as first:
        with pytest.raises(PortInUse):
            serve.listen("127.0.0.1", first.getsockname()[1])
        assert first.family == socket.AF_INET


def test_accounts_survive_a_restart(tmp_path: Path) -> None:
    for fresh in (True, False):
        hub = Hub.open(tmp_path / "hub.sqlite", clock=SystemClock(), entropy=SystemEntropy())
        assert isinstance(hub.accounts, Accounts)
        if fresh:
            hub.accounts.add(ANA, PASSWORD)
        assert hub.accounts.check("ana", PASSWORD) == ANA.identity
        hub.close()
