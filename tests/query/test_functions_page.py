"""The page of functions lists exactly what there is, and its examples can be run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.query.aggregates import AGGREGATES
from sync.query.evaluate import MISSING
from sync.query.functions import FAMILIES, FUNCTIONS, Function
from tests.query.expressions import expression, value_of
from tests.tidy.source import ROOT

PAGE = ROOT / "docs" / "dql-functions.md"
ALL = [*FUNCTIONS.values(), *AGGREGATES.values()]


def tables() -> Iterator[str]:
    """The lines the page has to hold, a table for each family."""
    families = [(family.name, family.functions) for family in FAMILIES]
    for name, functions in (*families, ("Aggregates", list(AGGREGATES.values()))):
        yield f"## {name}"
        yield ""
        yield "| Function | Gives | Example |"
        yield "| --- | --- | --- |"
        yield from map(row, functions)
        yield ""


def row(function: Function) -> str:
    return f"| `{function.signature}` | {function.meaning} | `{function.example}` |"


def test_the_page_lists_every_function() -> None:
    text = PAGE.read_text(encoding="utf-8")
    wanted = "\n".join(tables())
    assert text.endswith(wanted), f"docs/dql-functions.md should end with:\n\n{wanted}"


@pytest.mark.parametrize("function", ALL, ids=lambda function: function.name)
def test_it_is_told_in_one_line_with_an_example(function: Function) -> None:
    assert function.name == function.name.lower()
    assert function.meaning.endswith(".")
    assert "|" not in row(function).strip("| ").replace(" | ", "")
    assert function.name + "(" in function.example
    assert expression(function.example)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda function: function.name)
def test_it_takes_anything_and_never_raises(function: Function) -> None:
    most = function.least + 2 if function.most is None else function.most
    for count in range(function.least, most + 1):
        assert function.takes(count)
        for value in ("null", "nothing", "1", "1.5", "'x'", "true", "[1]", "{'a': 1}", "-1"):
            value_of(f"{function.name}({', '.join([value] * count)})", {})
    assert not function.takes(function.least - 1)
    assert function.most is None or not function.takes(function.most + 1)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("lower", "1"),
        ("substr", "2 or 3"),
        ("concat", "at least 1"),
        ("decode", "at least 3"),
        ("regexp_like", "at least 2"),
        ("clock", "0"),
        ("object_unset", "at least 2"),
    ],
)
def test_how_many_arguments_it_takes_is_told_in_words(name: str, arguments: str) -> None:
    assert FUNCTIONS[name].arguments == arguments


@pytest.mark.parametrize(
    "example", ["abs(-3)", "substr('PWR-01', 4, 2)", "date_trunc(clock(), 'month')"]
)
def test_examples_give_something(example: str) -> None:
    assert value_of(example) is not MISSING
