"""A sound file is told from a damaged one, and both from one that nobody could look at."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from app.cli.check_file import EXIT_DAMAGED
from app.cli.root import run
from tests.helpers.replicas import open_replica, stocked


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ana.sqlite3"
    stocked(40, path=path).close()
    return path


def altered(path: Path) -> None:
    """One letter of one document is another, as a bad disk leaves it."""
    with closing(open_replica(path)) as replica:
        table = replica.parts.documents.table("inventory")
        sql = f"UPDATE {table} SET body = replace(body, 'as delivered', 'as delivereb')"
        replica.parts.database.execute(f"{sql} WHERE id = 'inv_7'")


def test_a_sound_file_is_counted(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(file), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["kind"], said["documents"]) == (True, "device", {"inventory": 40})
    assert (said["waiting"], said["refused"]) == (1, 0)
    assert run(["check", str(file)]) == 0
    words = capsys.readouterr().out
    assert "sound" in words
    assert "1 own changes wait for the hub." in words


def test_damage_is_named_with_what_to_do(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    altered(file)
    assert run(["check", str(file)]) == EXIT_DAMAGED
    words = capsys.readouterr().out
    assert "damaged" in words
    assert "what to do:" in words
    assert "[database_corrupt]" in words
    assert run(["check", str(file), "--json"]) == EXIT_DAMAGED
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["problem"]["code"]) == (False, "database_corrupt")


def test_what_is_no_replica_is_said_so(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("my diary " * 1_000)
    assert run(["check", str(file)]) == EXIT_DAMAGED
    assert "[database_foreign]" in capsys.readouterr().out


def test_a_file_nobody_could_look_at_is_no_verdict(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(open_replica(file)):
        assert run(["check", str(file)]) == 1
    assert "[database_locked]" in capsys.readouterr().err
    assert run(["check", str(file) + ".gone"]) == 1
    assert "[file_unusable]" in capsys.readouterr().err


def test_it_says_how_far_it_is(file: Path) -> None:
    told: list[tuple[str, int, int]] = []
    with closing(open_replica(file)) as replica:
        replica.check(lambda *each: told.append(each))
    assert told == [("pages", 0, 1), ("pages", 1, 1), ("inventory", 40, 40), ("log", 1, 1)]
