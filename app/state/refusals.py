"""Changes the hub refused: what was changed, why not, sending it again and giving it up (S3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.domain.stock import age_text
from app.state.notices import Outcome
from app.state.sync_status import moment
from app.state.workspace import Workspace

if TYPE_CHECKING:
    from sync.local import Quarantined

LINES_MAX = 5
VALUE_LETTERS_MAX = 60
_FIELDS = {
    "stock_level": "Stock",
    "notes": "Note",
    "location": "Location",
    "reorder_threshold": "Reorder at",
    "status": "Status",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused batch, in words."""

    workspace: Workspace
    number: int
    message: str
    remedy: str
    when: str
    lines: tuple[str, ...]

    def discard(self) -> Outcome:
        """Give the change up for good."""
        self.workspace.replica.discard(self.number)
        self.workspace.sync.refresh()
        return Outcome("The refused change is given up.")

    def resend(self) -> Outcome:
        """Write the change again, once what stood in its way has been put right."""
        self.workspace.replica.resend(self.number, author=self.workspace.profile.user_id)
        self.workspace.sync.refresh()
        return Outcome("The change goes out again.")


def refusals(workspace: Workspace) -> list[Refusal]:
    """What is in quarantine, oldest first."""
    return [_refusal(workspace, each) for each in workspace.replica.quarantine()]


def _refusal(workspace: Workspace, held: Quarantined) -> Refusal:
    lines = [
        f"{_name(workspace, collection, doc_id)} · {_told(fields)}"
        for collection, doc_id, fields in held.changes
    ]
    more = len(lines) - LINES_MAX
    return Refusal(
        workspace=workspace,
        number=held.n,
        message=held.message,
        remedy=held.remedy,
        when=age_text(moment(held.at_ms), workspace.now()),
        lines=(*lines[:LINES_MAX], *([f"and {more} more"] if more > 0 else [])),
    )


def _name(workspace: Workspace, collection: str, doc_id: str) -> str:
    document = workspace.replica.get(collection, doc_id) or {}
    if "product_id" in document and collection != "products":
        document = workspace.replica.get("products", document["product_id"]) or document
    for field in ("product_name", "order_code", "last_name", "store_name"):
        if document.get(field):
            return str(document[field])
    return collection.replace("_", " ").rstrip("s").capitalize()


def _told(fields: dict[str, Any]) -> str:
    shown = {name: value for name, value in fields.items() if name in _FIELDS} or fields
    return ", ".join(f"{_FIELDS.get(name, name)}: {_short(value)}" for name, value in shown.items())


def _short(value: Any) -> str:
    if isinstance(value, dict):
        value = " · ".join(str(part) for part in value.values())
    text = str(value)
    return text if len(text) <= VALUE_LETTERS_MAX else text[: VALUE_LETTERS_MAX - 1] + "…"
