from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from app.cli.data_dir import MARKER, default_directory, open_directory
from sync.errors import DatabaseForeign


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A directory after a demo, and things people put into it."""
    root = tmp_path / "data"
    directory = open_directory(root)
    for path in (directory.hub, directory.unfinished_hub):
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).write_text("x")
    directory.hub_log.write_text("x")
    browser = directory.devices / "0a1b"
    browser.mkdir(parents=True)
    for name in ("ana.sqlite3", "ana.sqlite3-wal", "notes.txt"):
        (browser / name).write_text("x")
    (directory.devices / "2c3d").mkdir()
    (directory.devices / "2c3d" / "ben.sqlite3").write_text("x")
    (root / "holiday.jpg").write_text("x")
    return root


def files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_a_new_directory_is_marked_and_private(tmp_path: Path) -> None:
    root = tmp_path / "a" / "b"
    open_directory(root)
    assert (root / MARKER).is_file()
    if sys.platform != "win32":
        assert stat.S_IMODE(os.stat(root).st_mode) == 0o700
    assert open_directory(root).root == root


def test_an_empty_directory_becomes_ours(tmp_path: Path) -> None:
    open_directory(tmp_path)
    assert (tmp_path / MARKER).is_file()


def test_wiping_deletes_ours_and_nothing_else(used: Path) -> None:
    open_directory(used).wipe()
    assert files(used) == {MARKER, ".gitignore", "holiday.jpg", "devices/0a1b/notes.txt"}
    assert not (used / "devices" / "2c3d").exists()


def test_wiping_twice_is_fine(used: Path) -> None:
    directory = open_directory(used)
    directory.wipe()
    directory.wipe()


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links as on POSIX")
def test_wiping_follows_no_links(used: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "ana.sqlite3").write_text("x")
    (used / "devices" / "link").symlink_to(elsewhere)
    open_directory(used).wipe()
    assert (elsewhere / "ana.sqlite3").exists()


def test_a_foreign_directory_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "hub.sqlite3").write_text("somebody else's")
    with pytest.raises(DatabaseForeign, match="no Zava data directory"):
        open_directory(tmp_path)
    assert files(tmp_path) == {"hub.sqlite3"}


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    with pytest.raises(DatabaseForeign):
        open_directory(path)


def test_the_environment_may_name_the_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZAVA_DATA_DIR", raising=False)
    assert default_directory() == Path(".zava-data")
    monkeypatch.setenv("ZAVA_DATA_DIR", "/srv/zava")
    assert default_directory() == Path("/srv/zava")
