"""Statements read into their tree: its form here, its refusals in ``test_refusals``."""

from __future__ import annotations

import inspect
import sys

import pytest

from sync.query.binding import bind
from sync.query.errors import StatementTooDeep
from sync.query.parser import parse
from sync.query.powers import CHAIN_TERMS_MAX
from sync.query.syntax import (
    Apply,
    ArrayOf,
    Binary,
    Call,
    Column,
    Constant,
    CreateIndex,
    DropIndex,
    Explain,
    ExplainSync,
    Expr,
    Field,
    InQuery,
    Insert,
    IsIn,
    Item,
    Member,
    Missing,
    MissingColumn,
    ObjectOf,
    Parameter,
    Remove,
    Select,
    Source,
    Star,
    Unary,
    Update,
)
from sync.query.unparse import text_of


def select(text: str) -> Select:
    tree = parse(text)
    assert isinstance(tree, Select)
    return tree


def update(text: str) -> Update:
    tree = parse(text)
    assert isinstance(tree, Update)
    return tree


def expr(text: str) -> Expr:
    (column,) = select(f"SELECT {text} FROM c").columns
    assert isinstance(column, Column)
    return column.expr


def field(*path: str) -> Field:
    return Field("", path)


A, B, C = field("a"), field("b"), field("c")


@pytest.mark.parametrize(
    ("text", "grouped"),
    [
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a || b + c", "a || (b + c)"),
        ("a << b + c", "a << (b + c)"),
        ("a = b || c", "a = (b || c)"),
        ("a < b = c", "(a < b) = c"),
        ("a LIKE b = c", "a LIKE (b = c)"),
        ("a = b LIKE c", "(a = b) LIKE c"),
        ("a = b IS NULL", "(a = b) IS NULL"),
        ("NOT a = b", "NOT (a = b)"),
        ("NOT a IS NULL", "NOT (a IS NULL)"),
        ("NOT a AND b", "(NOT a) AND b"),
        ("NOT NOT a", "NOT (NOT a)"),
        ("a OR b AND c", "a OR (b AND c)"),
        ("a XOR b AND c", "a XOR (b AND c)"),
        ("a OR b XOR c", "a OR (b XOR c)"),
        ("a BETWEEN b AND c AND a", "(a BETWEEN b AND c) AND a"),
        ("a BETWEEN b + 1 AND c || 'x'", "a BETWEEN (b + 1) AND (c || 'x')"),
        ("a IN (b) AND c", "(a IN (b)) AND c"),
        ("-a * b", "(-a) * b"),
        ("-a.b[0]", "-(a.b[0])"),
        ("- -a", "-(-a)"),
    ],
)
def test_precedence(text: str, grouped: str) -> None:
    assert expr(text) == expr(grouped)


def test_a_path_may_be_written_with_dots_or_with_texts_in_brackets() -> None:
    assert (
        expr("a.b.`c d`") == expr("a['b']['c d']") == expr("a.b['c d']") == field("a", "b", "c d")
    )
    assert expr("a.order.select") == field("a", "order", "select")


def test_items_and_members_of_other_values() -> None:
    assert expr("a[0].b") == Member(Item(A, Constant(0)), "b")
    assert expr("a[:i]") == Item(A, Parameter("i"))
    assert expr("f(a).b") == Member(Call("f", (A,)), "b")


def test_constants() -> None:
    assert expr("[true, False, null, 'x', -1, 1.5]") == ArrayOf(
        tuple(Constant(each) for each in (True, False, None, "x", -1, 1.5))
    )
    assert expr("missing") == Missing()
    assert expr("-9223372036854775808") == Constant(-(2**63))
    assert expr("+1") == Unary("+", Constant(1))


def test_a_json_object_needs_no_space_after_its_colons() -> None:
    tight = expr("""{"a":true,"b":null,'c':x,"d":[{"e":f(1)}],"g"::p}""")
    assert isinstance(tight, ObjectOf)
    values = [value for _, value in tight.entries]
    assert values[:3] == [Constant(True), Constant(None), field("x")]
    assert values[4] == Parameter("p")


def test_lists_after_in() -> None:
    assert expr("a IN (1, b)") == expr("a IN [1, b]") == IsIn(A, ArrayOf((Constant(1), B)))
    assert expr("a NOT IN :xs") == IsIn(A, Parameter("xs"), negated=True)
    assert expr("a IN ()") == IsIn(A, ArrayOf(()))
    found = expr("a IN (SELECT b FROM d)")
    assert isinstance(found, InQuery)
    assert found.select == select("SELECT b FROM d")


