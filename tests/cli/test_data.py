from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli.root import run
from datagen import mongo, presets
from datagen.load import Loaded
from datagen.presets import Preset

AS_OF = "2026-11-20T18:00:00Z"
MADE = ["--preset", "tiny", "--as-of", AS_OF, "--json"]


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {**presets.PRESETS, "tiny": Preset("tiny", customers=20, orders=30, recent_share=0.1)}
    monkeypatch.setattr(presets, "PRESETS", known)


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    out, err = capsys.readouterr()
    assert err == ""
    answer: dict[str, Any] = json.loads(out)
    return answer


def test_files_first_then_a_hub(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, hub = str(tmp_path / "set"), tmp_path / "new" / "hub.sqlite3"
    assert run(["data", "generate", *MADE, "--out", folder]) == 0
    made = said(capsys)
    assert made["recipe"] == {
        "preset": "tiny", "seed": 7, "as_of": AS_OF, "customers": 20, "orders": 30,
    }  # fmt: skip
    assert made["bytes"] > 0 and made["documents"] == sum(made["counts"].values())
    assert {"seconds", "cpu_seconds", "peak_memory_bytes"} <= set(made)
    assert made["counts"]["orders"] == 30
    total = sum(made["counts"].values()) - made["counts"]["product_embeddings"]
    assert run(["data", "load", folder, "--hub", str(hub), "--json"]) == 0
    loaded = said(capsys)
    assert (loaded["added"], loaded["kept"], loaded["accounts"]) == (total, 0, 25)
    assert run(["data", "load", folder, "--hub", str(hub), "--json"]) == 0
    again = said(capsys)
    assert (again["added"], again["kept"], again["accounts"]) == (0, total, 0)
    if sys.platform != "win32":
        assert stat.S_IMODE(os.stat(hub).st_mode) == 0o600


@pytest.mark.parametrize(
    ("options", "database"),
    [([], "shop_of_ours"), (["--database", "another"], "another")],
)
def test_mongodb_is_told_by_the_name_of_the_database(
    options: list[str],
    database: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def loaded(held: Any, documents: Any, recipe: Any) -> Loaded:
        return Loaded(sum(1 for _ in documents), 0, 0)

    monkeypatch.setattr(mongo, "_load", loaded)
    uri = "mongodb://127.0.0.1:1/shop_of_ours"
    assert run(["data", "generate", *MADE, "--mongodb", uri, *options]) == 0
    assert said(capsys)["mongodb"] == database


def test_straight_into_a_hub(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub = str(tmp_path / "hub.sqlite3")
    assert run(["data", "generate", *MADE, "--hub", hub]) == 0
    made = said(capsys)
    assert made["added"] == sum(made["counts"].values()) - made["counts"].get(
        "product_embeddings", 0
    )
    assert run(["data", "generate", *MADE[:-1], "--hub", hub]) == 0
    assert "were there already" in capsys.readouterr().out


def test_checks_pass_and_fail_with_an_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "set"
    run(["data", "generate", *MADE, "--out", str(folder)])
    said(capsys)
    assert run(["data", "check", str(folder), "--json"]) == 0
    assert said(capsys)["ok"] is True
    page = tmp_path / "report.html"
    assert run(["data", "check", str(folder), "--html", str(page)]) == 0
    assert "checks pass" in page.read_text(encoding="utf-8")
    assert "ok " in capsys.readouterr().out
    (folder / "orders.jsonl").write_text("{}\n")
    assert run(["data", "check", str(folder), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "dataset_damaged"


def test_bad_wishes_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(tmp_path / "set"), "--json"]
    for arguments, code in (
        (["--preset", "huge"], "preset_unknown"),
        (["--as-of", "yesterday"], "instant_invalid"),
        (["--as-of", "1999-01-01"], "as_of_too_early"),
        (["--orders", "-1"], "size_invalid"),
        (["--customers", "0"], "size_invalid"),
        (["--format", "xml"], "format_unknown"),
    ):
        assert run(["data", "generate", *arguments, *out]) == 1
        assert json.loads(capsys.readouterr().out)["error"]["code"] == code
    assert run(["data", "load", str(tmp_path), "--hub", str(tmp_path / "h"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "dataset_missing"


@pytest.mark.parametrize("where", [[], ["--out", "a", "--hub", "b"]])
def test_one_destination_exactly(where: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "generate", *where]) == 2
    assert "--out" in capsys.readouterr().err


def test_sizes_come_from_options_and_from_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUM_CUSTOMERS", "33")
    monkeypatch.setenv("NUM_ORDERS", "44")
    assert run(["data", "generate", *MADE, "--orders", "55", "--out", str(tmp_path)]) == 0
    counts = said(capsys)["counts"]
    assert (counts["customers"], counts["orders"]) == (33, 55)


def test_without_a_date_two_runs_are_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("one", "other"):
        assert run(["data", "generate", "--preset", "tiny", "--out", str(tmp_path / folder)]) == 0
    assert "documents in" in capsys.readouterr().out
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()


def test_two_data_sets_do_not_mix_in_a_hub(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = str(tmp_path / "hub.sqlite3")
    assert run(["data", "generate", *MADE, "--hub", hub]) == 0
    said(capsys)
    assert run(["data", "generate", *MADE, "--seed", "8", "--hub", hub]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "dataset_mixed"
    assert "seed 7" in error["message"]


def test_a_hub_is_checked_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub = str(tmp_path / "hub.sqlite3")
    run(["data", "generate", *MADE, "--hub", hub])
    said(capsys)
    assert run(["data", "check", "--hub", hub, "--json"]) == 0
    told = said(capsys)
    assert (told["ok"], told["violations"], told["documents"]["orders"]) == (True, 0, 30)
    assert run(["data", "check", "--hub", f"{hub}.not", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "file_unusable"


def test_one_thing_is_checked_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "check"]) == 2
    assert "FOLDER" in capsys.readouterr().err
