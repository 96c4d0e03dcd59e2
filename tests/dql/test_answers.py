"""What a statement answered, as text."""

from __future__ import annotations

import pytest

from app.dql.answers import CELL_CHARS_MAX, cell, columns_of, headline, is_numeric
from sync.local import Result


def test_the_id_stands_in_front_and_the_rest_as_first_seen() -> None:
    assert columns_of([{"b": 1, "_id": "x"}, {"a": 1, "b": 2}]) == ["_id", "b", "a"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("text", "text"),
        (None, "null"),
        (True, "true"),
        ({"aisle": "5"}, '{"aisle": "5"}'),
        ("two\nlines", "two lines"),
        ("x" * 100, "x" * (CELL_CHARS_MAX - 1) + "…"),
    ],
)
def test_a_value_stands_on_one_line(value: object, shown: str) -> None:
    assert cell({"a": value}, "a") == shown


def test_a_missing_value_is_blank() -> None:
    assert cell({}, "a") == ""


def test_only_numbers_stand_on_the_right() -> None:
    items = [{"n": 1, "b": True, "s": "1"}, {"n": 2.5}]
    assert [is_numeric(items, name) for name in "nbs"] == [True, False, False]


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (Result(), "0 rows."),
        (Result([{}]), "1 row."),
        (Result(mutated_ids=["a", "b"], commit_id=7), "2 documents changed, commit 7."),
    ],
)
def test_the_headline_tells_how_much(result: Result, said: str) -> None:
    assert headline(result) == said
