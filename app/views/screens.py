"""What a screen tells the frame about itself, and the places of the navigation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import flet as ft

from app.domain.roles import Role
from app.state.product import STOCK_KEEPERS


@dataclass(frozen=True, slots=True)
class Screen:
    """A path (`/product/:id`) and the component drawn there; ``place`` is the tab it belongs to."""

    path: str
    component: Callable[[], Any]
    place: str


@dataclass(frozen=True, slots=True)
class Place:
    """A tab of the navigation: its path, its name, its icons, and who sees it."""

    path: str
    label: str
    icon: ft.IconData
    selected_icon: ft.IconData
    roles: frozenset[Role]


EVERYBODY: Final = frozenset(Role)
SELLERS: Final = frozenset({Role.REP, Role.MANAGER, Role.SUPER})
BUILDERS: Final = frozenset({Role.REP})

PLACES: Final = (
    Place(
        "/customers", "Customers", ft.Icons.PEOPLE_OUTLINE, ft.Icons.PEOPLE, frozenset({Role.REP})
    ),
    Place("/find", "Find", ft.Icons.SEARCH, ft.Icons.SEARCH, EVERYBODY),
    Place(
        "/low-stock",
        "Low stock",
        ft.Icons.PRODUCTION_QUANTITY_LIMITS_OUTLINED,
        ft.Icons.PRODUCTION_QUANTITY_LIMITS,
        STOCK_KEEPERS,
    ),
    Place(
        "/catalogue",
        "Catalogue",
        ft.Icons.STOREFRONT_OUTLINED,
        ft.Icons.STOREFRONT,
        frozenset({Role.REP}),
    ),
    Place(
        "/cart",
        "Cart",
        ft.Icons.SHOPPING_CART_OUTLINED,
        ft.Icons.SHOPPING_CART,
        frozenset({Role.REP}),
    ),
    Place("/orders", "Orders", ft.Icons.RECEIPT_LONG_OUTLINED, ft.Icons.RECEIPT_LONG, SELLERS),
    Place("/lab", "Lab", ft.Icons.SCIENCE_OUTLINED, ft.Icons.SCIENCE, EVERYBODY),
)


def places_for(role: Role, screens: tuple[Screen, ...]) -> tuple[Place, ...]:
    """The tabs of a role, of those whose screen exists."""
    paths = {screen.path for screen in screens}
    return tuple(place for place in PLACES if role in place.roles and place.path in paths)
