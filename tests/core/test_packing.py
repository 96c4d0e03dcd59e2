"""Rows by example, and rows that are none (L1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sync.core.packing import pack, pack_birth, stamps_in, unpack
from sync.core.rows import check_row
from sync.core.slots import SLOTS_MAX
from sync.core.stamps import Stamp
from sync.core.state import ROOT, Leaf, State, leaves_at, leaves_of
from sync.core.values import TOMBSTONE
from sync.core.visible import visible
from sync.errors import MessageGarbage
from sync.ids import Json, ReplicaId
from tests.helpers.core import REPLICAS

ANA, BEN, _ = REPLICAS
SITES: list[ReplicaId] = [*REPLICAS]


def at(hlc: int, value: Json, replica: ReplicaId = ANA) -> Leaf:
    return Leaf(Stamp(hlc, replica), value)


def packed(state: State) -> tuple[str | None, Any]:
    body, meta = pack(state, visible(state), SITES.index)
    return body, json.loads(meta)


def test_a_new_document_is_its_text_and_one_stamp() -> None:
    state = dict(leaves_at(Stamp(5, BEN), leaves_of({"b": 1, "a": {"c": []}})))
    assert packed(state) == ('{"a":{"c":[]},"b":1}', [5, 1])
    assert pack_birth(Stamp(5, BEN), SITES.index) == "[5,1]"


def test_a_changed_field_is_an_exception() -> None:
    state: State = {(None,): at(5, True), ("a",): at(5, 1), ("b",): at(9, 2, BEN)}
    assert packed(state) == ('{"a":1,"b":2}', [5, 0, [[9, 1, 0b100]]])


def test_what_no_reader_sees_is_an_extra() -> None:
    state: State = {
        (None,): at(5, True),
        ("gone",): at(6, TOMBSTONE),
        ("stock",): at(5, 40),
        ("stock", (BEN, 3)): at(7, -2, BEN),
        ("m", "a"): at(5, 1),
    }
    assert packed(state) == (
        '{"m":{"a":1},"stock":38}',
        [
            *(5, 0, []),
            [
                [["m", None]],
                [["gone"], 6, 0],
                [["stock"], 5, 0, 40],
                [["stock", [1, 3]], 7, 1, -2],
            ],
        ],
    )


def test_a_deleted_document_has_no_body() -> None:
    assert packed({ROOT: at(6, TOMBSTONE, BEN)}) == (None, [6, 1, [], [[[], 6, 1]]])


def test_site_zero_is_nobody_special() -> None:
    state: State = {("stock", (BEN, 3)): at(7, -2, BEN), ("m", "a"): at(7, TOMBSTONE, BEN)}
    body, meta = pack(state, visible(state), {BEN: 1}.__getitem__)
    assert {site for _, site in stamps_in(meta)} == {1}
    assert unpack(body, meta, {1: BEN}.__getitem__) == (state, None)


def test_a_large_document_names_its_fields_by_path() -> None:
    fields = {f"f{number:02}": number for number in range(SLOTS_MAX)}  # and the document itself
    state = dict(leaves_at(Stamp(5, ANA), leaves_of(fields)))
    state[("f07",)] = at(9, "new", BEN)
    body, meta = packed(state)
    assert meta == [5, 0, [[9, 1, [["f07"]]]]]
    assert unpack(body, json.dumps(meta), SITES.__getitem__)[0] == state
    check_row(body, json.dumps(meta), range(3))
    with pytest.raises(MessageGarbage):
        check_row(body, json.dumps([5, 0, [[9, 1, 2]]]), range(3))


def test_slots_follow_the_canonical_body_whatever_the_order_of_writing() -> None:
    state: State = {("z",): at(9, 1, BEN), ("m", "b"): at(5, 1), ("é",): at(5, 1)}
    state |= {("m", "a"): at(9, 2, BEN), ("m", None): at(5, True), (None,): at(5, True)}
    body, meta = packed(state)
    assert (body, meta) == ('{"m":{"a":2,"b":1},"z":1,"é":1}', [5, 0, [[9, 1, 0b010100]]])
    assert unpack(body, json.dumps(meta), SITES.__getitem__)[0] == state


GOOD_BODY = '{"a":{"b":1},"c":2}'


@pytest.mark.parametrize(
    "meta",
    [
        [5, 0],
        [5, 0, [[6, 1, [["c"], ["a", None]]]]],
        [5, 0, [[6, 1, 0b1011], [7, 2, 0b0100]]],
        [5, 0, [[6, 1, 0b1001]], [[["a", None]]]],
        [5, 0, [], [[["a", None]]]],
        [5, 0, [], [[["x"], 7, 2], [["c", [1, 9]], 7, 1, -3], [["z", None], 7, 2], [[], 1, 2]]],
        [5, 0, [], [[["x"], 7, 2, None], [[None], 0, 1, True]]],
    ],
)
def test_a_row_of_the_right_form_is_accepted(meta: Any) -> None:
    check_row(GOOD_BODY, json.dumps(meta), range(3))
    unpack(GOOD_BODY, json.dumps(meta), SITES.__getitem__)


@pytest.mark.parametrize(
    "meta",
    [
        *(None, 5, "x", {}, [], [5], [5, 3], [5, True], [5, "0"], [-1, 0], [2**63, 0], [5.0, 0]),
        *([5, 0, 1], [5, 0, [], [], []], [5, 0, [[6, 1]]], [5, 0, [[6, 9, [["c"]]]]]),
        *([5, 0, [[6, 1, "c"]]], [5, 0, [[6, 1, [["nothing"]]]]], [5, 0, [[6, 1, [[]]]]]),
        *([5, 0, [[6, 1, 0]]], [5, 0, [[6, 1, -1]]], [5, 0, [[6, 1, 16]]], [5, 0, [[6, 1, True]]]),
        *([5, 0, [[6, 1, 1.0]]], [5, 0, [[6, 1, 2**64]]], [5, 0, [[6, 1, 6], [7, 1, 4]]]),
        *([5, 0, [[6, 1, 2]], [[["a", None]]]], [5, 0, [[6, 1, [["c"], ["c"]]]]]),
        *([5, 0, [], [[]]], [5, 0, [], [[["a"]]]], [5, 0, [], [[["c"], 7]]]),
        *([5, 0, [], [[["c"], 7, 0, {}]]], [5, 0, [], [[["c"], 7, 0, 2**64]]]),
        *([5, 0, [], [[[], 7, 0, 1]]], [5, 0, [], [[["_id"], 7, 0, 1]]]),
        *([5, 0, [], [[["c", [0, 0]], 7, 0, 1]]], [5, 0, [], [[["c", [9, 1]], 7, 0, 1]]]),
        *([5, 0, [], [[["c", []], 7, 0, 1]]], [5, 0, [], [[["c", [0, 1]], 7, 0, 1.0]]]),
        *([5, 0, [], [[["c", [0, 1]], 7, 0]]], [5, 0, [], [[[None, "c"], 7, 0, 1]]]),
        *([5, 0, [], [[["c", None], 7, 0, False]]], [5, 0, [], [[["a", None]], [["a", None]]]]),
        *([5, 0, [], [[["x"] * 40, 7, 0, 1]]], [5, 0, [], [[[""], 7, 0, 1]]]),
    ],
)
def test_a_row_of_another_form_is_garbage(meta: Any) -> None:
    with pytest.raises(MessageGarbage):
        check_row(GOOD_BODY, json.dumps(meta), range(3))


@pytest.mark.parametrize(
    "body",
    [5, "", "null", "[]", '{"a": 1}', '{"_id":1}', '{"":1}', '{"a":1e999}', "[" * 100_000, {}],
    ids=range(10),
)
def test_a_body_that_is_no_canonical_document_is_garbage(body: Any) -> None:
    with pytest.raises(MessageGarbage):
        check_row(body, "[5,0]", range(3))


@pytest.mark.parametrize(
    "meta", ["", "[5,0", "[" * 100_000, "[NaN,0]", None, 5, b"[5,0]"], ids=range(7)
)
def test_a_meta_that_is_no_json_is_garbage(meta: Any) -> None:
    with pytest.raises(MessageGarbage):
        check_row(None, meta, range(3))
