"""What somebody else changed at the same time: mine, theirs, the result, and putting mine back.

The engine merges by itself and keeps every losing write (C5). A person is told afterwards, once per
field, and can have the other value back with one tap, which is a new write like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.domain.codes import location_text
from app.domain.collections import HOUSEKEEPING
from app.domain.stock import age_text
from app.state.notices import Outcome
from app.state.sync_status import moment
from app.state.words import signed
from app.state.workspace import Workspace

if TYPE_CHECKING:
    from sync.core.conflicts import Conflict

SEEN_NOTE = "app.seen_conflicts"
SEEN_MAX = 500
QUIET_FIELDS = HOUSEKEEPING | {"label_code", "last_counted", "last_reason"}
"""Fields that follow from another one; a clash on them tells nothing new."""

_LABELS = {
    "notes": "Note",
    "location": "Place",
    "stock_level": "Stock",
    "reorder_threshold": "Reorder at",
    "deleted": "On the list",
}


@dataclass(frozen=True, slots=True)
class Clash:
    """One field that two people changed without knowing of each other."""

    ids: tuple[str, ...]
    headline: str
    field: str
    lost: str
    lost_by: str
    lost_when: str
    kept: str
    kept_by: str
    kept_when: str
    result: str
    restore_label: str
    restore: Callable[[], Outcome] | None
    keep: Callable[[], None]


def clashes(workspace: Workspace, collection: str, document: dict[str, Any]) -> list[Clash]:
    """The clashes on a document that nobody has looked at here and that still matter."""
    doc_id = str(document["_id"])
    seen = _seen(workspace)
    groups: dict[tuple[str, str, str], list[Conflict]] = {}
    for each in workspace.replica.conflicts(collection, doc_id):
        if not each.path or each.path[0] in QUIET_FIELDS or each.id in seen:
            continue
        if _stands(each, document):
            groups.setdefault((each.path[0], each.loser.replica, each.rule), []).append(each)
    return [_clash(workspace, collection, document, group) for group in groups.values()]


def _stands(conflict: Conflict, document: dict[str, Any]) -> bool:
    """Whether the winner's value is still the one on show; a later write settles the matter."""
    if conflict.rule != "overwritten":
        return True
    return _at(document, conflict.path) == conflict.winner.value


def _clash(
    workspace: Workspace, collection: str, document: dict[str, Any], group: list[Conflict]
) -> Clash:
    first = group[0]
    lost_by, kept_by = workspace.person(first.loser.user), workspace.person(first.winner.user)
    other = kept_by if lost_by == "You" else lost_by
    absorbed = first.rule == "absorbed"
    now = workspace.now()
    lost, restored = _lost(document, group)
    whose = "mine" if lost_by == "You" else f"{lost_by.split()[0]}’s"
    what = f"Apply {lost} as well" if absorbed else f"Use {whose}"
    ids = tuple(each.id for each in group)
    return Clash(
        ids=ids,
        headline=f"{other.split()[0]} changed this too",
        field=_LABELS.get(first.path[0], first.path[0].replace("_", " ").capitalize()),
        lost=lost,
        lost_by=lost_by,
        lost_when=age_text(moment(first.loser.at_ms), now),
        kept=f"Counted {first.winner.value}" if absorbed else _kept(document, first),
        kept_by=kept_by,
        kept_when=age_text(moment(first.winner.at_ms), now),
        result=_shown(first.path[0], document.get(first.path[0])),
        restore_label=what,
        restore=_restorer(workspace, collection, document, group, restored),
        keep=lambda: _mark_seen(workspace, ids),
    )


def _lost(document: dict[str, Any], group: list[Conflict]) -> tuple[str, Any]:
    """The losing value in words, and the value to write to have it back."""
    first = group[0]
    if first.rule == "absorbed":
        total = sum(int(each.loser.value) for each in group)
        return signed(total), total
    if len(first.path) == 1:
        return _shown(first.path[0], first.loser.value), first.loser.value
    whole = dict(document.get(first.path[0]) or {})
    whole |= {each.path[1]: each.loser.value for each in group if len(each.path) == 2}
    return _shown(first.path[0], whole), whole


def _kept(document: dict[str, Any], conflict: Conflict) -> str:
    field = conflict.path[0]
    value = conflict.winner.value if len(conflict.path) == 1 else document.get(field)
    return _shown(field, value)


def _restorer(
    workspace: Workspace,
    collection: str,
    document: dict[str, Any],
    group: list[Conflict],
    value: Any,
) -> Callable[[], Outcome] | None:
    first, doc_id = group[0], str(document["_id"])
    if first.rule not in ("overwritten", "absorbed") or value is None:
        return None
    field = first.path[0]
    before = document.get(field)

    def write(new: Any, counted: bool) -> None:
        with workspace.replica.transaction(author=workspace.profile.user_id) as tx:
            if counted:
                tx.increment(collection, doc_id, first.path, new)
            else:
                tx.update(collection, doc_id, {field: new})

    def restore() -> Outcome:
        counted = first.rule == "absorbed"
        write(value, counted)
        _mark_seen(workspace, [each.id for each in group])
        return Outcome("Put back.", lambda: write(-value if counted else before, counted))

    return restore


def _shown(field: str, value: Any) -> str:
    if value is None or value == "":
        return "empty"
    if field == "location" and isinstance(value, dict):
        return location_text(value)
    if field == "deleted":
        return "removed" if value else "kept"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _at(document: Any, path: Iterable[str]) -> Any:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _seen(workspace: Workspace) -> set[str]:
    kept = workspace.replica.note(SEEN_NOTE)
    return {str(each) for each in kept} if isinstance(kept, list) else set()


def _mark_seen(workspace: Workspace, ids: Iterable[str]) -> None:
    kept = workspace.replica.note(SEEN_NOTE)
    before = [str(each) for each in kept] if isinstance(kept, list) else []
    workspace.replica.set_note(SEEN_NOTE, [*before, *ids][-SEEN_MAX:])
