"""The command line itself: help, errors in words and as JSON, exit codes, and what it loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
import typer

from app.cli import output
from app.cli.root import cli, run
from app.domain.errors import DomainError
from sync.errors import DatabaseLocked, PortInUse

ROOT = Path(__file__).resolve().parents[2]
TREE = typer.main.get_command(cli)


def commands(
    group: click.Command, path: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], click.Command]]:
    found = [(path, group)]
    for name, command in getattr(group, "commands", {}).items():
        found += commands(command, (*path, name))
    return found


@pytest.mark.parametrize(("path", "command"), commands(TREE), ids=lambda each: str(each)[:40])
def test_every_command_and_option_explains_itself(
    path: tuple[str, ...], command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*path, "--help"]) == 0
    assert command.help
    for option in command.params:
        assert getattr(option, "help", None), f"{path} {option.name} has no help"
    assert "Usage: zava" in capsys.readouterr().out


def test_the_commands_are_these() -> None:
    assert {" ".join(path) for path, _ in commands(TREE)} == {
        "",
        "demo",
        "hub",
        "version",
        "bench",
        "sim",
        "dql",
        "explain-sync",
        "journey",
        "data",
        "data generate",
        "data load",
        "data check",
        "data embed",
        "check",
        "quarantine",
        "quarantine list",
        "quarantine show",
        "quarantine export",
        "quarantine resend",
        "quarantine discard",
        "permissions",
        "permissions check",
        "permissions show",
        "permissions matrix",
        "permissions status",
        "connector",
        *(f"connector {each}" for each in ("run", "status", "list", "show", "retry", "audit")),
        "connector initial-sync",
        "db",
        *(f"db {each}-indexes" for each in ("create", "drop", "diff")),
        *(f"db {each}-change-streams" for each in ("enable", "test")),
        *(f"db {each}" for each in ("check-credentials", "test-connection", "encode-password")),
        *(f"db {each}" for each in ("load", "clear", "status", "initial-sync")),
    }


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve"]) == 2
    assert "No such command" in capsys.readouterr().err


ERRORS = [
    (DatabaseLocked("The file is open elsewhere."), 1, "database_locked"),
    (PortInUse("Port 8550 is taken."), 2, "port_in_use"),
    (DomainError("preset_unknown", "There is no such size.", "Use demo."), 1, "preset_unknown"),
    (PermissionError(13, "Permission denied", "/data"), 1, "file_unusable"),
    (RuntimeError("[red]boom"), 1, "unexpected"),
]


@pytest.mark.parametrize(("error", "exit_code", "code"), ERRORS, ids=[each[2] for each in ERRORS])
def test_an_error_is_a_sentence_and_a_remedy(
    error: Exception, exit_code: int, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert output.fail(error, as_json=False) == exit_code
    out, err = capsys.readouterr()
    assert out == ""
    first, second = err.splitlines()
    assert first.startswith("error: ")
    assert second.startswith("what to do: ")
    assert second.endswith(f"[{code}]")
    assert output.fail(error, as_json=True) == exit_code
    fields = json.loads(capsys.readouterr().out)["error"]
    assert fields["code"] == code
    assert fields.keys() == {"code", "message", "remedy", "retryable"}


def test_a_traceback_is_for_developers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZAVA_DEBUG", "1")
    output.fail(RuntimeError("boom"), as_json=False)
    assert "RuntimeError: boom" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["version", "--json"], ["--json", "version"]])
def test_json_may_stand_before_or_after_the_command(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 0
    assert {"zava-edge", "python", "sqlite", "flet"} <= json.loads(capsys.readouterr().out).keys()


def test_the_hub_never_loads_the_ui(tmp_path: Path) -> None:
    code = (
        "import sys, app.cli.root, app.cli.hub as hub\n"
        "def served(config): print(*sorted({'flet', 'faker', 'httpx'} & sys.modules.keys()), '.')\n"
        "hub.serve = served\n"
        f"sys.exit(app.cli.root.run(['hub', '--data-dir', {str(tmp_path / 'data')!r}]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, ".", "")
