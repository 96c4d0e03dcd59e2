"""Whatever library writes JSON, the bytes are those of the standard one, and it reads the same."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from sync.core import text
from sync.ids import Json

numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
small = st.floats(-1e-3, 1e-3, allow_nan=False)
words = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | numbers | small | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


def _standard(value: Json, *, sort_keys: bool) -> str:
    options = {"separators": (",", ":"), "ensure_ascii": False, "allow_nan": False}
    return json.JSONEncoder(sort_keys=sort_keys, **options).encode(value)  # type: ignore[arg-type]


@given(values)
@example([1e-05, 1e-07, 1e16, 1.5e300, -0.0, 5e-324, 0.0001, 123456789012345680.0])
@example({"\x7f\x00\x1f\u2028é": '"\\/\n', "\U0001f600": [], "￿": {}, "e-": ".0000"})
@example([2**63 - 1, -(2**63), 2**53 + 1, True, None])
def test_both_spellings_are_those_of_the_standard_library(value: Json) -> None:
    assert text.canonical(value) == _standard(value, sort_keys=True)
    assert text.compact(value) == _standard(value, sort_keys=False)


@given(values)
def test_what_was_written_is_read_as_the_standard_library_reads_it(value: Json) -> None:
    written = _standard(value, sort_keys=False)
    assert repr(text.parse(written)) == repr(json.loads(written))


def test_what_is_no_json_is_written_by_neither() -> None:
    for value in (object(), {1, 2}, b"x"):
        try:
            text.canonical(value)
        except TypeError:
            continue
        raise AssertionError(f"{value!r} was written")
