"""How the shell prints what a statement answered."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from app.cli.shell import replica_file
from app.cli.shell.answers import as_csv, as_json_lines, as_table
from app.cli.shell.replica_file import ReplicaFile
from app.dql.answers import COLUMNS_MAX
from sync.errors import DatabaseLocked
from tests.cli.test_dql import fill


def drawn(items: list[dict[str, object]]) -> str:
    text = io.StringIO()
    Console(file=text, width=200).print(as_table(items))
    return text.getvalue()


def test_nothing_is_nothing() -> None:
    assert as_csv([]) == as_json_lines([]) == ""


def test_csv_tells_null_from_missing_and_quotes_what_needs_it() -> None:
    items = [{"a": None, "b": 'x,"y"\nz'}, {"b": True}]
    assert as_csv(items) == 'a,b\nnull,"x,""y""\nz"\n,true\n'


def test_json_lines_keep_every_letter() -> None:
    assert as_json_lines([{"a": "Müller\n"}]) == '{"a": "Müller\\n"}\n'


def test_a_table_takes_nothing_for_markup_and_no_control_characters() -> None:
    text = drawn([{"a": "[red]x[/]", "b": "line\nbreak \x1b[2J"}])
    assert "[red]x[/]" in text
    assert "line break  [2J" in text


def test_a_table_cuts_long_values_and_too_many_columns() -> None:
    text = drawn([{"a": "x" * 500}])
    assert "…" in text
    assert "x" * 100 not in text
    wide = drawn([{f"c{number}": number for number in range(COLUMNS_MAX + 5)}])
    assert "5 more columns" in wide.replace("\n", " ")


def test_a_copy_is_begun_again_when_the_file_moved_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = fill(tmp_path / "device.sqlite3")
    copied = replica_file.shutil.copyfile
    moves = iter(["once"])

    def meddling(source: Path, target: Path) -> None:
        copied(source, target)
        if source == path and next(moves, None):
            path.touch()

    monkeypatch.setattr(replica_file.shutil, "copyfile", meddling)
    with ReplicaFile(path) as file:
        assert file.replica().count("inventory") == 3
    assert next(moves, None) is None


def test_a_file_that_never_rests_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = fill(tmp_path / "device.sqlite3")
    ticks = iter(range(1_000))
    monkeypatch.setattr(ReplicaFile, "_generation", lambda _self: (next(ticks), b""))
    with pytest.raises(DatabaseLocked, match="all the time"), ReplicaFile(path):
        pass


def test_the_copy_is_gone_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = fill(tmp_path / "device.sqlite3")
    elsewhere = tmp_path / "copies"
    elsewhere.mkdir()
    monkeypatch.setattr(replica_file.tempfile, "tempdir", str(elsewhere))
    with ReplicaFile(path) as file:
        assert file.replica().count("inventory") == 3
        assert list(elsewhere.iterdir())
    assert list(elsewhere.iterdir()) == []
