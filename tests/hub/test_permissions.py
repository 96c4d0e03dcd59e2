"""The built-in rules: role × collection × operation × own or other store, written out by hand."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from sync.errors import OutOfScope, PermissionDenied
from sync.hub.collections import COLLECTIONS, ROLES
from sync.hub.permissions import access, built_in
from sync.ids import Collection, Document, UserId
from sync.peer.access import Access, Write
from sync.peer.identity import Identity

OWN, OTHER = "store_seattle", "store_tacoma"
ALL_ZERO = UserId("00000000-0000-0000-0000-000000000000")
OPERATIONS = ("read", "create", "update", "delete")

# One letter an operation the role has: own store / any other store. The words of the issue.
WORKER = {
    "stores": "r/r",
    "categories": "r/r",
    "product_types": "r/r",
    "products": "r/r",
    "users": "r/-",
    "devices": "r/-",
    "customers": "rcud/-",
    "inventory": "ru/-",
    "orders": "rcud/-",
    "order_items": "rcud/-",
}
EXPECTED = {
    "worker": WORKER,
    "rep": {**WORKER, "inventory": "ru/r"},
    "manager": {**WORKER, "inventory": "rcud/-"},
    "super": dict.fromkeys(WORKER, "rcud/rcud"),
}


def someone(role: str, *, user_id: str = "user_me", store: str = OWN) -> Access:
    return access(Identity(UserId(user_id), "me", "Me", role, store, "SEA"))


def document(collection: str, store: str) -> Document:
    field = "primary_store_id" if collection == "customers" else "store_id"
    return {"_id": "one", field: store, "user_id": "user_somebody"}


def judge(
    rights: Access, collection: str, before: Document | None, after: Document | None, *fields: str
) -> None:
    kind = "create" if before is None else "delete" if after is None else "change"
    touched = frozenset((field,) for field in fields)
    rights.judge_write(Write(kind, Collection(collection), before, after, touched))


def allowed(rights: Access, operation: str, collection: str, store: str) -> bool:
    there = document(collection, store)
    if operation == "read":
        return rights.may_read(there, collection)
    before = None if operation == "create" else there
    after = None if operation == "delete" else there
    try:
        judge(rights, collection, before, after)
    except (PermissionDenied, OutOfScope) as error:
        assert collection in str(error)
        assert str(error).endswith(".")
        return False
    return True


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_the_matrix(role: str, collection: str) -> None:
    rights = someone(role)
    own, other = EXPECTED[role][collection].split("/")
    found = {
        (operation, store)
        for operation, store in product(OPERATIONS, (OWN, OTHER))
        if allowed(rights, operation, collection, store)
    }
    wanted = {
        (operation, store)
        for store, letters in ((OWN, own), (OTHER, other))
        for operation in OPERATIONS
        if operation[0] in letters
    }
    assert found == wanted


def test_the_matrix_knows_every_collection() -> None:
    assert set(WORKER) == set(COLLECTIONS)


def test_the_file_in_config_is_the_one_that_is_built_in() -> None:
    root = Path(__file__).resolve().parents[2]
    assert (root / "config" / "permissions.yaml").read_text(encoding="utf-8") == built_in().text


@pytest.mark.parametrize("role", ["worker", "rep", "manager"])
@pytest.mark.parametrize("collection", ["inventory", "orders", "order_items", "customers"])
def test_nothing_moves_between_stores(role: str, collection: str) -> None:
    rights = someone(role)
    mine, theirs = document(collection, OWN), document(collection, OTHER)
    with pytest.raises(OutOfScope, match=f"{collection} only where .* is {OWN}.*would be"):
        judge(rights, collection, mine, theirs)
    with pytest.raises(OutOfScope, match=f"{collection} only where .* is {OWN}.* was "):
        judge(rights, collection, theirs, mine)


def test_a_forbidden_field_is_named() -> None:
    mine = document("inventory", OWN)
    judge(someone("worker"), "inventory", mine, {**mine, "notes": "x"}, "notes")
    with pytest.raises(PermissionDenied, match="may not change the field product_id of inventory"):
        judge(someone("worker"), "inventory", mine, mine, "notes", "product_id")


def test_what_one_may_not_do_is_said_beside_what_one_may() -> None:
    with pytest.raises(PermissionDenied, match="A rep may change inventory, but not remove any"):
        judge(someone("rep"), "inventory", document("inventory", OWN), None)
    with pytest.raises(PermissionDenied, match="may read products, but not write any"):
        judge(someone("manager"), "products", None, {"_id": "p"})


def test_everybody_reads_their_own_user_and_devices() -> None:
    rights = someone("worker")
    for collection in ("users", "devices"):
        assert rights.may_read({"_id": "x", "user_id": "user_me", "store_id": OTHER}, collection)
        assert not rights.may_read({"_id": "x", "user_id": "user_you"}, collection)


def test_the_all_zero_user_may_everything_whatever_the_role() -> None:
    rights = someone("worker", user_id=ALL_ZERO, store="")
    assert rights.may_read(document("orders", OTHER), "orders")
    judge(rights, "products", None, {"_id": "p"})


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
@pytest.mark.parametrize("collection", ["accounts", "secrets", "identity", "", "orders; --"])
def test_unknown_collections_are_refused(role: str, collection: str) -> None:
    rights = someone(role)
    assert not rights.may_read({"_id": "x", "store_id": OWN}, collection)
    with pytest.raises(PermissionDenied, match="no collection"):
        judge(rights, collection, None, {"_id": "x", "store_id": OWN})


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_an_unknown_role_has_no_rights(collection: str) -> None:
    rights = someone("nobody")
    assert not any(allowed(rights, each, collection, OWN) for each in OPERATIONS)


@pytest.mark.parametrize("collection", ["orders", "customers", "inventory"])
@pytest.mark.parametrize("store", [{}, {"store_id": "", "primary_store_id": ""}])
def test_a_document_without_a_store_belongs_to_nobody(collection: str, store: Document) -> None:
    rights, nowhere = someone("worker", store=""), {"_id": "x", **store}
    assert not rights.may_read(nowhere, collection)
    with pytest.raises(OutOfScope):
        judge(rights, collection, nowhere, nowhere)
