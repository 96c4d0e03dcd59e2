"""A permission file: what it says becomes rules, and every slip in it is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.collections import SYNCED
from datagen import generate
from sync.errors import ConfigInvalid, OutOfScope, PermissionDenied
from sync.hub.collections import COLLECTIONS, FIELDS
from sync.hub.permission_matrix import markdown
from sync.hub.permissions import built_in, read_permissions
from sync.ids import Collection, Document, UserId
from sync.peer.access import Access, Write
from sync.peer.identity import Identity
from sync.peer.rules import Rules

HEAD = "everything: {roles: [super]}\ncollections:\n"
REST = "".join(
    f"  {name}: [{{roles: [worker], read: true}}]\n" for name in COLLECTIONS if name != "orders"
)
ORDERS = Collection("orders")


def rules_of(folder: Path, orders: str, *, force: bool = False, rest: str = REST) -> Rules:
    path = folder / "permissions.yaml"
    path.write_text(f"{HEAD}  orders:\n{orders}\n{rest}", encoding="utf-8")
    return read_permissions(path, force=force).value.rules()


def mistakes(folder: Path, orders: str, **others: str) -> list[str]:
    with pytest.raises(ConfigInvalid) as caught:
        rules_of(folder, orders, **others)  # type: ignore[arg-type]
    return [f"{each.line}:{each.column}: {each.message}" for each in caught.value.problems]


def worker(rules: Rules) -> Access:
    return rules.access(Identity(UserId("user_me"), "me", "Me", "worker", "store_1", "ONE"))


def change(before: Document | None, after: Document | None, *fields: str) -> Write:
    kind = "create" if before is None else "delete" if after is None else "change"
    return Write(kind, ORDERS, before, after, frozenset(tuple(f.split(".")) for f in fields))


def test_a_collection_or_a_role_with_a_typo_is_named_with_its_neighbour(tmp_path: Path) -> None:
    text = "    - roles: [worker, manger]\n      read: true\n  ordres: []"
    assert mistakes(tmp_path, text) == [
        "4:23: There is no role `manger`; did you mean `manager`?",
        "6:3: There is no collection `ordres`; did you mean `orders`?",
    ]


def test_a_field_with_a_typo_is_named_where_it_stands(tmp_path: Path) -> None:
    text = "    - roles: [worker]\n      read: status = 'open' AND stor_id = $user.store_id"
    assert mistakes(tmp_path, text) == [
        "5:33: There is no field of orders `stor_id`; did you mean `store_id`?"
    ]


def test_a_place_in_a_condition_of_several_lines_is_found(tmp_path: Path) -> None:
    text = (
        "    - roles: [worker]\n      read: >\n        store_id = $user.store_id\n"
        "        AND customer_id IN\n        (SELECT custmer_id FROM customers)"
    )
    assert mistakes(tmp_path, text) == [
        "8:17: There is no field of customers `custmer_id`; did you mean `customer_id`?"
    ]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("store_id = $user.stor_id", "5:24: There is no value of a person `$user.stor_id`; did"),
        ("store_id = = 1", "5:24: `=` is unexpected"),
        ("store_id = :store", "5:24: A rule has no `:store`"),
        ("order_id IN (SELECT order_id FROM order_item)", "5:47: There is no collection"),
        ("lowr(status) = 'x'", "5:13: There is no function"),
        ("store_id = 'x' LIMIT 3", "5:13: LIMIT cannot"),
        ("order_id IN (SELECT order_id FROM orders LIMIT 1)", "5:13: A SELECT within it cannot"),
        ("7", "5:13: A condition is true, false, or text"),
        ("[a]", "5:13: A condition is true, false, or text"),
    ],
)
def test_a_condition_that_is_none_is_refused(tmp_path: Path, condition: str, said: str) -> None:
    found = mistakes(tmp_path, f"    - roles: [worker]\n      read: {condition}")
    assert found[0].startswith(said)


def test_a_role_has_its_rights_in_one_place(tmp_path: Path) -> None:
    text = "    - roles: [worker]\n      read: true\n    - roles: [rep, worker]\n      read: false"
    assert mistakes(tmp_path, text) == ["6:20: The role `worker` has its rights in orders already."]


def test_fields_that_the_hub_does_not_know_can_be_declared(tmp_path: Path) -> None:
    text = "    - roles: [worker]\n      read: gift = true"
    assert "There is no field" in mistakes(tmp_path, text)[0]
    declared = f"{REST}fields: {{orders: [gift]}}\n"
    rights = worker(rules_of(tmp_path, text, rest=declared))
    assert rights.may_read({"_id": "o", "gift": True}, "orders")


@pytest.mark.parametrize(
    "condition",
    [
        "store_id = null",
        "1 = 2",
        "$user.role = 'boss'",
        "status = 'open' AND status = 'paid'",
        "store_id = $user.store_id AND 1 > 2",
        "store_id != null OR $user.role = 'rep'",
    ],
)
def test_a_rule_that_locks_its_roles_out_needs_force(tmp_path: Path, condition: str) -> None:
    text = f"    - roles: [worker]\n      read: {condition}"
    assert mistakes(tmp_path, text) == [
        "5:7: No document can meet this, so it locks worker out; "
        "`force: true` in the file, or --force, takes it."
    ]
    assert not worker(rules_of(tmp_path, text, force=True)).may_read({"_id": "o"}, "orders")


def test_a_collection_that_nobody_may_read_needs_force(tmp_path: Path) -> None:
    text = "    - roles: [worker, rep, manager]\n      read: false"
    assert mistakes(tmp_path, text)[0].startswith("3:3: No role may read orders;")
    forced = f"{REST}force: true\n"
    assert "orders" not in worker(rules_of(tmp_path, text, rest=forced)).read


def test_without_anybody_who_may_everything_each_collection_needs_a_writer(tmp_path: Path) -> None:
    text = "    - roles: [worker]\n      read: true\n      write: true"
    path = tmp_path / "permissions.yaml"
    path.write_text(f"collections:\n  orders:\n{text}\n{REST}", encoding="utf-8")
    with pytest.raises(ConfigInvalid, match="Nobody at all may write stores"):
        read_permissions(path)


def test_a_change_can_be_judged_by_what_was_and_what_would_be(tmp_path: Path) -> None:
    text = (
        "    - roles: [worker]\n      read: true\n      update:\n"
        "        where: store_id = $user.store_id\n        before: status = 'open'\n"
        "        after: status IN ('open', 'paid')\n        fields: [status, notes.inner]\n"
    )
    rights = worker(rules_of(tmp_path, text, rest=f"{REST}fields: {{orders: [notes]}}\n"))
    opened, paid = ({"_id": "o", "store_id": "store_1", "status": s} for s in ("open", "paid"))
    rights.judge_write(change(opened, paid, "status", "notes.inner.deep"))
    with pytest.raises(OutOfScope, match=r"only where \(store_id = store_1\) AND \(status = 'op"):
        rights.judge_write(change(paid, opened, "status"))
    for field in ("total", "notes", "notes.other"):
        with pytest.raises(PermissionDenied, match=f"may not change the field {field} of orders"):
            rights.judge_write(change(opened, paid, field))


def test_writing_is_creating_updating_and_deleting_where_these_are_not_said(tmp_path: Path) -> None:
    text = "    - roles: [worker]\n      read: true\n      write: true\n      delete: false"
    rights = worker(rules_of(tmp_path, text))
    rights.judge_write(change(None, {"_id": "o"}))
    rights.judge_write(change({"_id": "o"}, {"_id": "o"}))
    with pytest.raises(PermissionDenied, match="may add and change orders, but not remove any"):
        rights.judge_write(change({"_id": "o"}, None))


def test_rules_are_the_same_after_a_journey_as_json() -> None:
    rules = built_in().value.rules()
    again = Rules.from_json(rules.to_json())
    assert again == rules
    assert again.digest == rules.digest


def test_the_fields_the_hub_knows_are_those_of_the_data() -> None:
    for collection, document in generate.generate("demo", seed=7, as_of="2026-11-20T18:00:00Z"):
        known = {"_id", "deleted", "deleted_at", *FIELDS.get(collection, ())}
        assert collection not in SYNCED or set(document) <= known, collection


def test_the_page_shows_the_matrix_of_the_built_in_rules() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "permissions.md").read_text("utf-8")
    remedy = "run: zava permissions matrix --markdown"
    assert page.endswith(f"\n\n{markdown(built_in().value.rules())}"), remedy
