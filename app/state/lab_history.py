"""The conflict history as the lab lists it: what lost, to what, who, where, when, by which rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app.domain.codes import location_text
from app.domain.collections import INVENTORY, PRODUCTS
from app.state.clashes import QUIET_FIELDS
from app.state.sync_status import moment
from app.state.words import signed

if TYPE_CHECKING:
    from sync.core.conflicts import Conflict, ConflictSide
    from sync.device import Device
    from sync.local import Replica

SHOWN_MAX: Final = 12
READ_MAX: Final = 200

_FIELDS = {"notes": "Note", "location": "Place", "stock_level": "Stock", "deleted": "Removed"}
_RULES = {
    "overwritten": "the later write stands",
    "absorbed": "counted before, so the count has it",
    "deleted": "the document was deleted",
    "soft_deleted": "removed by the other; the edit is kept inside",
    "revived": "written to after it was deleted, so it lives",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two writes."""

    value: str
    who: str
    device: str
    when: str


@dataclass(frozen=True, slots=True)
class Record:
    """One losing write."""

    id: str
    title: str
    field: str
    lost: Side
    kept: Side
    rule: str
    on_both: bool
    """Whether both devices have the record; after they agreed they must."""


def records(devices: Mapping[str, Device]) -> tuple[Record, ...]:
    """What both histories hold, newest first, without fields that follow from others."""
    known: dict[str, list[tuple[Replica, Conflict]]] = {}
    for device in devices.values():
        for each in device.replica.conflicts(limit=READ_MAX):
            if each.path and each.path[0] not in QUIET_FIELDS:
                known.setdefault(each.id, []).append((device.replica, each))
    newest = sorted(known.values(), key=_when, reverse=True)[:SHOWN_MAX]
    return tuple(_record(held, len(held) == len(devices)) for held in newest)


def _when(held: list[tuple[Replica, Conflict]]) -> tuple[int, str]:
    conflict = held[0][1]
    return max(conflict.loser.at_ms, conflict.winner.at_ms), conflict.id


def _record(held: list[tuple[Replica, Conflict]], on_both: bool) -> Record:
    replica, conflict = held[0]
    field = conflict.path[0]
    name = ".".join(conflict.path[1:])
    return Record(
        id=conflict.id,
        title=_title(replica, conflict),
        field=_FIELDS.get(field, field.replace("_", " ").capitalize())
        + (f" {name}" if name else ""),
        lost=_side(replica, conflict.loser, field, conflict.rule == "absorbed"),
        kept=_kept(replica, conflict),
        rule=_RULES[conflict.rule],
        on_both=on_both,
    )


def _kept(replica: Replica, conflict: Conflict) -> Side:
    if conflict.rule == "soft_deleted":
        return _side(replica, conflict.winner, "deleted", False)
    return _side(replica, conflict.winner, conflict.path[0], False)


def _side(replica: Replica, side: ConflictSide, field: str, counted: bool) -> Side:
    return Side(
        value=signed(int(side.value)) if counted else _shown(field, side),
        who=str((replica.get("users", side.user) or {}).get("display_name") or side.user),
        device=str((replica.get("devices", side.replica) or {}).get("device_name") or ""),
        when=f"{moment(side.at_ms):%H:%M:%S} UTC",
    )


def _shown(field: str, side: ConflictSide) -> str:
    value: Any = side.value
    if field == "deleted":
        return "removed" if value else "kept"
    if side.removed or value in (None, ""):
        return "empty"
    return location_text(value) if isinstance(value, dict) else str(value)


def _title(replica: Replica, conflict: Conflict) -> str:
    document = replica.get(conflict.collection, conflict.doc_id) or {}
    if conflict.collection == INVENTORY:
        document = replica.get(PRODUCTS, str(document.get("product_id"))) or document
    for key in ("product_name", "order_code", "last_name"):
        if document.get(key):
            return str(document[key])
    return conflict.collection.replace("_", " ")
