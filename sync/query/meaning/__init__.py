"""What DQL's expressions mean: a tree becomes a function of a row.

One rule answers most questions: **what cannot be answered is MISSING.** A comparison across types
or with null, arithmetic on text, a function given the wrong type, an item beyond the end, a
division by zero: all are MISSING, none is an error. So MISSING is the third truth value beside true
and false, and null is a value like any other that merely equals nothing.
"""

from sync.query.functions import Context
from sync.query.meaning.compiling import compile_expr
from sync.query.meaning.parts import Compiled, Row, RunSelect, aggregate_key
from sync.query.meaning.subqueries import free_names
from sync.query.values import Value

__all__ = [
    "Compiled",
    "Context",
    "Row",
    "RunSelect",
    "Value",
    "aggregate_key",
    "compile_expr",
    "free_names",
]
