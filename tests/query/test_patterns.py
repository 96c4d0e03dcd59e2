"""Patterns agree with Python's ``re`` where both can, and never take long."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sync.query.patterns import Like, PatternError, Regex, as_regex

texts = st.text("ab\n_%", max_size=8)
pieces = st.sampled_from(
    ["a", "b", ".", "[ab]", "[^a]", "(?:a|b)", "(a*)", "\\w", "\\s", "\\b", "^", "$", "|", "\\n"]
)
repeats = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,3}", "*?", "{0,}"])
FLAGS = {"": re.NOFLAG, "s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE}
regexes = st.lists(st.builds(lambda a, b: a + b, pieces, repeats), max_size=5).map("".join)


@given(regexes, texts, st.sampled_from(sorted(FLAGS)))
@example("[^a]", "a", "i")
@example("[^A-B]", "a", "i")
def test_a_regular_expression_finds_what_python_finds(pattern: str, text: str, flags: str) -> None:
    try:
        ours = Regex(pattern, flags)
    except PatternError:
        return
    # Python's `$` also stands before a last line break.
    spelt = pattern if flags == "m" else pattern.replace("$", "\\Z")
    try:
        theirs = re.compile(spelt, FLAGS[flags])
    except re.error:
        assume(False)
    assert ours.found_in(text) is (theirs.search(text) is not None)
    assert ours.matches(text) is (theirs.fullmatch(text) is not None)


@given(texts, st.text("ab%_\\", max_size=8), st.booleans())
def test_like_is_what_its_regular_expression_says(text: str, pattern: str, fold: bool) -> None:
    spelt = ""
    at = 0
    while at < len(pattern):
        char = pattern[at]
        escaped = char == "\\" and at + 1 < len(pattern)
        at += 1 + escaped
        if escaped:
            spelt += re.escape(pattern[at - 1])
        else:
            spelt += {"%": ".*", "_": "."}.get(char) or re.escape(char)
    expected = re.fullmatch(spelt, text, re.DOTALL | (re.IGNORECASE if fold else 0)) is not None
    assert Like(pattern, fold=fold).matches(text) is expected
    if expected and not fold:
        assert text.startswith(Like(pattern).prefix)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("(a+)+$", "a" * 5_000 + "b", False),
        ("(a|a)*b", "a" * 5_000, False),
        ("(a?){300}a{300}", "a" * 300, True),
        ("(.*)(.*)(.*)(.*)(.*)x", "a" * 5_000, False),
        ("((a*)*)*b", "a" * 5_000, False),
    ],
)
def test_patterns_that_keep_others_busy_for_years_are_quick(
    pattern: str, text: str, found: bool
) -> None:
    assert Regex(pattern).found_in(text) is found


def test_like_with_many_wildcards_is_quick() -> None:
    assert not Like("%a" * 500 + "b").matches("a" * 5_000)
    assert not Like("%a_" * 100 + "b").matches("a" * 5_000)


@pytest.mark.parametrize(
    "pattern",
    [
        *("(", ")", "[", "[]", "*", "+a", "a**", "a++", "a{2,1}", "a{1001}", "\\", "\\1", "\\q"),
        *(
            "(?=a)",
            "(?i)a",
            "(?<!a)",
            "[b-a]",
            "[[:what:]]",
            "\\x1",
            "\\u12g4",
            "(((a{99}){99}){99})",
        ),
        *("(" * 60 + ")" * 60, "a" * 10_001, "(((){999}){999}){999}"),
    ],
)
def test_what_is_no_pattern_of_ours_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        Regex(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("[[:digit:]]+", "a1", True),
        ("[]a]", "]", True),
        ("[a-]", "-", True),
        ("[\\d-]", "-", True),
        ("[\\]]", "]", True),
        ("\\x41\\u0042", "AB", True),
        ("(?<name>a)(?P<other>b)", "ab", True),
        ("É", "é", False),
        ("^[R-T]$", "ß", False),
        ("\\D", "1", False),
        ("\\Aa\\z", "a", True),
        ("a{,2}", "a{,2}", True),
        ("{", "{", True),
        ("a\\b", "a!", True),
        ("a\\Bb", "ab", True),
        ("", "", True),
    ],
)
def test_a_regular_expression_may_say(pattern: str, text: str, found: bool) -> None:
    assert Regex(pattern).found_in(text) is found


@pytest.mark.parametrize(
    ("pattern", "spelt"),
    [
        ("a%_", "a.*."),
        ("(a|b)*", "(?:a|b)*"),
        ("a.^$", "a\\.\\^\\$"),
        ("[%_]", "[%_]"),
        ("\\%\\a", "\\%a"),
        ("[^]a]", "[^]a]"),
    ],
)
def test_similar_to_is_spelt_as_a_regular_expression(pattern: str, spelt: str) -> None:
    assert as_regex(pattern) == spelt


def test_a_pattern_may_not_end_in_an_escape() -> None:
    with pytest.raises(PatternError):
        as_regex("a\\")
