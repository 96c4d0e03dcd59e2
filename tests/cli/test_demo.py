"""`zava demo` as people start it: real processes, real ports, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.cli.data_dir import open_directory
from app.cli.root import run
from sync.errors import DatabaseUnwritable
from sync.hub import Hub
from sync.serve import listen

ROOT = Path(__file__).resolve().parents[2]
CODE = "import sys; from app.cli import main; main()"


@contextmanager
def demo(data: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", CODE, "demo", "--data-dir", str(data), "--no-open", "--json"]
    process = subprocess.Popen(
        [*command, *options],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.stderr and process.stderr.read()
    answer: dict[str, Any] = json.loads(line)
    return answer


def reachable(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:  # refused, reset, or cut while answering
        return False


def gone(url: str) -> bool:
    """Whether something stops answering soon."""
    return any(not reachable(url) for _ in range(1_000))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_a_demo_starts_stops_and_finds_its_data_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    hub_ids = []
    for made, options in ((True, ()), (False, ()), (True, ("--fresh",))):
        with demo(data, "--port", "0", *options) as process:
            ready = said(process)["ready"]
            assert ready["made"] is made
            assert reachable(ready["url"])
            assert reachable(ready["hub_url"] + "/v1/health")
            assert [each["role"] for each in ready["accounts"]] == [
                "worker",
                "rep",
                "manager",
                "super",
            ]
            hub_ids.append(ready["hub_id"])
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=30)
        assert (process.returncode, out) == (0, "")
        assert not reachable(ready["hub_url"] + "/v1/health")
    assert hub_ids[0] == hub_ids[1] != hub_ids[2]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_a_second_demo_on_the_same_data_is_told_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with demo(data, "--port", "0") as first:
        ready = said(first)["ready"]
        with demo(data, "--port", "0", "--fresh") as second:
            answer = said(second)
            assert answer.get("error", {}).get("code") == "database_locked", (answer, first.poll())
            assert second.wait(30) == 1
        assert reachable(ready["hub_url"] + "/v1/health")
        first.kill()
        first.wait(30)
        assert gone(ready["hub_url"] + "/v1/health"), "a killed demo leaves its hub behind"


def test_a_port_in_use_is_named_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        assert run(["demo", "--data-dir", str(data), "--port", port, "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "port_in_use"
    assert port in error["message"]
    assert not data.exists()


def test_a_foreign_directory_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.odt").write_text("x")
    arguments = ["demo", "--data-dir", str(tmp_path), "--port", "0", "--fresh", "--json"]
    assert run(arguments) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "database_foreign"
    assert (tmp_path / "thesis.odt").exists()


def test_data_that_cannot_be_opened_is_not_wiped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = open_directory(tmp_path / "data")
    directory.hub.write_bytes(b"of a hub that may be running")

    def open_hub(*_: object, **__: object) -> Hub:
        raise DatabaseUnwritable("disk I/O error")

    monkeypatch.setattr(Hub, "open", open_hub)
    arguments = ["demo", "--data-dir", str(directory.root), "--port", "0", "--fresh", "--json"]
    assert run(arguments) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "database_unwritable"
    assert directory.hub.exists()
