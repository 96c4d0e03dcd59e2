"""Ditto's twelve concurrent merges, ours beside theirs (``cases/concurrent_merges.json``).

Two devices know ``given``, write apart, and then hear of each other in either order. "order" says
which clock reads earlier, or that one device had heard of the other's write.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sync.core.conflicts import had_merged, rule_of
from sync.core.draft import Draft
from sync.core.stamps import BEGINNING
from sync.core.state import State, leaves_at, leaves_of, merge
from sync.core.values import canonical, check_size
from sync.core.visible import visible
from sync.errors import DocumentTooLarge
from sync.ids import Document, Json
from tests.helpers.core import REPLICAS, Entry, exact
from tests.laws.full_history import Author, Logged

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "cases" / "concurrent_merges.json").read_text(encoding="utf-8")
)
Statements = list[dict[str, Any]]
CLOCKS = {"a first": (10, 20), "b first": (20, 10), "a heard by b": (10, 20)}


def do(draft: Draft, statement: dict[str, Any]) -> None:
    """One statement of the data file."""
    match statement:
        case {"set": fields}:
            draft.update(fields)
        case {"insert": fields}:
            draft.insert(fields)
        case {"fill": name, "bytes": size}:
            draft.update({name: "x" * size})
        case {"unset": path}:
            draft.unset(tuple(path.split(".")))
        case {"increment": path, "by": by}:
            draft.increment(tuple(path.split(".")), by)
        case {"restart": path, "to": value}:
            draft.restart(tuple(path.split(".")), value)
        case {"delete": True}:
            draft.delete()
        case _:
            pytest.fail(f"unknown statement {statement}")


def write(author: Author, hlc: int, statements: Statements, log: list[Logged]) -> list[Entry]:
    """The leaves one device makes of its statements; seeds are stamped with the beginning."""
    if "initial" in statements[0]:
        seed = leaves_at(BEGINNING, leaves_of(statements[0]["initial"]))
        merge(author.state, seed)
        return seed
    draft = Draft(visible(author.state), visible(author.state))
    for statement in statements:
        do(draft, statement)
    check_size(canonical(draft.working))
    batch = author.write(hlc, draft, log)
    assert batch is not None
    return batch.leaves


def setting(given: Document | None) -> tuple[Author, Author, list[Logged]]:
    """Two devices that have read a log with the document both know."""
    ana, ben = Author(REPLICAS[0]), Author(REPLICAS[1])
    log: list[Logged] = []
    if given is not None:
        hub = Author(REPLICAS[2])
        draft = Draft(None, None)
        draft.insert(given)
        hub.write(1, draft, log)
        log += hub.unsent
    ana.read(log, len(log))
    ben.read(log, len(log))
    return ana, ben, log


def conflicts(log: list[Logged]) -> list[str]:
    """What merging a log in order finds: path and rule of each loser."""
    state: State = {}
    sources = {b.stamp: b.source._replace(hub_seq=seq) for seq, b in enumerate(log, start=1)}
    found = set()
    for batch in log:
        for beaten in merge(state, batch.leaves).beaten:
            loser, winner = sources[beaten.loser.stamp], sources[beaten.winner.stamp]
            if not had_merged(winner, loser):
                path = ".".join(step for step in beaten.key if isinstance(step, str))
                found.add(f"{path} {rule_of(beaten)}")
    return sorted(found)


def abridged(document: Document | None) -> Json:
    """The document with very long texts replaced by their length."""
    if document is None:
        return None
    return {
        name: {"bytes": len(value)} if isinstance(value, str) and len(value) > 1_000 else value
        for name, value in document.items()
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_two_devices_agree_on_our_outcome(case: dict[str, Any]) -> None:
    ana, ben, log = setting(case["given"])
    at_ana, at_ben = CLOCKS[case["order"]]
    from_ana = write(ana, at_ana, case["a"], log)
    if case["order"] == "a heard by b":
        ben.receive(ana.unsent[-1])
    from_ben = write(ben, at_ben, case["b"], log)
    merge(ana.state, from_ben)
    merge(ben.state, from_ana)
    if "then" in case:
        merge(ben.state, write(ana, 30, case["then"], log))
    assert exact(ana.state) == exact(ben.state)
    assert abridged(visible(ana.state)) == case["ours"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_what_lost_is_in_the_history_whoever_reaches_the_hub_first(case: dict[str, Any]) -> None:
    ana, ben, log = setting(case["given"])
    at_ana, at_ben = CLOCKS[case["order"]]
    write(ana, at_ana, case["a"], log)
    if case["order"] == "a heard by b":
        ben.receive(ana.unsent[-1])
    write(ben, at_ben, case["b"], log)
    expected = sorted(case["conflicts"])
    assert conflicts(log + ana.unsent + ben.unsent) == expected
    assert conflicts(log + ben.unsent + ana.unsent) == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_every_difference_from_ditto_has_its_reason(case: dict[str, Any]) -> None:
    assert ("why" in case) == (case["ours"] != case["ditto"])


@pytest.mark.parametrize("case", CASES[:-1], ids=lambda case: case["case"])
def test_the_manual_shows_what_the_tests_run(case: dict[str, Any]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "crdt.md").read_text(encoding="utf-8")
    start = f"| {case['case']} |"
    (row,) = (line for line in page.splitlines() if line.startswith(start))
    ditto, ours = (
        "gone" if case[side] is None else f"`{json.dumps(case[side])}`"
        for side in ("ditto", "ours")
    )
    assert row.endswith(f"| {ditto} | {ours if ditto == ours else f'**{ours}**'} | {lost(case)} |")


def lost(case: dict[str, Any]) -> str:
    """The last cell of a row: path and rule of each conflict."""
    paths = [entry.split(" ") for entry in case["conflicts"]]
    return ", ".join(f"`{path}` {rule}" if path else rule for path, rule in paths) or "–"


def test_all_twelve_cases_are_there() -> None:
    assert {int(case["case"].split(",")[0]) for case in CASES} == set(range(1, 13))


def test_the_size_limit_is_judged_on_local_writes_alone() -> None:
    (case,) = (case for case in CASES if case["case"] == "12")
    ana, ben, log = setting(case["given"])
    from_ben = write(ben, 10, case["b"], log)
    write(ana, 10, case["a"], log)
    assert merge(ana.state, from_ben).changed, "a merge is never refused"
    with pytest.raises(DocumentTooLarge):
        write(ana, 20, case["refused"], log)
    write(ana, 20, case["allowed"], log)
    write(ana, 30, case["refused"], log)
