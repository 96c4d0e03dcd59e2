"""Conditions over documents: frozen nodes with one meaning, ``evaluate``, and a SQL prefilter.

>>> from sync.query import And, Equals, evaluate
>>> both = And((Equals(("store_id",), "s1"), Equals(("deleted",), False)))
>>> evaluate(both, {"_id": "1", "store_id": "s1"})
False
"""

from sync.query.evaluate import evaluate, lookup, sort_key
from sync.query.nodes import EVERYTHING, NOTHING, And, Equals, Has, In, Node, Not, Or, Range
from sync.query.sql import expression, prefilter

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "And",
    "Equals",
    "Has",
    "In",
    "Node",
    "Not",
    "Or",
    "Range",
    "evaluate",
    "expression",
    "lookup",
    "prefilter",
    "sort_key",
]
