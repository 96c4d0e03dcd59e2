"""Role × collection × operation × whose document, over HTTP, by a client that lies.

What should come of it is generated from the rules (those of the built-in file are written out by
hand in ``tests/hub/test_permissions.py``); here a hub has to hold them against a client that never
asked any app: it makes up stores, persons and ids, and pushes batches it wrote itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sync.config import parse_config
from sync.core.batch import Delta
from sync.hub import Account, Hub
from sync.hub.collections import COLLECTIONS, ROLES
from sync.hub.permission_file import PermissionFile
from sync.hub.permission_matrix import (
    ME,
    OTHER_STORE,
    OWN_STORE,
    PLACES,
    Place,
    Verdict,
    sample,
    sample_id,
    verdicts,
)
from sync.hub.permissions import Permissions, built_in, read_permissions
from sync.ids import Collection, Document, ReplicaId
from sync.peer.rules import Rules
from tests.helpers.liar import Liar, born, changed, removed
from tests.web.conftest import PASSWORD, Served

JOINED = Path(__file__).with_name("joined_permissions.yaml")
OWN_MINE, OTHER_THEIRS = Place(True, True), Place(False, False)


@dataclass(frozen=True)
class Case:
    """One write, what should come of it, and how the refusal should read."""

    verdict: Verdict
    delta: Delta
    name: str


@pytest.fixture(params=["built in", "joined"])
def rules(request: pytest.FixtureRequest, hub: Hub) -> Rules:
    """The rules of the built-in file, or of one with SELECTs and lists of fields, in force."""
    file = built_in() if request.param == "built in" else read_permissions(JOINED)
    hub.permissions = Permissions.of(file)
    return hub.permissions.rules


def account(role: str) -> Account:
    return Account("me", ME, role, OWN_STORE, "OWN", "Me")


async def liar(served: Served, role: str, letter: str = "b") -> Liar:
    served.hub.accounts.add(account(role), PASSWORD)
    return await Liar.signed_in(served.client, account(role), letter)


def stock(hub: Hub, *documents: tuple[str, Document]) -> None:
    with hub.replica.transaction() as tx:
        for collection, document in documents:
            tx.upsert(collection, document)


def samples() -> Iterator[tuple[str, Document]]:
    for collection in COLLECTIONS:
        for place in PLACES:
            yield collection, sample(collection, place)


def named(verdict: Verdict) -> str:
    return f"{verdict.operation.replace(' ', '_')}_{verdict.place.word}"


def cases(rules: Rules, role: str) -> Iterator[Case]:
    for verdict in verdicts(rules):
        if verdict.role != role or verdict.operation == "read":
            continue
        name, collection = named(verdict), verdict.collection
        document = _case_document(verdict)
        match verdict.operation:
            case "create":
                delta: Delta = born(collection, document)
            case "delete":
                delta = removed(collection, name)
            case "update":
                delta = changed(collection, name, **{_open_field(rules, role, collection): 7})
            case _:
                stores = {k: v for k, v in document.items() if v in (OWN_STORE, OTHER_STORE)}
                delta = changed(collection, name, **stores)
        yield Case(verdict, delta, name)


def _open_field(rules: Rules, role: str, collection: Collection) -> str:
    grant = rules.grants.get(role, {}).get(collection)
    return grant.only[0] if grant is not None and grant.only else "remark"


def _case_document(verdict: Verdict) -> Document:
    """A sample with an id of its own, by which nothing else refers to it."""
    same, name = sample_id(verdict.collection, verdict.place), named(verdict)
    document = sample(verdict.collection, verdict.place)
    return {field: name if value == same else value for field, value in document.items()}


def _before(case: Case) -> Document | None:
    """The document as it stands before the write; a moved one stands in the other store."""
    verdict = case.verdict
    if verdict.operation == "create":
        return None
    document = _case_document(verdict)
    if verdict.operation.startswith("move"):
        other = sample(verdict.collection, Place(not verdict.place.own_store, verdict.place.mine))
        stores = {k: other[k] for k, v in document.items() if v in (OWN_STORE, OTHER_STORE)}
        document = {**document, **stores}
    return document


@pytest.mark.parametrize("role", ROLES)
async def test_the_hub_sends_what_may_be_read_and_nothing_else(
    served: Served, rules: Rules, role: str
) -> None:
    stock(served.hub, *samples())
    me = await liar(served, role)
    wanted = {
        (verdict.collection, sample_id(verdict.collection, verdict.place))
        for verdict in verdicts(rules)
        if verdict.role == role and verdict.operation == "read" and verdict.allowed
    }
    known = {(name, str(document["_id"])) for name, document in samples()}
    assert await me.reads() & known == wanted


@pytest.mark.parametrize("role", ROLES)
async def test_the_hub_takes_what_may_be_written_and_nothing_else(
    served: Served, rules: Rules, role: str
) -> None:
    wanted = list(cases(rules, role))
    before = [(case.verdict.collection, _before(case)) for case in wanted]
    stock(served.hub, *samples(), *((name, each) for name, each in before if each is not None))
    me = await liar(served, role)
    numbers = [me.batch(case.delta) for case in wanted]
    assert (await me.push()).status_code == 200
    told = await me.outcomes()
    wrong = []
    for case, n in zip(wanted, numbers, strict=True):
        code = None if told[n] is None else told[n].code  # type: ignore[union-attr]
        if (code is None) != case.verdict.allowed:
            wrong.append(f"{case.verdict}: the hub says {told[n]}")
        assert code in (None, "permission_denied", "out_of_scope"), (case.verdict, told[n])
    assert not wrong, "\n".join(wrong)
    for case, was in zip(wanted, before, strict=True):
        if not case.verdict.allowed:
            assert served.hub.replica.get(case.verdict.collection, case.name) == was[1]


@pytest.mark.parametrize("role", ["worker", "rep", "manager"])
async def test_a_field_outside_the_list_is_refused_by_name(
    served: Served, rules: Rules, role: str
) -> None:
    closed: list[tuple[str, str]] = []
    for collection, grant in rules.grants[role].items():
        if grant.changed_to != "false" and (grant.only is not None or grant.never):
            closed.append((collection, grant.never[0] if grant.never else "created_at"))
    stock(served.hub, *samples())
    me = await liar(served, role)
    numbers = {
        me.batch(changed(name, sample_id(name, OWN_MINE), **{field: "mine now"})): (name, field)
        for name, field in closed
    }
    await me.push()
    told = await me.outcomes()
    for n, (name, field) in numbers.items():
        assert str(told[n]) == f"A {role} may not change the field {field} of {name}."
    if role != "manager":
        assert closed


async def test_a_batch_in_the_name_of_another_device_or_person_is_refused(served: Served) -> None:
    stock(served.hub, *samples())
    me = await liar(served, "worker")
    order = {**sample("orders", OWN_MINE), "_id": "forged"}
    n = me.batch(born("orders", order), user="user_somebody")
    await me.push()
    outcome = (await me.outcomes())[n]
    assert outcome is not None
    assert outcome.code == "author_mismatch"
    me.batch(born("orders", order))
    answer = await me.push(replica=ReplicaId("c" * 32))
    assert answer.status_code in (401, 403, 409)
    assert served.hub.replica.get("orders", "forged") is None


async def test_a_role_that_was_taken_away_is_gone_though_the_token_still_names_it(
    served: Served,
) -> None:
    stock(served.hub, *samples())
    me = await liar(served, "super")
    served.hub.accounts.add(account("worker"), PASSWORD)
    n = me.batch(changed("products", sample_id("products", OWN_MINE), base_price=0))
    await me.push()
    outcome = (await me.outcomes())[n]
    assert outcome is not None
    assert outcome.code == "permission_denied"


async def test_a_refused_field_is_not_renewed_by_writing_what_it_holds(served: Served) -> None:
    """Else its stamp would win over what somebody else changes at the same time."""
    stock(served.hub, *samples())
    me = await liar(served, "worker")
    shelf = sample("inventory", OWN_MINE)
    n = me.batch(changed("inventory", shelf["_id"], product_id=shelf["product_id"]))
    await me.push()
    outcome = (await me.outcomes())[n]
    assert outcome is not None
    assert "product_id" in str(outcome)


async def test_a_removed_document_is_not_made_again_by_who_may_make_none(served: Served) -> None:
    shelf = sample("inventory", OWN_MINE)
    stock(served.hub, ("inventory", shelf))
    with served.hub.replica.transaction() as tx:
        tx.delete("inventory", shelf["_id"])
    me = await liar(served, "worker")
    numbers = [
        me.batch(born("inventory", shelf)),
        me.batch(changed("inventory", shelf["_id"], deleted=True)),
    ]
    await me.push()
    told = await me.outcomes()
    assert all(told[n] is not None for n in numbers)
    assert served.hub.replica.get("inventory", shelf["_id"]) is None


async def test_a_soft_delete_is_a_field_that_rules_can_close(served: Served) -> None:
    text = built_in().text.replace("never: [product_id]", "never: [product_id, deleted]")
    file = parse_config(text, "permissions.yaml", PermissionFile)
    stock(served.hub, *samples())
    me, shelf = await liar(served, "worker"), sample_id("inventory", OWN_MINE)
    hidden = me.batch(changed("inventory", shelf, deleted=True, deleted_at="2026-11-21"))
    await me.push()
    served.hub.permissions = Permissions.of(file)
    shown = me.batch(changed("inventory", shelf, deleted=False))
    await me.push()
    told = await me.outcomes()
    assert told[hidden] is None
    assert str(told[shown]) == "A worker may not change the field deleted of inventory."


async def test_an_order_and_its_items_are_judged_together(served: Served) -> None:
    served.hub.permissions = Permissions.of(read_permissions(JOINED))
    stock(served.hub, *samples())
    me = await liar(served, "worker")
    order = {**sample("orders", OWN_MINE), "_id": "new", "order_id": "new"}
    theirs = {**order, "_id": "other", "order_id": "other", "store_id": OTHER_STORE}
    item = {**sample("order_items", OTHER_THEIRS), "_id": "item", "order_id": "new"}
    stolen = sample_id("order_items", OTHER_THEIRS)
    good = me.batch(born("orders", order), born("order_items", item))
    bad = [
        me.batch(born("order_items", {**item, "_id": "a", "order_id": "unheard_of"})),
        me.batch(born("orders", theirs), born("order_items", {**item, "_id": "b"})),
        me.batch(changed("order_items", stolen, order_id="new")),
        me.batch(changed("order_items", "item", order_id=sample_id("orders", OTHER_THEIRS))),
    ]
    await me.push()
    told = await me.outcomes()
    assert told[good] is None
    assert [getattr(told[n], "code", None) for n in bad] == ["out_of_scope"] * len(bad)