def test_functions_have_names_in_lower_case() -> None:
    assert expr("COUNT(*)") == Call("count", (), star=True)
    assert expr("Sum(DISTINCT a)") == Call("sum", (A,), distinct=True)
    assert expr("clock()") == Call("clock", ())
    assert expr("CAST(a AS String)") == expr("cast(a, 'string')")


def test_columns_are_named_by_their_field_or_their_place() -> None:
    columns = select("SELECT a.b, a + 1, c AS d, x[0] FROM c").columns
    assert [each.name for each in columns if isinstance(each, Column)] == ["b", "($2)", "d", "($4)"]
    assert select("SELECT *, MISSING a.b FROM c").columns == (
        Star(),
        MissingColumn(field("a", "b")),
    )
    assert select("SELECT o.*, MISSING AS x FROM c").columns == (
        Star("o"),
        Column(Missing(), "x"),
    )


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("orders", Source("orders", "orders")),
        ("orders o", Source("orders", "o")),
        ("orders AS o", Source("orders", "o")),
        ("`my orders`", Source("my orders", "my orders")),
        ("collection", Source("collection", "collection")),
        (
            "COLLECTION orders (m REGISTER, n counter) o",
            Source("orders", "o", (("m", "REGISTER"), ("n", "COUNTER"))),
        ),
        ("system:indexes i", Source("indexes", "i", system=True)),
        ("orders USE INDEX 'by_store'", Source("orders", "orders", index="by_store")),
        ("orders USE INDEX ''", Source("orders", "orders", index="")),
        (
            """orders USE DIRECTIVES '{"#index": "by_store"}'""",
            Source("orders", "orders", index="by_store"),
        ),
        ("""orders USE DIRECTIVES '{"#index": null}'""", Source("orders", "orders", index="")),
        ("""orders USE DIRECTIVES '{"#index": ["i"]}'""", Source("orders", "orders", index="i")),
        ("""orders USE DIRECTIVES '{"#index": ["i", "j"]}'""", Source("orders", "orders")),
        ("""orders USE DIRECTIVES '{"#prefer_order": true}'""", Source("orders", "orders")),
        (
            """orders USE DIRECTIVES '{"#disable_index_scan": true}'""",
            Source("orders", "orders", index=""),
        ),
        ("orders /*+ a hint is a comment */", Source("orders", "orders")),
    ],
)
def test_collections(text: str, source: Source) -> None:
    assert select(f"SELECT * FROM {text}").source == source


def test_ids() -> None:
    assert select("SELECT * FROM c USE IDS 'a', :b").ids == (Constant("a"), Parameter("b"))
    assert select("SELECT * FROM c USE IDS LIST :ids").ids == (Parameter("ids"),)
    assert update("UPDATE c USE IDS 'a' SET a = 1").ids == (Constant("a"),)


def test_joins() -> None:
    joins = select(
        "SELECT * FROM a RIGHT OUTER JOIN b ON b._id = a.b JOIN c USE INDEX '' ON true "
        "LEFT JOIN d e ON e.x = a.x INNER JOIN f ON false"
    ).joins
    assert [join.kind for join in joins] == ["right", "inner", "left", "inner"]
    assert [join.source.alias for join in joins] == ["b", "c", "e", "f"]
    assert joins[1].source.index == ""


def test_insert() -> None:
    tree = parse("INSERT INTO c VALUES ({'_id': 1}), (:d) ON ID CONFLICT DO NOTHING RETURNING _id")
    assert isinstance(tree, Insert)
    assert tree.documents[1] == Parameter("d")
    assert tree.on_conflict == "nothing"
    initial = parse("INSERT INTO c INITIAL DOCUMENTS (deserialize_json(:s))")
    assert isinstance(initial, Insert)
    assert initial.initial
    copied = parse("INSERT INTO c SELECT * FROM d ON ID CONFLICT DO UPDATE_LOCAL_DIFF")
    assert isinstance(copied, Insert)
    assert (copied.select, copied.on_conflict) == (select("SELECT * FROM d"), "update_local_diff")


