"""Names given their meaning, and what is judged without data."""

from __future__ import annotations

import pytest

from sync.query.binding import bind
from sync.query.errors import (
    AmbiguousName,
    StatementInvalid,
    UnknownCollection,
    UnknownName,
)
from sync.query.parser import parse
from sync.query.syntax import Statement
from sync.query.unparse import text_of


def bound(text: str) -> Statement:
    return bind(parse(text), text=text)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("SELECT a.b FROM c", "SELECT c.a.b FROM c"),
        ("SELECT c.a FROM c", "SELECT c.a FROM c"),
        ("SELECT o.a, b FROM c o", "SELECT o.a, o.b FROM c AS o"),
        ("SELECT c FROM c", "SELECT c AS c FROM c"),
        ("SELECT c.c FROM c", "SELECT c.c FROM c"),
        ("UPDATE c o SET o.a = b UNSET o.d", "UPDATE c AS o SET a = o.b UNSET d"),
        ("DELETE FROM c WHERE a", "DELETE FROM c WHERE c.a"),
        ("INSERT INTO c VALUES (:d) RETURNING _id", "INSERT INTO c DOCUMENTS (:d) RETURNING c._id"),
        ("EXPLAIN SELECT a FROM c", "EXPLAIN SELECT c.a FROM c"),
    ],
)
def test_a_field_belongs_to_the_only_collection(text: str, meaning: str) -> None:
    assert text_of(bound(text)) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("ANY x IN a SATISFIES x.k = b END", "ANY x IN c.a SATISFIES x.k = c.b END"),
        ("ARRAY x FOR x IN x WHEN x END", "ARRAY x FOR x IN c.x WHEN x END"),
        ("OBJECT x.k : y FOR x WITHIN a END", "OBJECT x.k : c.y FOR x WITHIN c.a END"),
        (
            "ANY x IN a SATISFIES EVERY y IN x SATISFIES y = x END END",
            "ANY x IN c.a SATISFIES EVERY y IN x SATISFIES y = x END END",
        ),
        ("ANY c IN c.a SATISFIES c.k END", "ANY c IN c.a SATISFIES c.k END"),
    ],
)
def test_a_variable_hides_fields_and_aliases_within_its_comprehension(
    text: str, meaning: str
) -> None:
    assert text_of(bound(f"SELECT {text} FROM c")) == f"SELECT {meaning} FROM c"


@pytest.mark.parametrize(
    ("condition", "meaning"),
    [
        ("a IN (SELECT b FROM d)", "o.a IN (SELECT d.b FROM d)"),
        ("EXISTS (SELECT 1 FROM d WHERE b = o.a)", "EXISTS (SELECT 1 FROM d WHERE d.b = o.a)"),
        ("EXISTS (SELECT 1 FROM d WHERE o)", "EXISTS (SELECT 1 FROM d WHERE d.o)"),
        ("EXISTS (SELECT 1 FROM e o WHERE o.a)", "EXISTS (SELECT 1 FROM e AS o WHERE o.a)"),
        (
            "ANY x IN a SATISFIES x IN (SELECT b FROM d WHERE k = x) END",
            "ANY x IN o.a SATISFIES x IN (SELECT d.b FROM d WHERE d.k = x) END",
        ),
    ],
)
def test_a_select_within_sees_its_own_fields_first_and_the_aliases_around_it(
    condition: str, meaning: str
) -> None:
    text = f"SELECT a FROM c o WHERE {condition}"
    assert text_of(bound(text)) == f"SELECT o.a FROM c AS o WHERE {meaning}"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("SELECT a + 1 AS n FROM c ORDER BY n", "c.a + 1"),
        ("SELECT a AS b FROM c ORDER BY b.k", "c.a.k"),
        ("SELECT a FROM c ORDER BY b", "c.b"),
        ("SELECT a + 1 AS c FROM c ORDER BY c.a", "c.a"),
        ("SELECT sum(a) AS a FROM c ORDER BY sum(a)", "sum(c.a)"),
        ("SELECT k, count(*) AS n FROM c GROUP BY k ORDER BY n", "count(*)"),
    ],
)
def test_order_by_may_use_the_names_of_columns(text: str, meaning: str) -> None:
    assert text_of(bound(text)).endswith(f" ORDER BY {meaning}")


def test_in_a_join_a_field_says_whose_it_is() -> None:
    text = "SELECT a.x FROM a JOIN b ON b._id = a.b WHERE status = 1"
    with pytest.raises(AmbiguousName, match=r"write a\.status or b\.status") as caught:
        bound(text)
    assert caught.value.at == text.index("status")


