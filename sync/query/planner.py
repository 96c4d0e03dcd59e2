"""From a bound SELECT to a plan. Pure: what is known of the data is in the catalogue.

Order of the nodes, inside out: access, joins, WHERE, GROUP BY, HAVING, ORDER BY, columns, LIMIT.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce

from sync.query.access import ID, Choice, Order, Wish, choose, shown, statement_of, wanted_index
from sync.query.aggregates import AGGREGATES
from sync.query.errors import JoinNeedsIndex
from sync.query.meaning.subqueries import free_names
from sync.query.plan import (
    Catalogue,
    CountScan,
    Filter,
    Group,
    Index,
    Limit,
    NestedLoop,
    Node,
    Ordered,
    Place,
    Plan,
    Project,
    Scan,
)
from sync.query.syntax import (
    ArrayOf,
    Binary,
    Call,
    Expr,
    Field,
    Join,
    Select,
    Source,
)
from sync.query.terms import AllOf, Among, parts_of, terms_of
from sync.query.walk import aliases_in, nodes_in


def plan_select(select: Select, catalogue: Catalogue, *, lenient: bool = False) -> Plan:
    """The plan of a bound SELECT. ``JoinNeedsIndex`` for a join that could only scan, unless the
    plan is ``lenient`` because it is only to be shown."""
    return _Planner(catalogue, lenient).plan(select)


class _Planner:
    def __init__(self, catalogue: Catalogue, lenient: bool) -> None:
        self._catalogue = catalogue
        self._lenient = lenient
        self._reasons: list[str] = []
        self._advice: list[Index] = []
        self._outer: frozenset[str] = frozenset()

    def plan(self, select: Select) -> Plan:
        select = right_joins_turned(select)
        self._outer = _outer_aliases(select)
        calls = _aggregates(select)
        if self._is_plain_count(select, calls):
            node: Node = Group(CountScan(_place(select.source)), (), calls)
        else:
            node = self._rows(select, calls)
        if select.having is not None:
            node = Filter(node, select.having)
        if select.order_by:
            node = Ordered(node, select.order_by, self._given(node, select))
        aliases = (select.source.alias, *(join.source.alias for join in select.joins))
        node = Project(node, select.columns, aliases, select.distinct)
        if select.limit is not None or select.offset is not None:
            node = Limit(node, select.limit, select.offset)
        reasons, advice = dict.fromkeys(self._reasons), dict.fromkeys(self._advice)
        return Plan(node, calls, tuple(reasons), tuple(advice))

    def _rows(self, select: Select, calls: tuple[Call, ...]) -> Node:
        """The rows before HAVING and ORDER BY."""
        is_grouped = bool(calls or select.group_by)
        node = self._first(select, is_grouped)
        known = self._outer | {select.source.alias}
        early, late = _split(select.where, known, bool(select.joins))
        node = node if early is None else Filter(node, early)
        for join in select.joins:
            node = self._join(node, join, known)
            known |= {join.source.alias}
        node = node if late is None else Filter(node, late)
        return Group(node, select.group_by, calls) if is_grouped else node

    def _first(self, select: Select, is_grouped: bool) -> Node:
        source = select.source
        terms = terms_of(select.where, source.alias, self._outer)
        if select.ids is not None:
            wanted = Among(ID, ArrayOf(select.ids))
            terms = AllOf((wanted, *(p for p in parts_of(terms) if getattr(p, "path", 0) != ID)))
        order = None if is_grouped or select.joins else self._order(select)
        short = select.limit is not None
        wish = Wish(_place(source), terms, order, short, source.index)
        return self._chosen(wish).access

    def _order(self, select: Select) -> Order | None:
        """The order that an index could give: of a plain field, the first of ORDER BY."""
        if not select.order_by or select.source.name in self._catalogue.unsettled:
            return None
        first = select.order_by[0]
        field = first.expr
        if not isinstance(field, Field) or field.alias != select.source.alias or not field.path:
            return None
        return None if field.path == ID else (field.path, first.descending)

    def _join(self, outer: Node, join: Join, known: frozenset[str]) -> Node:
        source = join.source
        terms = terms_of(join.on, source.alias, known)
        wish = Wish(_place(source), terms, hint=source.index)
        access = self._chosen(wish).access
        is_refused = isinstance(access, Scan) and source.index is None and not source.system
        if is_refused and not self._lenient:
            raise _unindexed(join, wish)
        return NestedLoop(outer, access, "left" if join.kind == "left" else "inner", join.on)

    def _chosen(self, wish: Wish) -> Choice:
        choice = choose(wish, self._catalogue)
        self._reasons += choice.reasons
        wanted = wanted_index(wish) if isinstance(choice.access, Scan) else None
        if wanted is not None and wish.hint is None:
            self._advice.append(wanted)
        return choice

    def _is_plain_count(self, select: Select, calls: tuple[Call, ...]) -> bool:
        """Whether nothing but the number of documents is asked for."""
        narrowed = (select.where, select.ids, select.having, select.group_by, select.joins)
        if any(narrowed) or select.source.system or not calls:
            return False
        if select.source.name in self._catalogue.unsettled:
            return False
        return all(call.star and call.name == "count" for call in calls)

    def _given(self, node: Node, select: Select) -> int:
        """How many terms of ORDER BY the access answers."""
        while isinstance(node, Filter):
            node = node.input
        return int(bool(getattr(node, "order", None))) if select.order_by else 0


def _split(
    where: Expr | None, known: frozenset[str], is_joined: bool
) -> tuple[Expr | None, Expr | None]:
    """The parts of WHERE that can be judged before the joins, and those that cannot."""
    if where is None or not is_joined:
        return where, None
    parts = list(_conjuncts(where))
    early = [part for part in parts if aliases_in(part) <= known]
    late = [part for part in parts if part not in early]
    return _joined(early), _joined(late)


def _conjuncts(expr: Expr) -> Iterator[Expr]:
    if isinstance(expr, Binary) and expr.op == "AND":
        yield from _conjuncts(expr.left)
        yield from _conjuncts(expr.right)
    else:
        yield expr


def _joined(parts: list[Expr]) -> Expr | None:
    return reduce(lambda left, right: Binary("AND", left, right), parts) if parts else None


def _place(source: Source) -> Place:
    return Place(source.name, source.alias, source.system)


def _outer_aliases(select: Select) -> frozenset[str]:
    """The aliases of statements around this one, whose rows are known while it runs."""
    own = {select.source.alias, *[join.source.alias for join in select.joins]}
    if aliases_in(select) <= own:
        return frozenset()
    return frozenset(name.alias for name in free_names(select) if isinstance(name, Field))


def right_joins_turned(select: Select) -> Select:
    """``a RIGHT JOIN b`` as ``b LEFT JOIN a``; it can only be the first join."""
    if not select.joins or select.joins[0].kind != "right":
        return select
    first, *others = select.joins
    hint = first.source.index if select.source.index is None else select.source.index
    turned = Join("left", replace(select.source, index=hint), first.on)
    return replace(select, source=first.source, joins=(turned, *others))


def _aggregates(select: Select) -> tuple[Call, ...]:
    """The aggregates of a SELECT itself, each once."""
    parts = (select.columns, select.having, select.order_by)
    found = [
        node
        for node in nodes_in(parts, into_selects=False)
        if isinstance(node, Call) and node.name in AGGREGATES
    ]
    return tuple(dict.fromkeys(found))


def _unindexed(join: Join, wish: Wish) -> JoinNeedsIndex:
    wanted = wanted_index(wish)
    name = shown((join.source.name,))
    if wanted is None:
        return JoinNeedsIndex(
            f"The join with {name} compares no field of it with what is known before.",
            at=join.source.at,
        )
    fields = ", ".join(shown(path) for path, _ in wanted.paths)
    return JoinNeedsIndex(
        f"The join looks {name} up by {fields}, for which there is no index; "
        f"`{statement_of(wanted)}` makes one.",
        at=join.source.at,
    )
