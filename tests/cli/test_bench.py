"""`zava bench`: what it accepts, what its file holds, what it says when it cannot. No measuring."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.root import run
from benchmarks import suites
from benchmarks.measure import Figure, Pace, duration, of_bytes, ratio

SECONDS = [0.002, 0.001, 0.003]


class Recorded:
    """A suite that measures nothing and notes how it was asked."""

    def __init__(self) -> None:
        self.paces: list[Pace] = []

    def __call__(self, pace: Pace) -> Iterator[Figure]:
        self.paces.append(pace)
        yield Figure.title("W9: nothing at all")
        yield duration("ours", SECONDS, "goal ≤ 1 s", of="W9", who="ours")
        yield ratio("times as fast as itself", SECONDS, SECONDS)
        yield of_bytes("bytes of nothing", 0)


@pytest.fixture
def suite(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """Stands in the place of every suite of ``all``."""
    recorded = Recorded()
    for name in suites.ALL:
        monkeypatch.setitem(suites.SUITES, name, recorded)
    return recorded


def test_the_file_holds_every_figure_and_the_machine(suite: Recorded, tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    assert run(["bench", "query", "--json", str(file)]) == 0
    told = json.loads(file.read_text(encoding="utf-8"))
    assert set(told) == {"machine", "load_after", "quick", "figures"}
    assert {"cores", "load", "python", "sqlite"} <= set(told["machine"])
    assert told["figures"] == [
        {"suite": "query", "name": "W9: nothing at all"},
        {
            **{"suite": "query", "name": "ours", "of": "W9", "who": "ours", "goal": "goal ≤ 1 s"},
            **{"seconds": 0.002, "low": 0.0015, "high": 0.0025, "best": 0.001},
        },
        {
            **{"suite": "query", "name": "times as fast as itself"},
            **{"ratio": 1.0, "low": 1.0, "high": 1.0, "best": 1.0},
        },
        {"suite": "query", "name": "bytes of nothing", "bytes": 0},
    ]


def test_every_figure_is_a_line_between_two_looks_at_the_machine(
    suite: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bench", "wire"]) == 0
    first, *lines, last = capsys.readouterr().out.splitlines()
    assert first.startswith("machine cores ")
    assert last.startswith("machine cores ")
    assert [line.split()[0] for line in lines] == ["wire"] * 4
    assert "2.00 ms" in lines[1]
    assert lines[1].endswith("goal ≤ 1 s")


@pytest.mark.parametrize("names", [[], ["all"], ["merge", "all"]])
def test_all_of_them_run_once_each(suite: Recorded, names: list[str]) -> None:
    assert run(["bench", *names]) == 0
    assert len(suite.paces) == len(suites.ALL)


def test_quick_is_smaller_and_rounds_can_be_said(suite: Recorded) -> None:
    for options in ([], ["--quick"], ["--rounds", "2"], ["--quick", "--rounds", "1"]):
        assert run(["bench", "hub", *options]) == 0
    usual, quick, two, one = suite.paces
    assert quick.rounds < usual.rounds
    assert quick.scale < usual.scale == 1
    assert two == Pace(2, usual.scale)
    assert one == Pace(1, quick.scale)


@pytest.mark.parametrize("options", [[], ["--profile"]])
def test_an_unknown_name_is_told_before_anything_is_run(
    suite: Recorded, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bench", "merge", "speed", *options]) == 1
    said = capsys.readouterr()
    assert "benchmark_unknown" in said.err
    assert suite.paces == []


def test_without_the_source_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = importlib.util.find_spec

    def found(name: str, package: str | None = None) -> object:
        return None if name == "loro" else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", found)
    assert run(["bench", "query"]) == 1
    said = capsys.readouterr().err
    assert "benchmarks_missing" in said
    assert "loro" in said
