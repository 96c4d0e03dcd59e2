"""What UPDATE changes: APPLY, SET with its older form for maps, UNSET."""

from __future__ import annotations

from sync.query.clauses import Clauses
from sync.query.expressions import Constant, Expr, Path
from sync.query.syntax import Apply


class Changes(Clauses):
    """Reads the changes of an UPDATE."""

    def applies(self) -> tuple[Apply, ...]:
        """``[APPLY path INCREMENT BY n, …]``"""
        if not self.accept("APPLY"):
            return ()
        applies = [self._apply()]
        while self.accept(","):
            applies.append(self._apply())
        return tuple(applies)

    def _apply(self) -> Apply:
        path = self.path()
        if self.accept_word("RESTART"):
            amount = self.expression() if self.accept("WITH") else Constant(0)
            return Apply(path, "restart", amount)
        if self.accept_word("PN_INCREMENT"):
            self.expect("BY")
            return Apply(path, "pn_increment", self.expression())
        if not self.accept_word("INCREMENT"):
            self.fail("INCREMENT BY", "RESTART", "PN_INCREMENT BY")
        self.expect("BY")
        return Apply(path, "increment", self.expression())

    def sets(self) -> tuple[tuple[Path, Expr], ...]:
        """``[SET path = value, …]``, also ``SET map -> (key = value, …)``."""
        if not self.accept("SET"):
            return ()
        found = self._assignment(())
        while self.accept(","):
            found += self._assignment(())
        return tuple(found)

    def _assignment(self, prefix: Path) -> list[tuple[Path, Expr]]:
        path = (*prefix, *self.path())
        if self.accept("="):
            return [(path, self.expression())]
        if self.token[0] != "->":
            self.fail("`=`", "`->`")
        self.advance()
        self.expect("(")
        self.descend()
        found = self._assignment(path)
        while self.accept(","):
            found += self._assignment(path)
        self.depth -= 1
        self.expect(")")
        return found

    def unsets(self) -> tuple[Path, ...]:
        """``[UNSET path, …]``"""
        if not self.accept("UNSET"):
            return ()
        paths = [self.path()]
        while self.accept(","):
            paths.append(self.path())
        return tuple(paths)
