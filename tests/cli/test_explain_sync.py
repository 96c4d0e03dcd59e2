"""`zava explain-sync` beside a running hub and an open device."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.root import run
from tests.helpers.two_devices import Shop, open_shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as shop:
        await shop.join("ana")
        yield shop


def answers(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert run(["explain-sync", *arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_the_file_of_a_running_hub_is_asked(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    db = ["--db", str(shop.folder / "hub.db")]
    (told,) = answers(capsys, "inventory", "inv_4", "--user", "ana", *db)
    assert (told["code"], told["device_name"]) == ("permission", "Ana's handheld")
    (told,) = answers(capsys, "inventory", "inv_1", "--device", "Ana's handheld", *db)
    assert told["code"] in ("on_its_way", "device_loading")  # the copy may be a moment old
    assert run(["explain-sync", "inventory", "inv_4", *db]) == 0
    said = capsys.readouterr().out
    assert "inventory inv_4 on Ana's handheld" in said
    assert "what to do: Ask for the right to read it" in said


async def test_the_file_of_an_open_device_is_asked(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    db = ["--db", str(shop.folder / "ana.db")]
    assert [told["code"] for told in answers(capsys, "inventory", "inv_1", *db)] == ["on_device"]
    assert run(["explain-sync", "inventory", "inv_1", "--device", "till 2", *db]) == 1
    assert "ask the hub" in capsys.readouterr().err


async def test_dql_answers_the_same(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    db = ["--db", str(shop.folder / "hub.db"), "--json"]
    assert run(["dql", "EXPLAIN SYNC inventory 'inv_4' ON 'ana'", *db]) == 0
    assert json.loads(capsys.readouterr().out)["code"] == "permission"


def test_one_device_or_one_person(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain-sync", "orders", "o", "--device", "a", "--user", "b"]) == 2


async def test_a_record_is_followed(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    db = ["--db", str(shop.folder / "hub.db")]
    assert run(["journey", "inventory", "inv_1", "--json", *db]) == 0
    change = json.loads(capsys.readouterr().out)
    assert [step["stage"] for step in change["steps"]][:2] == ["committed", "accepted"]
    assert run(["journey", "inventory", "inv_1", *db]) == 0
    assert "✓ The hub accepted it as" in capsys.readouterr().out
    assert run(["journey", "inventory", "inv_1", "--db", str(shop.folder / "ana.db")]) == 0
    assert "saved it on" in capsys.readouterr().out
    assert run(["journey", "inventory", "inv_99", *db]) == 0
    assert "No change of inventory inv_99 is known here." in capsys.readouterr().out


async def test_peers_are_listed_from_outside(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "SELECT name, behind FROM system:peers WHERE person = 'user_ana'"
    assert run(["dql", text, "--db", str(shop.folder / "hub.db"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "Ana's handheld"
