"""The database tools as an operator runs them: words or JSON, exit codes, nothing secret."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.root import run
from tests.helpers.mongo_server import mongo_server, named_server

DATABASE = "zava_test_tools"
SECRET = "hammer-and-nails"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if named := named_server():
        yield named
        return
    with mongo_server(tmp_path_factory.mktemp("mongo")) as made:
        yield made.uri


@pytest.fixture(autouse=True)
def surroundings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is named by the environment, as a `.env` would."""
    for name in ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", "NUM_ORDERS", "NUM_CUSTOMERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("MONGODB_CONNECTION_STRING", raising=False)
    monkeypatch.setenv("MONGODB_DATABASE", DATABASE)
    if "server" in request.fixturenames:
        monkeypatch.setenv("MONGODB_CONNECTION_STRING", request.getfixturevalue("server"))


Capture = pytest.CaptureFixture[str]


def answers(capsys: Capture, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    assert run(["db", *arguments, "--json"]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_data_is_loaded_counted_and_cleared(server: str, capsys: Capture) -> None:
    (loaded,) = answers(capsys, "load", "--customers", "30", "--orders", "40", "--fresh")
    assert loaded["added"] == loaded["documents"] > 500
    (again,) = answers(capsys, "load", "--customers", "30", "--orders", "40")
    assert again["added"] == 0
    (status,) = answers(capsys, "status")
    counts = {each["name"]: each["documents"] for each in status["collections"]}
    assert (status["database"], counts["customers"], counts["orders"]) == (DATABASE, 30, 40)
    assert run(["db", "status"]) == 0
    assert "No connector has ever" in capsys.readouterr().out
    (cleared,) = answers(capsys, "clear", "--yes")
    assert cleared["deleted"]["orders"] == 40
    (empty,) = answers(capsys, "status")
    assert sum(each["documents"] for each in empty["collections"]) == 0


@pytest.mark.parametrize("command", ["clear", "drop-indexes"])
def test_what_cannot_be_undone_is_asked_for(server: str, command: str, capsys: Capture) -> None:
    (refused,) = answers(capsys, command, code=1)
    assert refused["error"]["code"] == "not_confirmed"


def test_indexes_are_made_compared_and_dropped(server: str, capsys: Capture) -> None:
    answers(capsys, "drop-indexes", "--yes")
    (before,) = answers(capsys, "diff-indexes", code=1)
    assert {each["done"] for each in before["differing"]} == {"missing"}
    *made, vectors = answers(capsys, "create-indexes")
    assert {each["done"] for each in made} <= {"made", "unkept"}
    assert vectors["well"]
    (after,) = answers(capsys, "diff-indexes")
    assert (after["same"], after["differing"]) == (True, [])
    assert run(["db", "diff-indexes"]) == 0
    assert "Every index of the table is there." in capsys.readouterr().out


def test_a_connection_is_judged(server: str, capsys: Capture) -> None:
    code = run(["db", "test-connection", "--json"])
    found = json.loads(capsys.readouterr().out)
    verdicts = {each["name"]: each for each in found["verdicts"]}
    assert verdicts["server"]["message"].startswith("MongoDB ")
    assert found["well"] == (code == 0) == (verdicts["topology"]["outcome"] == "good")
    run(["db", "test-connection"])
    assert "round trip" in capsys.readouterr().out


def test_change_streams_are_set_up_and_tried(server: str, capsys: Capture) -> None:
    (enabled,) = answers(capsys, "enable-change-streams")
    assert [each["name"] for each in enabled["verdicts"]] == ["images"]
    (tried,) = answers(capsys, "test-change-streams")
    assert tried["verdicts"][0]["name"] == "streams"


def test_without_an_address_the_variable_is_named(capsys: Capture) -> None:
    for command in ("status", "test-connection", "create-indexes", "load"):
        (said,) = answers(capsys, command, code=1)
        assert said["error"]["code"] == "mongodb_unset"
        assert "MONGODB_CONNECTION_STRING" in said["error"]["remedy"]


def test_credentials_are_listed_and_masked(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (none,) = answers(capsys, "check-credentials", code=1)
    assert not none["well"]
    monkeypatch.setenv("MONGODB_CONNECTION_STRING", f"mongodb://zava:{SECRET}@db.example/zava")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", SECRET * 2)
    (half,) = answers(capsys, "check-credentials", code=1)
    bad = [each["name"] for each in half["verdicts"] if each["outcome"] == "bad"]
    assert bad == ["AZURE_OPENAI_ENDPOINT"]
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://zava.example")
    monkeypatch.setenv("NUM_ORDERS", "many")
    assert run(["db", "check-credentials"]) == 1
    said = capsys.readouterr().out
    assert "mongodb://zava:…@db.example/zava" in said
    assert "is no number" in said
    assert SECRET not in said


def test_an_unreadable_address_shows_no_part_of_the_password(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGODB_CONNECTION_STRING", f"mongodb://zava:{SECRET}/@db.example/zava")
    monkeypatch.setenv("ZAVA_DEBUG", "1")
    for command in ("status", "test-connection", "check-credentials"):
        assert run(["db", command]) == 1
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
    assert "mongo_address_invalid" in said.err


def test_a_password_is_encoded_and_nothing_else_is_said(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("p@ss/w:rd %\n"))
    assert run(["db", "encode-password", "--stdin"]) == 0
    assert capsys.readouterr().out == "p%40ss%2Fw%3Ard+%25\n"


def test_a_file_of_settings_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    from app.cli import main

    (tmp_path / ".env").write_text("MONGODB_CONNECTION_STRING=mongodb://from.a.file/\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MONGODB_CONNECTION_STRING", "")
    monkeypatch.delenv("MONGODB_CONNECTION_STRING")
    monkeypatch.setattr("sys.argv", ["zava", "db", "check-credentials"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "mongodb://from.a.file/" in capsys.readouterr().out
