"""Functions of numbers and texts: ``call → value``."""

from __future__ import annotations

from typing import Any

import pytest

from sync.query.caps import TEXT_CHARS_MAX
from sync.query.evaluate import MISSING
from tests.query.expressions import value_of

NUMBERS = {
    "abs(-3)": 3,
    "abs(-2.5)": 2.5,
    "abs(-9223372036854775807 - 1)": MISSING,
    "abs('3')": MISSING,
    "abs(true)": MISSING,
    "abs(null)": MISSING,
    "ceil(2.1)": 3,
    "ceil(-2.1)": -2,
    "ceil(1e300)": MISSING,
    "floor(2.9)": 2,
    "floor(-2.1)": -3,
    "round(2.5)": 3,
    "round(-2.5)": -3,
    "round(2.4)": 2,
    "round(7)": 7,
    "round(2.345, 1)": 2.3,
    "round(2, 2)": 2,
    "round(2.5, -1)": MISSING,
    "round(1e300, 15)": 1e300,
    "round(1e300)": MISSING,
    "round(0.49999999999999994)": 0,
    "round(2.675, 2)": 2.68,
    "round(-0.0)": 0,
    "sqrt(9)": 3.0,
    "sqrt(-1)": MISSING,
    "power(2, 10)": 1024,
    "power(2, 0.5)": 1.4142135623730951,
    "power(2, -1)": 0.5,
    "power(0, -1)": MISSING,
    "power(10, 100)": MISSING,
    "power(10.0, 400)": MISSING,
    "power(-8, 0.5)": MISSING,
    "power(-1, 9223372036854775807)": -1,
    "sign(-2.5)": -1,
    "sign(0)": 0,
}
TEXTS = {
    "concat('a', 'b', 'c')": "abc",
    "concat('a', 1)": MISSING,
    "contains('Drill', 'ri')": True,
    "contains('Drill', 5)": MISSING,
    "starts_with('Drill', 'Dr')": True,
    "ends_with('Drill', 'l')": True,
    "char_length('é🔨')": 2,
    "character_length('ab')": 2,
    "byte_length('é🔨')": 6,
    "lower('ÄB')": "äb",
    "upper('äb')": "ÄB",
    "upper(null)": MISSING,
    "substr('abcd', 1)": "bcd",
    "substr('abcd', 1, 2)": "bc",
    "substr('abcd', -2)": "cd",
    "substr('abcd', 4)": "",
    "substr('abcd', 5)": MISSING,
    "substr('abcd', 0, -1)": MISSING,
    "substr('abcd', 1.0)": MISSING,
    "pos('abcb', 'b')": 1,
    "pos('abc', 'x')": -1,
    "split('a-b-', '-')": ["a", "b", ""],
    "split('  a  b ')": ["a", "b"],
    "split('ab', '')": MISSING,
    "joinstr(', ', ['a', 'b'])": "a, b",
    "joinstr(['a', 'b'], '-')": "a-b",
    "joinstr(',', [])": "",
    "joinstr(',', ['a', 1])": MISSING,
    "ltrim('  a ')": "a ",
    "rtrim(' a  ')": " a",
    "trim('\\t a ')": "a",
    "ltrim('007', '0')": "7",
    "trim('xax', 'x')": "a",
    "lpad('7', 3, '0')": "007",
    "lpad('abcd', 2)": "ab",
    "lpad('7', 4, 'xy')": "xyx7",
    "rpad('7', 3)": "7  ",
    "rpad('7', -1)": MISSING,
    "rpad('7', 3, '')": MISSING,
    "repeat('ab', 3)": "ababab",
    "repeat('ab', 0)": "",
    "repeat('ab', -1)": MISSING,
    "replace('a-b-c', '-', '')": "abc",
    "replace('abc', '', 'x')": MISSING,
    "reverse('abc')": "cba",
}
REGULAR_EXPRESSIONS = {
    "regexp_like('PWR-01', '[0-9]{2}')": True,
    "regexp_like('PWR-01', '^[A-Z]{3}-\\\\d+$')": True,
    "regexp_like('PWR-01', '^\\\\d')": False,
    "regexp_like('abc', 'B')": False,
    "regexp_like('abc', 'B', 'i')": True,
    "regexp_like('a\\nb', 'a.b')": False,
    "regexp_like('a\\nb', 'a.b', 's')": True,
    "regexp_like('a\\nb', '^b$')": False,
    "regexp_like('a\\nb', '^b$', 'm')": True,
    "regexp_like('ab', ' a b # both', 'x')": True,
    "regexp_like('ab', 'a', 'q')": MISSING,
    "regexp_like('ab', '(a')": MISSING,
    "regexp_like('ab', '(a)\\\\1')": MISSING,
    "regexp_like('ab', 'a(?=b)')": MISSING,
    "regexp_like('ab', '*a')": MISSING,
    "regexp_like(5, '5')": MISSING,
}
TABLES = {**NUMBERS, **TEXTS, **REGULAR_EXPRESSIONS}


@pytest.mark.parametrize("text", TABLES)
def test_it_gives(text: str) -> None:
    found = value_of(text)
    assert found == TABLES[text]
    assert type(found) is type(TABLES[text])


@pytest.mark.parametrize(
    "text",
    [
        "repeat('x', 9223372036854775807)",
        "repeat('xy', :half + 1)",
        "lpad('x', :chars + 1)",
        "rpad('x', 9223372036854775807)",
        "replace(:long, 'x', 'xxxxxxxxxx')",
        "joinstr(:long, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'])",
        "upper(:sharp)",
    ],
)
def test_a_text_too_long_for_any_document_is_missing(text: str) -> None:
    args: dict[str, Any] = {
        "half": TEXT_CHARS_MAX // 2,
        "chars": TEXT_CHARS_MAX,
        "long": "x" * (TEXT_CHARS_MAX // 10 + 1),
        "sharp": "ß" * (TEXT_CHARS_MAX // 2 + 1),
    }
    assert value_of(text, args={name: args[name] for name in args if f":{name}" in text}) is MISSING
