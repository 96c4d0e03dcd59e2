"""Statements made ready once, and the values given to them."""

from __future__ import annotations

from typing import Any

import pytest

from sync.query.errors import (
    ParameterInvalid,
    ParameterMissing,
    ParameterUnused,
    StatementError,
    StatementInvalid,
    UnknownCollection,
)
from sync.query.prepared import PREPARED_CHARS_MAX, check_arguments, check_collections, prepared

TEXT = "SELECT * FROM c WHERE a = :low AND b IN (SELECT x FROM d WHERE y = :high) LIMIT :n"


def test_a_statement_is_read_once() -> None:
    assert prepared(TEXT) is prepared(TEXT)
    large = "SELECT '" + "x" * PREPARED_CHARS_MAX + "' FROM c"
    assert prepared(large) is not prepared(large)
    assert prepared(large) == prepared(large)


def test_its_parameters_are_known() -> None:
    assert list(prepared(TEXT).parameters) == ["low", "high", "n"]
    assert prepared(TEXT).counts == {"n"}


def test_its_collections_are_known() -> None:
    check_collections(prepared(TEXT), {"c", "d"})
    with pytest.raises(UnknownCollection, match="`d`"):
        check_collections(prepared(TEXT), {"c"})


def test_every_parameter_has_its_value() -> None:
    check_arguments(prepared(TEXT), {"low": None, "high": [1], "n": 0})


@pytest.mark.parametrize(
    ("args", "kind", "says"),
    [
        ({"low": 1, "n": 1}, ParameterMissing, "`:high`"),
        ({"low": 1, "hihg": 2, "n": 1}, ParameterMissing, "is `hihg` meant"),
        ({"low": 1, "high": 2, "n": 1, "more": 3}, ParameterUnused, "`:more`"),
        ({"low": 1, "high": 2, "n": -1}, ParameterInvalid, "LIMIT"),
        ({"low": 1, "high": 2, "n": None}, ParameterInvalid, "LIMIT"),
        ({"low": 1, "high": 2, "n": True}, ParameterInvalid, "LIMIT"),
        ({"low": 1, "high": 2, "n": 1.0}, ParameterInvalid, "LIMIT"),
    ],
)
def test_values_that_do_not_fit(
    args: dict[str, Any], kind: type[StatementError], says: str
) -> None:
    with pytest.raises(kind, match=says):
        check_arguments(prepared(TEXT), args)


def test_a_list_in_parentheses_after_in_is_a_slip() -> None:
    once = prepared("SELECT * FROM c WHERE a IN (:xs)")
    check_arguments(once, {"xs": 1})
    with pytest.raises(StatementInvalid, match="write IN :xs"):
        check_arguments(once, {"xs": [1]})


def test_the_value_that_is_missing_is_marked() -> None:
    with pytest.raises(ParameterMissing) as caught:
        check_arguments(prepared("SELECT :a\nFROM c WHERE b = :b"), {"a": 1})
    assert caught.value.underlined().splitlines()[1:] == ["  FROM c WHERE b = :b", " " * 19 + "^^"]
