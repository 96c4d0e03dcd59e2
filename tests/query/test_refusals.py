"""What the parser says to a statement that it cannot read."""

from __future__ import annotations

import pytest

from sync.query.errors import NotSupported, StatementError, StatementInvalid, StatementUnreadable
from sync.query.parser import parse


def refusal(text: str) -> StatementError:
    with pytest.raises(StatementError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "word", "meant"),
    [
        ("SELCT * FROM c", "SELCT", "SELECT"),
        ("UPDAET c SET a = 1", "UPDAET", "UPDATE"),
        ("SELECT * FROM orders WHER a = 1", "WHER", "WHERE"),
        ("SELECT * FROM orders o WERE a = 1", "WERE", "WHERE"),
        ("SELECT * FROM c WHERE a ODER b", "ODER", "ORDER BY"),
        ("INSERT INTO c DOCUMENT ({})", "DOCUMENT", "DOCUMENTS"),
        ("SELECT * FROM COLLECTION c (f REGISTR)", "REGISTR", "REGISTER"),
    ],
)
def test_a_misspelt_word_is_marked_and_the_right_one_offered(
    text: str, word: str, meant: str
) -> None:
    error = refusal(text)
    assert isinstance(error, StatementUnreadable)
    assert error.nearest == meant
    assert error.at == text.index(word)
    assert error.underlined().splitlines()[1:] == [
        f"  {text}",
        "  " + " " * text.index(word) + "^" * len(word),
    ]


