"""What expressions mean: a table a kind, read as ``text → value``."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from sync.query.caps import ARRAY_ITEMS_MAX, TEXT_CHARS_MAX, is_small
from sync.query.evaluate import MISSING, sort_key
from sync.query.meaning import compile_expr
from sync.query.syntax import Binary, Constant, Unary
from sync.query.values import hashable
from tests.query.expressions import value_of
from tests.query.random_expressions import ARGS, conditions, documents, operands, values

SHELF: dict[str, Any] = {
    "_id": "i1",
    "stock": 5,
    "price": 9.5,
    "name": "Cordless Drill",
    "deleted": False,
    "note": None,
    "tags": ["new", "x", 1],
    "location": {"aisle": "3", "bin": None},
    "lines": [{"q": 1}, {"q": 7, "parts": [{"q": 9}]}, 4],
}

ARITHMETIC = {
    "5 / 2": 2,
    "-5 / 2": -2,
    "5 / -2": -2,
    "-5 % 3": -2,
    "5 % -3": 2,
    "5.0 / 2": 2.5,
    "5.5 % 2": 1.5,
    "5 / 0": MISSING,
    "5.0 / 0": MISSING,
    "5 % 0": MISSING,
    "5.0 % 0.0": MISSING,
    "9223372036854775807 + 1": MISSING,
    "1e308 * 10": MISSING,
    "9223372036854775807 - 1": 9223372036854775806,
    "stock + price": 14.5,
    "name + 1": MISSING,
    "note + 1": MISSING,
    "deleted + 1": MISSING,
    "nothing * 2": MISSING,
    "-stock": -5,
    "-name": MISSING,
    "1 << 4": 16,
    "-8 >> 1": -4,
    "1 << 63": MISSING,
    "1 << 64": MISSING,
    "1 << -1": MISSING,
    "1.0 << 1": MISSING,
    "name || '!'": "Cordless Drill!",
    "name || 1": MISSING,
    "name || note": MISSING,
}
COMPARISONS = {
    "stock = 5.0": True,
    "stock != 6": True,
    "stock = '5'": MISSING,
    "stock < 'a'": MISSING,
    "stock != 'a'": MISSING,
    "note = NULL": MISSING,
    "note != 1": MISSING,
    "nothing = nothing": MISSING,
    "deleted = 0": MISSING,
    "deleted < true": True,
    "5 > stock": False,
    "9007199254740993 = 9007199254740992.0": False,
    "'Z' < 'a'": True,
    "'a' < 'é'": True,
    "[1, 2] < [1, 3]": True,
    "[1] = [1.0]": True,
    "[1] = [true]": False,
    "{'a': 1} = {'a': 1.0}": True,
    "{'a': 1, 'b': 2} = {'b': 2, 'a': 1}": True,
    "[null] = [null]": True,
    "stock BETWEEN 5 AND 6": True,
    "stock BETWEEN 6 AND 'x'": False,
    "stock BETWEEN 5 AND 'x'": MISSING,
    "stock NOT BETWEEN 6 AND 7": True,
    "note BETWEEN 1 AND 2": MISSING,
    "stock IN (1, 5.0)": True,
    "stock IN (1, 2)": False,
    "stock IN ()": False,
    "stock IN ('a')": MISSING,
    "stock IN ('a', 5)": True,
    "stock NOT IN (1, 2)": True,
    "stock NOT IN (1, null)": MISSING,
    "stock IN :list": False,
    "stock IN :one": MISSING,
    "note IN (null)": MISSING,
    "note IN ()": MISSING,
    "nothing NOT IN ()": MISSING,
    "'x' IN tags": True,
    "'y' IN tags": MISSING,
    "'x' IN name": MISSING,
    "[1] IN ([2], [1.0])": True,
}
LOGIC = {
    "NOT deleted": True,
    "NOT note": MISSING,
    "NOT stock": MISSING,
    "deleted AND nothing": False,
    "nothing AND deleted": False,
    "true AND nothing": MISSING,
    "true AND note": MISSING,
    "true AND true AND NOT deleted": True,
    "true AND stock": MISSING,
    "true OR nothing": True,
    "nothing OR true": True,
    "deleted OR nothing": MISSING,
    "deleted OR deleted OR deleted": False,
    "true XOR true": False,
    "true XOR deleted": True,
    "true XOR nothing": MISSING,
    "note IS NULL": True,
    "nothing IS NULL": False,
    "nothing IS NOT NULL": True,
    "nothing IS MISSING": True,
    "note IS NOT MISSING": True,
    "(stock = 'x') IS MISSING": True,
    "deleted IS FALSE": True,
    "stock IS NOT TRUE": True,
    "nothing IS NOT TRUE": True,
    "CASE WHEN stock > 3 THEN 'many' WHEN true THEN 'few' END": "many",
    "CASE WHEN nothing THEN 1 ELSE 2 END": 2,
    "CASE WHEN false THEN 1 END": None,
    "CASE stock WHEN '5' THEN 1 WHEN 5.0 THEN 2 END": 2,
    "CASE note WHEN NULL THEN 1 ELSE 2 END": 2,
    "CASE WHEN true THEN nothing ELSE 2 END": MISSING,
}
PATTERNS = {
    "name LIKE 'Cord%'": True,
    "name LIKE '%Drill'": True,
    "name LIKE 'Cord%ill'": True,
    "name LIKE '%ess%i%'": True,
    "name LIKE 'C_rdless%'": True,
    "name LIKE '%d_i%'": False,
    "name LIKE '%D_i%'": True,
    "name LIKE 'Cord'": False,
    "name LIKE 'cord%'": False,
    "name ILIKE 'cORD%'": True,
    "'ab' LIKE 'ab%ab'": False,
    "'' LIKE ''": True,
    "'' LIKE '%'": True,
    "'' LIKE '_'": False,
    "'a%b' LIKE 'a\\\\%b'": True,
    "'axb' LIKE 'a\\\\%b'": False,
    "'a%' LIKE 'a!%' ESCAPE '!'": True,
    "'ab' LIKE 'a!%' ESCAPE '!'": False,
    "'a\\nb' LIKE 'a_b'": True,
    "name NOT LIKE 'x%'": True,
    "stock LIKE '5'": MISSING,
    "stock NOT LIKE '5'": MISSING,
    "name LIKE 5": MISSING,
    "name LIKE 'x' ESCAPE ''": MISSING,
    "name LIKE name": True,
    "name LIKE nothing": MISSING,
    "'abc' SIMILAR TO 'a(b|x)c'": True,
    "'abc' SIMILAR TO '%c'": True,
    "'abc' SIMILAR TO '_b_'": True,
    "'abc' SIMILAR TO 'ab'": False,
    "'abc' SIMILAR TO '[a-c]{3}'": True,
    "'a.c' SIMILAR TO 'a.c'": True,
    "'abc' SIMILAR TO 'a.c'": False,
    "'a%' SIMILAR TO 'a!%' ESCAPE '!'": True,
    "'abc' SIMILAR TO '(a'": MISSING,
    "'abc' SIMILAR TO '(?:a)%'": MISSING,
    "stock SIMILAR TO '5'": MISSING,
}
STRUCTURES = {
    "location.aisle": "3",
    "location.bin": None,
    "location.shelf": MISSING,
    "name.length": MISSING,
    "tags[0]": "new",
    "tags[-1]": 1,
    "tags[3]": MISSING,
    "tags[true]": MISSING,
    "tags['0']": MISSING,
    "location['aisle']": "3",
    "location['a' || 'isle']": "3",
    "lines[1].parts[0].q": 9,
    "[1, nothing, 'a' || 'b']": [1, None, "ab"],
    "{'a': stock, 'b': nothing, 'c': null}": {"a": 5, "c": None},
    "ANY v IN tags SATISFIES v = 'x' END": True,
    "ANY v IN tags SATISFIES v = 'y' END": False,
    "ANY v IN name SATISFIES true END": MISSING,
    "ANY v IN nothing SATISFIES true END": MISSING,
    "ANY v IN location SATISFIES true END": MISSING,
    "ANY v WITHIN location SATISFIES v = '3' END": True,
    "ANY v WITHIN lines SATISFIES v = 9 END": True,
    "ANY v IN lines SATISFIES v = 9 END": False,
    "ANY v IN lines SATISFIES v.q = 7 END": True,
    "EVERY v IN lines SATISFIES v.q > 0 END": False,
    "EVERY v IN [] SATISFIES false END": True,
    "ANY AND EVERY v IN [] SATISFIES true END": False,
    "ANY AND EVERY v IN tags SATISFIES v IS NOT NULL END": True,
    "ARRAY v.q FOR v IN lines END": [1, 7],
    "ARRAY v FOR v IN lines WHEN v = 4 END": [4],
    "ARRAY v FOR v WITHIN location END": ["3", None],
    "ARRAY v FOR v IN stock END": MISSING,
    "OBJECT v : 1 FOR v IN tags END": {"new": 1, "x": 1},
    "OBJECT 'k' : v FOR v IN tags END": {"k": 1},
    "ARRAY ARRAY w * v.q FOR w IN [1, 2] END FOR v IN lines WHEN v.q < 5 END": [[1, 2]],
    "ANY v IN lines SATISFIES ANY w IN tags SATISFIES w = v.q END END": True,
}
TABLES = {**ARITHMETIC, **COMPARISONS, **LOGIC, **PATTERNS, **STRUCTURES}


@pytest.mark.parametrize("text", TABLES)
def test_it_means(text: str) -> None:
    found = value_of(text, SHELF, {"list": [1, 2], "one": 1})
    assert found == TABLES[text]
    assert type(found) is type(TABLES[text])


@pytest.mark.parametrize("text", ["stock", "location.aisle", "location"])
def test_the_side_of_a_join_that_found_nothing_is_missing(text: str) -> None:
    assert value_of(text, None) is MISSING
    assert value_of(f"{text} IS MISSING", None) is True
    assert value_of(f"{text} = 1", None) is MISSING


def test_a_value_is_not_changed_by_what_is_made_of_it() -> None:
    before = repr(SHELF)
    value_of("object_set(location, 'bin', 1)", SHELF)
    value_of("array_sort(tags)", SHELF)
    value_of("ARRAY v FOR v WITHIN lines END", SHELF)
    assert repr(SHELF) == before


def test_what_would_fill_the_memory_becomes_missing() -> None:
    doubled = "'x'"
    for level in range(30):
        doubled = f"ARRAY v{level} || v{level} FOR v{level} IN [{doubled}] END[0]"
    assert value_of(doubled) is MISSING
    nested = "[1]"
    for level in range(30):
        nested = f"ARRAY [v{level}, v{level}] FOR v{level} IN [{nested}] END"
    assert is_small(value_of(nested))
    assert value_of("a || a", {"a": "x" * (TEXT_CHARS_MAX // 2 + 1)}) is MISSING
    many = {"a": [0] * (ARRAY_ITEMS_MAX + 1)}
    assert value_of("ARRAY v FOR v IN a END", many) is MISSING
    assert value_of("OBJECT cast(v, 'string') : v FOR v IN a END", many) == {"0": 0}


@given(operands, documents)
def test_nothing_raises(expr: Any, document: dict[str, Any]) -> None:
    value = compile_expr(expr, ARGS)({"t": document})
    assert value is MISSING or sort_key(value)


@given(conditions, conditions, documents)
def test_the_laws_of_de_morgan_hold(one: Any, other: Any, document: dict[str, Any]) -> None:
    def means(expr: Any) -> Any:
        return compile_expr(expr, ARGS)({"t": document})

    both = Unary("NOT", Binary("AND", one, other))
    assert means(both) is means(Binary("OR", Unary("NOT", one), Unary("NOT", other)))


@given(values, values)
def test_a_comparison_has_one_answer_wherever_its_sides_stand(left: Any, right: Any) -> None:
    def means(op: str, one: Any, other: Any) -> Any:
        return compile_expr(Binary(op, Constant(one), Constant(other)), {})({})

    less, same, more = (means(op, left, right) for op in ("<", "=", ">"))
    assert [less, same, more].count(True) in ((1,) if same is not MISSING else (0,))
    assert more is means("<", right, left)
    assert same is means("=", right, left)
    assert (same is True) <= (hashable(left) == hashable(right))


@given(values, values)
def test_values_have_one_key_exactly_if_they_are_equal(left: Any, right: Any) -> None:
    assert (hashable(left) == hashable(right)) is (sort_key(left) == sort_key(right))
