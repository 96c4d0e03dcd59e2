"""`zava dql` on real files: what it prints, what it refuses, and what it leaves alone."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.data_dir import open_directory
from app.cli.root import run
from app.state.devices import device_file
from sync.local import Replica
from sync.system import SystemClock, SystemEntropy

ROOT = Path(__file__).resolve().parents[2]
ZAVA = [sys.executable, "-c", "from app.cli import main; main()"]
SHELVES = [
    {"_id": "i1", "store_id": "store_seattle", "stock_level": 40, "location": {"aisle": "3"}},
    {"_id": "i2", "store_id": "store_seattle", "stock_level": 0, "note": 'Müller, "x"\n2'},
    {"_id": "i3", "store_id": "store_tacoma", "stock_level": 7.5, "deleted": None},
]


def replica_at(path: Path) -> Replica:
    path.parent.mkdir(parents=True, exist_ok=True)
    return Replica.open(path, clock=SystemClock(), entropy=SystemEntropy())


def fill(path: Path, *documents: dict[str, Any]) -> Path:
    replica = replica_at(path)
    with replica.transaction() as tx:
        for document in documents or SHELVES:
            tx.insert("inventory", document)
    replica.close()
    return path


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return fill(tmp_path / "device.sqlite3")


@pytest.fixture
def held(db: Path) -> Iterator[Replica]:
    """The same file, open in a running app."""
    replica = replica_at(db)
    yield replica
    replica.close()


def items(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def error_of(out: str) -> dict[str, Any]:
    (line,) = items(out)
    return dict(line["error"])


def test_items_as_json_lines(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dql", "--db", str(db), "SELECT * FROM inventory ORDER BY _id", "--json"]) == 0
    assert items(capsys.readouterr().out) == SHELVES


def test_json_may_be_asked_for_before_the_command(
    db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--json", "dql", "--db", str(db), "SELECT COUNT(*) AS n FROM inventory"]) == 0
    assert items(capsys.readouterr().out) == [{"n": 3}]


def test_items_as_csv(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    statement = "SELECT _id, stock_level, note, deleted, location FROM inventory ORDER BY _id"
    assert run(["dql", "--db", str(db), statement, "--csv"]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert sorted(rows[0]) == ["_id", "deleted", "location", "note", "stock_level"]
    first, second, third = (dict(zip(rows[0], row, strict=True)) for row in rows[1:])
    assert json.loads(first["location"]) == {"aisle": "3"}
    assert second["note"] == SHELVES[1]["note"]
    assert (third["deleted"], third["note"]) == ("null", "")


def test_items_as_a_table(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dql", "--db", str(db), "SELECT _id, stock_level FROM inventory"]) == 0
    out, err = capsys.readouterr()
    assert "stock_level" in out
    assert "7.5" in out
    assert "3 rows." in err


def test_parameters_are_json_or_text(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    statement = "SELECT _id FROM inventory WHERE store_id = :s AND stock_level > :low"
    given = ["--arg", "s=store_seattle", "--arg", "low=5"]
    assert run(["dql", "--db", str(db), statement, *given, "--json"]) == 0
    assert items(capsys.readouterr().out) == [{"_id": "i1"}]


def test_a_list_is_a_parameter_too(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    statement = "SELECT _id FROM inventory WHERE _id IN :ids"
    assert run(["dql", "--db", str(db), statement, "--arg", 'ids=["i2"]', "--json"]) == 0
    assert items(capsys.readouterr().out) == [{"_id": "i2"}]


@pytest.mark.parametrize("given", [["novalue"], ["=5"], ["a=1", "a=2"]], ids=str)
def test_a_parameter_in_no_form_is_refused(
    given: list[str], db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [word for each in given for word in ("--arg", each)]
    assert run(["dql", "--db", str(db), "SELECT 1 AS x FROM inventory", *arguments, "--json"]) == 1
    assert error_of(capsys.readouterr().out)["code"] == "argument_invalid"


def test_a_missing_file_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none.sqlite3"
    for mode in ([], ["--write"]):
        assert run(["dql", "--db", str(path), "SELECT * FROM c", "--json", *mode]) == 1
        assert error_of(capsys.readouterr().out)["code"] == "file_missing"
    assert not path.exists()


@pytest.mark.parametrize("content", [b"only text, but a lot of it" * 100, b"\0" * 9_000])
@pytest.mark.parametrize("mode", [[], ["--write"]], ids=["reading", "writing"])
def test_a_file_that_is_no_replica(
    content: bytes, mode: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "foreign"
    path.write_bytes(content)
    assert run(["dql", "--db", str(path), "SELECT * FROM c", "--json", *mode]) == 1
    error = error_of(capsys.readouterr().out)
    assert error["code"] == "database_foreign"
    assert error["message"].startswith(f"{path}: ")
    assert path.read_bytes() == content


def test_an_error_points_at_the_place(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dql", "--db", str(db), "SELECT * FROM inventory WHERE stock_level = = 1"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "^" in err
    assert "what to do: " in err


def test_an_unknown_collection_has_a_nearest_name(
    db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["dql", "--db", str(db), "SELECT * FROM Inventori", "--json"]) == 1
    assert "did you mean" in error_of(capsys.readouterr().out)["message"].lower()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM inventory",
        "UPDATE inventory SET a = 1",
        "INSERT INTO c DOCUMENTS ({'_id': '1'})",
        "EVICT FROM inventory",
        "CREATE INDEX i ON inventory (store_id)",
        "PROFILE DELETE FROM inventory",
        "ADVISE AND PROVISION SELECT * FROM inventory WHERE store_id = 'x'",
    ],
)
def test_it_only_reads_unless_told_otherwise(
    statement: str, db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = db.read_bytes()
    assert run(["dql", "--db", str(db), statement, "--json"]) == 1
    error = error_of(capsys.readouterr().out)
    assert error["code"] == "dql_read_only"
    assert "--write" in error["remedy"]
    assert db.read_bytes() == before


def test_with_write_it_changes_the_file(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    statement = "UPDATE inventory SET stock_level = stock_level - :q WHERE _id = 'i1'"
    assert run(["dql", "--db", str(db), statement, "--arg", "q=3", "--write", "--json"]) == 0
    (told,) = items(capsys.readouterr().out)
    assert told["mutated"] == ["i1"]
    replica = replica_at(db)
    document = replica.get("inventory", "i1")
    replica.close()
    assert document is not None
    assert document["stock_level"] == 37


def test_explaining_a_change_is_reading(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dql", "--db", str(db), "EXPLAIN DELETE FROM inventory", "--json"]) == 0
    assert items(capsys.readouterr().out)


def test_a_file_in_use_can_be_read(
    held: Replica, db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with held.transaction() as tx:
        tx.insert("inventory", {"_id": "i4"})
    done = subprocess.run(
        [*ZAVA, "dql", "--db", db, "SELECT COUNT(*) AS n FROM inventory", "--json"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert items(done.stdout) == [{"n": 4}]


def test_a_file_in_use_cannot_be_written(held: Replica, db: Path) -> None:
    done = subprocess.run(
        [*ZAVA, "dql", "--db", db, "DELETE FROM inventory", "--json", "--write"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert error_of(done.stdout)["code"] == "database_locked"
    assert held.get("inventory", "i1") is not None


def test_the_device_of_an_account(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "data"
    open_directory(root)
    fill(device_file(root, "browser", "Ana"), {"_id": "anas"})
    fill(root / "hub.sqlite3", {"_id": "hubs"})
    base = ["dql", "--data-dir", str(root), "SELECT _id FROM inventory", "--json"]
    assert run([*base, "--as", "ana"]) == 0
    assert run(base) == 0
    assert items(capsys.readouterr().out) == [{"_id": "anas"}, {"_id": "hubs"}]
    assert run([*base, "--as", "zoe"]) == 1
    error = error_of(capsys.readouterr().out)
    assert (error["code"], error["remedy"]) == ("account_unknown", "Use one of: ana.")


def test_two_forms_at_once_are_a_usage_error(db: Path) -> None:
    assert run(["dql", "--db", str(db), "SELECT * FROM inventory", "--json", "--csv"]) == 2


def test_statements_may_be_piped_in(db: Path) -> None:
    text = (
        "SELECT _id\n FROM inventory\n WHERE stock_level = 0;\n.tables\nSELECT nonsense nonsense;\n"
    )
    done = subprocess.run(
        [*ZAVA, "dql", "--db", db, "--csv"],
        cwd=ROOT,
        check=False,
        input=text,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["_id", "i2", "inventory", "3"]
    assert "error: " in done.stderr
    assert done.returncode == 1, "one of them failed"
