"""Whether the replicas of the scenario agree, and whether what they agree on is right.

Agreement is judged over everything two devices of one store both hold: the same documents, equal by
full state (values and stamps). What is right is worked out from what was done, not read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from app.comparison import Comparison, compare
from app.domain.collections import INVENTORY, ORDER_ITEMS, ORDERS
from app.domain.times import iso_z
from sync.query import Equals

if TYPE_CHECKING:
    from sync.core.conflicts import Conflict
    from sync.local import LiveQuery, Replica

STOCK: Final = "stock_level"


class Played(Protocol):
    """What of a cast the verdict needs."""

    @property
    def store_id(self) -> str: ...

    @property
    def inventory_id(self) -> str: ...

    @property
    def removed_inventory_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Counted:
    """A count that was made: on which replica, with which clock reading, from what to what."""

    replica_id: str
    hlc: int
    before: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Sold:
    """An order that was placed; ``pieces`` of the counted product."""

    replica_id: str
    hlc: int
    order_id: str
    order_code: str
    item_ids: tuple[str, ...]
    pieces: int


@dataclass(frozen=True, slots=True)
class StockResult:
    """Stock = count - sales after the count."""

    before: int
    counted: int
    sold: int
    sold_after_count: bool
    expected: int
    actual: Mapping[str, Any]
    ok: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class OrderResult:
    """Whether every replica holds the order whole, and never held a part of it."""

    order_code: str
    items: Mapping[str, int]
    together: Mapping[str, bool]
    ok: bool


@dataclass(frozen=True, slots=True)
class ClashResult:
    """A losing write in the conflict history: what, who, where, when, and what beat it."""

    ok: bool
    field: str
    rule: str = ""
    lost: Any = None
    lost_by: str = ""
    lost_on: str = ""
    lost_at: str = ""
    kept: Any = None
    kept_by: str = ""
    kept_on: str = ""
    kept_at: str = ""
    known_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of the scenario; ``ok`` only if everything holds."""

    comparison: Comparison
    stock: StockResult
    order: OrderResult
    note: ClashResult
    removal: ClashResult

    @property
    def converged(self) -> bool:
        """Whether all replicas hold the same."""
        return self.comparison.converged

    @property
    def ok(self) -> bool:
        """Whether they agree and are right."""
        parts = (self.stock.ok, self.order.ok, self.note.ok, self.removal.ok)
        return self.converged and all(parts)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        parts = {name: asdict(getattr(self, name)) for name in ("stock", "order", "note")}
        return {
            "ok": self.ok,
            **self.comparison.to_json(),
            **parts,
            "removal": asdict(self.removal),
        }


@dataclass(slots=True)
class Arrivals:
    """Watches a replica for orders that became visible without all of their items.

    Attach it before the order can arrive; it looks after every single commit.
    """

    replica: Replica
    torn: set[str] = field(default_factory=set)
    _live: LiveQuery | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._live = self.replica.live(ORDERS)
        self._live.on_wake(self._look)

    def together(self, order_id: str) -> bool:
        """Whether the order is here, whole, and was so from its first moment."""
        return order_id not in self.torn and _is_whole(self.replica, order_id)

    def close(self) -> None:
        """Stop watching."""
        if self._live is not None:
            self._live.close()

    def _look(self) -> None:
        assert self._live is not None
        for each in self._live.refresh().inserted:
            if not _is_whole(self.replica, str(each.row["_id"])):
                self.torn.add(str(each.row["_id"]))


def verify(
    replicas: Mapping[str, Replica],
    cast: Played,
    counted: Counted,
    sold: Sold,
    arrivals: Mapping[str, Arrivals] | None = None,
) -> Verdict:
    """The verdict over named replicas; they should have nothing left to exchange.

    ``arrivals`` says for some of them whether the order came in one piece; for the others only
    whether it is whole now.
    """
    pair = {counted.replica_id, sold.replica_id}
    return Verdict(
        comparison=compare(replicas, cast.store_id),
        stock=_stock(replicas, cast, counted, sold),
        order=_order(replicas, sold, arrivals or {}),
        note=_clash(replicas, cast.inventory_id, "notes", "overwritten", pair),
        removal=_clash(replicas, cast.removed_inventory_id, "notes", "soft_deleted", pair),
    )


def _stock(
    replicas: Mapping[str, Replica], cast: Played, counted: Counted, sold: Sold
) -> StockResult:
    after = (sold.hlc, sold.replica_id) > (counted.hlc, counted.replica_id)
    expected = counted.pieces - sold.pieces if after else counted.pieces
    actual = {
        name: (replica.get(INVENTORY, cast.inventory_id) or {}).get(STOCK)
        for name, replica in replicas.items()
    }
    words = (
        f"counted {counted.pieces}, then {sold.pieces} sold: {expected} left"
        if after
        else f"{sold.pieces} sold, then counted {counted.pieces}: the count stands"
    )
    ok = all(value == expected for value in actual.values())
    return StockResult(
        counted.before, counted.pieces, sold.pieces, after, expected, actual, ok, words
    )


def _order(
    replicas: Mapping[str, Replica], sold: Sold, arrivals: Mapping[str, Arrivals]
) -> OrderResult:
    items = {name: len(_items(replica, sold.order_id)) for name, replica in replicas.items()}
    together = {
        name: arrivals[name].together(sold.order_id)
        if name in arrivals
        else _is_whole(replica, sold.order_id)
        for name, replica in replicas.items()
    }
    ok = all(together.values()) and set(items.values()) == {len(sold.item_ids)}
    return OrderResult(sold.order_code, items, together, ok)


def _clash(
    replicas: Mapping[str, Replica], doc_id: str, path: str, rule: str, pair: set[str]
) -> ClashResult:
    """The newest record of a clash between the two replicas; every replica must know it."""
    found: dict[str, Conflict] = {}
    for name, replica in replicas.items():
        for each in replica.conflicts(INVENTORY, doc_id):
            sides = {str(each.loser.replica), str(each.winner.replica)}
            if each.path == (path,) and each.rule == rule and sides == pair:
                newest = found.get(name)
                if newest is None or each.loser.at_ms > newest.loser.at_ms:
                    found[name] = each
    if not found:
        return ClashResult(False, path, rule)
    first = next(iter(found.values()))
    agreed = len({each.id for each in found.values()}) == 1
    loser, winner = first.loser, first.winner
    return ClashResult(
        ok=agreed and len(found) == len(replicas),
        field=path,
        rule=rule,
        lost=loser.value,
        lost_by=loser.user,
        lost_on=loser.replica,
        lost_at=_iso(loser.at_ms),
        kept=winner.value,
        kept_by=winner.user,
        kept_on=winner.replica,
        kept_at=_iso(winner.at_ms),
        known_to=tuple(found),
    )


def _is_whole(replica: Replica, order_id: str) -> bool:
    order = replica.get(ORDERS, order_id)
    return order is not None and len(_items(replica, order_id)) == order.get("item_count")


def _items(replica: Replica, order_id: str) -> list[dict[str, Any]]:
    return replica.find(ORDER_ITEMS, Equals(("order_id",), order_id))


def _iso(ms: int) -> str:
    return iso_z(datetime.fromtimestamp(ms / 1000, UTC))
