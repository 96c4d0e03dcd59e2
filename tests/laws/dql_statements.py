"""Arbitrary SELECTs over two small collections, ``c`` and ``d``, with their parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

NAMES = ["a", "b", "n", "é"]
TEXTS = ["", "a", "ab", "abc", "b", "é", "😀", "a\x00b", "a%", "[1]", "{}", "1"]
NUMBERS = [0, 1, -1, 2, 3, 2**53 + 1, -(2**63), 2**63 - 1, 0.0, 1.0, 0.1, 1.5, 1e18, 1e23, 5e-324]
scalars = st.sampled_from([None, True, False, *TEXTS, *NUMBERS])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=2)
    ),
    max_leaves=3,
)
bodies = st.dictionaries(st.sampled_from(NAMES), st.one_of(scalars, values), max_size=4)
IDS = ["1", "2", "a", "b", "é", "x-y", "ab"]
collections = st.dictionaries(st.sampled_from(IDS), bodies, max_size=7)
paths = st.sampled_from(["a", "b", "n", "`é`", "a.b", "n.a.b", "_id"])
constants = st.sampled_from([*NUMBERS, *TEXTS[:9], True, False, None, [1], {"a": 1}])


@dataclass
class Case:
    """A statement under construction: its parameters are collected on the way."""

    args: dict[str, Any] = field(default_factory=dict)

    def put(self, value: Any) -> str:
        """A parameter with a value."""
        name = f"p{len(self.args)}"
        self.args[name] = value
        return ":" + name


def condition(draw: st.DrawFn, case: Case, alias: str = "c", depth: int = 2) -> str:
    """Any condition over the fields of ``alias``."""
    path = f"{alias}.{draw(paths)}"
    kind = draw(st.integers(0, 11 if depth else 7))
    if kind <= 1:
        operator = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
        sides = [path, case.put(draw(constants))]
        return f" {operator} ".join(sides if draw(st.booleans()) else sides[::-1])
    if kind == 2:
        return f"{path} IN {case.put(draw(st.lists(constants | st.sampled_from(IDS), max_size=3)))}"
    if kind == 3:
        low, high = case.put(draw(constants)), case.put(draw(constants))
        negated = draw(st.sampled_from(["", "NOT "]))
        return f"{path} {negated}BETWEEN {low} AND {high}"
    if kind == 4:
        pattern = draw(st.sampled_from(["a%", "%b", "a_", "", "ab", "é%", "%", "a\\%", "[%"]))
        return f"{path} {draw(st.sampled_from(['', 'NOT ']))}LIKE {case.put(pattern)}"
    if kind == 5:
        what = draw(st.sampled_from(["NULL", "MISSING", "NOT NULL", "NOT MISSING", "TRUE"]))
        return f"{path} IS {what}"
    if kind == 6:
        return f"{path} = {alias}.{draw(paths)}"
    if kind == 7:
        return f"_id = {case.put(draw(st.sampled_from(IDS)))}" if alias == "c" else "true"
    if kind == 8:
        return f"NOT ({condition(draw, case, alias, depth - 1)})"
    if kind == 9 and alias == "c":
        inner = condition(draw, case, "d", depth - 1)
        link = draw(st.sampled_from(["d.n", "d._id", "d.a.b"]))
        if draw(st.booleans()):
            return f"{path} IN (SELECT {link} FROM d WHERE {inner})"
        return f"EXISTS (SELECT d._id FROM d WHERE {link} = {path} AND {inner})"
    word = draw(st.sampled_from(["AND", "OR", "AND"]))
    parts = [condition(draw, case, alias, depth - 1) for _ in range(draw(st.integers(2, 3)))]
    return "(" + f" {word} ".join(parts) + ")"


@st.composite
def statements(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A SELECT and its parameters."""
    case = Case()
    where = f" WHERE {condition(draw, case)}" if draw(st.integers(0, 5)) else ""
    shape = draw(st.sampled_from(["plain", "plain", "plain", "group", "join", "count"]))
    if shape == "count":
        return f"SELECT COUNT(*) AS total FROM c{where}", case.args
    if shape == "group":
        key = draw(paths)
        columns = f"c.{key} AS k, COUNT(*) AS n, SUM(c.n) AS s, MIN(c.a) AS lo, MAX(c.b) AS hi"
        having = draw(st.sampled_from(["", " HAVING COUNT(*) > 1"]))
        return f"SELECT {columns} FROM c{where} GROUP BY c.{key}{having}", case.args
    end = ""
    for _ in range(draw(st.integers(0, 2))):
        end += ", " if end else " ORDER BY "
        end += f"c.{draw(paths)}{draw(st.sampled_from(['', ' DESC']))}"
    if draw(st.booleans()):
        end += f" LIMIT {draw(st.integers(0, 4))}"
        end += draw(st.sampled_from(["", f" OFFSET {draw(st.integers(0, 3))}"]))
    if shape == "join":
        kind = draw(st.sampled_from(["JOIN", "LEFT JOIN", "RIGHT JOIN"]))
        on = f"d.{draw(paths)} = c.{draw(paths)}"
        where = where.replace(" _id =", " c._id =").replace("(_id =", "(c._id =")
        return f"SELECT * FROM c {kind} d USE INDEX '' ON {on}{where}{end}", case.args
    columns = draw(st.sampled_from(["*", "a, n AS m", "*", "a.b AS x, _id"]))
    return f"SELECT {columns} FROM c{where}{end}", case.args
