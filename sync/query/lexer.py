"""DQL's text cut into tokens. Knows the words of the language, not how they follow each other."""

from __future__ import annotations

import math
import re
from typing import Final, TypeAlias

from sync.query.errors import (
    NotSupported,
    StatementError,
    StatementInvalid,
    StatementTooLong,
    StatementUnreadable,
    quoted,
)

# A statement of this size still parses in well under a second; a larger one belongs in parameters.
STATEMENT_BYTES_MAX: Final = 524_288
INTEGER_MAX: Final = 2**63

Token: TypeAlias = tuple[str, str, int]
"""Kind, text and offset. The kind is ``name``, ``quoted`` (in backticks), ``string``, ``number``,
``parameter``, ``user`` (``$user.name``), ``end``, or the operator or
reserved word itself, in capitals."""

_RESERVED = """
    AND ANY APPLY ARRAY AS ASC BETWEEN BY CASE CROSS DESC DISTINCT ELSE END ESCAPE EVERY EXCEPT
    EXISTS FALSE FOR FROM FULL GROUP HAVING ILIKE IN INNER INTERSECT IS JOIN LEFT LIKE LIMIT
    MISSING NATURAL NOT NULL OBJECT OFFSET ON OR ORDER RETURNING RIGHT SATISFIES SELECT SET SIMILAR
    THEN TRUE UNION UNSET USE WHEN WHERE WITH WITHIN XOR
"""
RESERVED: Final = frozenset(_RESERVED.split())
"""Words that are names only in backticks or after a dot, in any case."""

_KINDS: Final = {form: word for word in RESERVED for form in (word, word.lower())}
_SAME: Final = {"==": "=", "<>": "!="}
_ESCAPES: Final = {
    '"': '"', "'": "'", "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
}  # fmt: skip
_HINTS: Final = {
    "&": "Write AND, and `||` only to join texts.",
    "!": "Write NOT, or != for unequal.",
    "?": "A parameter has a name: write :name.",
    "$": "A parameter is written :name.",
    "@": "A parameter is written :name.",
    "|": "Write OR; `||` joins texts.",
}

