"""Forms: what bodies with the same names have in common, and nothing else has."""

from __future__ import annotations

import json

import pytest

from sync.core.slots import FORMS_MAX, SLOTS_MAX, form_of, in_order, named
from sync.core.state import leaves_of


def form(body: str) -> object:
    return form_of(body, json.loads(body))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a":1,"m":{"b":2}}', '{"a":"x","m":{"b":null}}'),
        ('{"a":"{","m":{"b":2}}', '{"a":1,"m":{"b":"{{"}}'),
        ('{"a":[{"x":1}],"m":{"b":2}}', '{"a":1,"m":{"b":[{}]}}'),
    ],
)
def test_bodies_with_the_same_names_have_one_form(one: str, other: str) -> None:
    assert form(one) is form(other) is form(one)


@pytest.mark.parametrize(
    "other",
    [
        '{"a":1,"m":{"c":2}}',
        '{"a":{"b":2},"m":1}',
        '{"a":{},"m":{"b":2}}',
        '{"a":1,"m":"{"}',
        '{"a":1,"m":["b",{}]}',
        '{"a":1,"m":{"b":{}}}',
        '{"a":1}',
    ],
)
def test_other_maps_are_another_form(other: str) -> None:
    body = '{"a":1,"m":{"b":2}}'
    assert form(body) is not form(other)
    assert form(other) is not form(body)


def test_slots_count_as_leaves_are_told() -> None:
    document = {"a": 1, "m": {"b": 2, "n": {}}, "z": []}
    leaves = [key for key, _ in leaves_of(document)]
    bits = form_of(json.dumps(document), document).bits
    assert [bits[key] for key in leaves] == [1 << slot for slot in range(len(leaves))]
    assert in_order(reversed(leaves)) == leaves
    assert named(bits[("a",)] | bits[("z",)], leaves) == [("a",), ("z",)]


def test_too_many_leaves_have_no_slots() -> None:
    document = {str(number): 1 for number in range(SLOTS_MAX)}
    assert not form_of(json.dumps(document), document).bits


def test_forms_are_forgotten_when_there_are_too_many() -> None:
    first = form('{"first":1}')
    for number in range(FORMS_MAX):
        form(f'{{"f{number}":1}}')
    assert form('{"first":1}') is not first
