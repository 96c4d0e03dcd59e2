"""Arbitrary statements as trees, of every form that the parser makes."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sync.query.clauses import CRDT_TYPES, SYSTEM_COLLECTIONS, default_name
from sync.query.lexer import RESERVED
from sync.query.syntax import (
    Apply,
    ArrayFor,
    ArrayOf,
    Between,
    Binary,
    Call,
    Case,
    Column,
    Constant,
    CreateIndex,
    DropIndex,
    Exists,
    Explain,
    ExplainSync,
    Expr,
    Field,
    InQuery,
    Insert,
    Is,
    IsIn,
    Item,
    Join,
    Like,
    Member,
    Missing,
    MissingColumn,
    ObjectFor,
    ObjectOf,
    Parameter,
    Projection,
    Quantified,
    Remove,
    Select,
    Sort,
    Source,
    Star,
    Statement,
    Unary,
    Update,
)

OPERATORS = ("*", "/", "%", "+", "-", "||", "<<", ">>", "=", "!=", "<", "<=", ">", ">=", "AND")
OPERATORS += ("XOR", "OR")

texts = st.text(max_size=8)
plain_names = st.sampled_from(["a", "b", "Name", "o", "x_1", "größe", "count", "values", "ids"])
names = plain_names | st.sampled_from([*sorted(RESERVED), "collection", "a b", "`", "1", "if"])
names |= texts.filter(bool)
paths = st.tuples(names, st.lists(names | st.just(""), max_size=2)).map(lambda p: (p[0], *p[1]))
words = st.sampled_from(["p", "storeId", "größe", "from"])
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
constants = st.builds(Constant, st.none() | st.booleans() | numbers | texts)
parameters = st.builds(Parameter, words)
fields = st.builds(Field, st.just(""), paths)
leaves = fields | constants | parameters | st.builds(Missing)


def expressions(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Every node over operands of ``inner``."""
    no_field = inner.filter(lambda node: not isinstance(node, Field))
    some = st.lists(inner, max_size=3).map(tuple)
    optional = st.none() | inner
    keys = st.builds(Constant, texts)
    entries = st.lists(st.tuples(keys, inner), max_size=3, unique_by=lambda each: each[0].value)
    whens = st.lists(st.tuples(inner, inner), min_size=1, max_size=2).map(tuple)
    kinds = st.sampled_from(["any", "every", "any and every"])
    likes = st.sampled_from(["like", "ilike", "similar"])
    calls = st.sampled_from(["count", "lower", "sum", "type"])
    looked_in = fields | parameters | some.map(ArrayOf)
    whats = st.sampled_from(["null", "missing", "true", "false"])
    indexes = st.one_of(
        st.builds(Item, no_field, inner),
        st.builds(Item, fields, st.integers(0, 9).map(Constant) | parameters),
    )
    return st.one_of(
        st.builds(Member, no_field, names),
        indexes,
        st.builds(Unary, st.sampled_from(["NOT", "-", "+"]), inner),
        st.builds(Binary, st.sampled_from(OPERATORS), inner, inner),
        st.builds(Is, inner, whats, st.booleans()),
        st.builds(Between, inner, inner, inner, st.booleans()),
        st.builds(IsIn, inner, looked_in, st.booleans()),
        st.builds(Like, inner, inner, likes, optional, st.booleans()),
        st.builds(Case, optional, whens, optional),
        st.builds(Call, st.sampled_from(["concat", "f", "größe"]), some),
        st.builds(Call, st.just("cast"), st.tuples(inner, inner)),
        st.builds(Call, calls, st.tuples(inner), st.booleans()),
        st.builds(Call, st.just("count"), st.just(()), st.just(False), st.just(True)),
        st.builds(ArrayOf, some),
        st.builds(ObjectOf, entries.map(tuple)),
        st.builds(Quantified, kinds, names, inner, st.booleans(), inner),
        st.builds(ArrayFor, inner, names, inner, st.booleans(), optional),
        st.builds(ObjectFor, inner, inner, names, inner, st.booleans(), optional),
        st.builds(Exists, selects(inner)),
        st.builds(InQuery, inner, selects(inner), st.booleans()),
    )


