"""Writes to one inventory row, each one transaction, each with its inverse.

A count is a restart of the counter (C4): what was sold before it is absorbed, what is sold after it
counts. An adjustment is an increment, so two of them never overwrite each other. Undo is always a
new write that leaves alone what others did meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from app.domain.codes import label_code, location_text
from app.domain.collections import INVENTORY
from app.domain.errors import DomainError
from app.state.notices import Outcome
from app.state.words import signed, was_now
from app.state.workspace import Workspace

if TYPE_CHECKING:
    from sync.local import Transaction

STOCK: Final = ("stock_level",)
BIN: Final = ("location", "bin")
STOCK_MAX: Final = 999_999
NOTE_LETTERS_MAX: Final = 500
PLACE_LETTERS_MAX: Final = 6
REASONS: Final = ("Received", "Sold", "Damaged", "Returned", "Found", "Missing")


def count(workspace: Workspace, row_id: str, now: int) -> Outcome:
    """Set the stock to what was counted. Raises `DomainError` (stock_count_invalid)."""
    if not 0 <= now <= STOCK_MAX:
        raise DomainError(
            "stock_count_invalid",
            f"{now:,} cannot be a count.",
            f"Enter whole pieces from 0 to {STOCK_MAX:,}.",
        )
    row = _row(workspace, row_id)
    was, counted = int(row.get("stock_level", 0)), row.get("last_counted")
    at = workspace.now_iso()
    with workspace.replica.transaction(author=workspace.profile.user_id) as tx:
        tx.restart(INVENTORY, row_id, STOCK, now)
        tx.update(INVENTORY, row_id, {"last_counted": at, "last_updated": at})
    return Outcome(
        f"Counted: {was_now(was, now)}.",
        lambda: _uncount(workspace, row_id, was - now, counted),
    )


def adjust(workspace: Workspace, row_id: str, delta: int, reason: str) -> Outcome:
    """Add or take away pieces. Raises `DomainError` (stock_adjustment_empty)."""
    if delta == 0:
        raise DomainError(
            "stock_adjustment_empty",
            "Nothing changes by zero.",
            "Choose how many pieces came or went.",
        )
    before = _row(workspace, row_id).get("last_reason")
    _increment(workspace, row_id, delta, reason)
    return Outcome(
        f"{reason}: {signed(delta)}.",
        lambda: _increment(workspace, row_id, -delta, str(before or "Corrected")),
    )


def move(workspace: Workspace, row_id: str, to: Mapping[str, str]) -> Outcome:
    """Give the row another place: aisle and shelf, perhaps a bin.

    Raises `DomainError` (location_incomplete).
    """
    place = {key: str(to.get(key, "")).strip().upper() for key in ("aisle", "shelf", "bin")}
    if (
        not place["aisle"]
        or not place["shelf"]
        or max(map(len, place.values())) > PLACE_LETTERS_MAX
    ):
        raise DomainError(
            "location_incomplete",
            "A place has an aisle and a shelf.",
            "Type both as on the shelf label, or scan the label.",
        )
    before = dict(_row(workspace, row_id).get("location") or {})
    _put(workspace, row_id, place)
    return Outcome(f"Moved to {location_text(place)}.", lambda: _put(workspace, row_id, before))


def write_note(workspace: Workspace, row_id: str, note: str) -> Outcome:
    """Replace the note of the row; an empty one removes it."""
    before = str(_row(workspace, row_id).get("notes") or "")
    _note(workspace, row_id, note.strip()[:NOTE_LETTERS_MAX])
    return Outcome("Note saved.", lambda: _note(workspace, row_id, before))


def _uncount(workspace: Workspace, row_id: str, delta: int, counted: Any) -> None:
    with workspace.replica.transaction(author=workspace.profile.user_id) as tx:
        if delta:
            tx.increment(INVENTORY, row_id, STOCK, delta)
        if counted is None:
            tx.unset(INVENTORY, row_id, ("last_counted",))
        _touch(tx, workspace, row_id, {} if counted is None else {"last_counted": counted})


def _increment(workspace: Workspace, row_id: str, delta: int, reason: str) -> None:
    with workspace.replica.transaction(author=workspace.profile.user_id) as tx:
        tx.increment(INVENTORY, row_id, STOCK, delta)
        _touch(tx, workspace, row_id, {"last_reason": reason})


def _put(workspace: Workspace, row_id: str, place: Mapping[str, Any]) -> None:
    location = {key: value for key, value in place.items() if value}
    fields: dict[str, Any] = {"location": location}
    store_code = _store_code(workspace, row_id)
    if store_code and location.get("aisle") and location.get("shelf"):
        fields["label_code"] = label_code(store_code, location)
    with workspace.replica.transaction(author=workspace.profile.user_id) as tx:
        if "bin" not in location:
            tx.unset(INVENTORY, row_id, BIN)
        _touch(tx, workspace, row_id, fields)


def _store_code(workspace: Workspace, row_id: str) -> str:
    store = workspace.replica.get("stores", str(_row(workspace, row_id).get("store_id")))
    return str((store or {}).get("store_code") or "")


def _note(workspace: Workspace, row_id: str, note: str) -> None:
    with workspace.replica.transaction(author=workspace.profile.user_id) as tx:
        _touch(tx, workspace, row_id, {"notes": note})


def _touch(tx: Transaction, workspace: Workspace, row_id: str, fields: dict[str, Any]) -> None:
    tx.update(INVENTORY, row_id, {**fields, "last_updated": workspace.now_iso()})


def _row(workspace: Workspace, row_id: str) -> dict[str, Any]:
    row = workspace.replica.get(INVENTORY, row_id)
    if row is None:
        raise DomainError(
            "place_gone",
            "This place is no longer on the list.",
            "Go back and open the product again.",
        )
    return row
