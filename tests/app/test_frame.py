"""The frame: who sees which places, which one is lit, and where the back gesture leads."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from app.domain.roles import Role
from app.views.screens import Screen, places_for
from app.views.shell import _go_back, _selected
from tests.app.test_screens import signed_in

SCREENS = tuple(
    Screen(path, lambda: None, place)
    for path, place in (
        ("/find", "/find"),
        ("/product/:id", "/find"),
        ("/customers", "/customers"),
        ("/customers/:id", "/customers"),
        ("/cart", "/cart"),
        ("/lab", "/lab"),
    )
)


def labels(role: Role) -> list[str]:
    return [place.label for place in places_for(role, SCREENS)]


def test_a_role_sees_its_own_places_of_those_that_exist() -> None:
    assert labels(Role.WORKER) == ["Find", "Lab"]
    assert labels(Role.REP) == ["Customers", "Find", "Cart", "Lab"]


@pytest.mark.parametrize(
    ("here", "lit"),
    [
        ("/find", "Find"),
        ("/product/prod_1", "Find"),
        ("/customers/cust_1", "Customers"),
        ("/lab", "Lab"),
        ("/nowhere", "Customers"),
    ],
)
def test_the_place_of_a_path_is_lit(here: str, lit: str) -> None:
    places = places_for(Role.REP, SCREENS)
    assert places[_selected(places, SCREENS, here)].label == lit


@pytest.mark.parametrize(
    ("here", "leads_to"), [("/product/prod_1", "/find"), ("/find", "/customers")]
)
def test_back_leads_to_the_place_and_then_to_the_start(here: str, leads_to: str) -> None:
    went: list[str] = []
    app: Any = SimpleNamespace(go=went.append, session=SimpleNamespace(home="/customers"))
    places = places_for(Role.REP, SCREENS)
    _go_back(app, places, _selected(places, SCREENS, here), here)
    assert went == [leads_to]


async def test_ctrl_k_leads_to_find_and_gives_it_the_keyboard(app_on: Any) -> None:
    app = await signed_in(app_on)
    app.state.go("/product/prod_drill")
    await app.client.until(lambda: bool(app.client.find("do-count")))
    page: Any = app.client.page
    await page.on_keyboard_event(SimpleNamespace(key="K", ctrl=True, meta=False))
    await app.client.until(lambda: bool(app.client.find("find")))
    assert app.client.page.route == "/find"


async def test_a_change_of_size_moves_the_navigation(app_on: Any) -> None:
    app = await signed_in(app_on)
    page: Any = app.client.page
    await page.on_resize(SimpleNamespace(width=1440, height=900))
    assert (app.state.layout.wide, app.state.layout.two_pane) == (True, True)
    await page.on_resize(SimpleNamespace(width=390, height=844))
    assert (app.state.layout.wide, app.state.layout.two_pane) == (False, False)


async def test_a_tab_is_turned_to_although_the_frame_is_drawn_meanwhile(app_on: Any) -> None:
    app = await signed_in(app_on)
    (bar,) = app.client.all(ft.NavigationBar)
    last = len(bar.destinations) - 1
    assert bar.selected_index != last
    app.client.session.apply_patch(bar._i, {"selected_index": last})
    app.state.workspace.sync.notify()  # the pill says something else
    await app.client.settle()
    (bar,) = app.client.all(ft.NavigationBar)
    assert bar.selected_index != last
    await app.client.fire(bar, "change", last)
    await app.client.until(lambda: bool(app.client.page.route == "/lab"))
