"""`zava permissions`: what it prints, and its exit codes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from app.cli.root import run
from sync.hub.permissions import built_in
from tests.helpers.hub_process import HubStand, open_hub

ROOT = Path(__file__).resolve().parents[2]
GOOD = ROOT / "config" / "permissions.yaml"


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "permissions.yaml"
    path.write_text(built_in().text.replace("$user.store_id", "$user.stor_id", 1))
    return path


def test_a_sound_file_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["permissions", "check", str(GOOD)]) == 0
    assert "is sound" in capsys.readouterr().out


def test_a_mistake_is_shown_with_its_line_and_marked(
    bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["permissions", "check", str(bad)]) == 3
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith(
        ":29:24: There is no value of a person `$user.stor_id`; did you mean `$user.store_id`?"
    )
    assert said[1].strip() == "read: store_id = $user.stor_id OR user_id = $user.user_id"
    assert said[2].strip() == "^" * len("$user.stor_id")
    assert run(["permissions", "check", str(bad), "--json"]) == 3
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert (problem["line"], problem["column"]) == (29, 24)


def test_a_lockout_needs_force(tmp_path: Path) -> None:
    path = tmp_path / "permissions.yaml"
    path.write_text(built_in().text.replace("read: true", "read: 1 = 2", 1))
    assert run(["permissions", "check", str(path)]) == 3
    assert run(["permissions", "check", str(path), "--force"]) == 0


def test_a_file_that_is_not_there_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["permissions", "check", str(tmp_path / "none.yaml")]) == 1
    assert "config_unreadable" in capsys.readouterr().err


def test_the_conditions_of_a_role_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["permissions", "show", "--role", "rep"]) == 0
    said = capsys.readouterr().out
    assert "store_id = $user.store_id" in said
    assert "worker" not in said


def test_the_matrix_is_a_table_or_a_line_for_each_verdict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["permissions", "matrix", str(GOOD)]) == 0
    assert "own store" in capsys.readouterr().out
    assert run(["permissions", "matrix", "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(found) == 4 * (10 * 4 * 4 + 7 * 2 * 2)
    assert {each["role"] for each in found if each["allowed"]} == {
        *("worker", "rep", "manager", "super")
    }


async def test_the_status_compares_a_hub_with_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = open_hub(tmp_path / "hub.db")
    hub.permissions.rules = built_in().value.rules()
    stand = HubStand(hub)
    await stand.up()
    other = tmp_path / "other.yaml"
    other.write_text(GOOD.read_text().replace("never: [product_id]", "never: [notes]", 1))
    try:
        for arguments, code in (((), 0), ((str(GOOD),), 0), ((str(other),), 3)):
            command = ["permissions", "status", *arguments, "--hub", stand.url]
            assert await asyncio.to_thread(run, command) == code
        assert "says something else" in capsys.readouterr().out
    finally:
        await stand.down()
        hub.close()
    command = ["permissions", "status", "--hub", stand.url]
    assert await asyncio.to_thread(run, command) == 1
    assert "No hub answers" in capsys.readouterr().err
