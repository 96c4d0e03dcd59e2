"""What is typed stays, whatever draws the page meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft
import pytest

from app.widgets.field import TextBox
from tests.helpers.flet_harness import Client, start


@ft.observable
@dataclass
class Form:
    """What a form holds, and something else that is drawn with it."""

    text: str = ""
    ticks: int = 0
    spell: Callable[[str], str] = str

    def type(self, text: str) -> None:
        self.text = self.spell(text)


@ft.component
def Screen(form: Form) -> ft.Control:
    return ft.Column([ft.Text(f"{form.ticks}"), TextBox(form.text, form.type, "name")])


@pytest.fixture
def form() -> Form:
    return Form()


async def opened(form: Form) -> Client:
    return await start(lambda page: page.render(Screen, form))


def field(client: Client) -> ft.TextField:
    found = client.find("name")[-1].content
    assert isinstance(found, ft.TextField)
    return found


def put(client: Client, text: str) -> int:
    """The first half of what a client tells of a change: what stands in the field now."""
    client.session.apply_patch(field(client)._i, {"value": text})
    return field(client)._i


def sent_texts(client: Client) -> list[str]:
    return [str(message) for message in client.connection.sent if "'value'" in str(message)]


async def test_a_page_drawn_between_two_halves_of_a_change_loses_nothing(form: Form) -> None:
    client = await opened(form)
    control = put(client, "Nora")
    form.ticks += 1
    await client.settle()
    assert field(client).value == "Nora"
    await client.session.dispatch_event(control, "change", "Nora")
    await client.settle()
    assert form.text == field(client).value == "Nora"


async def test_an_older_change_does_not_take_a_newer_key_back(form: Form) -> None:
    client = await opened(form)
    control = put(client, "N")
    await client.session.dispatch_event(control, "change", "N")
    put(client, "No")
    await client.settle()
    assert field(client).value == "No"
    await client.session.dispatch_event(control, "change", "No")
    await client.settle()
    assert form.text == field(client).value == "No"


async def test_a_text_the_form_changes_is_shown(form: Form) -> None:
    form.spell = str.upper
    client = await opened(form)
    await client.type("name", "bin c")
    assert form.text == field(client).value == "BIN C"
    form.text = ""
    await client.settle()
    assert field(client).value == ""
    form.text = "Quill"
    await client.settle()
    assert field(client).value == "Quill"


async def test_what_is_typed_is_never_sent_back(form: Form) -> None:
    client = await opened(form)
    client.connection.sent.clear()
    for text in ("N", "No", "Nor", "Nora"):
        await client.type("name", text)
        form.ticks += 1
        await client.settle()
    assert not [each for each in sent_texts(client) if "Nor" in each]
