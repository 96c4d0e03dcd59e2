"""Text cut into tokens."""

from __future__ import annotations

import pytest

from sync.query.errors import StatementError, StatementInvalid, StatementTooLong
from sync.query.lexer import STATEMENT_BYTES_MAX, number, tokens


def kinds(text: str) -> list[str]:
    return [kind for kind, _, _ in tokens(text)][:-1]


def values(text: str) -> list[str]:
    return [value for _, value, _ in tokens(text)][:-1]


def test_reserved_words_are_known_in_any_case_and_names_keep_theirs() -> None:
    assert kinds("SELECT select SeLeCt selects Orders") == ["SELECT"] * 3 + ["name"] * 2
    assert values("Orders orders") == ["Orders", "orders"]


def test_letters_that_only_look_like_a_word_in_capitals_are_a_name() -> None:
    assert "ſelect".upper() == "SELECT"
    assert kinds("ſelect") == ["name"]


def test_every_token_knows_where_it_begins() -> None:
    assert tokens(" a\n /* b */ <= 'x' -- end") == [
        ("name", "a", 1),
        ("<=", "<=", 12),
        ("string", "x", 15),
        ("end", "", 25),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("==", "="), ("<>", "!="), ("!=", "!="), ("||", "||"), ("<<", "<<"), ("->", "->"), (":", ":")],
)
def test_operators(text: str, kind: str) -> None:
    assert kinds(f"a {text} b") == ["name", kind, "name"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'it''s'", "it's"),
        ('"it\'s"', "it's"),
        ('"say ""so"""', 'say "so"'),
        ("''", ""),
        ("''''", "'"),
        (r"'it\'s'", "it's"),
        (r"'a\n\t\\\/\u00e9'", "a\n\t\\/é"),
        (r"'\ud83d\ude00'", "😀"),
        (r"'\\''x'", "\\'x"),
        ("'a\nb'", "a\nb"),
        ("'😀 -- no comment'", "😀 -- no comment"),
        ("`order`", "order"),
        ("`a``b.c`", "a`b.c"),
        (":name", "name"),
    ],
)
def test_texts_names_in_backticks_and_parameters(text: str, value: str) -> None:
    assert values(text) == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("007", 7),
        ("0xFF", 255),
        ("0Xff", 255),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("2E-1", 0.2),
    ],
)
def test_numbers(text: str, value: float) -> None:
    ((kind, word, at), _) = tokens(text)
    assert kind == "number"
    assert number(text, word, at) == value


def test_a_64_bit_number_may_be_as_small_as_it_gets() -> None:
    assert number("", "9223372036854775807", 0) == 2**63 - 1
    assert number("", "9223372036854775808", 0, negative=True) == -(2**63)


@pytest.mark.parametrize(
    "word", ["9223372036854775808", "0xFFFFFFFFFFFFFFFF", "9" * 10_000, "1e999"]
)
def test_a_number_that_does_not_fit_is_refused(word: str) -> None:
    with pytest.raises(StatementInvalid):
        number(word, word, 0)


@pytest.mark.parametrize(
    ("text", "says", "at"),
    [
        ("a 'b", "not closed", 2),
        ('a "b', "not closed", 2),
        ("a `b", "not closed", 2),
        ("a ``", "empty", 2),
        ("a /* b", "not closed", 2),
        ("a && b", "Write AND", 2),
        ("a ? b", ":name", 2),
        ("12ab", "neither a number", 0),
        ("1.5x", "neither a number", 0),
        ("0xZZ", "neither a number", 0),
        (r"'\d'", "written twice", 1),
        (r"'\u12'", "means nothing", 1),
        (r"'\ud83d'", "half", 0),
        ("a # b", "--", 2),
        ("é \ud800", "Unicode", 2),
    ],
)
def test_what_cannot_be_cut_is_told_with_its_place(text: str, says: str, at: int) -> None:
    with pytest.raises(StatementError, match=says) as caught:
        tokens(text)
    assert caught.value.at == at


@pytest.mark.parametrize("char", ["a", "é"])
def test_a_text_beyond_the_limit_is_refused_by_its_bytes(char: str) -> None:
    fitting = char * (STATEMENT_BYTES_MAX // len(char.encode()))
    assert kinds(fitting) == ["name"]
    with pytest.raises(StatementTooLong):
        tokens(fitting + char)
