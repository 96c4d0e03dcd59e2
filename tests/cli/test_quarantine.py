"""Refused work is read, kept, edited, sent again and given up from the command line."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.cli.root import run
from sync.errors import OutOfScope
from tests.helpers.replicas import PaperHub, open_replica, waiting_payloads


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """A device's file with one refused customer."""
    path, hub = tmp_path / "ana.sqlite3", PaperHub()
    with closing(open_replica(path)) as replica:
        with replica.transaction(author="user_ana") as tx:
            fields = {"first_name": "Rose", "primary_store_id": "store_bellevue"}
            tx.insert("customers", {"_id": "cust_1", **fields, "address": {"city": "Seatle"}})
        (payload,) = waiting_payloads(replica)
        replica.receive([hub.hello(), hub.reject(payload, OutOfScope("It would be elsewhere."))])
    return path


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(list(arguments)) == 0
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def test_what_was_refused_is_listed_and_shown(
    device: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (each,) = answer(capsys, "quarantine", "list", str(device), "--json")["refused"]
    assert (each["n"], each["code"]) == (1, "out_of_scope")
    shown = answer(capsys, "quarantine", "show", str(device), "1", "--json")
    assert shown == each
    assert run(["quarantine", "show", str(device), "1"]) == 0
    said = capsys.readouterr().out
    assert "It would be elsewhere." in said
    assert "what to do:" in said
    assert 'first_name: "Rose"' in said
    assert run(["quarantine", "list", str(device)]) == 0
    assert "customers cust_1" in capsys.readouterr().out


def test_a_change_is_exported_whole(
    device: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = answer(capsys, "quarantine", "export", str(device), "1")
    out = tmp_path / "change.json"
    assert run(["quarantine", "export", str(device), "1", "--out", str(out)]) == 0
    assert json.loads(out.read_text(encoding="utf-8")) == printed
    assert (printed["format"], printed["person"]) == ("zava-refused-change", "user_ana")


def test_an_edited_change_is_written_again(
    device: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edits = ["primary_store_id=store_seattle", "address.city=Seattle", "vip=true"]
    options = [part for edit in edits for part in ("--edit", f"customers/cust_1/{edit}")]
    said = answer(capsys, "quarantine", "resend", str(device), "1", *options, "--json")
    assert said == {"resent": 1, "waiting": 1}
    with closing(open_replica(device)) as replica:
        assert replica.get("customers", "cust_1") == {
            "_id": "cust_1",
            "first_name": "Rose",
            "primary_store_id": "store_seattle",
            "address": {"city": "Seattle"},
            "vip": True,
        }
    assert answer(capsys, "quarantine", "list", str(device), "--json")["refused"] == []


def test_nothing_is_given_up_by_accident(device: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quarantine", "discard", str(device), "1"]) == 1
    assert "[not_confirmed]" in capsys.readouterr().err
    said = answer(capsys, "quarantine", "discard", str(device), "1", "--yes", "--json")
    assert said == {"discarded": 1}
    assert run(["quarantine", "list", str(device)]) == 0
    assert "Nothing was refused" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show", "{file}", "7"], "refusal_unknown"),
        (["export", "{file}", "7"], "refusal_unknown"),
        (["discard", "{file}", "7", "--yes"], "refusal_unknown"),
        (["resend", "{file}", "1", "--edit", "customers/cust_2/vip=1"], "edit_unclear"),
        (["resend", "{file}", "1", "--edit", "nothing"], "edit_unclear"),
        (["list", "{file}.gone"], "file_unusable"),
    ],
)
def test_what_cannot_be_done_is_told(
    device: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: str
) -> None:
    told = [each.format(file=device) for each in arguments]
    assert run(["quarantine", *told]) == 1
    assert f"[{code}]" in capsys.readouterr().err
