"""Batches as bytes: the spelling, and every way in which foreign bytes are refused (C7, C8)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sync.core.batch import (
    BATCH_BYTES_MAX,
    BATCH_OPS_MAX,
    NO_DIGEST,
    Batch,
    Birth,
    Change,
    Context,
    Delta,
    digest_of,
    encode,
)
from sync.core.decode import decode, unpack_deltas
from sync.core.stamps import HLC_MAX, Stamp
from sync.core.state import EXISTS, ROOT, Key
from sync.core.values import TOMBSTONE, VALUE_DEPTH_MAX, canonical
from sync.errors import MessageGarbage, MessageTooLarge, VersionUnknown, WireError
from sync.ids import Collection, DocId, Json, UserId
from tests.helpers.core import REPLICAS

ANA = REPLICAS[0]
ORDERS, SHELVES = Collection("orders"), Collection("inventory")


def batch(*deltas: Delta) -> Batch:
    context = Context("e1", 12, (Stamp(88, REPLICAS[1]),))
    return Batch(ANA, 7, 99, UserId("user_ana"), context, NO_DIGEST, deltas)


def change(changes: dict[Key, Json], doc_id: str = "i1") -> Change:
    return Change.of(SHELVES, DocId(doc_id), changes)


def birth(fields: dict[str, Any], doc_id: str = "o1") -> Birth:
    return Birth(ORDERS, DocId(doc_id), canonical(fields))


FULL = batch(
    birth({"total": 9.5}),
    change({("notes",): "x", ("stock", (ANA, 7)): -3}),
    change({("notes",): "y", ("stock", (ANA, 7)): -1}, "i2"),
)


def with_groups(*groups: Any) -> bytes:
    message = json.loads(encode(FULL))
    message["d"] = list(groups)
    return canonical(message).encode()


def altered(**fields: Any) -> bytes:
    return canonical({**json.loads(encode(FULL)), **fields}).encode()


def test_documents_that_change_the_same_fields_share_their_columns() -> None:
    assert json.loads(encode(FULL)) == {
        "v": 1,
        "r": ANA,
        "n": 7,
        "t": 99,
        "u": "user_ana",
        "p": "",
        "c": ["e1", 12, [[88, REPLICAS[1]]]],
        "d": [
            ["orders", "+", [["o1", '{"total":9.5}']]],
            ["inventory", [["=", ["notes"]], ["+", ["stock"]]], [["i1", "x", -3], ["i2", "y", -1]]],
        ],
    }


def test_bytes_decode_to_the_batch_they_were_made_from() -> None:
    assert decode(encode(FULL)) == FULL


def test_a_delta_gives_its_leaves_the_stamp_of_the_batch() -> None:
    leaves = dict(FULL.leaves(FULL.deltas[0]))
    assert set(leaves) == {EXISTS, ("total",)}
    assert {leaf.stamp for leaf in leaves.values()} == {Stamp(99, ANA)}


@pytest.mark.parametrize(
    "changes",
    [
        {ROOT: TOMBSTONE},
        {("location", None): TOMBSTONE, ("location", "aisle"): TOMBSTONE},
        {EXISTS: True, ("location", None): True},
        {("a",) * VALUE_DEPTH_MAX: 1},
        {(*("a",) * (VALUE_DEPTH_MAX - 1), None): TOMBSTONE},
        {("stock",): -(2**63), ("tags",): [{"deep": []}]},
    ],
)
def test_every_kind_of_op_survives(changes: dict[Key, Json]) -> None:
    (again,) = decode(encode(batch(change(changes)))).deltas
    assert dict(again.ops()) == changes


def test_digests_tell_batches_apart() -> None:
    one, other = encode(FULL), encode(batch(birth({"total": 9.6})))
    assert digest_of(one) != digest_of(other)
    assert len(digest_of(one)) == 32


def test_colons_in_text_are_no_ops() -> None:
    times = {"times": [":" * 200] * 20}
    payload = encode(batch(*(birth(times, f"o{index}") for index in range(20))))
    assert payload.count(b":") > BATCH_OPS_MAX
    assert len(decode(payload).deltas) == 20


def test_the_cap_on_ops_counts_every_leaf() -> None:
    wide = {f"f{index}": {"a": 1} for index in range(50)}
    leaves = 1 + 2 * len(wide)
    births = [birth(wide, f"o{index}") for index in range(BATCH_OPS_MAX // leaves)]
    assert len(decode(encode(batch(*births))).deltas) == len(births)
    with pytest.raises(MessageTooLarge):
        decode(encode(batch(*births, birth(wide, "one more"))))


def test_a_batch_over_the_cap_in_bytes_is_refused_unread() -> None:
    with pytest.raises(MessageTooLarge):
        decode(b"x" * (BATCH_BYTES_MAX + 1))


@pytest.mark.parametrize("version", [2, 0, None, "1", [], 10**30])
def test_an_unknown_version_is_named(version: Any) -> None:
    with pytest.raises(VersionUnknown):
        decode(altered(v=version))


@pytest.mark.parametrize(
    "payload",
    [
        *(b"", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b"NaN", b'{"v":NaN}', b"1" * 5_000),
        *(b"[" * 200_000, b'{"v":' * 100_000, encode(FULL)[:-1], encode(FULL) + b" "),
        encode(FULL).decode().encode("utf-16"),
        b"\xef\xbb\xbf" + encode(FULL),
        b" " + encode(FULL),
        encode(FULL).replace(b'"n":7', b'"n":7.0'),
        encode(FULL).replace(b'"n":7', b'"n":7,"n":7'),
        encode(FULL).replace(b'"n":7', b'"n": 7'),
        encode(FULL).replace(b"orders", b"\\u006frders"),
        encode(FULL).replace(b"9.5", b"9.50"),
    ],
    ids=range(21),
)
def test_what_is_not_a_batch_to_the_byte_is_garbage(payload: bytes) -> None:
    with pytest.raises(MessageGarbage):
        decode(payload)


@pytest.mark.parametrize(
    "fields",
    [
        *({"r": "A" * 32}, {"r": "1" * 31}, {"r": 1}, {"r": None}, {"r": ["x"]}),
        *({"n": 0}, {"n": -1}, {"n": True}, {"n": 2**63}, {"n": "7"}, {"n": None}),
        *({"t": 0}, {"t": 2**63}, {"t": False}, {"t": 1e3}),
        *({"u": None}, {"u": "x" * 129}, {"u": 5}),
        *({"p": "x"}, {"p": None}, {"p": "0" * 31}),
        *({"c": None}, {"c": []}, {"c": ["e", -1, []]}, {"c": ["e", 1, [["x", 1]]]}),
        *({"c": ["e", 1, [[REPLICAS[1], 0]]]}, {"c": ["e", 1, [REPLICAS[1]]]}, {"c": [1, 1, []]}),
        *({"c": ["e", 1, [each]]} for each in ([0, ANA], [HLC_MAX + 1, ANA], [7, "x"], [7, 7])),
        *({"c": ["e", 1, [each]]} for each in ([True, ANA], [ANA, ANA], [7, ANA, 7], [7.0, ANA])),
        *({"d": None}, {"d": {}}, {"d": [[]]}, {"extra": 1}),
    ],
    ids=str,
)
def test_a_field_of_the_wrong_kind_is_garbage(fields: dict[str, Any]) -> None:
    with pytest.raises(MessageGarbage):
        decode(altered(**fields))


def test_a_context_names_only_so_many_batches() -> None:
    with pytest.raises(MessageTooLarge):
        decode(altered(c=["e", 1, [[REPLICAS[1], n] for n in range(1, 1_002)]]))


SET = [["=", ["a"]]]


@pytest.mark.parametrize(
    "group",
    [
        ["Orders", "+", [["o1", "{}"]]],
        ["orders; drop", "+", [["o1", "{}"]]],
        ["", "+", [["o1", "{}"]]],
        ["orders", "+", [["o1"]]],
        ["orders", "+", [["o1", {}]]],
        ["orders", "+", [["", "{}"]]],
        ["orders", "+", [[1, "{}"]]],
        ["orders", "+", [["o1", "{}"], ["o1", "{}"]]],
        ["orders", "+", [["o1", '{"a": 1}']]],
        ["orders", "+", [["o1", '{"b":1,"a":1}']]],
        ["orders", "+", [["o1", '{"a":1,"a":1}']]],
        ["orders", "+", [["o1", '{"a":1.0e0}']]],
        ["orders", "+", [["o1", '{"a":1e999}']]],
        ["orders", "+", [["o1", '{"a":NaN}']]],
        ["orders", "+", [["o1", '{"":1}']]],
        ["orders", "+", [["o1", '{"_id":"o1"}']]],
        ["orders", "+", [["o1", '{"a":9223372036854775808}']]],
        ["orders", "+", [["o1", '{"a":"\\ud800"}']]],
        ["orders", "+", [["o1", "\ud800"]]],
        ["orders", "+", [["o1", "[" * 5_000]]],
        ["orders", "+", [["o1", '{"a":' * 40 + "1" + "}" * 40]]],
        ["orders", "+", [["o1", "null"]]],
        ["orders", "x", [["i1", 1]]],
        ["orders", [], [["i1"]]],
        ["orders", SET, [["i1"]]],
        ["orders", SET, [["i1", 1, 2]]],
        ["orders", SET, [["i1", {"b": 1}]]],
        ["orders", SET, [["i1", [float("1e300"), 2**64]]]],
        ["orders", SET, [{"i1": 1}]],
        ["orders", SET, {}],
        ["orders", SET, [["i1", 1], ["i1", 2]]],
        ["orders", [["?", ["a"]]], [["i1", 1]]],
        ["orders", [["=", "a"]], [["i1", 1]]],
        ["orders", [["=", []]], [["i1", 1]]],
        ["orders", [["+", []]], [["i1", 1]]],
        ["orders", [["=", [""]]], [["i1", 1]]],
        ["orders", [["=", [1]]], [["i1", 1]]],
        ["orders", [["=", [None]]], [["i1", 1]]],
        ["orders", [["=", ["a", None]]], [["i1", 1]]],
        ["orders", [["o", ["a", None]]], [["i1"]]],
        ["orders", [["-", [None, "a"]]], [["i1"]]],
        ["orders", [["=", ["_id"]]], [["i1", 1]]],
        ["orders", [["-", ["_id", "x"]]], [["i1"]]],
        ["orders", [["=", ["a"] * (VALUE_DEPTH_MAX + 1)]], [["i1", 1]]],
        ["orders", [["o", ["a"] * VALUE_DEPTH_MAX]], [["i1"]]],
        ["orders", [["=", ["a"] * VALUE_DEPTH_MAX]], [["i1", []]]],
        ["orders", [["+", ["a"]]], [["i1", 1.0]]],
        ["orders", [["+", ["a"]]], [["i1", True]]],
        ["orders", [["+", ["a"]]], [["i1", 2**63]]],
        ["orders", [["=", ["a"]], ["=", ["a"]]], [["i1", 1, 2]]],
        ["orders", [["=", ["a"]], ["+", ["a"]]], [["i1", 1, 2]]],
        ["orders", [["=", ["a"]], ["-", ["a"]]], [["i1", 1]]],
        ["orders", [["-", ["a", None]], ["o", ["a"]]], [["i1"]]],
        ["orders", [["=", ["b"]], ["=", ["a"]]], [["i1", 1, 2]]],
        ["orders", [["=", ["a"], 1]], [["i1", 1]]],
    ],
    ids=lambda group: None,
)
def test_a_group_that_breaks_a_rule_is_garbage(group: Any) -> None:
    try:
        payload = with_groups(group)
    except UnicodeEncodeError:
        payload = json.dumps({**json.loads(encode(FULL)), "d": [group]}).encode()
    with pytest.raises(MessageGarbage):
        decode(payload)


def test_two_groups_of_one_shape_are_not_the_canonical_form() -> None:
    with pytest.raises(MessageGarbage):
        decode(with_groups(["orders", SET, [["i1", 1]]], ["orders", SET, [["i2", 1]]]))


def test_a_group_without_rows_is_not_the_canonical_form() -> None:
    with pytest.raises(MessageGarbage):
        decode(with_groups(["orders", SET, []]))


def test_messages_about_strange_values_stay_short() -> None:
    deep: Json = []
    for _ in range(900):
        deep = [deep]
    for fields in ({"r": deep}, {"n": deep}, {"u": deep}, {"d": [["orders", [[deep, deep]], []]]}):
        with pytest.raises(WireError) as refused:
            decode(altered(**fields))
        assert len(str(refused.value)) < 200


def test_part_of_a_batch_reads_as_that_part() -> None:
    deltas = unpack_deltas(json.loads(encode(FULL))["d"], ANA, 7)
    assert deltas == FULL.deltas
