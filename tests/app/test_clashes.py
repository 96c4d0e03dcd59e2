"""Concurrent changes are told once, with both sides; the losing value comes back with one tap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.state.clashes import Clash, clashes
from app.state.workspace import Workspace
from sync.core.conflicts import Conflict, ConflictSide
from sync.local import Replica
from tests.app.conftest import SHELF
from tests.helpers.flet_device import NOW_MS, SECOND_MS

Told = Callable[..., list[Clash]]


def side(value: Any, user: str, seconds_ago: int = 60) -> ConflictSide:
    return ConflictSide(
        value=value,
        removed=value is None,
        user=user,  # type: ignore[arg-type]
        replica=f"replica_of_{user}",  # type: ignore[arg-type]
        at_ms=NOW_MS - seconds_ago * SECOND_MS,
    )


def conflict(path: tuple[str, ...], lost: Any, kept: Any, **more: Any) -> Conflict:
    return Conflict(
        id=more.get("id", "-".join(path)),
        collection="inventory",
        doc_id=SHELF,
        path=path,
        rule=more.get("rule", "overwritten"),
        loser=side(lost, more.get("loser", "user_ana")),
        winner=side(kept, more.get("winner", "user_cleo")),
    )


@pytest.fixture
def told(workspace: Workspace, replica: Replica, monkeypatch: pytest.MonkeyPatch) -> Told:
    """The clashes of the shelf when the history holds these conflicts."""

    def tell(*history: Conflict) -> list[Clash]:
        monkeypatch.setattr(replica, "conflicts", lambda *_: list(history))
        row = replica.get("inventory", SHELF)
        assert row is not None
        return clashes(workspace, "inventory", row)

    return tell


def write(replica: Replica, fields: dict[str, Any]) -> None:
    with replica.transaction(author="user_cleo") as tx:
        tx.update("inventory", SHELF, fields)


def test_mine_lost_and_comes_back(told: Told, replica: Replica) -> None:
    write(replica, {"notes": "theirs"})
    history = conflict(("notes",), "mine", "theirs")
    (clash,) = told(history)
    assert clash.headline == "Cleo changed this too"
    assert (clash.field, clash.lost, clash.lost_by) == ("Note", "mine", "You")
    assert (clash.kept, clash.kept_by, clash.kept_when) == ("theirs", "Cleo Nakamura", "1 min ago")
    assert (clash.result, clash.restore_label) == ("theirs", "Use mine")
    assert clash.restore is not None
    outcome = clash.restore()
    assert (replica.get("inventory", SHELF) or {})["notes"] == "mine"
    assert told(history) == []
    assert outcome.undo is not None
    outcome.undo()
    assert (replica.get("inventory", SHELF) or {})["notes"] == "theirs"


def test_theirs_lost(told: Told, replica: Replica) -> None:
    write(replica, {"notes": "mine"})
    (clash,) = told(conflict(("notes",), "theirs", "mine", loser="user_cleo", winner="user_ana"))
    assert clash.headline == "Cleo changed this too"
    assert (clash.kept_by, clash.restore_label) == ("You", "Use Cleo’s")


def test_keeping_the_result_settles_it(told: Told, replica: Replica) -> None:
    write(replica, {"notes": "theirs"})
    history = conflict(("notes",), "mine", "theirs")
    (clash,) = told(history)
    clash.keep()
    assert told(history) == []
    assert (replica.get("inventory", SHELF) or {})["notes"] == "theirs"


def test_a_later_write_settles_it_too(told: Told, replica: Replica) -> None:
    write(replica, {"notes": "something newer"})
    assert told(conflict(("notes",), "mine", "theirs")) == []


def test_the_parts_of_a_place_are_one_clash(told: Told, replica: Replica) -> None:
    write(replica, {"location": {"aisle": "9", "shelf": "A"}})
    (clash,) = told(
        conflict(("location", "aisle"), "12", "9"), conflict(("location", "shelf"), "C", "A")
    )
    assert (clash.field, clash.lost, clash.result) == ("Place", "A12 · C · 12", "A9 · A · 12")
    assert clash.restore is not None
    clash.restore()
    location = (replica.get("inventory", SHELF) or {})["location"]
    assert location == {"aisle": "12", "shelf": "C", "bin": "12"}


def test_sales_a_count_absorbed_can_be_applied_as_well(told: Told, replica: Replica) -> None:
    (clash,) = told(
        conflict(("stock_level",), -2, 37, id="one", rule="absorbed"),
        conflict(("stock_level",), -1, 37, id="two", rule="absorbed"),
    )
    assert (clash.lost, clash.kept, clash.restore_label) == (
        "−3",
        "Counted 37",
        "Apply −3 as well",
    )
    assert clash.restore is not None
    outcome = clash.restore()
    assert (replica.get("inventory", SHELF) or {})["stock_level"] == 34
    assert outcome.undo is not None
    outcome.undo()
    assert (replica.get("inventory", SHELF) or {})["stock_level"] == 37


@pytest.mark.parametrize("field", ["last_updated", "label_code", "last_counted", "last_reason"])
def test_fields_that_only_keep_the_books_are_not_told(told: Told, field: str) -> None:
    assert told(conflict((field,), "a", "b")) == []


def test_a_removal_is_told_and_has_nothing_to_put_back(told: Told) -> None:
    (clash,) = told(conflict(("notes",), "mine", True, rule="soft_deleted"))
    assert clash.restore is None
