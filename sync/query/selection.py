"""Which documents a subscription selects, judged one document at a time (S4).

A subscription is a ``SELECT *`` of one collection, so that what is sent are whole documents and
each is in or out by itself. What the clock says in it counts by the day: a window moves once a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from sync.ids import Collection, Document
from sync.query.functions import FUNCTIONS, Context
from sync.query.meaning import Compiled, compile_expr
from sync.query.nodes import Path
from sync.query.prepared import Prepared, check_arguments, prepared
from sync.query.subscription import Subscription
from sync.query.subscription_errors import SubscriptionInvalid
from sync.query.syntax import Call, Exists, Expr, Field, InQuery, Select, Star

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """One subscription, ready to judge documents. ``day`` is the one it was made for, 0 where it
    does not ask the clock."""

    collection: Collection
    subscription: Subscription
    day: int
    paths: frozenset[Path]
    condition: Compiled | None
    alias: str

    @property
    def name(self) -> tuple[Subscription, int]:
        """Equal for those that select alike."""
        return self.subscription, self.day

    @property
    def is_everything(self) -> bool:
        """Whether it selects the whole collection."""
        return self.condition is None

    def selects(self, document: Document) -> bool:
        """Whether a document, with its ``_id``, is asked for."""
        return self.condition is None or self.condition({self.alias: document}) is True


def selection_of(subscription: Subscription, now_ms: int = 0) -> Selection:
    """What a subscription selects on this day (Unix milliseconds, UTC).

    ``StatementError`` where it is not DQL, ``SubscriptionInvalid`` where it cannot be subscribed.
    """
    made = prepared(subscription.text)
    select = _checked(made)
    check_arguments(made, subscription.arguments)
    day = now_ms // DAY_MS if _asks_the_clock(select) else 0
    context = Context(now_ms=day * DAY_MS)
    where = select.where
    return Selection(
        collection=Collection(select.source.name),
        subscription=subscription,
        day=day,
        paths=frozenset(each.path for each in _parts(where) if isinstance(each, Field)),
        condition=None
        if where is None
        else compile_expr(where, subscription.arguments, context=context),
        alias=select.source.alias,
    )


def _checked(made: Prepared) -> Select:
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
        (any(isinstance(p, InQuery | Exists) for p in _parts(select.where)), "SELECT within it"),
    ):
        if found:
            raise SubscriptionInvalid(f"{what} cannot be subscribed to: whole documents can.")
    return select


def _asks_the_clock(select: Select) -> bool:
    calls = (each for each in _parts(select.where) if isinstance(each, Call))
    return any(FUNCTIONS[call.name].contextual for call in calls)


def _parts(node: Expr | None) -> Iterator[Any]:
    """A node and everything below it."""
    found: list[Any] = [node]
    while found:
        each = found.pop()
        if isinstance(each, tuple):
            found += each
        elif is_dataclass(each):
            yield each
            found += [getattr(each, part.name) for part in fields(each)]