def test_update() -> None:
    tree = update(
        "UPDATE c APPLY n INCREMENT BY 2, m RESTART, k RESTART WITH 7, j PN_INCREMENT BY 1.5 "
        "SET a = 1, b.c = b.c - :q UNSET d, e['f'] WHERE _id = 'x' ORDER BY a LIMIT 1 RETURNING *"
    )
    assert tree.applies == (
        Apply(("n",), "increment", Constant(2)),
        Apply(("m",), "restart", Constant(0)),
        Apply(("k",), "restart", Constant(7)),
        Apply(("j",), "pn_increment", Constant(1.5)),
    )
    less = Binary("-", field("b", "c"), Parameter("q"))
    assert tree.sets == ((("a",), Constant(1)), (("b", "c"), less))
    assert tree.unsets == (("d",), ("e", "f"))
    assert tree.returning == (Star(),)


def test_the_older_form_of_setting_a_map() -> None:
    older = "UPDATE c SET m -> (a = 1, b.c = 2, d -> (e = 3)), f = 4"
    assert update(older) == update("UPDATE c SET m.a = 1, m.b.c = 2, m.d.e = 3, f = 4")


def test_removals_and_indexes() -> None:
    evict = parse("EVICT FROM c WHERE a LIMIT 30 RETURNING _id")
    assert isinstance(evict, Remove)
    assert (evict.kind, evict.limit) == ("evict", Constant(30))
    assert parse("CREATE INDEX IF NOT EXISTS i ON c (a.b DESC, d)") == CreateIndex(
        "i", Source("c", "c"), ((("a", "b"), True), (("d",), False)), if_not_exists=True
    )
    assert parse("DROP INDEX IF EXISTS i ON c") == DropIndex("i", Source("c", "c"), if_exists=True)


def test_explanations() -> None:
    query = select("SELECT * FROM c")
    assert parse("EXPLAIN SELECT * FROM c") == Explain("explain", query)
    assert parse("profile SELECT * FROM c") == Explain("profile", query)
    assert parse("ADVISE AND PROVISION SELECT * FROM c;") == Explain("advise", query, True)
    assert parse("EXPLAIN SYNC orders 'o1' ON 'till 2'") == ExplainSync(
        "orders", Constant("o1"), Constant("till 2")
    )
    assert parse("EXPLAIN SYNC orders :id") == ExplainSync("orders", Parameter("id"))


def depth(node: Expr) -> int:
    return 1 + max(depth(node.left), depth(node.right)) if isinstance(node, Binary) else 0


@pytest.mark.parametrize("op", ["OR", "AND", "||"])
def test_a_chain_of_thousands_is_read_as_a_flat_tree(op: str) -> None:
    text = f" {op} ".join(f"(a = {n})" for n in range(5_000))
    tree = expr(text)
    assert depth(tree) < 20
    assert expr(text_of(tree)) == tree


def test_a_short_chain_leans_left_as_written() -> None:
    tree = expr(" OR ".join(["a"] * CHAIN_TERMS_MAX))
    assert depth(tree) == CHAIN_TERMS_MAX - 1


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1_000 + "1" + ")" * 1_000,
        "[" * 1_000 + "]" * 1_000,
        "{'a':" * 1_000 + "1" + "}" * 1_000,
        "NOT " * 1_000 + "a",
        "- " * 1_000 + "a",
        "f(" * 1_000 + ")" * 1_000,
        "a" + "[0]" * 1_000,
        "a" + "[0].b" * 1_000,
        "a" + " IS NULL" * 1_000,
        "a" + " + 1" * 1_000,
        "a" + " XOR a" * 1_000,
        "CASE WHEN " * 1_000,
        "ANY x IN y SATISFIES " * 1_000,
        "a IN (" * 1_000,
        "(a + " * 90 + "1" + ") + 1 + 1" * 90,
        "a IN (SELECT b FROM c WHERE " * 1_000,
        "EXISTS (SELECT b FROM c WHERE " * 11,
    ],
    ids=lambda text: text[:12],
)
def test_what_is_nested_too_deeply_is_refused_by_name(text: str) -> None:
    with pytest.raises(StatementTooDeep):
        parse(f"SELECT * FROM c WHERE {text}")


def test_a_map_set_in_the_older_form_has_the_same_limit() -> None:
    with pytest.raises(StatementTooDeep):
        parse("UPDATE c SET " + "a -> (" * 1_000)


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("(", ")"), ("[", "]"), ("lower(", ")"), ("NOT ", ""), ("ANY x IN ", " SATISFIES x END")],
)
def test_the_deepest_statement_leaves_room_for_whoever_runs_it(opening: str, closing: str) -> None:
    text = f"SELECT * FROM c WHERE {opening * 98}a{closing * 98}"
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 600)
    try:
        tree = bind(parse(text))
        assert bind(parse(text_of(tree))) == tree
    finally:
        sys.setrecursionlimit(usual)
