"""A hub as a child: ready when told so, gone when the block ends, its refusals named."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from app.cli import hub_process as module
from app.cli.hub_process import hub_process
from sync.errors import DatabaseForeign, DatabaseLocked, HubFailed


def health(url: str) -> dict[str, object]:
    with urllib.request.urlopen(f"{url}/v1/health", timeout=10) as answer:
        fields: dict[str, object] = json.load(answer)
        return fields


def test_a_child_hub_serves_until_the_block_ends(tmp_path: Path) -> None:
    path, log = tmp_path / "hub.sqlite3", tmp_path / "hub.log"
    with hub_process(path, log, host="127.0.0.1") as hub:
        assert health(hub.url)["hub_id"] == hub.hub_id
        assert hub.is_running
        with (
            pytest.raises(DatabaseLocked),
            hub_process(path, log, host="127.0.0.1"),
        ):
            pass
    assert hub.process.returncode == 0
    with pytest.raises(urllib.error.URLError):
        health(hub.url)
    assert log.read_text() == ""


def test_a_hub_that_will_not_start_says_why(tmp_path: Path) -> None:
    path = tmp_path / "hub.sqlite3"
    path.write_text("my diary " * 1_000)
    with (
        pytest.raises(DatabaseForeign, match=r"hub\.sqlite3"),
        hub_process(path, tmp_path / "hub.log", host="127.0.0.1"),
    ):
        pass


def test_a_hub_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "START_SECONDS_MAX", 0.0)
    with (
        pytest.raises(HubFailed, match=r"hub\.log says why"),
        hub_process(tmp_path / "hub.sqlite3", tmp_path / "hub.log", host="127.0.0.1"),
    ):
        pass
