"""Random conditions of DQL over few names and values, so that they often meet."""

from __future__ import annotations

from hypothesis import strategies as st

from sync.ids import Document, Json
from sync.query.syntax import (
    ArrayOf,
    Between,
    Binary,
    Call,
    Constant,
    Expr,
    Field,
    Is,
    IsIn,
    Like,
    Member,
    Missing,
    Parameter,
    Quantified,
    Unary,
    Variable,
)

ARGS: dict[str, Json] = {"text": "ab", "none": None, "list": [1, 2], "empty": [], "one": 1}
SCALARS: list[Json] = [
    *(None, True, False, 0, 1, 1.0, 2, -1, 0.5, 2**53 + 1),
    *("", "a", "ab", "b", "a%", "1", "\ud7ff", "\U0010ffff"),
]

scalars = st.sampled_from(SCALARS)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("k"), inner, max_size=1),
    max_leaves=3,
)
documents: st.SearchStrategy[Document] = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), values, max_size=3
)

fields = st.sampled_from([Field("t", ("a",)), Field("t", ("b",)), Field("t", ("a", "k"))])
fixed = values.map(Constant) | st.sampled_from([Parameter(name) for name in ARGS])
leaves: st.SearchStrategy[Expr] = fields | fixed | st.just(Missing())


def _calls(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    fallbacks = st.sampled_from(["coalesce", "ifmissing", "ifnull", "nvl"])
    return st.one_of(
        st.builds(lambda name, a, b: Call(name, (a, b)), fallbacks, inner, inner),
        st.builds(lambda a, b, c: Call("coalesce", (a, b, c)), inner, inner, inner),
        st.builds(lambda a: Call("coalesce", (a,)), inner),
        st.builds(lambda a: Call("lower", (a,)), inner),
        st.builds(lambda a: Member(a, "k"), inner),
        st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "||"]), inner, inner),
    )


operands: st.SearchStrategy[Expr] = st.recursive(leaves, _calls, max_leaves=3)
lists = st.lists(operands, max_size=3).map(lambda items: ArrayOf(tuple(items))) | operands
patterns = st.sampled_from(["a%", "ab", "a_", "%b", "", "%", "a\\%", "\ud7ff%", "\U0010ffff%"])

simple: st.SearchStrategy[Expr] = st.one_of(
    operands,
    st.builds(Binary, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), operands, operands),
    st.builds(Between, operands, operands, operands, st.booleans()),
    st.builds(IsIn, operands, lists, st.booleans()),
    st.builds(Is, operands, st.sampled_from(["null", "missing", "true", "false"]), st.booleans()),
    st.builds(
        Like,
        operands,
        patterns.map(Constant),
        st.sampled_from(["like", "ilike", "similar"]),
        st.none(),
        st.booleans(),
    ),
    st.builds(lambda a, b: Call("starts_with", (a, b)), operands, operands),
    st.builds(
        lambda kind, source, within, limit: Quantified(
            kind, "v", source, within, Binary("=", Variable("v"), limit)
        ),
        st.sampled_from(["any", "every", "any and every"]),
        operands,
        st.booleans(),
        operands,
    ),
)
conditions: st.SearchStrategy[Expr] = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.builds(Binary, st.sampled_from(["AND", "OR", "XOR"]), inner, inner),
        st.builds(Unary, st.just("NOT"), inner),
        st.builds(Is, inner, st.sampled_from(["missing", "true", "false"]), st.booleans()),
        st.builds(Binary, st.sampled_from(["=", "!="]), inner, inner),
    ),
    max_leaves=4,
)