def test_the_line_of_the_mistake_is_shown_and_a_long_one_is_cut() -> None:
    text = "SELECT *\nFROM c\nWHERE " + "a = 1 AND " * 50 + "= 2\nLIMIT 1"
    message, line, mark = refusal(text).underlined().splitlines()
    assert message == "`=` is unexpected: expected a value."
    assert len(line) < 110
    assert line[mark.index("^")] == "="


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("  -- nothing", "empty"),
        ("SELECT a b FROM c", "AS"),
        ("SELECT a, FROM c", "a value"),
        ("SELECT a FROM", "a collection's name"),
        ("SELECT a FROM c WHERE", "ends here: expected a value"),
        ("SELECT a FROM c WHERE (a", r"expected \)"),
        ("SELECT a FROM c)", "no opening one"),
        ("SELECT a FROM c; SELECT b FROM c", "one statement"),
        ("SELECT a FROM c WHERE a IS 5", "NULL, MISSING, TRUE or FALSE"),
        ("SELECT a FROM c WHERE a = NOT b", r"in \( \)"),
        ("SELECT {a: 1} FROM c", "'a'"),
        ("SELECT (a, b) FROM c", r"\[a, b\]"),
        ("SELECT ANY x IN y SATISFIES x FROM c", "END"),
        ("SELECT * FROM order", "in backticks"),
        ("UPDATE c WHERE a", "SET"),
        ("SELECT * FROM c WHERE EXISTS (1)", "SELECT"),
        ("INSERT INTO c INITIAL SELECT * FROM d", "DOCUMENTS"),
        ("INSERT INTO c DOCUMENTS ({}, {})", "parentheses of its own"),
        ("SELECT * FROM c USE DIRECTIVES '[1]'", "#index"),
        ("SELECT * FROM c USE DIRECTIVES '" + "[" * 9_000 + "'", "#index"),
        ("""SELECT * FROM c USE DIRECTIVES '{"#index": 5}'""", "name of an index"),
        ("""SELECT * FROM c USE DIRECTIVES '{"#index": [{}]}'""", "name of an index"),
        ("SELECT * FROM c LIMIT 'x'", "LIMIT takes"),
    ],
)
def test_what_is_no_statement_is_told_why(text: str, says: str) -> None:
    with pytest.raises(StatementUnreadable, match=says):
        parse(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT * FROM c LIMIT -1", "LIMIT cannot be negative"),
        ("SELECT * FROM c OFFSET -1", "OFFSET cannot be negative"),
        ("SELECT * FROM c LIMIT 1.5", "whole number"),
        ("SELECT * FROM c LIMIT 1 WHERE a", "WHERE stands before LIMIT"),
        ("SELECT * FROM c WHERE a WHERE b", "WHERE stands twice"),
        ("UPDATE c SET a = 1 APPLY b RESTART", "APPLY stands before SET"),
        ("SELECT * FROM a JOIN b ON true RIGHT JOIN c ON true", "must be the first"),
        ("SELECT {'a': 1, 'a': 2} FROM c", "twice"),
        ("SELECT sum(*) FROM c", "Only COUNT"),
        ("SELECT 9223372036854775808 FROM c", "64 bits"),
        ("INSERT INTO c DOCUMENTS (5)", "a map"),
        ("INSERT INTO c INITIAL DOCUMENTS ({}) ON ID CONFLICT DO NOTHING", "INITIAL"),
        ("SELECT * FROM a" + " JOIN a ON true" * 11, "at most 10"),
    ],
)
def test_rules_of_the_language(text: str, says: str) -> None:
    with pytest.raises(StatementInvalid, match=says):
        parse(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ALTER SYSTEM SET DQL_STRICT_MODE = true", "strict mode"),
        ("SHOW ALL", "SHOW"),
        ("CREATE COLLECTION c", "first document"),
        ("DROP COLLECTION c", "first document"),
        ("SELECT * FROM COLLECTION c (f ATTACHMENT)", "ATTACHMENT"),
        ("SELECT * FROM system:metrics", "system:indexes"),
        ("SELECT * FROM a FULL JOIN b ON true", "FULL JOIN"),
        ("SELECT * FROM a CROSS JOIN b", "CROSS JOIN"),
        ("SELECT * FROM a NATURAL JOIN b", "NATURAL JOIN"),
        ("SELECT * FROM a JOIN b USING (x)", "USING"),
        ("SELECT * FROM a, b", "JOIN … ON"),
        ("SELECT * FROM a UNION SELECT * FROM b", "UNION"),
        ("SELECT * FROM a EXCEPT SELECT * FROM b", "EXCEPT"),
        ("SELECT * FROM a INTERSECT SELECT * FROM b", "INTERSECT"),
        ("WITH a AS (SELECT * FROM b) SELECT * FROM a", "WITH"),
        ("SELECT count(*) OVER (PARTITION BY a) FROM c", "Window"),
        ("SELECT * FROM (SELECT * FROM c)", "a collection"),
        ("SELECT (SELECT a FROM c) FROM c", "IN or EXISTS"),
        ("SELECT a[0:2] FROM c", "Slices"),
        ("""SELECT * FROM c USE DIRECTIVES '{"#fast": true}'""", "`#fast` is no directive"),
        ("UPDATE c SET items[0] = 1", "no path"),
        ("UPDATE c SET :path = 1", "written out"),
        ("UPDATE c SET a[:key] = 1", "written out"),
        ("UPDATE a JOIN b ON true SET c = 1", "one collection"),
        ("DELETE FROM c ORDER BY a LIMIT 1", "no order"),
        ("INSERT INTO c (a, b) VALUES (1, 2)", "Columns"),
        ("SELECT * FROM c LIMIT 5, 10", "OFFSET"),
        ("SELECT * FROM c ORDER BY a NULLS FIRST", "last"),
        ("SELECT ANY x IN y, z IN w SATISFIES true END FROM c", "one variable"),
        ("CREATE INDEX i ON c (lower(a))", "function"),
        ("BEGIN", "transaction"),
        ("UPSERT INTO c VALUES (:x)", "ON ID CONFLICT"),
    ],
)
def test_what_is_left_out_is_named_with_what_to_do_instead(text: str, says: str) -> None:
    with pytest.raises(NotSupported, match=says):
        parse(text)
