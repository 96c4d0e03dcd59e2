"""What a bad line, a broken disk or a stranger can do to a message."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from sync.core.values import canonical
from sync.ids import Json

deep: Json = []
for _ in range(200):
    deep = [deep]

junk = st.sampled_from(
    [
        *(None, True, False, 0, 1, -1, 2**63 - 1, 2**63, -(2**70), 10**400, 0.5, -0.0, 1e300),
        *("", "x", "+", "=", "\x00", "0" * 32, "F" * 32, "Orders", "x" * 2_000, "\ud800"),
        *([], [[]], {}, {"a": {}}, {"": 1}, {"_id": 1}, [None], [["=", ["a"]]], deep),
    ]
)
raw_junk = st.sampled_from(
    [
        *(b"NaN", b"Infinity", b"1e999", b"-0", b"1.0", b"1E2", b" ", b"\xff", b"\xef\xbb\xbf"),
        *(b'"\\ud800"', b"9" * 5_000, b"[" * 100_000, b'{"a":' * 50_000, b"null", b"\x00"),
    ]
)


def places(value: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something can be changed inside a JSON value."""
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))


@st.composite
def altered(draw: st.DrawFn, value: Json) -> Json:
    """The value with one place replaced, removed, doubled or swapped for another part of it."""
    value = copy.deepcopy(value)
    path = draw(st.sampled_from(list(places(value))[1:]))
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    act = draw(st.sampled_from(["replace", "replace", "remove", "double", "graft"]))
    if act == "replace":
        holder[path[-1]] = copy.deepcopy(draw(junk))
    elif act == "remove":
        del holder[path[-1]]
    elif act == "double" and isinstance(holder, list):
        holder.insert(path[-1], copy.deepcopy(holder[path[-1]]))
    else:
        other: Json = value
        for key in draw(st.sampled_from(list(places(value)))):
            other = other[key]
        holder[path[-1]] = copy.deepcopy(other)
    return value


@st.composite
def mangled(draw: st.DrawFn, payload: bytes) -> bytes:
    """The bytes cut short, flipped, spliced or with something foreign in them."""
    at, to = sorted(draw(st.tuples(*[st.integers(0, len(payload))] * 2)))
    act = draw(st.sampled_from(["cut", "flip", "splice", "insert", "drop", "recode"]))
    if act == "cut":
        return payload[:at]
    if act == "flip":
        bit = 1 << draw(st.integers(0, 7))
        return payload[:at] + bytes(byte ^ bit for byte in payload[at : at + 1]) + payload[at + 1 :]
    if act == "splice":
        return payload[:to] + payload[at:]
    if act == "insert":
        return payload[:at] + draw(raw_junk) + payload[to:]
    if act == "drop":
        return payload[:at] + payload[to:]
    return payload.decode(errors="replace").encode(draw(st.sampled_from(["utf-16", "utf-8-sig"])))


def as_bytes(value: Json) -> bytes:
    """JSON bytes of anything, lone surrogates as escapes."""
    text = canonical(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace")
