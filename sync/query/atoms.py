"""What stands between operators: literals, names, calls, CASE, comprehensions, brackets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from typing import Literal as OneOf

from sync.query.cursor import NAMES, NESTING_LEVELS_MAX, SELECTS_NESTED_MAX, Cursor
from sync.query.errors import StatementInvalid, StatementTooDeep, StatementUnreadable, quoted
from sync.query.expressions import (
    ArrayFor,
    ArrayOf,
    Call,
    Case,
    Constant,
    Exists,
    Expr,
    Field,
    Missing,
    ObjectFor,
    ObjectOf,
    Parameter,
    Quantified,
    Unary,
)
from sync.query.lexer import number
from sync.query.powers import NOT_POWER, SIGN_POWER

if TYPE_CHECKING:
    from sync.query.syntax import Select


class Atoms(Cursor):
    """Reads what stands between operators."""

    def expression(self, floor: int = 0) -> Expr:
        """Any expression; read by the class that knows operators."""
        raise AssertionError(floor)

    def select(self) -> Select:
        """A SELECT; read by the class that knows statements."""
        raise AssertionError

    def levels_left(self) -> int:
        """How high the tree of the expression at hand may be."""
        return NESTING_LEVELS_MAX + 1 - self.depth

    def atom(self) -> Expr:
        """The operand that begins at the current token."""
        read = _ATOMS.get(self.token[0])
        if read is None:
            self.fail("a value")
        return read(self)

    def listed(self, end: str) -> tuple[Expr, ...]:
        """Expressions with commas between them, at least one; ``end`` is what may follow."""
        items = [self.expression()]
        while self.accept(","):
            items.append(self.expression())
        if self.token[0] != end:
            self.fail("`,`", f"`{end}`")
        return tuple(items)

    def field_or_call(self) -> Expr:
        """``a.b.c`` or ``name(…)``."""
        kind, value, at = self.advance()
        if self.token[0] == "(" and kind == "name":
            return self._call(value, at)
        if self.token[0] != ".":
            return Field("", (value,), at)
        path = [value]
        while self.token[0] == "." and self.ahead()[0] != "*":
            self.advance()
            path.append(self.step())
        return Field("", tuple(path), at)

    def _call(self, name: str, at: int) -> Expr:
        self.advance()
        name = name.lower() if name.isascii() else name
        if self.accept("*"):
            self.expect(")")
            if name != "count":
                message = f"Only COUNT takes `*`; give {name.upper()} a field."
                raise StatementInvalid(message, self.text, at)
            call = Call(name, (), star=True, at=at)
        elif self.accept(")"):
            call = Call(name, (), at=at)
        else:
            distinct = self.accept("DISTINCT")
            args = self._cast() if name == "cast" else self.listed(")")
            self.expect(")")
            call = Call(name, args, distinct, at=at)
        if self.at_word("OVER") and self.ahead()[0] == "(":
            self.fail()
        return call

    def _cast(self) -> tuple[Expr, ...]:
        """``value AS type`` or ``value, 'type'``."""
        value = self.expression()
        if self.accept("AS"):
            return (value, Constant(self.step().lower()))
        self.expect(",")
        return (value, *self.listed(")"))

    def constant_number(self) -> Expr:
        _, value, at = self.advance()
        return Constant(number(self.text, value, at))

    def string(self) -> Expr:
        return Constant(self.advance()[1])

    def parameter(self) -> Expr:
        _, name, at = self.advance()
        return Parameter(name, at)

    def user(self) -> Expr:
        """``$user.name``"""
        _, name, at = self.advance()
        return Parameter(name, at)

    def word(self) -> Expr:
        """TRUE, FALSE, NULL or MISSING."""
        kind = self.advance()[0]
        return Missing() if kind == "MISSING" else Constant(_WORDS[kind])

    def sign(self) -> Expr:
        """``-`` or ``+``; a number takes its minus in."""
        kind, _, at = self.advance()
        if kind == "-" and self.token[0] == "number":
            return Constant(number(self.text, self.advance()[1], at, negative=True))
        return Unary(kind, self.expression(SIGN_POWER))

    def negation(self) -> Expr:
        self.advance()
        return Unary("NOT", self.expression(NOT_POWER))

    def parentheses(self) -> Expr:
        at = self.advance()[2]
        if self.token[0] == "SELECT":
            self.not_supported("A SELECT within a statement follows IN or EXISTS.", at)
        inner = self.expression()
        if self.token[0] == ",":
            message = "A list in parentheses follows IN; elsewhere write [a, b]."
            raise StatementUnreadable(message, self.text, at)
        self.expect(")")
        return inner

    def array(self) -> Expr:
        """``[a, b]``"""
        self.advance()
        items = self.listed("]") if self.token[0] != "]" else ()
        self.advance()
        return ArrayOf(items)

    def object(self) -> Expr:
        """``{'name': value}``"""
        self.advance()
        entries: dict[str, Expr] = {}
        while self.token[0] != "}":
            kind, name, at = self.token
            if kind in NAMES and self.ahead()[0] in (":", "parameter"):
                message = f"The name of an entry is a text: write '{name}'."
                raise StatementUnreadable(message, self.text, at)
            if kind != "string":
                self.fail("a name in quotes", "`}`")
            if name in entries:
                raise StatementInvalid(f"{quoted(name)} stands twice.", self.text, at)
            self.advance()
            self.colon()
            entries[name] = self.expression()
            if not self.accept(",") and self.token[0] != "}":
                self.fail("`,`", "`}`")
        self.advance()
        return ObjectOf(tuple((Constant(name), value) for name, value in entries.items()))

    def case(self) -> Expr:
        self.advance()
        operand = self.expression() if self.token[0] != "WHEN" else None
        whens: list[tuple[Expr, Expr]] = []
        while self.token[0] == "WHEN" or not whens:
            self.expect("WHEN")
            condition = self.expression()
            self.expect("THEN")
            whens.append((condition, self.expression()))
        otherwise = self.expression() if self.accept("ELSE") else None
        self._end("WHEN", "ELSE")
        return Case(operand, tuple(whens), otherwise)

    def exists(self) -> Expr:
        self.advance()
        if self.token[0] != "(" or self.ahead()[0] != "SELECT":
            self.fail("(SELECT …)")
        return Exists(self.select_in_parentheses())

    def select_in_parentheses(self) -> Select:
        """``(SELECT …)``, with the parenthesis at the current token."""
        at = self.advance()[2]
        self.selects += 1
        if self.selects > SELECTS_NESTED_MAX:
            message = f"More than {SELECTS_NESTED_MAX} SELECTs are nested in each other."
            raise StatementTooDeep(message, self.text, at)
        select = self.select()
        self.selects -= 1
        if self.token[0] != ")":
            self.fail(*self.open_clauses, "`)`")
        self.advance()
        return select

    def quantified(self) -> Expr:
        """``ANY``, ``EVERY`` or ``ANY AND EVERY``"""
        kind: OneOf["any", "every", "any and every"] = "every"
        if self.advance()[0] == "ANY":
            kind = "any"
            if self.token[0] == "AND" and self.ahead()[0] == "EVERY":
                self.advance()
                self.advance()
                kind = "any and every"
        variable, source, within = self._binding()
        self.expect("SATISFIES")
        condition = self.expression()
        self._end()
        return Quantified(kind, variable, source, within, condition)

    def array_for(self) -> Expr:
        self.advance()
        item = self.expression()
        self.expect("FOR")
        variable, source, within = self._binding()
        when = self.expression() if self.accept("WHEN") else None
        self._end("WHEN")
        return ArrayFor(item, variable, source, within, when)

    def object_for(self) -> Expr:
        self.advance()
        key = self.expression()
        self.colon()
        value = self.expression()
        self.expect("FOR")
        variable, source, within = self._binding()
        when = self.expression() if self.accept("WHEN") else None
        self._end("WHEN")
        return ObjectFor(key, value, variable, source, within, when)

    def _binding(self) -> tuple[str, Expr, bool]:
        """``variable IN | WITHIN source``"""
        variable = self.name("a variable's name")
        within = self.accept("WITHIN")
        if not within:
            self.expect("IN")
        source = self.expression()
        if self.token[0] == ",":
            self.not_supported("Only one variable is bound at a time; nest a second ANY or EVERY.")
        return variable, source, within

    def _end(self, *alternatives: str) -> None:
        if self.token[0] != "END":
            self.fail(*alternatives, "END")
        self.advance()


_WORDS: Final = {"TRUE": True, "FALSE": False, "NULL": None}
_ATOMS: Final[dict[str, Callable[[Atoms], Expr]]] = {
    "name": Atoms.field_or_call,
    "quoted": Atoms.field_or_call,
    "number": Atoms.constant_number,
    "string": Atoms.string,
    "parameter": Atoms.parameter,
    "user": Atoms.user,
    **dict.fromkeys((*_WORDS, "MISSING"), Atoms.word),
    "-": Atoms.sign,
    "+": Atoms.sign,
    "NOT": Atoms.negation,
    "(": Atoms.parentheses,
    "[": Atoms.array,
    "{": Atoms.object,
    "CASE": Atoms.case,
    "EXISTS": Atoms.exists,
    "ANY": Atoms.quantified,
    "EVERY": Atoms.quantified,
    "ARRAY": Atoms.array_for,
    "OBJECT": Atoms.object_for,
}
