"""What one can do with the stock of a product, and that each of it can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.domain.errors import DomainError
from app.state.product import ProductState
from app.state.workspace import Workspace
from sync.local import Replica
from tests.app.conftest import DRILL, HAMMER, HAMMER_ROW, OVERSTOCK, SHELF
from tests.helpers.flet_device import BEN


@pytest.fixture
def drill(workspace: Workspace) -> Any:
    state = ProductState(workspace, DRILL)
    yield state
    state.close()


def shelf(replica: Replica) -> dict[str, Any]:
    return replica.get("inventory", SHELF) or {}


def test_the_places_come_in_walking_order_and_the_first_is_chosen(drill: ProductState) -> None:
    assert [place.row_id for place in drill.places] == [SHELF, OVERSTOCK]
    assert drill.place is not None
    assert (drill.place.stock, drill.place.threshold, drill.place.mark) == (37, 10, "saved")
    drill.choose(OVERSTOCK)
    assert drill.place.stock == 4


def test_other_stores_are_told_apart(drill: ProductState) -> None:
    assert [(each.store, each.stock) for each in drill.elsewhere] == [("Tacoma", 6)]


def test_a_count_sets_the_stock_and_undo_brings_the_old_one_back(
    drill: ProductState, replica: Replica
) -> None:
    outcome = drill.count(35)
    assert outcome.message == "Counted: was 37, now 35 (−2)."
    assert shelf(replica)["stock_level"] == 35
    assert shelf(replica)["last_counted"] == "2026-11-20T18:40:00Z"
    assert outcome.undo is not None
    outcome.undo()
    assert shelf(replica)["stock_level"] == 37
    assert shelf(replica)["last_counted"] == "2026-11-18T10:00:00Z"


def test_undoing_a_count_leaves_what_was_sold_meanwhile(
    drill: ProductState, replica: Replica
) -> None:
    outcome = drill.count(35)
    with replica.transaction(author="user_ben") as tx:
        tx.increment("inventory", SHELF, ("stock_level",), -3)
    assert outcome.undo is not None
    outcome.undo()
    assert shelf(replica)["stock_level"] == 34


def test_an_adjustment_adds_to_what_is_there(drill: ProductState, replica: Replica) -> None:
    outcome = drill.adjust(-2, "Damaged")
    assert (outcome.message, shelf(replica)["stock_level"]) == ("Damaged: −2.", 35)
    assert shelf(replica)["last_reason"] == "Damaged"
    assert outcome.undo is not None
    outcome.undo()
    assert shelf(replica)["stock_level"] == 37


def test_a_move_changes_place_and_label_and_can_be_undone(
    drill: ProductState, replica: Replica
) -> None:
    outcome = drill.move("12", "c", "")
    assert outcome.message == "Moved to A12 · C."
    assert shelf(replica)["location"] == {"aisle": "12", "shelf": "C"}
    assert shelf(replica)["label_code"] == "SEA-12-C"
    assert outcome.undo is not None
    outcome.undo()
    assert shelf(replica)["location"] == {"aisle": "3", "shelf": "B", "bin": "12"}
    assert shelf(replica)["label_code"] == "SEA-03-B-12"


def test_a_note_is_replaced_and_brought_back(drill: ProductState, replica: Replica) -> None:
    outcome = drill.write_note("  top shelf is full ")
    assert drill.place is not None
    assert drill.place.note == "top shelf is full"
    assert outcome.undo is not None
    outcome.undo()
    assert shelf(replica)["notes"] == ""


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda state: state.count(-1), "stock_count_invalid"),
        (lambda state: state.count(1_000_000), "stock_count_invalid"),
        (lambda state: state.adjust(0, "Sold"), "stock_adjustment_empty"),
        (lambda state: state.move("", "B", "1"), "location_incomplete"),
        (lambda state: state.move("A-LONG-AISLE", "B", "1"), "location_incomplete"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_remedy(
    drill: ProductState, replica: Replica, act: Callable[[ProductState], Any], code: str
) -> None:
    before = shelf(replica)
    with pytest.raises(DomainError) as caught:
        act(drill)
    assert caught.value.code == code
    assert shelf(replica) == before


def test_a_rep_reads_stock_and_does_not_change_it(workspace_of: Any) -> None:
    state = ProductState(workspace_of(BEN), DRILL)
    assert state.may_change_stock is False
    assert len(state.places) == 2
    state.close()


def test_a_product_the_device_does_not_hold(workspace: Workspace) -> None:
    state = ProductState(workspace, "prod_nothing")
    assert (state.product, state.place, state.may_change_stock) == (None, None, False)
    state.close()


def test_a_place_that_goes_away_is_not_chosen_any_more(
    drill: ProductState, replica: Replica
) -> None:
    with replica.transaction(author="user_cleo") as tx:
        tx.update("inventory", SHELF, {"deleted": True})
    assert [place.row_id for place in drill.places] == [OVERSTOCK]
    assert drill.chosen == OVERSTOCK


def test_an_oversold_place_shows_below_zero(workspace: Workspace, replica: Replica) -> None:
    with replica.transaction(author="user_ben") as tx:
        tx.increment("inventory", HAMMER_ROW, ("stock_level",), -2)
    state = ProductState(workspace, HAMMER)
    assert state.place is not None
    assert (state.place.stock, state.place.level) == (-2, "out")
    state.close()
