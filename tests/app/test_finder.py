"""Find: products by name, SKU or barcode with their place in the own store, kept current."""

from __future__ import annotations

import pytest

from app.domain.stock import Age, Level
from app.state.finder import Finder
from app.state.workspace import Workspace
from sync.local import Replica
from tests.app.conftest import DRILL, HAMMER, SHELF
from tests.helpers.flet_device import CLEO


@pytest.fixture
def finder(workspace: Workspace) -> Finder:
    return workspace.keep(Finder)


def test_a_hit_names_the_place_and_how_far_the_figure_can_be_trusted(finder: Finder) -> None:
    finder.search("drill")
    hit = finder.hits[0]
    assert (hit.product_id, hit.exact, hit.stock, hit.places) == (DRILL, False, 41, 2)
    assert hit.location == {"aisle": "3", "shelf": "B", "bin": "12"}
    assert (hit.level, hit.age, hit.age_words) == (Level.LOW, Age.STALE, "counted 2 d ago")


def test_other_stores_are_left_out(finder: Finder) -> None:
    finder.search("saw")
    assert (finder.hits[0].location, finder.hits[0].stock) == (None, 0)
    assert finder.hits[0].age_words == "never counted"


def test_a_sku_or_barcode_is_an_exact_match(finder: Finder) -> None:
    for code in ("hnd-hammer-002", "2000000000022"):
        finder.search(code)
        assert (finder.hits[0].product_id, finder.hits[0].exact) == (HAMMER, True)


def test_enter_opens_what_the_text_names_and_empties_the_field(finder: Finder) -> None:
    assert finder.submit("PWR-DRILL-001") == DRILL
    assert finder.text == ""
    assert [each.product_id for each in finder.recents] == [DRILL]


def test_enter_on_a_vague_text_opens_nothing(finder: Finder) -> None:
    assert finder.submit("shop") is None
    assert finder.text == "shop"


def test_a_scan_after_a_typed_word_is_still_a_scan(finder: Finder) -> None:
    assert finder.submit("saw2000000000022") == HAMMER


def test_recents_are_the_newest_first_and_survive(finder: Finder, workspace_of) -> None:
    finder.open(DRILL)
    finder.open(HAMMER)
    finder.open(DRILL)
    later = Finder(workspace_of(CLEO))
    assert [each.product_id for each in later.recents] == [DRILL, HAMMER]
    later.close()


def test_hits_follow_the_replica(finder: Finder, replica: Replica) -> None:
    finder.search("drill")
    with replica.transaction(author="user_cleo") as tx:
        tx.increment("inventory", SHELF, ("stock_level",), -30)
        tx.update("products", DRILL, {"product_name": "20V Drill"})
    assert (finder.hits[0].stock, finder.hits[0].name) == (11, "20V Drill")


def test_a_closed_finder_stays_as_it_is(finder: Finder, replica: Replica) -> None:
    finder.search("drill")
    finder.close()
    with replica.transaction(author="user_cleo") as tx:
        tx.increment("inventory", SHELF, ("stock_level",), -30)
    assert finder.hits[0].stock == 41
