"""Values of parameters as a person gives them."""

from __future__ import annotations

import pytest

from app.dql.arguments import parameters


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-1.5", -1.5),
        ("true", True),
        ("null", None),
        ('["a", 1]', ["a", 1]),
        ('"5"', "5"),
        ("store_seattle", "store_seattle"),
        ("NaN", "NaN"),
        ("", ""),
        ("a=b", "a=b"),
    ],
)
def test_a_parameter_is_json_if_it_can_be(text: str, value: object) -> None:
    assert parameters([f":x={text}"]) == {"x": value}
