"""Refused changes are opened, corrected, sent again, exported and given up (S3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import flet as ft
import pytest

from app.state.refusal_edit import RefusalEdit
from app.state.refusals import refusals
from app.state.workspace import Workspace
from sync.errors import OutOfScope
from sync.local import Replica
from tests.app.conftest import HAMMER_ROW, SHELF, App
from tests.helpers.replicas import PaperHub, everything_settled, waiting_payloads

Open = Callable[..., Any]
CUSTOMER = {
    "_id": "cust_new",
    "customer_id": "cust_new",
    "first_name": "Rose",
    "last_name": "Samson",
    "email": "rose@example.com",
    "primary_store_id": "store_tacoma",
    "deleted": False,
    "created_at": "2026-11-20T12:00:00Z",
}


def refuse(replica: Replica) -> int:
    """Have the hub refuse one batch of three documents; its number."""
    hub = PaperHub()
    replica.receive([hub.hello()])
    everything_settled(hub, replica)
    with replica.transaction(author="user_ana") as tx:
        tx.insert("customers", CUSTOMER)
        tx.increment("inventory", SHELF, ("stock_level",), -3)
        tx.update("inventory", HAMMER_ROW, {"notes": "broken box", "location": {"bin": "4"}})
    (payload,) = waiting_payloads(replica)
    replica.receive([hub.reject(payload, OutOfScope("It would be in another store."))])
    (refused,) = replica.quarantine()
    return refused.n


def key(edit: RefusalEdit, label: str) -> str:
    return next(each.key for each in edit.fields if each.label == label)


@pytest.fixture
def edit(workspace: Workspace, replica: Replica) -> RefusalEdit:
    return RefusalEdit(workspace, refuse(replica))


def test_the_form_has_the_fields_a_person_decides_about(edit: RefusalEdit) -> None:
    assert [group.name for group in edit.groups] == [
        "Rose Samson",
        "20V Cordless Drill",
        "16 oz Claw Hammer",
    ]
    shown = {each.label: each.was for each in edit.fields}
    assert shown == {
        "First name": "Rose",
        "Last name": "Samson",
        "E-mail": "rose@example.com",
        "Store": "Tacoma",
        "Removed": "no",
        "Stock": "-3",
        "Bin": "4",
        "Note": "broken box",
    }


def test_what_was_corrected_is_written_and_the_rest_as_it_was(
    edit: RefusalEdit, replica: Replica
) -> None:
    before = stock(replica)
    for label, text in (
        ("Store", "seattle"),
        ("Stock", "−2"),
        ("Bin", "5"),
        ("First name", "Rosa"),
    ):
        edit.type(key(edit, label), text)
    outcome = edit.send()
    assert outcome is not None
    assert outcome.message == "4 fields changed. The change goes out again."
    customer = replica.get("customers", "cust_new") or {}
    assert (customer["first_name"], customer["primary_store_id"]) == ("Rosa", "store_seattle")
    assert customer["email"] == "rose@example.com"
    assert stock(replica) == before - 2
    hammer = replica.get("inventory", HAMMER_ROW) or {}
    assert hammer["location"] == {"aisle": "9", "shelf": "A", "bin": "5"}
    assert hammer["notes"] == "broken box"
    assert replica.quarantine() == []
    assert replica.outbox().waiting == 1


def test_nothing_goes_out_while_a_field_is_wrong(edit: RefusalEdit, replica: Replica) -> None:
    edit.type(key(edit, "E-mail"), "rose at home")
    edit.type(key(edit, "Stock"), "a few")
    edit.type(key(edit, "Store"), "Spokane")
    assert edit.send() is None
    assert set(edit.troubles) == {key(edit, each) for each in ("E-mail", "Stock", "Store")}
    assert "Use Seattle, Tacoma." in edit.troubles[key(edit, "Store")]
    assert "rose@example.com" in edit.troubles[key(edit, "E-mail")]
    assert len(replica.quarantine()) == 1
    edit.type(key(edit, "E-mail"), "")
    edit.type(key(edit, "Stock"), "-1")
    edit.type(key(edit, "Store"), "Seattle")
    assert edit.troubles == {}
    assert edit.send() is not None


def test_the_export_names_person_device_reason_and_fields(
    workspace: Workspace, replica: Replica
) -> None:
    refuse(replica)
    (refusal,) = refusals(workspace)
    document = json.loads(refusal.export())
    assert document["person"] == "user_ana"
    assert document["device"]["name"] == "Ana's handheld"
    assert document["reason"]["code"] == refusal.code == "out_of_scope"
    assert [each["id"] for each in document["changes"]] == ["cust_new", SHELF, HAMMER_ROW]
    assert refusal.file_name == f"refused-w1-{refusal.number}.json"


async def opened(app_on: Open) -> tuple[App, int]:
    app: App = await app_on()
    await app.client.tap("demo-ana")
    await app.client.until(lambda: bool(app.client.find("find")))
    n = refuse(app.device.replica)
    app.device.become(state="needs_you", quarantined=1)
    await app.client.tap("sync-pill")
    await app.client.until(lambda: bool(app.client.find(f"refused-{n}")))
    return app, n


async def test_a_change_is_corrected_in_the_sheet(app_on: Open) -> None:
    app, n = await opened(app_on)
    client = app.client
    said = client.says(f"refused-{n}")
    assert "It would be in another store." in said
    assert "Correct the store" in said
    await client.tap(f"edit-{n}")
    await client.type("field-cust_new-email", "nobody")
    await client.tap(f"send-{n}")
    field = client.find("field-cust_new-email")[-1].content
    assert isinstance(field, ft.TextField)
    assert "is no e-mail address" in str(field.error)
    await client.type("field-cust_new-email", "rosa@example.com")
    await client.type("field-cust_new-primary_store_id", "Seattle")
    await client.tap("field-cust_new-deleted-yes")
    await client.tap(f"send-{n}")
    customer = app.device.replica.get("customers", "cust_new") or {}
    assert (customer["email"], customer["deleted"]) == ("rosa@example.com", True)
    assert app.device.replica.quarantine() == []


async def test_it_is_copied_saved_and_given_up_only_after_a_second_press(app_on: Open) -> None:
    app, n = await opened(app_on)
    client = app.client
    await client.tap(f"copy-{n}")
    await client.until(lambda: "on the clipboard" in " ".join(client.texts()))
    await client.tap(f"save-{n}")
    called = [each[1]["name"] for each in client.connection.sent if each[0] == 5]
    assert {"set", "save_file"} <= set(called)
    await client.tap(f"discard-{n}")
    await client.tap(f"keep-{n}")
    assert len(app.device.replica.quarantine()) == 1
    await client.tap(f"discard-{n}")
    await client.tap(f"sure-{n}")
    assert app.device.replica.quarantine() == []


def stock(replica: Replica) -> int:
    return int((replica.get("inventory", SHELF) or {})["stock_level"])
