"""Names of functions in a statement: known, and with as many arguments as they take."""

from __future__ import annotations

import pytest

from sync.query.errors import StatementInvalid, UnknownFunction
from sync.query.prepared import prepared


@pytest.mark.parametrize("name", ["upper", "UPPER", "Upper"])
def test_functions_mind_no_case(name: str) -> None:
    assert prepared(f"SELECT {name}(a) AS x FROM c")


def test_an_unknown_function_has_a_nearest_name_and_a_place() -> None:
    with pytest.raises(UnknownFunction, match="Did you mean upper") as caught:
        prepared("SELECT a, uper(a) AS x FROM c")
    assert caught.value.underlined().splitlines()[-1].strip() == "^^^^"


def test_an_aggregate_may_be_what_was_meant() -> None:
    with pytest.raises(UnknownFunction, match="Did you mean median"):
        prepared("SELECT meedian(a) AS x FROM c")


@pytest.mark.parametrize("call", ["substr('a')", "substr('a', 1, 2, 3)", "abs()", "clock(1)"])
def test_a_function_takes_as_many_arguments_as_it_says(call: str) -> None:
    with pytest.raises(StatementInvalid, match="takes"):
        prepared(f"SELECT {call} AS x FROM c")


def test_any_number_of_arguments_where_it_takes_many() -> None:
    assert prepared("SELECT coalesce(a, b, c, d, e, f) AS x FROM c")
