"""Reads a regular expression into a tree.

Known are literals, ``.``, classes ``[a-z]`` with ``\\d \\w \\s`` and ``[:alpha:]``, groups (which
capture nothing), ``|``, ``* + ?`` and ``{m,n}`` (greedy or lazy, which decides nothing here),
``^ $ \\b \\B``. What needs going back is not: backreferences, lookaround, possessive repeats.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

PATTERN_CHARS_MAX: Final = 10_000
GROUPS_NESTED_MAX: Final = 50
REPEATS_MAX: Final = 1_000

Test: TypeAlias = Callable[[str], bool]


class PatternError(ValueError):
    """The pattern is not one of ours. Never leaves the language: the expression is MISSING."""


@dataclass(frozen=True, slots=True)
class One:
    """One character that passes the test."""

    test: Test


@dataclass(frozen=True, slots=True)
class Place:
    """Between two characters: ``^ $ \\b \\B``, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``low`` to ``high`` times; None is without end."""

    part: Node
    low: int
    high: int | None


Node: TypeAlias = One | Place | Sequence | Either | Repeat

_SETS: Final[dict[str, Test]] = {
    "d": str.isdecimal,
    "w": lambda char: char.isalnum() or char == "_",
    "s": str.isspace,
}
_NAMED: Final[dict[str, Test]] = {
    "alpha": str.isalpha,
    "digit": str.isdecimal,
    "alnum": str.isalnum,
    "space": str.isspace,
    "upper": str.isupper,
    "lower": str.islower,
    "punct": lambda char: (
        char.isascii() and char.isprintable() and not char.isalnum() and char != " "
    ),
}
_CONTROLS: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_PLACES: Final = {"b": "word", "B": "no word", "A": "start", "z": "end", "Z": "end"}
_COUNTS: Final = re.compile(r"\{(\d{1,4})(?:(,)(\d{1,4})?)?\}")
_GROUP: Final = re.compile(r"\?(?::|P?<[A-Za-z_]\w{0,50}>)")


class Reader:
    """One pass over a pattern, with the flags of ``Regex``."""

    def __init__(self, pattern: str, flags: str = "") -> None:
        if len(pattern) > PATTERN_CHARS_MAX:
            raise PatternError("too long")
        self._text, self._at, self._depth, self._flags = pattern, 0, 0, flags

    def read(self) -> Node:
        """The tree of the whole pattern."""
        tree = self._either()
        if self._at < len(self._text):
            raise PatternError("a ) without its (")
        return tree

    def _peek(self) -> str:
        if "x" in self._flags:
            skipped = re.compile(r"(?:\s|#[^\n]*)*").match(self._text, self._at)
            self._at = skipped.end() if skipped else self._at
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        if self._at >= len(self._text):
            raise PatternError("it ends too early")
        self._at += 1
        return self._text[self._at - 1]

    def _either(self) -> Node:
        parts = [self._sequence()]
        while self._peek() == "|":
            self._take()
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _sequence(self) -> Node:
        parts = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return Sequence(tuple(parts))

    def _repeated(self, part: Node) -> Node:
        counts = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        sign = self._peek()
        if sign in counts and sign:
            self._take()
            low, high = counts[sign]
        elif found := _COUNTS.match(self._text, self._at):
            self._at = found.end()
            low = int(found[1])
            high = int(found[3]) if found[3] else None if found[2] else low
            if max(low, high or 0) > REPEATS_MAX or (high is not None and high < low):
                raise PatternError("a count is out of range")
        else:
            return part
        if self._peek() == "?":
            self._take()
        if self._peek() in ("*", "+", "?") and self._peek():
            raise PatternError("two repeats in a row")
        return Repeat(part, low, high)

    def _atom(self) -> Node:
        char = self._take()
        match char:
            case "(":
                return self._group()
            case "[":
                return One(self._class())
            case ".":
                return One((lambda _: True) if "s" in self._flags else "\n".__ne__)
            case "^":
                return Place("line start" if "m" in self._flags else "start")
            case "$":
                return Place("line end" if "m" in self._flags else "end")
            case "\\":
                return self._escaped()
            case "*" | "+" | "?":
                raise PatternError("nothing to repeat")
        return One(self._folded(char.__eq__))

    def _group(self) -> Node:
        self._depth += 1
        if self._depth > GROUPS_NESTED_MAX:
            raise PatternError("nested too deeply")
        if found := _GROUP.match(self._text, self._at):
            self._at = found.end()
        part = self._either()
        if self._take() != ")":
            raise PatternError("a ( without its )")
        self._depth -= 1
        return part

    def _escaped(self) -> Node:
        char = self._take()
        if char in _PLACES:
            return Place(_PLACES[char])
        found = self._escape(char)
        return One(self._folded(found.__eq__) if isinstance(found, str) else found)

    def _folded(self, test: Test) -> Test:
        """The test for a character in either case, if the flags want that."""
        if "i" not in self._flags:
            return test
        return lambda char: any(
            len(each) == 1 and test(each) for each in (char, char.lower(), char.upper())
        )

    def _escape(self, char: str) -> str | Test:
        """What ``\\`` and this character stand for: one character, or a set."""
        if char in _SETS:
            return _SETS[char]
        if char.lower() in _SETS:
            inside = _SETS[char.lower()]
            return lambda each: not inside(each)
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char in "xu":
            digits = "".join(self._take() for _ in range(2 if char == "x" else 4))
            if not re.fullmatch("[0-9A-Fa-f]+", digits):
                raise PatternError("no hexadecimal digits")
            return chr(int(digits, 16))
        if char.isascii() and char.isalnum():
            raise PatternError("an unknown escape")
        return char

    def _class(self) -> Test:
        negated = self._text[self._at : self._at + 1] == "^"
        self._at += negated
        tests: list[Test] = []
        while not tests or self._text[self._at : self._at + 1] != "]":
            tests.append(self._span())
        self._at += 1
        inside = self._folded(lambda char: any(test(char) for test in tests))
        return (lambda char: not inside(char)) if negated else inside

    def _span(self) -> Test:
        low = self._class_item()
        if not isinstance(low, str):
            return low
        follows = self._text[self._at : self._at + 2]
        if not follows.startswith("-") or follows in ("-", "-]"):
            return low.__eq__
        self._take()
        high = self._class_item()
        if not isinstance(high, str) or high < low:
            raise PatternError("a range of characters is backwards")
        return lambda char: low <= char <= high

    def _class_item(self) -> str | Test:
        char = self._take()
        if char == "[" and self._text.startswith(":", self._at):
            name, colon, _ = self._text[self._at + 1 : self._at + 20].partition(":]")
            if not colon or name not in _NAMED:
                raise PatternError("an unknown class of characters")
            self._at += len(name) + 3
            return _NAMED[name]
        return self._escape(self._take()) if char == "\\" else char
