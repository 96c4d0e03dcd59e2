"""Changes the hub refused: what was changed, why not, and what one can do about it (S3)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.domain.fields import named, rank, text_of
from app.domain.stock import age_text
from app.state.notices import Outcome
from app.state.sync_status import moment
from app.state.workspace import Workspace

if TYPE_CHECKING:
    from sync.local import Quarantined

LINES_MAX = 5
VALUE_LETTERS_MAX = 60
FIELDS_TOLD_MAX = 4
_TOLD_FIRST = ("stock_level", "quantity", "notes", "location", "status", "total", "base_price")
_NEVER_TOLD = frozenset({"created_at", "updated_at", "last_updated", "deleted"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused batch, in words."""

    workspace: Workspace
    number: int
    code: str
    message: str
    remedy: str
    when: str
    lines: tuple[str, ...]

    def discard(self) -> Outcome:
        """Give the change up for good."""
        self.workspace.replica.discard(self.number)
        self.workspace.sync.refresh()
        return Outcome("The refused change is given up.")

    @property
    def file_name(self) -> str:
        """What its export is called."""
        device = self.workspace.profile.device_code or "device"
        return f"refused-{device}-{self.number}.json".lower()

    def export(self) -> str:
        """The whole change as a JSON text, in the format of the replica."""
        name = self.workspace.profile.device_name
        document = self.workspace.replica.export_refused(self.number, device_name=name)
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

    def resend(self) -> Outcome:
        """Write the change again, once what stood in its way has been put right."""
        self.workspace.replica.resend(self.number, author=self.workspace.profile.user_id)
        self.workspace.sync.refresh()
        return Outcome("The change goes out again.")


def refusals(workspace: Workspace) -> list[Refusal]:
    """What is in quarantine, oldest first."""
    return [_refusal(workspace, each) for each in workspace.replica.quarantine()]


def held(workspace: Workspace, number: int) -> Quarantined | None:
    """What the replica keeps of a refused change."""
    found = (each for each in workspace.replica.quarantine() if each.n == number)
    return next(found, None)


def _refusal(workspace: Workspace, held: Quarantined) -> Refusal:
    lines = [
        f"{document_name(workspace, collection, doc_id, fields)} · {_told(fields)}"
        for collection, doc_id, fields in held.changes
    ]
    more = len(lines) - LINES_MAX
    return Refusal(
        workspace=workspace,
        number=held.n,
        code=held.code,
        message=held.message,
        remedy=held.remedy,
        when=age_text(moment(held.at_ms), workspace.now()),
        lines=(*lines[:LINES_MAX], *([f"and {more} more"] if more > 0 else [])),
    )


def document_name(
    workspace: Workspace, collection: str, doc_id: str, fields: dict[str, Any]
) -> str:
    """A document for people: a product, an order's code, a person, or what kind it is."""
    document = workspace.replica.get(collection, doc_id) or fields
    if "product_id" in document and collection != "products":
        document = workspace.replica.get("products", str(document["product_id"])) or document
    if document.get("first_name") and document.get("last_name"):
        return f"{document['first_name']} {document['last_name']}"
    for field in ("product_name", "order_code", "last_name", "store_name"):
        if document.get(field):
            return str(document[field])
    return collection.replace("_", " ").rstrip("s").capitalize()


def _told(fields: dict[str, Any]) -> str:
    """The fields a person would ask for first, then others, a few of them."""
    shown = [name for name in _TOLD_FIRST if name in fields]
    others = [name for name in fields if name not in (*shown, *_NEVER_TOLD) and name[-3:] != "_id"]
    shown += sorted(others, key=rank)
    told = [f"{named(name, fields[name]).label}: {_short(name, fields)}" for name in shown]
    return ", ".join(told[:FIELDS_TOLD_MAX]) or "removed"


def _short(name: str, fields: dict[str, Any]) -> str:
    text = text_of(named(name, fields[name]).kind, fields[name])
    return text if len(text) <= VALUE_LETTERS_MAX else text[: VALUE_LETTERS_MAX - 1] + "…"
