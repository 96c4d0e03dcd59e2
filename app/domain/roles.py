"""Who uses the app, and the screen each role starts on.

What a role may read and write is decided by the hub; these are only the names both sides share.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from app.domain.errors import DomainError

SUPER_USER_ID: Final = "00000000-0000-0000-0000-000000000000"
"""The all-zero id of the super manager, who sees every store (DESIGN §2)."""


class Role(StrEnum):
    """A worker finds and counts, a rep sells, a manager watches one store, a super manager all."""

    WORKER = "worker"
    REP = "rep"
    MANAGER = "manager"
    SUPER = "super"


class Home(StrEnum):
    """The screen a role starts on."""

    FIND = "find"
    CUSTOMERS = "customers"


HOMES: Final = {
    Role.WORKER: Home.FIND,
    Role.REP: Home.CUSTOMERS,
    Role.MANAGER: Home.FIND,
    Role.SUPER: Home.FIND,
}

TITLES: Final = {
    Role.WORKER: "Store worker",
    Role.REP: "Sales rep",
    Role.MANAGER: "Store manager",
    Role.SUPER: "Super manager",
}


def home(role: str) -> Home:
    """The home of a role's name. Raises `DomainError` (role_unknown)."""
    return HOMES[role_of(role)]


def role_of(name: str) -> Role:
    """The role with this name. Raises `DomainError` (role_unknown)."""
    if name not in Role.__members__.values():
        raise DomainError(
            "role_unknown",
            f"There is no role called {name!r}.",
            f"Use one of: {', '.join(Role)}.",
        )
    return Role(name)