# Repeats that can fail within their body are not possessive: up to Python 3.11.4 such a one does
# not go back to where that began. What follows never fails, so nothing is tried twice.
_TOKEN = re.compile(
    r"""
    (?:\s++|--[^\n]*+|/\*[^*]*+\*++(?:[^/*][^*]*+\*++)*/)*
    (?:
      (?P<word>[^\W\d]\w*+)
    | (?P<operator>(?!/\*)(?:\|\||<<|>>|==|!=|<>|<=|>=|->|[-=<>*/%+(),.;\[\]{}]))
    | (?P<string>'(?:[^'\\]|\\.|'')*+'|"(?:[^"\\]|\\.|"")*+")
    | (?P<parameter>:[^\W\d]\w*+)
    | (?P<user>\$user\.[^\W\d]\w*+)
    | (?P<number>0[xX][0-9a-fA-F]++(?!\w)|[0-9]++(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+(?!\w))
    | (?P<quoted>`(?:[^`]|``)++`)
    | (?P<colon>:)
    | (?P<end>\Z)
    | (?P<bad>.)
    )
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(text: str) -> list[Token]:
    """The tokens of a statement, the last of kind ``end``.

    Raises ``StatementTooLong``, ``StatementUnreadable``."""
    _check_size(text)
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        group = match.lastgroup
        at = match.start(group)  # type: ignore[arg-type]
        value = match[group]  # type: ignore[index]
        if group == "word":
            found.append((keyword(value), value, at))
        elif group == "operator":
            found.append((_SAME.get(value, value), value, at))
        elif group == "string":
            found.append(("string", _string(text, value, at), at))
        elif group == "parameter":
            found.append(("parameter", value[1:], at))
        elif group == "quoted":
            found.append(("quoted", value[1:-1].replace("``", "`"), at))
        elif group == "bad":
            raise _unreadable(text, value, at)
        else:
            found.append((":" if group == "colon" else str(group), value, at))
            if group == "end":
                break
    return found


def keyword(word: str) -> str:
    """The kind of a bare word: itself in capitals where it is reserved, otherwise ``name``."""
    kind = _KINDS.get(word)
    if kind is None:
        upper = capitals(word)
        kind = upper if upper in RESERVED else "name"
    return kind


def capitals(word: str) -> str:
    """A word in capitals for comparison with the language's; letters beyond ASCII never match."""
    return word.upper() if word.isascii() else word


def number(text: str, word: str, at: int, negative: bool = False) -> int | float:
    """The value of a number's text. Raises ``StatementInvalid`` beyond 64 bits."""
    if word[:2] in ("0x", "0X"):
        value: int | float = int(word, 16)
    elif word.isdigit() and len(word) <= 4_000:  # Python refuses to read longer ones.
        value = int(word)
    elif word.isdigit():
        value = INTEGER_MAX + 1
    else:
        value = float(word)
    if negative:
        value = -value
    if isinstance(value, int) and not -INTEGER_MAX <= value < INTEGER_MAX:
        raise StatementInvalid("The number does not fit in 64 bits.", text, at)
    if math.isinf(value):
        raise StatementInvalid("The number is too large.", text, at)
    return value


def _check_size(text: str) -> None:
    # A character has at most four bytes, so most statements need not be encoded to be measured.
    if len(text) > STATEMENT_BYTES_MAX:
        raise StatementTooLong(f"The statement is longer than {STATEMENT_BYTES_MAX:,} bytes.")
    if text.isascii():
        return
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise StatementUnreadable("The text is not Unicode.", text, error.start) from error
    if size > STATEMENT_BYTES_MAX:
        raise StatementTooLong(f"The statement is longer than {STATEMENT_BYTES_MAX:,} bytes.")


def _string(text: str, literal: str, at: int) -> str:
    """What a quoted text says: JSON's escapes, and the quote itself doubled."""
    quote = literal[0]
    inner = literal[1:-1]
    if "\\" not in inner:
        return inner.replace(quote * 2, quote) if quote in inner else inner
    parts: list[str] = []
    position = 0
    while position < len(inner):
        char = inner[position]
        if char == quote:
            position += 1
        elif char == "\\":
            char, position = _escape(text, inner, position, at + 1)
        parts.append(char)
        position += 1
    return _joined("".join(parts), text, at)


def _escape(text: str, inner: str, position: int, base: int) -> tuple[str, int]:
    """The character of one escape, and the position of its last character."""
    letter = inner[position + 1]
    if letter in _ESCAPES:
        return _ESCAPES[letter], position + 1
    digits = inner[position + 2 : position + 6]
    if letter == "u" and re.fullmatch(r"[0-9a-fA-F]{4}", digits):
        return chr(int(digits, 16)), position + 5
    message = f"In a text, {quoted(chr(92) + letter)} means nothing; a backslash is written twice."
    raise StatementUnreadable(message, text, base + position)


def _joined(value: str, text: str, at: int) -> str:
    """Surrogate pairs, as JSON writes rare characters, made one character."""
    try:
        return value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise StatementUnreadable("A \\u escape is half a character.", text, at) from error


def _unreadable(text: str, char: str, at: int) -> StatementError:
    rest = text[at : at + 2]
    if char in "'\"":
        return StatementUnreadable(f"The text that opens with {char} is not closed.", text, at)
    if char == "`":
        if rest == "``":
            return StatementUnreadable("A name in backticks is empty.", text, at)
        return StatementUnreadable("The name that opens with ` is not closed.", text, at)
    if rest == "/*":
        return StatementUnreadable("The comment that opens with /* is not closed.", text, at)
    if char.isdigit():
        return StatementUnreadable("This is neither a number nor a name.", text, at)
    if char == "#":
        return NotSupported("`#` is not part of DQL; a comment begins with `--`.", text, at)
    hint = _HINTS.get(char, "")
    return StatementUnreadable(f"{quoted(char)} is not part of DQL. {hint}".strip(), text, at)
