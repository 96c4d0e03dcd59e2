"""Expressions of DQL's syntax tree. Pure values without behaviour.

``at`` is the offset in the statement's text where a node begins, for messages; it does not count
when two trees are compared. After ``binding`` every ``Field`` names the alias it belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from typing import Literal as OneOf

from sync.ids import Json

if TYPE_CHECKING:
    from sync.query.syntax import Select

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal value."""

    value: Json


@dataclass(frozen=True, slots=True)
class Missing:
    """The keyword MISSING."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """``:name``: a value given beside the statement; ``$user.name``, under its whole spelling."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a document. As parsed, ``alias`` is empty and ``path`` may begin with one; bound,
    ``alias`` names the collection's alias. An empty path is the whole document."""

    alias: str
    path: Path
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Variable:
    """A name bound by ANY, EVERY, ARRAY or OBJECT around it."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """``base.key`` where the base is not a plain field."""

    base: Expr
    key: str


@dataclass(frozen=True, slots=True)
class Item:
    """``base[index]``: of an array by number, of a map by name."""

    base: Expr
    index: Expr


@dataclass(frozen=True, slots=True)
class Unary:
    """``- + NOT`` before an operand."""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary:
    """``* / % + - || << >> = != < <= > >= AND XOR OR``; ``==`` and ``<>`` are read as these."""

    op: str
    left: Expr
    right: Expr
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Is:
    """``IS [NOT] NULL | MISSING | TRUE | FALSE``."""

    operand: Expr
    what: OneOf["null", "missing", "true", "false"]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """``[NOT] BETWEEN low AND high``, both ends included."""

    operand: Expr
    low: Expr
    high: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True)
class IsIn:
    """``[NOT] IN items``: a list in parentheses is an ``ArrayOf``; else whatever is an array."""

    operand: Expr
    items: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True)
class InQuery:
    """``[NOT] IN (SELECT one_column …)``; the inner statement may use fields of the outer one."""

    operand: Expr
    select: Select
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """``EXISTS (SELECT …)``."""

    select: Select


@dataclass(frozen=True, slots=True)
class Like:
    """``[NOT] LIKE | ILIKE | SIMILAR TO pattern [ESCAPE c]``."""

    operand: Expr
    pattern: Expr
    kind: OneOf["like", "ilike", "similar"] = "like"
    escape: Expr | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """``CASE [operand] WHEN … THEN … [ELSE …] END``."""

    operand: Expr | None
    whens: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A function or an aggregate, its name in lower case; ``star`` is ``COUNT(*)``."""

    name: str
    args: tuple[Expr, ...]
    distinct: bool = False
    star: bool = False
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ArrayOf:
    """``[a, b]``, or the ``(a, b)`` after IN."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """``{'name': value, …}``."""

    entries: tuple[tuple[Expr, Expr], ...]


@dataclass(frozen=True, slots=True)
class Quantified:
    """``ANY | EVERY | ANY AND EVERY variable IN | WITHIN source SATISFIES condition END``."""

    kind: OneOf["any", "every", "any and every"]
    variable: str
    source: Expr
    within: bool
    condition: Expr


@dataclass(frozen=True, slots=True)
class ArrayFor:
    """``ARRAY item FOR variable IN | WITHIN source [WHEN condition] END``."""

    item: Expr
    variable: str
    source: Expr
    within: bool
    when: Expr | None = None


@dataclass(frozen=True, slots=True)
class ObjectFor:
    """``OBJECT key : value FOR variable IN | WITHIN source [WHEN condition] END``."""

    key: Expr
    value: Expr
    variable: str
    source: Expr
    within: bool
    when: Expr | None = None


Expr: TypeAlias = (
    Constant
    | Missing
    | Parameter
    | Field
    | Variable
    | Member
    | Item
    | Unary
    | Binary
    | Is
    | Between
    | IsIn
    | InQuery
    | Exists
    | Like
    | Case
    | Call
    | ArrayOf
    | ObjectOf
    | Quantified
    | ArrayFor
    | ObjectFor
)
