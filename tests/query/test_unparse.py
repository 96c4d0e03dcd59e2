"""Trees written as text."""

from __future__ import annotations

import pytest

from sync.query.binding import bind
from sync.query.errors import StatementError
from sync.query.parser import parse
from sync.query.syntax import Binary, Constant, Field, Item, Unary
from sync.query.unparse import text_of
from tests.query.language_cases import language_cases

STATEMENTS = [
    "SELECT DISTINCT a, b AS c, *, MISSING d FROM c AS o USE IDS 'x', :y USE INDEX '' "
    "LEFT JOIN d ON d._id = o.d WHERE a GROUP BY a HAVING b ORDER BY a DESC, b LIMIT 1 OFFSET :o",
    "SELECT * FROM COLLECTION c (m REGISTER, n COUNTER)",
    "SELECT * FROM system:indexes AS i",
    "SELECT `order`, a.order, a.`b c`, `collection` FROM `collection` AS `x``y`",
    "SELECT a[''], a[0].b, a[:i][b] FROM c",
    "SELECT (a + b) * c, a - (b - c), -(5), - -5, -(-a), NOT (a AND b), (NOT a) IS NULL FROM c",
    "SELECT a BETWEEN b + 1 AND (c AND d), a NOT IN (1, 'x'), a IN :xs FROM c",
    "SELECT a NOT LIKE 'x%' ESCAPE '\\\\', a SIMILAR TO b || 'c', a NOT ILIKE b FROM c",
    "SELECT CASE a WHEN 1 THEN 'x' ELSE 'y' END, CASE WHEN a THEN b END FROM c",
    "SELECT count(*), sum(DISTINCT a), f(), {'it''s': [1, -1.5, true, null]} FROM c",
    "SELECT EVERY x WITHIN a SATISFIES x END, ANY AND EVERY x IN a SATISFIES x END FROM c",
    "SELECT ARRAY x.y FOR x IN a WHEN x END, OBJECT x.k : x.v FOR x IN a END FROM c",
    "SELECT a FROM c WHERE b IN (SELECT d FROM e) AND NOT EXISTS (SELECT 1 FROM f)",
    "INSERT INTO c INITIAL DOCUMENTS ({'_id': 1}), (:d)",
    "INSERT INTO c SELECT * FROM d ON ID CONFLICT DO UPDATE RETURNING _id",
    "UPDATE c USE IDS :x APPLY a INCREMENT BY -1, b RESTART, d RESTART WITH 5 SET e.f = 1 "
    "UNSET g, h.`i j` WHERE k ORDER BY l DESC LIMIT 2 OFFSET 1 RETURNING *",
    "DELETE FROM c USE IDS 'a' WHERE b LIMIT 1 RETURNING a",
    "EVICT FROM c",
    "CREATE INDEX IF NOT EXISTS i ON c (a.b DESC, `if`)",
    "DROP INDEX IF EXISTS `if` ON c",
    "PROFILE SELECT * FROM c",
    "ADVISE AND PROVISION SELECT * FROM c",
    "EXPLAIN SYNC orders 'o1' ON :who",
]


@pytest.mark.parametrize("text", STATEMENTS)
def test_a_statement_in_its_shortest_form_is_written_as_it_stands(text: str) -> None:
    assert text_of(parse(text)) == text.replace("-(-a)", "- -a")


def test_every_statement_of_the_cases_is_read_again_as_the_same() -> None:
    for case in language_cases():
        try:
            tree = parse(case.statement)
            bound = bind(tree)
        except StatementError:
            continue
        assert parse(text_of(tree)) == tree, case.name
        assert bind(parse(text_of(bound))) == bound, case.name


def test_trees_that_no_text_gives_are_still_told_apart() -> None:
    a = Field("", ("a",))
    assert text_of(Unary("-", Constant(5))) == "-(5)"
    assert text_of(Unary("-", Item(Constant(5), Constant(0)))) == "-(5[0])"
    assert text_of(Item(Constant(-5), a)) == "(-5)[a]"
    assert text_of(Binary("=", a, Constant([1, {"b": "it's"}]))) == "a = [1, {'b': 'it''s'}]"
