"""Names get their meaning: each field its alias, each variable its comprehension.

What can be judged without data is judged here: aggregates, columns, paths that change. The
values of parameters change from run to run; see ``sync.query.prepared``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Final

from sync.query.bound_names import Names
from sync.query.collection_names import check_known, check_writable
from sync.query.errors import StatementInvalid, UnknownName, nearest, quoted
from sync.query.expressions import Expr, Field, Path
from sync.query.group_rules import check_groups, forbid_aggregates
from sync.query.scope import Scope
from sync.query.syntax import (
    Apply,
    Column,
    CreateIndex,
    DropIndex,
    Explain,
    ExplainSync,
    Insert,
    MissingColumn,
    Projection,
    Remove,
    Select,
    Sort,
    Source,
    Star,
    Statement,
    Update,
)

NO_NAMES: Final = Scope()


def bind(
    statement: Statement, collections: Collection[str] | None = None, text: str = ""
) -> Statement:
    """The statement with every name resolved. ``collections`` are the known ones, None if they are
    not to be checked; ``text`` is what the statement was parsed from, for messages.

    Raises ``StatementError``."""
    binder = Binder(text)
    bound = binder.statement(statement)
    if collections is not None:
        check_known(binder.sources, collections, text)
    return bound


class Binder(Names):
    """Resolves the names of one statement. On the way it notes the parameters, and in ``sources``
    the collections that have to be there; INSERT and CREATE INDEX may be first to name theirs."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.sources: list[Source] = []

    def statement(self, statement: Statement) -> Statement:
        """The statement, bound."""
        bound: Statement = _STATEMENTS[type(statement)](self, statement)
        return bound

    def explain(self, explain: Explain) -> Explain:
        query: Any = self.statement(explain.query)
        return Explain(explain.kind, query, explain.provision)

    def explain_sync(self, asked: ExplainSync) -> ExplainSync:
        doc_id = self.expr(asked.doc_id, NO_NAMES)
        on = self.maybe(asked.on, NO_NAMES)
        for each in (doc_id, on):
            forbid_aggregates(each, "EXPLAIN SYNC", self.text)
        self.sources.append(Source(asked.collection, asked.collection, at=asked.at))
        return ExplainSync(asked.collection, doc_id, on, asked.at)

    def select(self, select: Select, outer: Scope = NO_NAMES) -> Select:
        """A SELECT, bound within the names of the statement around it."""
        scope = Scope(self._sources(select), outer=outer)
        aggregates = self.aggregates
        joins = self._joins(select, outer)
        columns = self._projection(select.columns, scope)
        named = {each.name: each.expr for each in columns if isinstance(each, Column)}
        sorted_scope = Scope(scope.sources, None, named, outer)
        bound = Select(
            columns,
            select.source,
            select.distinct,
            self._ids(select.ids),
            joins,
            self.maybe(select.where, scope),
            self.exprs(select.group_by, scope) if select.group_by else (),
            self.maybe(select.having, scope),
            self._sorting(select.order_by, sorted_scope),
            self.count(select.limit),
            self.count(select.offset),
        )
        if bound.group_by or bound.having is not None or self.aggregates > aggregates:
            check_groups(bound, self.text)
        if bound.distinct:
            self._check_distinct(bound)
        return bound

    def _sources(self, select: Select) -> dict[str, Source]:
        sources = {select.source.alias: select.source}
        for join in select.joins:
            source = join.source
            if source.alias in sources:
                message = f"Two collections are called {quoted(source.alias)}: give one an alias."
                raise StatementInvalid(message, self.text, source.at)
            sources[source.alias] = source
        self.sources += sources.values()
        return sources

    def _joins(self, select: Select, outer: Scope) -> tuple[Any, ...]:
        if not select.joins:
            return ()
        seen = {select.source.alias: select.source}
        joins = []
        for join in select.joins:
            seen[join.source.alias] = join.source
            on = self.expr(join.on, Scope(dict(seen), outer=outer))
            joins.append(replace(join, on=on))
        return tuple(joins)

    def _check_distinct(self, select: Select) -> None:
        if any(not isinstance(each, Column) for each in select.columns):
            return
        columns = [each.expr for each in select.columns if isinstance(each, Column)]
        for term in select.order_by:
            if term.expr not in columns:
                message = "With DISTINCT, ORDER BY can only use the columns of the result."
                raise StatementInvalid(message, self.text, place(term.expr))

    def _projection(self, columns: Projection, scope: Scope) -> Projection:
        self._check_stars(columns, scope)
        bound = tuple([self._column(each, scope) for each in columns])
        names = [each.name for each in bound if isinstance(each, Column)]
        if len(set(names)) < len(names):
            for index, each in enumerate(columns):
                if isinstance(each, Column) and each.name in names[:index]:
                    message = f"Two columns are called {quoted(each.name)}: name one with AS."
                    raise StatementInvalid(message, self.text, place(each.expr))
        return bound

    def _column(self, column: Star | Column | MissingColumn, scope: Scope) -> Any:
        if isinstance(column, Column):
            return Column(self.expr(column.expr, scope), column.name)
        if isinstance(column, MissingColumn):
            field = self.expr(column.field, scope)
            if isinstance(field, Field) and field.path:
                return MissingColumn(field)
            raise StatementInvalid("MISSING leaves out a field.", self.text, column.field.at)
        return column

    def _check_stars(self, columns: Projection, scope: Scope) -> None:
        stars = [each for each in columns if isinstance(each, Star)]
        left_out = next((each for each in columns if isinstance(each, MissingColumn)), None)
        if left_out is not None and not stars:
            message = "MISSING leaves a field out of `*`: write SELECT *, MISSING field."
            raise StatementInvalid(message, self.text, left_out.field.at)
        for star in stars:
            if star.alias is None and len(columns) > 1 + sum(
                isinstance(each, MissingColumn) for each in columns
            ):
                alias = next(iter(scope.sources))
                message = f"`*` stands alone; beside other columns write {alias}.*."
                raise StatementInvalid(message, self.text, self._word("*"))
            if star.alias is not None and star.alias not in scope.sources:
                near = nearest(star.alias, scope.sources) or next(iter(scope.sources))
                message = f"No collection is called {quoted(star.alias)}; did you mean {near}?"
                raise UnknownName(message, self.text, self._word(star.alias), nearest=near)

    def _sorting(self, terms: tuple[Sort, ...], scope: Scope) -> tuple[Sort, ...]:
        if not terms:
            return ()
        return tuple([Sort(self.expr(each.expr, scope), each.descending) for each in terms])

    def _ids(self, ids: tuple[Expr, ...] | None) -> tuple[Expr, ...] | None:
        return None if ids is None else self.exprs(ids, NO_NAMES)

    def _returning(self, columns: Projection | None, source: Source) -> Projection | None:
        if columns is None:
            return None
        bound = self._projection(columns, Scope({source.alias: source}))
        for each in bound:
            if isinstance(each, Column):
                forbid_aggregates(each.expr, "RETURNING", self.text)
        return bound

    def insert(self, insert: Insert) -> Insert:
        check_writable(insert.source, self.text)
        documents = self.exprs(insert.documents, NO_NAMES)
        for each in documents:
            forbid_aggregates(each, "a document", self.text)
        select = None if insert.select is None else self.select(insert.select)
        returning = self._returning(insert.returning, insert.source)
        return replace(insert, documents=documents, select=select, returning=returning)

    def update(self, update: Update) -> Update:
        source = update.source
        check_writable(source, self.text)
        self.sources.append(source)
        scope = Scope({source.alias: source})
        applies = tuple(
            [
                Apply(self._changed(each.path, source), each.kind, self.expr(each.amount, scope))
                for each in update.applies
            ]
        )
        sets = [(self._changed(path, source), self.expr(e, scope)) for path, e in update.sets]
        unsets = [self._changed(path, source) for path in update.unsets]
        self._check_once([*(each.path for each in applies), *(path for path, _ in sets), *unsets])
        for each in [*(each.amount for each in applies), *(value for _, value in sets)]:
            forbid_aggregates(each, "UPDATE", self.text)
        where, order_by = self.maybe(update.where, scope), self._sorting(update.order_by, scope)
        for expr in (where, *(term.expr for term in order_by)):
            forbid_aggregates(expr, "UPDATE", self.text)
        return Update(
            source,
            self._ids(update.ids),
            applies,
            tuple(sets),
            tuple(unsets),
            where,
            order_by,
            self.count(update.limit),
            self.count(update.offset),
            self._returning(update.returning, source),
        )

    def _changed(self, path: Path, source: Source) -> Path:
        """A path to change, without alias."""
        if len(path) > 1 and path[0] == source.alias:
            path = path[1:]
        if path[0] == "_id":
            message = "`_id` never changes; insert the document under another id."
            raise StatementInvalid(message, self.text, self._word("_id"))
        if "" in path:
            raise StatementInvalid("A field has a name that is not empty.", self.text)
        return path

    def _check_once(self, paths: list[Path]) -> None:
        if len(set(paths)) == len(paths):
            return
        twice = next(path for index, path in enumerate(paths) if path in paths[:index])
        message = f"{quoted('.'.join(twice))} is changed twice in one statement."
        raise StatementInvalid(message, self.text, self._word(twice[-1]))

    def _word(self, word: str) -> int | None:
        """Where a word last stands in the text; the tree does not know the places of stars and
        of paths that are changed."""
        at = self.text.rfind(word)
        return at if at >= 0 else None

    def remove(self, remove: Remove) -> Remove:
        check_writable(remove.source, self.text)
        self.sources.append(remove.source)
        scope = Scope({remove.source.alias: remove.source})
        where = self.maybe(remove.where, scope)
        forbid_aggregates(where, "WHERE", self.text)
        limit, ids = self.count(remove.limit), self._ids(remove.ids)
        returning = self._returning(remove.returning, remove.source)
        return Remove(remove.kind, remove.source, ids, where, limit, returning)

    def index(self, statement: CreateIndex | DropIndex) -> CreateIndex | DropIndex:
        check_writable(statement.source, self.text)
        return statement


def place(tree: Any) -> int | None:
    """The offset of the first node of an expression that knows one."""
    at = getattr(tree, "at", None)
    if isinstance(at, int) and not hasattr(tree, "left"):
        return at
    for name in ("left", "operand", "base"):
        if hasattr(tree, name):
            return place(getattr(tree, name))
    return None


_STATEMENTS: Final[dict[type, Callable[[Binder, Any], Any]]] = {
    Select: Binder.select,
    Insert: Binder.insert,
    Update: Binder.update,
    Remove: Binder.remove,
    CreateIndex: Binder.index,
    DropIndex: Binder.index,
    Explain: Binder.explain,
    ExplainSync: Binder.explain_sync,
}
