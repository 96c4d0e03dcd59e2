"""How much work merging is, counted: a change that makes it more fails here and says what grew.

The workloads are those of ``zava bench``, small. Counts are the same in every run; those of calls
differ a little between versions of Python, and without orjson. A limit is what the code needs now
and a few percent: lower it with every improvement.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.merging import ours, shop
from benchmarks.merging.scene import Scene, scene
from sync.core import compiled
from tests.helpers.compiled import in_python
from tests.helpers.work import Counting, Work

SCALES = {"W1": 0.05, "W2": 0.02, "W3": 0.05, "W4": 0.1, "W7": 0.1}
LIMITS: dict[str, dict[str, float]] = {
    "W1": {"statements": 0.12, "parses": 0.22, "dumps": 0.22, "calls": 7.8, "bytes": 88},
    "W2": {"statements": 0.03, "parses": 0.02, "dumps": 0.02, "calls": 3.9, "bytes": 400},
    "W3": {"statements": 3.2, "parses": 3.1, "dumps": 3.1, "calls": 131, "bytes": 1_400},
    "W4": {"statements": 1.06, "parses": 2.1, "dumps": 2.1, "calls": 49, "bytes": 970},
    "W7": {"statements": 3.4, "parses": 1.6, "dumps": 1.6, "calls": 170, "bytes": 610},
}
"""For one field update; of W2, for one document. Rows that are overwritten count as a statement
each, though it is prepared once: nothing is quicker for a row whose place is known."""
COMPILED_LIMITS: dict[str, dict[str, float]] = {
    "W1": {"statements": 0.12, "parses": 0.01, "dumps": 0.01, "calls": 0.9},
    "W3": {"statements": 3.2, "parses": 0.1, "dumps": 1.6, "calls": 84},
    "W4": {"statements": 1.06, "parses": 0.02, "dumps": 0.01, "calls": 6.5},
}


class Prepared:
    """The files of each workload, made when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def copy(self, name: str, to: Path) -> tuple[Scene, Path]:
        """A workload, and a fresh copy of what it starts from."""
        wanted, made = scene(name, SCALES[name]), self._folder / name
        if not made.exists():
            shop.prepare(wanted, made)
        shutil.copytree(made, to)
        return wanted, to


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return Prepared(tmp_path_factory.mktemp("work"))


def work_of(prepared: Prepared, name: str, to: Path, counting: Counting) -> tuple[Scene, Work]:
    wanted, folder = prepared.copy(name, to)
    with closing(ours.Contestant(wanted, folder)) as contestant:
        work = counting.run(folder / "b.db", lambda: everything(contestant))
        contestant.check()
    return wanted, work


def grown(
    name: str, limits: dict[str, float], prepared: Prepared, to: Path, counting: Counting
) -> dict[str, str]:
    """What is more than it was."""
    wanted, work = work_of(prepared, name, to, counting)
    each = work.each(wanted.documents if wanted.whole else wanted.ops)
    return {
        what: f"{each[what]} for each, at most {limit}"
        for what, limit in limits.items()
        if each[what] > limit
    }


def everything(contestant: ours.Contestant) -> None:
    """The work, and bringing into the tables what waits in the journal at its end."""
    contestant.run()
    contestant.replica.parts.database.settle()


@pytest.mark.parametrize("name", LIMITS)
def test_merging_is_no_more_work_than_it_was(
    name: str, prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with in_python():
        more = grown(name, LIMITS[name], prepared, tmp_path / "run", Counting(monkeypatch))
    assert not more, f"{name} is more work than it was: {more}"


@pytest.mark.skipif(not compiled.IS_COMPILED, reason="nothing is compiled here")
@pytest.mark.parametrize("name", COMPILED_LIMITS)
def test_what_is_compiled_leaves_little_to_python(
    name: str, prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = grown(name, COMPILED_LIMITS[name], prepared, tmp_path / "run", Counting(monkeypatch))
    assert not more, f"{name} is more work than it was: {more}"


def test_the_counts_are_the_same_in_every_run(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting(monkeypatch)
    _, first, second = (  # in the first of all, what bodies have in common is found out
        work_of(prepared, "W1", tmp_path / run, counting)[1] for run in ("cold", "warm", "again")
    )
    assert first == second
