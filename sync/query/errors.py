"""What can be wrong with a statement. Each error knows the text and the place, and can show it.

ZavaError
└── StatementError         nothing was read or changed
    ├── StatementUnreadable   dql_syntax
    ├── StatementInvalid      dql_invalid
    ├── UnknownCollection     dql_unknown_collection
    ├── UnknownName           dql_unknown_name
    ├── UnknownFunction       dql_unknown_function
    ├── AmbiguousName         dql_ambiguous_name
    ├── NotSupported          dql_not_supported
    ├── ParameterMissing      dql_parameter_missing
    ├── ParameterUnused       dql_parameter_unused
    ├── ParameterInvalid      dql_parameter_invalid
    ├── StatementTooLong      dql_too_long
    ├── StatementTooDeep      dql_too_deep
    ├── JoinNeedsIndex        dql_join_index
    ├── IndexExists           dql_index_exists
    ├── IndexMissing          dql_index_missing
    ├── IndexImpossible       dql_index_impossible
    └── ReadOnly              dql_read_only
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

from sync.errors import ZavaError

LINE_CHARS_MAX: Final = 100  # What a terminal shows of a statement's line without breaking it.
NAME_CHARS_MAX: Final = 60  # Longer words are neither compared with names nor quoted in full.

_WORD = re.compile(r"\w+|`[^`\n]*`|:\w+|'[^'\n]*'|\"[^\"\n]*\"|[<>=!|]+|.", re.DOTALL)


class StatementError(ZavaError):
    """A statement cannot be run. ``at`` is the offset of the place in ``text``, None if there is
    none; ``expected`` is what could have stood there and ``nearest`` the likeliest of it."""

    def __init__(
        self,
        message: str,
        text: str = "",
        at: int | None = None,
        *,
        expected: Iterable[str] = (),
        nearest: str | None = None,
    ) -> None:
        super().__init__(message)
        self.text = text
        self.at = at
        self.expected = tuple(expected)
        self.nearest = nearest

    def located(self, text: str) -> StatementError:
        """The same error for the statement it came from, unless it has one already."""
        if not self.text:
            self.text = text
        return self

    def underlined(self) -> str:
        """The message, and below it the line of the statement with the place marked ``^^^^``."""
        if self.at is None or not self.text:
            return str(self)
        at = min(self.at, len(self.text))
        start = self.text.rfind("\n", 0, at) + 1
        line = self.text[start:].split("\n", 1)[0]
        cut = max(0, at - start - LINE_CHARS_MAX // 2)
        shown = line[cut : cut + LINE_CHARS_MAX]
        word = _WORD.match(self.text, at)
        column = at - start - cut
        width = max(1, min(len(word[0]) if word else 1, len(shown) - column))
        printable = "".join(each if each.isprintable() else " " for each in shown)
        return f"{self}\n  {printable}\n  {' ' * column}{'^' * width}"


class StatementUnreadable(StatementError):
    """The text is not DQL."""

    code = "dql_syntax"
    remedy = "Correct the marked place; docs/dql.md shows the form of every statement."


class StatementInvalid(StatementError):
    """The text is DQL, but a rule of the language forbids it: a negative LIMIT, a change of
    ``_id``, a column that is no key of GROUP BY."""

    code = "dql_invalid"
    remedy = "Change the marked place as the message says."


class UnknownCollection(StatementError):
    """No document of a collection with this name is here."""

    code = "dql_unknown_collection"
    remedy = "Check the name, upper and lower case too; `.schema` in the shell lists them."


class UnknownName(StatementError):
    """A name is neither a field of a collection in FROM nor a variable."""

    code = "dql_unknown_name"
    remedy = "Use a field, one of the aliases in FROM and JOIN, or quote it if it is text."


class UnknownFunction(StatementError):
    """There is no function of this name."""

    code = "dql_unknown_function"
    remedy = "Check the name; docs/dql.md lists the functions."


class AmbiguousName(StatementError):
    """In a join, a field without alias could belong to any of the collections."""

    code = "dql_ambiguous_name"
    remedy = "Write the alias of its collection before the field, as in o.status."


class NotSupported(StatementError):
    """Part of Ditto's or of SQL's language that is left out on purpose."""

    code = "dql_not_supported"
    remedy = "Write the statement without it; docs/dql.md tells what to use instead."


class ParameterMissing(StatementError):
    """The statement has a ``:name`` for which no value is given."""

    code = "dql_parameter_missing"
    remedy = "Give a value for every :name in the statement."


class ParameterUnused(StatementError):
    """A value is given for a name that the statement does not have: mostly a slip of the pen."""

    code = "dql_parameter_unused"
    remedy = "Use the value as :name in the statement, or leave it out."


class ParameterInvalid(StatementError):
    """A value does not fit the place of its ``:name``, such as a negative LIMIT."""

    code = "dql_parameter_invalid"
    remedy = "Give a value of the kind that the message names."


class StatementTooLong(StatementError):
    """The text is longer than ``STATEMENT_BYTES_MAX``."""

    code = "dql_too_long"
    remedy = "Pass large values as parameters, and insert documents in several statements."


class StatementTooDeep(StatementError):
    """Brackets, operators or SELECTs are nested beyond ``NESTING_LEVELS_MAX``."""

    code = "dql_too_deep"
    remedy = "Write a long list as `IN :list`, or pass a deep value as a parameter."


class JoinNeedsIndex(StatementError):
    """A join would read the whole inner collection for every row."""

    code = "dql_join_index"
    remedy = "Create the index that ADVISE names, or accept the scan with USE INDEX ''."


class IndexExists(StatementError):
    """CREATE INDEX of a name that the collection has already."""

    code = "dql_index_exists"
    remedy = "Choose another name, or write CREATE INDEX IF NOT EXISTS."


class IndexMissing(StatementError):
    """DROP INDEX or USE INDEX of a name that the collection does not have."""

    code = "dql_index_missing"
    remedy = "Look the name up with `SELECT * FROM system:indexes`."


class IndexImpossible(StatementError):
    """A field that SQLite cannot name, a field twice, or more fields than an index holds."""

    code = "dql_index_impossible"
    remedy = "Index other fields; names without quotes, backslashes and control characters can be."


class ReadOnly(StatementError):
    """A statement that changes something where only reading is allowed."""

    code = "dql_read_only"
    remedy = "Use a transaction that may write; in the shell, start it with --write."


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` most likely means; None if none is near."""
    if len(name) > NAME_CHARS_MAX:
        return None
    by_lower = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.lower(), by_lower, 1, 0.65)
    return by_lower[found[0]] if found else None


def quoted(name: str) -> str:
    """A word of the statement for a message, in backticks and cut to a readable length."""
    short = name if len(name) <= NAME_CHARS_MAX else name[: NAME_CHARS_MAX - 1] + "…"
    return "`" + "".join(each if each.isprintable() else "�" for each in short) + "`"
