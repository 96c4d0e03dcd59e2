"""Many bodies at once are judged as each alone would be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync.core.decode import body_of
from sync.core.forms import ALIKE_MIN, by_form
from sync.core.state import leaves_of
from sync.core.values import VALUE_DEPTH_MAX, canonical
from sync.errors import DataError, MessageGarbage

LEAF = "@"
"""Stands in a form where a value belongs."""

values = st.one_of(
    st.text(max_size=6),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-10_000, 10_000, places=4).map(float),
    st.none(),
    st.booleans(),
    st.lists(st.integers(-3, 3) | st.text(max_size=2), max_size=3),
    st.just({}),
).map(canonical)
ODD_NUMBERS = (
    *("-0", "-0.0", "0.0", "1.", "1.50", ".5", "01", "1e5", "0.00001", "-0.0001", "0.0001"),
    *("123456789.123456", "1234567890.5", "999999999999999999", "9223372036854775808", "NaN"),
)
ODD_TEXTS = (
    *(
        '"\\u0041"',
        '"\\/"',
        '"\\ud800"',
        '"\ud800"',
        '"\\b\\f\\n\\r\\t\\"\\\\"',
        '"\x1f"',
        '"\x1e"',
        '1}\x1e{"a":1',
        '"\x7f"',
    ),
    *('"a","b":"c"', "nulll", "[1, 2]", "[1,]", "[[]]", '[{"a":1}]', '{"_id":1}', "", " 1"),
)
oddities = st.sampled_from([*ODD_NUMBERS, *ODD_TEXTS])
forms = st.recursive(
    st.just(LEAF),
    lambda inner: st.dictionaries(st.sampled_from(["a", "b", 'q"', "é", "_id", ""]), inner),
    max_leaves=6,
).filter(lambda form: isinstance(form, dict))


def written(form: Any, draw: st.DrawFn) -> str:
    """A body of a form, mostly canonical."""
    if form == LEAF:
        return draw(st.integers(0, 9).flatmap(lambda n: oddities if n == 0 else values))
    fields = (f"{canonical(name)}:{written(form[name], draw)}" for name in sorted(form))
    return "{" + ",".join(fields) + "}"


@st.composite
def bodies(draw: st.DrawFn) -> list[str]:
    few = draw(st.lists(forms, min_size=1, max_size=2))
    return [written(draw(st.sampled_from(few)), draw) for _ in range(ALIKE_MIN + 4)]


def is_sound(text: str) -> bool:
    try:
        body_of(text)
    except (MessageGarbage, DataError):
        return False
    return True


Groups = list[tuple[Any, Sequence[str]]]


def check_bodies(texts: list[str]) -> None:
    """Look at all, and see that each is in one group, with those of its form."""
    check_groups([*by_form(texts, texts)], texts)


def check_groups(groups: Groups, texts: list[str]) -> None:
    seen: list[str] = []
    for fields, alike in groups:
        assert all(keys_of(body_of(text)) == keys_of(fields) for text in alike)
        seen += alike
    assert sorted(seen) == sorted(texts)


def are_sound(texts: list[str]) -> bool:
    try:
        groups: Groups = [*by_form(texts, texts)]
    except (MessageGarbage, DataError):
        return False
    check_groups(groups, texts)
    return True


def keys_of(fields: Any) -> set[Any]:
    return {key for key, _ in leaves_of(fields)}


@given(bodies())
@settings(max_examples=400)
@example(['{"a":1}'] * ALIKE_MIN)
def test_what_one_would_refuse_all_refuse(texts: list[str]) -> None:
    assert are_sound(texts) == all(map(is_sound, texts))


@given(values | oddities)
@settings(max_examples=400)
@example("[1,]")
@example('["a",]')
@example("[,1]")
def test_one_odd_value_among_many_is_found(token: str) -> None:
    for usual in ("1", "2.5", '"x"', "true", "null", "[1,2]"):
        odd = f'{{"a":{token},"b":1}}'
        usual_ones = [f'{{"a":{usual},"b":1}}'] * ALIKE_MIN
        assert are_sound([*usual_ones, odd]) == is_sound(odd)


@pytest.mark.parametrize("depth", [VALUE_DEPTH_MAX - 1, VALUE_DEPTH_MAX])
def test_a_list_where_nesting_ends_is_as_deep_as_it_would_be_alone(depth: int) -> None:
    start, end = '{"a":' * depth, "}" * depth
    texts = [f"{start}1{end}"] * ALIKE_MIN + [f"{start}[1]{end}"]
    assert are_sound(texts) == is_sound(texts[-1])


def test_documents_of_many_forms_are_all_looked_at() -> None:
    texts = [f'{{"f{number}":{number}}}' for number in range(10 * ALIKE_MIN)]
    check_bodies(texts)
    with pytest.raises(MessageGarbage):
        check_bodies([*texts, '{"b":1,"a":1}'])
