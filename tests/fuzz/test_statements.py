"""Whatever text comes as a statement, what comes out is a tree or an error with a name."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from sync.errors import ZavaError
from sync.query.errors import StatementError
from sync.query.lexer import RESERVED
from sync.query.prepared import check_arguments, prepared
from sync.query.unparse import text_of
from tests.query.language_cases import language_cases

SEEDS = sorted({case.statement for case in language_cases()})
VOCABULARY = r"""
    ( ) [ ] { } , . ; : * / % + - -> = != <> <= >= < > || << >> ' " ` \ /* */ -- # ? \u0041
    a b o c.d :p 1 -1 1.5 0xFF 'x' `y` COUNT(*) sum( cast( IDS INDEX LIST INSERT INTO UPDATE DELETE
    EVICT CREATE DROP EXPLAIN SYNC VALUES DOCUMENTS COLLECTION system:peers INCREMENT RESTART TO
    OUTER CONFLICT ID DO NOTHING INITIAL IF INDEX OVER NULLS
"""
WORDS = [*sorted(RESERVED), *VOCABULARY.split()]


def survives(text: str) -> None:
    """The statement is taken, or refused with an error that can be shown and sent."""
    try:
        ready = prepared(text)
        assert text_of(ready.statement)
        check_arguments(ready, {"p": 1})
    except StatementError as error:
        assert error.at is None or 0 <= error.at <= len(text)
        lines = error.underlined().splitlines()
        assert len(lines) <= 3
        assert all(len(line) < 1_500 for line in lines)
        assert ZavaError.to_json(error)["code"] != ZavaError.code


@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_words_in_any_order(words: list[str]) -> None:
    survives(" ".join(words))
    survives("".join(words))


@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_words_in_any_order_where_an_expression_stands(words: list[str]) -> None:
    survives(f"SELECT * FROM c WHERE {' '.join(words)}")
    survives(f"UPDATE c SET a = {' '.join(words)}")


@given(st.text(max_size=60))
@example("\ud800")
@example("`\n`")
@example("SELECT a FROM c WHERE \u2028 = \u202e")
def test_any_text(text: str) -> None:
    survives(text)


@given(st.data())
def test_damaged_statements(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SEEDS))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 8)))
        piece = data.draw(st.sampled_from(WORDS) | st.text(max_size=4))
        text = text[:start] + piece + text[end:]
    survives(text)


@given(st.sampled_from(WORDS), st.integers(1, 3_000), st.sampled_from(["", " ", " a "]))
def test_one_word_again_and_again(word: str, times: int, between: str) -> None:
    survives("SELECT * FROM c WHERE a " + (word + between) * times)
    survives("SELECT * FROM c WHERE " + (word + between) * times)


@given(st.sampled_from(SEEDS), st.integers(0, 200))
def test_statements_that_stop_in_the_middle(text: str, end: int) -> None:
    survives(text[:end])
