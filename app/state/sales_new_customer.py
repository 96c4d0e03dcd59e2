"""A customer met on the way: typed in with or without a network, ready for an order at once."""

from __future__ import annotations

from dataclasses import dataclass, field

import flet as ft

from app.domain.collections import CUSTOMERS
from app.domain.customers import FIELDS, FIRST, LAST, Contact, build_customer, is_same, troubles
from app.domain.errors import DomainError
from app.domain.ids import ULID_RANDOM_BITS, customer_id
from app.state.notices import Outcome
from app.state.sales_basket import Basket
from app.state.sales_customers import name_of
from app.state.workspace import Workspace
from sync.query import Equals


@ft.observable
@dataclass
class NewCustomer:
    """The form: what is typed, and what is wrong with it once somebody tried to save."""

    workspace: Workspace
    texts: dict[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    troubles: dict[str, str] = field(default_factory=dict)
    twin: tuple[str, str] | None = None
    """Id and name of a customer who is reached the same way."""
    saved: str = ""
    """Id of the customer saved last."""
    revision: int = 0

    def begin(self, name: str = "") -> None:
        """An empty form; a name that was looked for in vain stands in it already."""
        first, _, last = name.strip().rpartition(" ")
        typed = {FIRST: first or last, LAST: last if first else ""} if _is_name(name) else {}
        self.texts = {**dict.fromkeys(FIELDS, ""), **typed}
        self.troubles, self.twin = {}, None
        self.revision += 1

    def type(self, key: str, text: str) -> None:
        """Take over what stands in a field."""
        self.texts = {**self.texts, key: text}
        self.troubles = {name: said for name, said in self.troubles.items() if name != key}
        self.twin = self._twin()

    def save(self) -> Outcome | None:
        """Write the customer on this device; None while something is wrong or missing."""
        contact, workspace = self._contact(), self.workspace
        self.troubles = troubles(contact)
        if self.troubles:
            return None
        if not workspace.store_id:
            raise DomainError(
                "store_unknown",
                "A customer belongs to a store, and you have none.",
                "Let a rep or a manager of the store enter the customer.",
            )
        who = workspace.profile.user_id
        drawn = int.from_bytes(workspace.entropy.draw(ULID_RANDOM_BITS // 8), "big")
        new_id = customer_id(workspace.clock.now_ms(), drawn)
        document = build_customer(contact, new_id, workspace.store_id, who, workspace.now())
        with workspace.replica.transaction(author=who) as tx:
            tx.insert(CUSTOMERS, document)
        self.saved = new_id
        self.begin()
        return Outcome(f"{name_of(document)} is saved on this device.")

    def order(self) -> None:
        """Begin an order of the customer saved last."""
        self.workspace.keep(Basket).begin(self.saved)

    def close(self) -> None:
        """Nothing to stop."""

    def _contact(self) -> Contact:
        return Contact(**self.texts)

    def _twin(self) -> tuple[str, str] | None:
        contact = self._contact()
        if not contact.email and not contact.phone:
            return None
        found = (
            (str(each["_id"]), name_of(each))
            for each in self.workspace.replica.find(CUSTOMERS, Equals(("deleted",), False))
            if is_same(contact, each)
        )
        return next(found, None)


def _is_name(text: str) -> bool:
    return bool(text.strip()) and not any(letter.isdigit() or letter == "@" for letter in text)
