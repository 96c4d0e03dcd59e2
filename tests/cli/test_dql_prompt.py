"""The prompt of `zava dql`: lines into statements, dot commands, completion, live answers."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document as Input
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from app.cli.shell.commands import Shell
from app.cli.shell.completion import ShellCompleter, candidates
from app.cli.shell.interactive import interact, prompt_lines, statements
from app.cli.shell.replica_file import ReplicaFile
from app.cli.shell.session import Session
from app.cli.shell.watch import Items, watch
from app.dql.completion import Names
from tests.cli.test_dql import ROOT, ZAVA, fill, replica_at

TERMINAL_SECONDS_MAX = 20


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return fill(tmp_path / "device.sqlite3")


@pytest.fixture
def shell(db: Path) -> Iterator[Shell]:
    with ReplicaFile(db) as file:
        yield Shell(Session(file))


def asking(*lines: str | type[BaseException]) -> Callable[[str], str]:
    waiting = iter(lines)

    def ask(_prompt: str) -> str:
        line = next(waiting, EOFError)
        if isinstance(line, str):
            return line
        raise line

    return ask


def test_a_statement_goes_on_until_its_semicolon() -> None:
    asked = asking("SELECT *", "FROM c;", "", ".tables", "SELECT 1 AS x FROM c")
    assert list(statements(asked)) == ["SELECT *\nFROM c;", ".tables", "SELECT 1 AS x FROM c"]


def test_ctrl_c_drops_what_was_begun() -> None:
    assert list(statements(asking("SELECT oops", KeyboardInterrupt, ".help"))) == [".help"]


def test_the_prompt_says_that_a_statement_goes_on() -> None:
    prompts = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        if len(prompts) > 2:
            raise EOFError
        return "SELECT"

    list(statements(ask))
    assert prompts == ["dql> ", "...> ", "...> "]


def test_the_commands(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    commands = (
        ".help",
        ".help substr",
        ".tables",
        ".schema inventory",
        ".plan SELECT * FROM inventory",
        ".quit",
    )
    assert interact(shell, asking(*commands, "SELECT never FROM reached;")) == 0
    out = capsys.readouterr().out
    assert ".watch STATEMENT" in out
    assert "substr(" in out
    assert "inventory" in out
    assert "location.aisle" in out
    assert "integer | float" in out
    assert "scan" in out


def test_a_mistake_does_not_end_the_shell(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (".nonsense", "SELECT;", "DELETE FROM inventory;", "SELECT _id FROM inventory;")
    assert interact(shell, asking(*lines)) == 1
    out, err = capsys.readouterr()
    assert err.count("error: ") == 3
    assert "i1" in out


def test_a_parameter_goes_to_the_statements_that_name_it(
    db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ReplicaFile(db) as file:
        shell = Shell(Session(file), "json", {"id": "i1"})
        lines = (
            "SELECT _id FROM inventory WHERE _id = :id;",
            "SELECT 1 AS x FROM inventory LIMIT 1;",
        )
        assert interact(shell, asking(*lines)) == 0
    assert capsys.readouterr().out.splitlines() == ['{"_id": "i1"}', '{"x": 1}']


def test_the_shell_sees_what_others_commit(db: Path) -> None:
    writer = replica_at(db)
    with ReplicaFile(db) as file:
        session = Session(file)
        counted = "SELECT COUNT(*) AS n FROM inventory"
        assert session.run(counted).items == [{"n": 3}]
        with writer.transaction() as tx:
            tx.insert("inventory", {"_id": "i4"})
        assert session.run(counted).items == [{"n": 4}]
    writer.close()


def test_watching_shows_each_change_once(db: Path) -> None:
    writer = replica_at(db)
    stop = threading.Event()
    shown: list[Items] = []

    def show(items: Items) -> None:
        shown.append(items)
        if len(shown) == 1:
            with writer.transaction() as tx:
                tx.insert("elsewhere", {"_id": "not watched"})
            with writer.transaction() as tx:
                tx.delete("inventory", "i2")
        else:
            stop.set()

    with ReplicaFile(db) as file:
        session = Session(file)
        asked = "SELECT _id FROM inventory ORDER BY _id"
        watch(file, lambda: list(session.run(asked).items), show, stop)
    writer.close()
    first, second = shown
    assert [each["_id"] for each in first] == ["i1", "i2", "i3"]
    assert [each["_id"] for each in second] == ["i1", "i3"]


NAMES = Names(
    lambda: ["orders", "inventory"],
    lambda collection: ["_id", "store_id"] if collection == "orders" else ["_id", "location.aisle"],
    ["upper", "substr"],
)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("sel", ["SELECT"]),
        (".sc", [".schema"]),
        (".schema o", ["orders"]),
        ("", []),
    ],
)
def test_completion(typed: str, offered: list[str]) -> None:
    assert list(candidates(typed, NAMES)) == offered


def test_the_tab_key_replaces_the_word_begun() -> None:
    typed = Input("SELECT * FROM inv")
    (choice,) = ShellCompleter(NAMES).get_completions(typed, CompleteEvent())
    assert (choice.text, choice.start_position) == ("inventory", -3)


def test_lines_come_from_a_terminal_and_are_remembered(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = tmp_path / "history"
    monkeypatch.setenv("ZAVA_DQL_HISTORY", str(history))
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        ask = prompt_lines(shell)
        keys.send_text("SELECT 1 AS x FROM inventory;\r")
        assert ask("dql> ") == "SELECT 1 AS x FROM inventory;"
    assert "FROM inventory;" in history.read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal as on POSIX")
def test_a_real_terminal(db: Path, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    environment = {
        **os.environ,
        **{"ZAVA_DQL_HISTORY": str(tmp_path / "h"), "TERM": "xterm", "PYTHONPATH": str(ROOT)},
    }
    shell = subprocess.Popen(
        [*ZAVA, "dql", "--db", db, "--csv"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env=environment,
    )
    os.close(theirs)
    try:
        _read_until(ours, b"dql>")
        os.write(ours, b"SELECT stock_level * 100 AS big FROM inventory;\r")
        _read_until(ours, b"4000")
        os.write(ours, b".quit\r")
        assert shell.wait(TERMINAL_SECONDS_MAX) == 0
    finally:
        shell.kill()
        shell.wait()
        os.close(ours)


def _read_until(terminal: int, wanted: bytes) -> None:
    """Read what the shell shows, answering when it asks where the cursor is."""
    seen = b""
    while wanted not in seen:
        ready, _, _ = select.select([terminal], [], [], TERMINAL_SECONDS_MAX)
        assert ready, f"{wanted!r} did not come, but {seen!r}"
        part = os.read(terminal, 4_096)
        seen += part
        if b"\x1b[6n" in part:
            os.write(terminal, b"\x1b[1;1R")
