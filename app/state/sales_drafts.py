"""Orders that are not placed yet, kept on this device so that they survive a restart.

One draft a customer; the one without a customer is filled from the catalogue before anybody is
chosen. Drafts are a note of this replica, not a synced document: nobody else works on them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from app.domain.orders import NO_DISCOUNT, OrderDiscount

if TYPE_CHECKING:
    from sync.local import Replica

DRAFTS_NOTE: Final = "sales.drafts"
NOBODY: Final = ""
"""The key of the draft without a customer."""


@dataclass(slots=True)
class Wanted:
    """One product in a draft."""

    quantity: int
    discount_percent: int = 0


@dataclass(slots=True)
class Draft:
    """What one customer is about to order, in the order it was added."""

    lines: dict[str, Wanted] = field(default_factory=dict)
    note: str = ""
    discount: OrderDiscount = NO_DISCOUNT

    @property
    def empty(self) -> bool:
        """Whether there is nothing worth keeping."""
        return not self.lines and not self.note

    def to_json(self) -> dict[str, Any]:
        """What the replica's note holds."""
        lines = [[pid, each.quantity, each.discount_percent] for pid, each in self.lines.items()]
        discount = [self.discount.percent, self.discount.cents]
        return {"lines": lines, "note": self.note, "discount": discount}

    @classmethod
    def from_json(cls, kept: Any) -> Draft:
        """The inverse; a kept draft is our own, so its shape is trusted. Drafts from before there
        were discounts of the whole order have none."""
        lines = {pid: Wanted(quantity, discount) for pid, quantity, discount in kept["lines"]}
        return cls(lines, kept["note"], OrderDiscount(*kept.get("discount", (0, 0))))


class Drafts:
    """All drafts of a replica, and which one is worked on."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        kept: Any = replica.note(DRAFTS_NOTE) or {"current": NOBODY, "drafts": {}}
        self.current: str = kept["current"]
        self.all = {key: Draft.from_json(each) for key, each in kept["drafts"].items()}

    @property
    def draft(self) -> Draft:
        """The draft that is worked on."""
        return self.all.setdefault(self.current, Draft())

    def choose(self, customer_id: str) -> None:
        """Work on the draft of a customer; a draft without customer becomes theirs."""
        loose = self.all.get(NOBODY)
        theirs = self.all.get(customer_id)
        if loose and not loose.empty and (theirs is None or theirs.empty):
            self.all[customer_id] = self.all.pop(NOBODY)
        self.current = customer_id
        self.save()

    def drop(self) -> Draft:
        """Forget the current draft; it is answered, so that one can have it back."""
        dropped = self.all.pop(self.current, Draft())
        self.current = NOBODY
        self.save()
        return dropped

    def save(self) -> None:
        """Keep everything as it is."""
        self.all = {key: each for key, each in self.all.items() if not each.empty}
        drafts = {key: each.to_json() for key, each in self.all.items()}
        self._replica.set_note(DRAFTS_NOTE, {"current": self.current, "drafts": drafts})
