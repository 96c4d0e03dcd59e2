"""The customers a rep has on the device: one's own first, found by name, phone or e-mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import flet as ft

from app.state.live import LiveRows
from app.state.workspace import Workspace

SHOWN_MAX: Final = 60
PHONE_DIGITS_MIN: Final = 3
"""Fewer digits in a row would find half the list."""


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer in the list."""

    customer_id: str
    name: str
    phone: str
    email: str
    mine: bool


@ft.observable
@dataclass
class CustomerList:
    """``rows`` are those that match, one's own customers first."""

    workspace: Workspace
    text: str = ""
    rows: tuple[CustomerRow, ...] = ()
    total: int = 0
    known: int = 0
    _live: LiveRows = field(init=False, repr=False)
    _all: list[tuple[CustomerRow, str, str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        present = "SELECT * FROM customers WHERE deleted = false"
        self._live = self.workspace.observe(present, self._changed)
        self._changed()

    def search(self, text: str) -> None:
        """Look for a text; every word must be found."""
        self.text = text
        self._show()

    def close(self) -> None:
        """Stop following the replica."""
        self._live.close()

    def _changed(self) -> None:
        me = self.workspace.profile.user_id
        found = [_searchable(row, me) for row in self._live.rows]
        self._all = sorted(found, key=lambda each: (not each[0].mine, each[0].name.casefold()))
        self.known = len(self._all)
        self._show()

    def _show(self) -> None:
        asked = self.text.casefold().split()
        digits = "".join(letter for letter in self.text if letter.isdigit())
        by_phone = len(digits) >= PHONE_DIGITS_MIN and not any(c.isalpha() for c in self.text)
        matching = [
            row
            for row, words, phone in self._all
            if (by_phone and digits in phone) or all(word in words for word in asked)
        ]
        if asked:  # who is called like that comes before who is written to like that
            matching.sort(key=lambda row: (not row.mine, not _begins(row.name, asked[0])))
        self.total = len(matching)
        self.rows = tuple(matching[:SHOWN_MAX])


def name_of(customer: dict[str, Any]) -> str:
    """First and last name."""
    return f"{customer.get('first_name', '')} {customer.get('last_name', '')}".strip()


def _searchable(customer: dict[str, Any], me: str) -> tuple[CustomerRow, str, str]:
    row = CustomerRow(
        customer_id=str(customer["_id"]),
        name=name_of(customer),
        phone=str(customer.get("phone", "")),
        email=str(customer.get("email", "")),
        mine=customer.get("assigned_rep_id") == me,
    )
    digits = "".join(letter for letter in row.phone if letter.isdigit())
    return row, f"{row.name} {row.email}".casefold(), digits


def _begins(name: str, word: str) -> bool:
    return any(part.startswith(word) for part in name.casefold().split())
