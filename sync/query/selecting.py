"""Making selections: from a subscription, and from the condition of a rule about a person.

A subscription is a ``SELECT *`` of one collection, so that what is sent are whole documents and
each is in or out by itself. What the clock says counts by the day: a window moves once a day.
``$user.name`` is a value of the person, whom the hub knows and nobody can give out to be another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from sync.ids import Collection, Json
from sync.query.errors import ParameterMissing, nearest, quoted
from sync.query.evaluate import MISSING
from sync.query.functions import FUNCTIONS, Context
from sync.query.inner import Asked, asked_of
from sync.query.meaning import Compiled, compile_expr
from sync.query.meaning.parts import Row
from sync.query.meaning.subqueries import names_beyond
from sync.query.nodes import EVERYTHING, Node, Path
from sync.query.prepared import Prepared, check_arguments, prepared
from sync.query.related import Related
from sync.query.selection import DAY_MS, Inner, Probe, Selection, both, named
from sync.query.subscription import Subscription
from sync.query.subscription_errors import SubscriptionInvalid
from sync.query.syntax import (
    Binary,
    Call,
    Constant,
    Exists,
    Expr,
    Field,
    InQuery,
    Parameter,
    Select,
    Star,
)
from sync.query.terms import Among, Same, node_of, terms_of
from sync.query.unparse import text_of
from sync.query.values import Value, kind
from sync.query.walk import nodes_in
from sync.query.words import name_text

Reading: TypeAlias = Callable[[Collection], Selection]
"""Which documents of a collection a SELECT within a subscription may look at: those its person may
read. Raises a ``SubscriptionError`` for a collection that is closed."""

_RELATED = "\0related"
"""Where a row holds what answers the SELECTs within; no alias can begin like this."""


def selection_of(
    subscription: Subscription,
    now_ms: int = 0,
    user: Mapping[str, Json] | None = None,
    reading: Reading | None = None,
) -> Selection:
    """What a subscription of a person selects on this day (Unix milliseconds, UTC). Without a
    ``user`` it is only checked: nobody is meant.

    ``StatementError`` where it is not DQL, ``SubscriptionInvalid`` where it cannot be subscribed.
    """
    made = prepared(subscription.text)
    select = _whole_documents(made)
    return _selection(made, select, subscription.arguments, now_ms, user, reading)


def rule_of(
    collection: Collection, condition: str, user: Mapping[str, Json], now_ms: int = 0
) -> Selection:
    """The documents of a collection for which a condition of DQL is true, for one person.

    ``StatementError`` where it is no condition, ``SubscriptionInvalid`` where a SELECT within it
    cannot be followed."""
    made = prepared(f"SELECT * FROM {name_text(collection)} WHERE {condition}")
    return _selection(made, _whole_documents(made), {}, now_ms, user, None)


def _selection(
    made: Prepared,
    select: Select,
    args: Mapping[str, Json],
    now_ms: int,
    user: Mapping[str, Json] | None,
    reading: Reading | None,
) -> Selection:
    values = {**args, **_person(made, user)}
    check_arguments(made, values)
    day = now_ms // DAY_MS if _asks_the_clock(select) else 0
    maker = _Maker(values, day, reading)
    return maker.selection(select.source.name, select.source.alias, select.where)


def _person(made: Prepared, user: Mapping[str, Json] | None) -> dict[str, Json]:
    """The values of ``$user`` that a statement names."""
    known = {f"$user.{name}": value for name, value in (user or {}).items()}
    asked = {name: each for name, each in made.parameters.items() if name.startswith("$")}
    for name, parameter in asked.items():
        if user is not None and name not in known:
            near = nearest(name, known)
            hint = f" Did you mean {quoted(near)}?" if near else ""
            message = f"Nothing of a person is called {quoted(name)}.{hint}"
            raise ParameterMissing(message, made.text, parameter.at, nearest=near)
    return {name: known.get(name) for name in asked}


def _whole_documents(made: Prepared) -> Select:
    select = made.statement
    if not isinstance(select, Select):
        raise SubscriptionInvalid("It is no SELECT.")
    for found, what in (
        (select.source.system, "A system collection"),
        (select.columns != (Star(),), "A projection"),
        (select.distinct, "DISTINCT"),
        (select.ids is not None, "USE IDS"),
        (select.joins, "JOIN"),
        (select.group_by or select.having is not None, "GROUP BY"),
        (select.order_by, "ORDER BY"),
        (select.limit is not None or select.offset is not None, "LIMIT"),
    ):
        if found:
            raise SubscriptionInvalid(f"{what} cannot be subscribed to: whole documents can.")
    return select


def _asks_the_clock(select: Select) -> bool:
    calls = (each for each in nodes_in(select) if isinstance(each, Call))
    return any(each.name in FUNCTIONS and FUNCTIONS[each.name].contextual for each in calls)


class _Maker:
    """Makes the selections of one condition, those of the SELECTs within it too."""

    def __init__(self, args: Mapping[str, Json], day: int, reading: Reading | None) -> None:
        self._args = args
        self._day = day
        self._context = Context(now_ms=day * DAY_MS)
        self._reading = reading

    def selection(self, collection: str, alias: str, where: Expr | None) -> Selection:
        name = named(Collection(collection), *self._text(where))
        if where is None or (isinstance(where, Constant) and where.value is True):
            return Selection(Collection(collection), name, self._day, is_plain=True)
        probes: list[Probe] = []
        inners: dict[int, Inner] = {}

        def within(node: InQuery | Exists, part: Callable[[Expr], Compiled]) -> Compiled:
            asked = asked_of(node, alias)
            inner = self._inner(asked)
            inners[id(node.select)] = inner
            probes.append(Probe(inner, tuple(_path(each, alias) for each in asked.outer)))
            return _lookup(inner, [part(each) for each in asked.outer], isinstance(node, InQuery))

        condition = compile_expr(where, self._args, context=self._context, within=within)
        return Selection(
            collection=Collection(collection),
            name=name,
            day=self._day,
            paths=_paths(where, alias),
            probes=tuple(probes),
            judge=lambda document, related: condition({alias: document, _RELATED: related}) is True,
            narrow=self._narrowing(where, alias, inners),
            is_plain=_is_plain(where, alias),
        )

    def _inner(self, asked: Asked) -> Inner:
        source = asked.source
        own = self.selection(source.name, source.alias, asked.where)
        if self._reading is not None:
            own = both(own, self._reading(own.collection))
        parts = [self._compiled(each) for each in asked.inner]
        alias = source.alias
        return Inner(
            name=named(own.collection, own.name, *self._text(*asked.inner)),
            selection=own,
            links=asked.links,
            paths=frozenset().union(*(_paths(each, alias) for each in asked.inner)),
            parts=lambda document: tuple([part({alias: document}) for part in parts]),
        )

    def _compiled(self, expr: Expr) -> Compiled:
        return compile_expr(expr, self._args, context=self._context)

    def _text(self, *exprs: Expr | None) -> list[Json]:
        """What is read and by which values: the same for those that mean the same."""
        texts: list[Json] = [None if each is None else text_of(each) for each in exprs]
        used = {each.name for each in nodes_in(exprs) if isinstance(each, Parameter)}
        values: dict[str, Json] = {name: self._args[name] for name in sorted(used)}
        return [*texts, values, self._day]

    def _narrowing(
        self, where: Expr, alias: str, inners: Mapping[int, Inner]
    ) -> Callable[[Related], Node]:
        terms = terms_of(where, alias, frozenset())
        sets = {key: inner for key, inner in inners.items() if inner.links == 0}

        def narrow(related: Related) -> Node:
            lists = {key: related.answers(inner).scalars() for key, inner in sets.items()}
            if None in lists.values():
                return EVERYTHING
            return node_of(
                terms,
                lambda expr: self._compiled(expr)({}),
                lambda select: lists[id(select)] or (),
            )

        return narrow


def _lookup(inner: Inner, outer: list[Compiled], is_in: bool) -> Compiled:
    """Whether an inner SELECT has a document with these parts. Unlike IN elsewhere, what it yields
    of another type than the value says nothing of it: one odd document must not empty devices."""

    def run(row: Row) -> Value:
        parts = tuple([part(row) for part in outer])
        if is_in and kind(parts[-1]) is None:
            return MISSING
        key = inner.key(parts)
        return key is not None and row[_RELATED].answers(inner).has(key)

    return run


def _is_plain(where: Expr, alias: str) -> bool:
    """Whether a condition is nothing but fields that equal values or are among them."""
    if isinstance(where, Binary) and where.op == "AND":
        return _is_plain(where.left, alias) and _is_plain(where.right, alias)
    return isinstance(terms_of(where, alias, frozenset()), Same | Among)


def _path(expr: Expr, alias: str) -> Path | None:
    """The field that an expression is, if it is one of the document itself."""
    return expr.path if isinstance(expr, Field) and expr.alias == alias and expr.path else None


def _paths(tree: Expr, alias: str) -> frozenset[Path]:
    """The fields of a document that a condition looks at, from within its SELECTs too."""
    names = names_beyond(tree, frozenset())
    return frozenset(n.path for n in names if isinstance(n, Field) and n.alias == alias)