def test_the_condition_of_a_join_sees_only_what_stands_before_it() -> None:
    text = "SELECT a.x FROM a JOIN b ON b._id = d.b JOIN d ON d._id = a.d"
    with pytest.raises(AmbiguousName):
        bound(text)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("SELECT orders.a FROM orders o", "o"),
        ("SELECT itmes.a FROM items JOIN orders ON true", "items"),
        ("SELECT oders.* FROM orders", "orders"),
    ],
)
def test_an_alias_that_is_not_there_is_answered_with_the_one_that_is(text: str, near: str) -> None:
    with pytest.raises(UnknownName) as caught:
        bound(text)
    assert caught.value.nearest == near


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO c DOCUMENTS ({'a': b})",
        "SELECT * FROM c USE IDS a",
        "EXPLAIN SYNC c id",
    ],
)
def test_where_there_is_no_document_there_is_no_field(text: str) -> None:
    with pytest.raises(UnknownName, match="as text, write"):
        bound(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT a.x FROM a JOIN b a ON true", "Two collections"),
        ("SELECT *, a FROM c", r"write c\.\*"),
        ("SELECT *, * FROM c", r"write c\.\*"),
        ("SELECT MISSING a FROM c", "leaves a field out"),
        ("SELECT *, MISSING c FROM c", "leaves out a field"),
        ("SELECT a.n, b.n FROM a JOIN b ON true", "Two columns"),
        ("SELECT DISTINCT a FROM c ORDER BY b", "DISTINCT"),
        ("SELECT a FROM c WHERE a IN (SELECT b, d FROM e)", "one column"),
        ("SELECT a FROM c WHERE a IN (SELECT * FROM e)", "one column"),
        ("UPDATE c SET _id = 1", "never changes"),
        ("UPDATE c o SET o._id = 1", "never changes"),
        ("UPDATE c UNSET _id.a", "never changes"),
        ("UPDATE c SET a = 1, a = 2", "twice"),
        ("UPDATE c APPLY a RESTART SET c.a = 1", "twice"),
        ("UPDATE c SET a[''] = 1", "not empty"),
        ("DELETE FROM system:conflicts", "only be read"),
        ("INSERT INTO __ours DOCUMENTS (:d)", "only be read"),
        ("CREATE INDEX i ON system:outbox (a)", "only be read"),
    ],
)
def test_rules_that_need_no_data(text: str, says: str) -> None:
    with pytest.raises(StatementInvalid, match=says):
        bound(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT count(*) FROM c",
        "SELECT k, count(*) AS n, sum(a) + 1 AS s FROM c GROUP BY k HAVING max(a) > :x",
        "SELECT lower(k) AS k FROM c GROUP BY lower(k)",
        "SELECT k || 'x' AS y, 1 AS one FROM c GROUP BY k",
        "SELECT k FROM c GROUP BY k ORDER BY avg(a)",
        "SELECT count(DISTINCT a.b) FROM c HAVING count(*) > 1",
        "SELECT k, k IN (SELECT b FROM d WHERE d.x = c.k) AS y FROM c GROUP BY k",
        "SELECT ARRAY x FOR x IN k END FROM c GROUP BY k",
    ],
)
def test_groups(text: str) -> None:
    assert bound(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT k, a FROM c GROUP BY k", "`a` is neither in GROUP BY"),
        ("SELECT k, count(*) FROM c", "add GROUP BY k"),
        ("SELECT * FROM c GROUP BY k", "name the columns"),
        ("SELECT k FROM c GROUP BY k HAVING a > 1", "`a` is neither"),
        ("SELECT k FROM c GROUP BY k ORDER BY a", "`a` is neither"),
        ("SELECT a + 1 AS k FROM c GROUP BY k", "instead of `k`"),
        ("SELECT k, sum(a) AS s FROM c GROUP BY k HAVING s > 1", "instead of `s`"),
        ("SELECT k FROM c WHERE count(*) > 1", "use HAVING"),
        ("SELECT k FROM c GROUP BY sum(k)", "GROUP BY"),
        ("SELECT sum(max(k)) FROM c", "another aggregate"),
        ("SELECT a.k FROM a JOIN b ON sum(a.x) = 1", "ON"),
        ("SELECT sum(a, b) FROM c", "one value"),
        ("SELECT lower(DISTINCT a) FROM c", "DISTINCT"),
        ("UPDATE c SET a = sum(b)", "UPDATE"),
        ("DELETE FROM c WHERE sum(b) > 1", "WHERE"),
        ("UPDATE c SET a = 1 RETURNING count(*)", "RETURNING"),
        ("INSERT INTO c DOCUMENTS ({'a': count(*)})", "a document"),
        ("SELECT k IN (SELECT b FROM d WHERE d.x = c.a) AS y FROM c GROUP BY k", "`a` is neither"),
    ],
)
def test_what_has_no_place_in_groups(text: str, says: str) -> None:
    with pytest.raises(StatementInvalid, match=says):
        bound(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM ORDERS",
        "SELECT * FROM items i JOIN order o ON true".replace("order", "`order`"),
        "SELECT * FROM items WHERE a IN (SELECT b FROM ordres)",
        "DELETE FROM oders",
        "EXPLAIN UPDATE Orders SET a = 1",
        "EXPLAIN SYNC order1 'x'",
        "INSERT INTO items SELECT * FROM oders",
    ],
)
def test_a_collection_that_nobody_knows_is_answered_with_the_nearest(text: str) -> None:
    with pytest.raises(UnknownCollection, match="did you mean orders") as caught:
        bind(parse(text), {"orders", "items"}, text)
    assert caught.value.at is not None
    assert text[caught.value.at] in "Oo`"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM orders",
        "SELECT * FROM system:indexes",
        "INSERT INTO novelty DOCUMENTS (:d)",
        "CREATE INDEX i ON novelty (a)",
    ],
)
def test_known_system_and_new_collections_pass(text: str) -> None:
    assert bind(parse(text), {"orders"}, text)


def test_binding_twice_changes_nothing() -> None:
    once = bound("SELECT k, count(*) AS n FROM c WHERE ANY x IN a SATISFIES x.y END GROUP BY k")
    assert bind(once) == once
