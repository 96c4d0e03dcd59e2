"""A place in a statement's tokens, and what is said when the wrong one stands there."""

from __future__ import annotations

from typing import Final, NoReturn

from sync.query.errors import (
    NotSupported,
    StatementTooDeep,
    StatementUnreadable,
    nearest,
    quoted,
)
from sync.query.lexer import Token, capitals, keyword, tokens

# Reading, binding and running a statement each take a few Python frames a level, of 1,000 at most.
NESTING_LEVELS_MAX: Final = 100
# A SELECT within a SELECT costs many frames when it runs.
SELECTS_NESTED_MAX: Final = 10

NAMES: Final = ("name", "quoted")

REFUSED: Final = {
    "UNION": "UNION is not part of DQL; run the statements one by one.",
    "INTERSECT": "INTERSECT is not part of DQL; use `IN (SELECT …)`.",
    "EXCEPT": "EXCEPT is not part of DQL; use `NOT IN (SELECT …)`.",
    "WITH": "WITH is not part of DQL; use `IN (SELECT …)`.",
    "FULL": "FULL JOIN is not part of DQL; use LEFT JOIN or RIGHT JOIN.",
    "CROSS": "CROSS JOIN is not part of DQL; join by a condition: `JOIN … ON …`.",
    "NATURAL": "NATURAL JOIN is not part of DQL; name the condition: `JOIN … ON …`.",
    "USING": "JOIN … USING is not part of DQL; write `ON a.field = b.field`.",
    "OVER": "Window functions are not part of DQL; use GROUP BY.",
}
"""Words of SQL that people try, and what to do instead."""


class Cursor:
    """Reads tokens one by one. ``height`` is how deep the tree of the current expression is, and
    ``open_clauses`` are those that may still follow."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.position = 0
        self.token = self.tokens[0]
        self.depth = 0
        self.height = 0
        self.selects = 0
        self.open_clauses: tuple[str, ...] = ()
        # An alias without AS may be a misspelt keyword: `FROM orders WHER …`.
        self.bare_alias: Token | None = None

    def advance(self) -> Token:
        """Step over the current token and return it. Never beyond the end."""
        token = self.token
        if token[0] != "end":
            self.position += 1
            self.token = self.tokens[self.position]
        return token

    def ahead(self, steps: int = 1) -> Token:
        """A later token, the end at most."""
        return self.tokens[min(self.position + steps, len(self.tokens) - 1)]

    def accept(self, kind: str) -> bool:
        """Step over a reserved word or an operator, if it is here."""
        if self.token[0] != kind:
            return False
        self.advance()
        return True

    def expect(self, kind: str) -> Token:
        """Step over a reserved word or an operator that has to be here."""
        if self.token[0] != kind:
            self.fail(kind)
        return self.advance()

    def at_word(self, word: str, steps: int = 0) -> bool:
        """Whether an unreserved word of the language is here, such as DOCUMENTS."""
        token = self.ahead(steps) if steps else self.token
        return token[0] == "name" and capitals(token[1]) == word

    def accept_word(self, word: str) -> bool:
        """Step over an unreserved word of the language, if it is here."""
        if not self.at_word(word):
            return False
        self.advance()
        return True

    def expect_word(self, word: str) -> None:
        """Step over an unreserved word of the language that has to be here."""
        if not self.accept_word(word):
            self.fail(word)

    def name(self, what: str) -> str:
        """Step over a name. ``what`` says in a message what it names."""
        kind, value, at = self.token
        if kind in NAMES:
            self.advance()
            return value
        if keyword(value) == kind and kind.isalpha():
            message = f"Expected {what}; {quoted(value)} is a word of DQL: in backticks a name."
            raise StatementUnreadable(message, self.text, at, expected=(what,))
        self.fail(what)

    def step(self) -> str:
        """Step over a key of a path after its dot, where reserved words are names."""
        kind, value, _ = self.token
        if kind in NAMES or keyword(value) == kind:
            self.advance()
            return value
        self.fail("a field's name")

    def colon(self) -> None:
        """Step over ``:`` between key and value, even where it looks like a parameter's."""
        kind, value, at = self.token
        if kind == "parameter":
            self.token = (keyword(value), value, at + 1)
            self.tokens[self.position] = self.token
        else:
            self.expect(":")

    def descend(self) -> None:
        """One level deeper; the caller comes up again by ``self.depth -= 1``."""
        self.depth += 1
        if self.depth > NESTING_LEVELS_MAX:
            self.too_deep()

    def too_deep(self) -> NoReturn:
        """Refuse what is nested too deeply."""
        message = f"The statement is nested more than {NESTING_LEVELS_MAX} levels deep."
        raise StatementTooDeep(message, self.text, self.token[2])

    def not_supported(self, message: str, at: int | None = None) -> NoReturn:
        """Refuse a part of Ditto's or SQL's language by name."""
        raise NotSupported(message, self.text, self.token[2] if at is None else at)

    def fail(self, *expected: str) -> NoReturn:
        """Refuse the current token, and say what could have stood here."""
        kind, value, at = self.token
        refused = REFUSED.get(capitals(value))
        if refused is not None and kind not in ("string", "quoted", "parameter"):
            self.not_supported(refused)
        words = tuple(each for each in expected if each.isupper())
        if self.bare_alias is self.tokens[self.position - 1] and self.position:
            alias = self.bare_alias
            meant = nearest(alias[1], words)
            if meant is not None:
                kind, value, at = alias
        found = (
            "The statement ends here" if kind == "end" else f"{_shown(kind, value)} is unexpected"
        )
        meant = nearest(value, words) if kind == "name" else None
        message = f"{found}: expected {_listed(expected)}"
        message += f"; did you mean {meant}?" if meant else "."
        raise StatementUnreadable(message, self.text, at, expected=expected, nearest=meant)


def _shown(kind: str, value: str) -> str:
    return quoted({"string": f"'{value}'", "parameter": f":{value}"}.get(kind, value))


def _listed(expected: tuple[str, ...]) -> str:
    if len(expected) == 1:
        return expected[0]
    return f"{', '.join(expected[:-1])} or {expected[-1]}"
