"""A plan as people and programs read it: EXPLAIN, PROFILE, and what ADVISE has to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sync.ids import Document
from sync.query.access import fields_of, shown, statement_of
from sync.query.plan import (
    CountScan,
    Filter,
    Group,
    IdScan,
    IndexScan,
    Limit,
    NestedLoop,
    Node,
    Ordered,
    Plan,
    Project,
    Scan,
    UnionScan,
)
from sync.query.syntax import Column, Expr, MissingColumn, Projection, Select, Star
from sync.query.terms import AllOf, Among, AnyOf, Begins, Inside, Same, Terms
from sync.query.unparse import text_of


class Meter:
    """Counts, for PROFILE, the rows each node yields and the time until it is asked no more, its
    inputs included. ``ticks`` gives nanoseconds."""

    def __init__(self, ticks: Callable[[], int]) -> None:
        self._ticks = ticks
        self._seen: dict[int, list[int]] = {}

    def around(self, node: Node, rows: Iterator[Any]) -> Iterator[Any]:
        """The same rows, counted."""
        seen = self._seen.setdefault(id(node), [0, 0])
        while True:
            started = self._ticks()
            row = next(rows, self)
            seen[1] += self._ticks() - started
            if row is self:
                return
            seen[0] += 1
            yield row

    def of(self, node: Node) -> Document:
        """What is known of a node; nothing if it never ran."""
        rows, nanoseconds = self._seen.get(id(node), (0, 0))
        return {"rows": rows, "ms": round(nanoseconds / 1_000_000, 3)}


def json_of(node: Node, meter: Meter | None = None) -> Document:
    """A plan's tree as nested objects: ``node``, what it does, ``inputs``."""
    result: Document = {"node": kind_of(node), **_details(node)}
    if meter is not None:
        result.update(meter.of(node))
    inputs = [json_of(each, meter) for each in _inputs(node)]
    if isinstance(node, IdScan | IndexScan):
        return {"node": "fetch", "inputs": [result]}
    return {**result, "inputs": inputs} if inputs else result


def tree_text(node: Node, meter: Meter | None = None) -> str:
    """A plan's tree as indented lines, the first of which gives the results."""
    return "\n".join(_lines(json_of(node, meter), 0))


def _lines(shown_node: Document, depth: int) -> Iterator[str]:
    details = [
        f"{name} {value}"
        for name, value in shown_node.items()
        if name not in ("node", "inputs", "rows", "ms")
    ]
    measured = ""
    if "rows" in shown_node:
        measured = f"  [{shown_node['rows']} rows, {shown_node['ms']} ms]"
    yield "  " * depth + " ".join([shown_node["node"], *details]) + measured
    for each in shown_node.get("inputs", ()):
        yield from _lines(each, depth + 1)


def kind_of(node: Node) -> str:
    """The name of a node in EXPLAIN."""
    match node:
        case Ordered():
            return "sort"
        case NestedLoop():
            return "nlJoin"
        case Project():
            return "projection"
    name = type(node).__name__
    return name[0].lower() + name[1:]


def _inputs(node: Node) -> tuple[Node, ...]:
    match node:
        case NestedLoop():
            return (node.input, node.inner)
        case UnionScan(parts):
            return parts
        case Filter() | Group() | Ordered() | Project() | Limit():
            return (node.input,)
    return ()


def _details(node: Node) -> Document:
    match node:
        case Scan(place) | CountScan(place):
            return {"collection": _place(place.name, place.system)}
        case IdScan(place, ids):
            return {"collection": place.name, "where": terms_text(ids)}
        case IndexScan(place, index, terms, order):
            found = {"collection": place.name, "index": f"{index.name} ({fields_of(index)})"}
            if terms != AllOf(()):
                found["where"] = terms_text(terms)
            if order is not None:
                found["order"] = shown(order[0]) + (" DESC" if order[1] else "")
            return found
        case UnionScan():
            return {"collection": node.place.name}
        case Filter():
            return {"condition": text_of(node.condition)}
        case NestedLoop():
            return {"kind": node.kind, "on": text_of(node.on)}
        case Group():
            keys = {"by": ", ".join(map(text_of, node.keys))} if node.keys else {}
            return {**keys, "aggregates": ", ".join(map(text_of, node.calls))}
        case Ordered():
            terms_ = [text_of(t.expr) + (" DESC" if t.descending else "") for t in node.terms]
            given = {"given": ", ".join(terms_[: node.given])} if node.given else {}
            return {"by": ", ".join(terms_), **given}
        case Project():
            columns = columns_text(node.columns)
            return {"columns": columns, **({"distinct": True} if node.distinct else {})}
        case Limit():
            parts = {"limit": node.limit, "offset": node.offset}
            return {name: text_of(expr) for name, expr in parts.items() if expr is not None}


def _place(name: str, system: bool) -> str:
    return f"system:{name}" if system else name


def columns_text(columns: Projection) -> str:
    """Columns as they are written."""
    return ", ".join(_column(column) for column in columns)


def _column(column: Star | Column | MissingColumn) -> str:
    if isinstance(column, Star):
        return "*" if column.alias is None else f"{column.alias}.*"
    if isinstance(column, MissingColumn):
        return f"MISSING {text_of(column.field)}"
    text = text_of(column.expr)
    return text if text.rpartition(".")[2] == column.name else f"{text} AS {column.name}"


def terms_text(terms: Terms) -> str:
    """What an index or id scan looks for, as a condition."""
    match terms:
        case Same(path, value):
            return f"{shown(path)} = {text_of(value)}"
        case Among(path, Select()):
            return f"{shown(path)} IN (SELECT …)"
        case Among(path, values):
            return f"{shown(path)} IN {text_of(_expr(values))}"
        case Inside(path, low, high, low_open, high_open):
            bounds = []
            if low is not None:
                bounds.append(f"{shown(path)} {'>' if low_open else '>='} {text_of(low)}")
            if high is not None:
                bounds.append(f"{shown(path)} {'<' if high_open else '<='} {text_of(high)}")
            return " AND ".join(bounds)
        case Begins(path, pattern):
            return f"{shown(path)} LIKE {text_of(pattern)}"
        case AllOf(parts):
            return " AND ".join(map(terms_text, parts))
        case AnyOf(parts):
            return " OR ".join(map(terms_text, parts))


def _expr(values: Expr | Select) -> Expr:
    assert not isinstance(values, Select)
    return values


def explained(plan: Plan, meter: Meter | None = None) -> Document:
    """The answer of EXPLAIN and PROFILE: the tree as objects and as text, and why it is this."""
    advice = [statement_of(index) for index in plan.advice]
    return {
        "plan": json_of(plan.root, meter),
        "text": tree_text(plan.root, meter),
        "reasons": list(plan.reasons),
        "advice": advice,
    }
