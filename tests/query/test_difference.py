"""The difference of two results: few steps, and they lead from the one to the other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.query.difference import Changes, Keyed, RowChange, difference


def rows(keys: str) -> list[Keyed]:
    return [(key.lower(), {"is": key}) for key in keys]


def keys(changes: tuple[RowChange, ...]) -> str:
    return "".join(each.row["is"] for each in changes)


def told(changes: Changes) -> dict[str, str]:
    kinds = ("inserted", "updated", "removed", "moved")
    return {kind: keys(getattr(changes, kind)) for kind in kinds if getattr(changes, kind)}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("abc", "abc", {}),
        ("", "ab", {"inserted": "ab"}),
        ("ab", "", {"removed": "ab"}),
        ("abc", "axbc", {"inserted": "x"}),
        ("abc", "aBc", {"updated": "B"}),
        ("abcd", "abd", {"removed": "c"}),
        ("abcd", "bcda", {"moved": "a"}),
        ("abcd", "dabc", {"moved": "d"}),
        ("abcd", "Bacd", {"updated": "B", "moved": "B"}),
        ("abcd", "bAcd", {"updated": "A", "moved": "A"}),
        ("abcd", "aBCd", {"updated": "BC"}),
        ("abcde", "xEcab", {"inserted": "x", "updated": "E", "removed": "d", "moved": "Ec"}),
    ],
)
def test_it_is_told_in_few_steps(old: str, new: str, expected: dict[str, str]) -> None:
    assert told(difference(rows(old), rows(new))) == expected


def test_places_are_those_of_each_result() -> None:
    changes = difference(rows("abcd"), rows("xdAb"))
    assert [(each.before, each.after) for each in changes.inserted] == [(None, 0)]
    assert [(each.before, each.after) for each in changes.updated] == [(0, 2)]
    assert [(each.before, each.after) for each in changes.removed] == [(2, None)]
    assert [(each.before, each.after) for each in changes.moved] == [(3, 1)]


@pytest.mark.parametrize("values", [(1, True), (1, 1.0), (0.0, -0.0), ([1], [True]), ({}, [])])
def test_what_python_takes_for_equal_is_an_update(values: tuple[Any, Any]) -> None:
    old, new = ([("a", {"value": value})] for value in values)
    assert difference(old, new).updated
    assert not difference(old, [("a", {"value": values[0]})])


def test_rows_are_copies() -> None:
    new: list[Keyed] = [("a", {"list": [1]})]
    changes = difference([], new)
    changes.inserted[0].row["list"].append(2)
    changes.items[0]["list"].append(3)
    assert new[0][1] == changes.items[0] == {"list": [1]}


results = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 1)), unique_by=lambda each: each[0])


@given(results, results)
def test_the_steps_lead_from_one_result_to_the_other(old: list[Any], new: list[Any]) -> None:
    before, after = ([(key, {"key": key, "value": value}) for key, value in r] for r in (old, new))
    changes = difference(before, after)
    assert changes.applied_to([row for _, row in before]) == [row for _, row in after]
    assert bool(changes) == (old != new)
    assert changes.items == [row for _, row in after]