def columns(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Projection]:
    """Columns, half of them without a name of their own."""
    one = st.one_of(
        st.tuples(inner, st.none() | names),
        st.just(Star()),
        st.builds(Star, names),
        st.builds(MissingColumn, fields),
    )
    return st.lists(one, min_size=1, max_size=3).map(_numbered)


def _numbered(found: list[Any]) -> Projection:
    numbered = [
        Column(each[0], each[1] or default_name(each[0], position))
        if isinstance(each, tuple)
        else each
        for position, each in enumerate(found, start=1)
    ]
    return tuple(numbered)


def _source(name: str, alias: str | None, types: Any, index: str | None) -> Source:
    return Source(name, alias or name, types, index=index)


declared = st.dictionaries(names, st.sampled_from(CRDT_TYPES), max_size=2)
system = st.builds(Source, st.sampled_from(SYSTEM_COLLECTIONS), names, system=st.just(True))
types = declared.map(lambda each: tuple(each.items()))
sources = st.builds(_source, names, st.none() | names, types, st.none() | texts) | system
targets = st.builds(_source, names, st.none(), types, st.none())


def selects(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Select]:
    """SELECTs over expressions of ``inner``; at most their first join is a RIGHT one."""
    some = st.lists(inner, max_size=2).map(tuple)
    joins = st.lists(
        st.builds(Join, st.sampled_from(["inner", "left"]), sources, inner), max_size=1
    )
    right = st.lists(st.builds(Join, st.just("right"), sources, inner), max_size=1)
    return st.builds(
        Select,
        columns(inner),
        sources,
        st.booleans(),
        st.none() | st.lists(parameters | constants, min_size=1, max_size=2).map(tuple),
        st.tuples(right, joins).map(lambda each: (*each[0], *each[1])),
        st.none() | inner,
        some,
        st.none() | inner,
        sorts(inner),
        counts,
        counts,
    )


def sorts(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[tuple[Sort, ...]]:
    return st.lists(st.builds(Sort, inner, st.booleans()), max_size=2).map(tuple)


counts = st.none() | parameters | st.integers(0, 2**63 - 1).map(Constant)
trees = st.recursive(leaves, expressions, max_leaves=8)
small = st.recursive(leaves, expressions, max_leaves=3)
returning = st.none() | columns(small)


def _updates() -> st.SearchStrategy[Update]:
    kinds = st.sampled_from(["increment", "restart", "pn_increment"])
    changes = st.tuples(
        st.lists(st.builds(Apply, paths, kinds, small), max_size=2).map(tuple),
        st.lists(st.tuples(paths, small), max_size=2).map(tuple),
        st.lists(paths, max_size=2).map(tuple),
    ).filter(any)
    ids = st.none() | st.tuples(parameters)
    rest = st.tuples(st.none() | small, sorts(small), counts, counts, returning)
    return st.builds(lambda s, i, c, r: Update(s, i, *c, *r), sources, ids, changes, rest)


def _inserts() -> st.SearchStrategy[Insert]:
    conflicts = st.sampled_from(["fail", "nothing", "update", "update_local_diff"])
    document = st.builds(ObjectOf, st.just(())) | parameters | st.builds(ArrayOf, st.just(()))
    documents = st.lists(document, min_size=1, max_size=2).map(tuple)
    none, no = st.none(), st.just(False)
    return st.one_of(
        st.builds(Insert, targets, documents, none, no, conflicts, returning),
        st.builds(Insert, targets, documents, none, st.just(True), st.just("fail"), returning),
        st.builds(Insert, targets, st.just(()), selects(small), no, conflicts, returning),
    )


removes = st.builds(
    Remove,
    st.sampled_from(["delete", "evict"]),
    sources,
    st.none() | st.tuples(parameters),
    st.none() | small,
    counts,
    returning,
)
indexed = st.lists(st.tuples(paths, st.booleans()), min_size=1, max_size=2).map(tuple)
queries = st.one_of(
    selects(trees),
    _inserts(),
    _updates(),
    removes,
    st.builds(CreateIndex, names, targets, indexed, st.booleans()),
    st.builds(DropIndex, names, targets, st.booleans()),
)
statements: st.SearchStrategy[Statement] = st.one_of(
    queries,
    st.builds(Explain, st.sampled_from(["explain", "profile"]), queries),
    st.builds(Explain, st.just("advise"), queries, st.booleans()),
    st.builds(ExplainSync, names, small, st.none() | small),
)
