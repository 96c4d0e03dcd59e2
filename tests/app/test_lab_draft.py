"""A statement being written: its parameters, how it may go on, and those run before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.state.lab_draft import HISTORY_MAX, Draft
from sync.local import Replica
from tests.app.lab_shop import lab_documents
from tests.helpers.flet_device import StillClock, replica_with


@pytest.fixture
def replica() -> Iterator[Replica]:
    replica = replica_with(lab_documents(), StillClock())
    yield replica
    replica.close()


@pytest.fixture
def draft(replica: Replica) -> Draft:
    return Draft(lambda: replica)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SELECT * FROM a WHERE b = :b AND c > :c AND d < :b", ("b", "c")),
        ("SELECT * FROM system:outbox", ()),
        ("SELECT * FROM a WHERE b = 'at 12:30 :no'", ()),
        ("SELECT * FROM a LIMIT :n", ("n",)),
        ("", ()),
    ],
)
def test_the_parameters_are_those_of_the_text(
    draft: Draft, text: str, names: tuple[str, ...]
) -> None:
    draft.type(text)
    assert draft.names == names


def test_an_open_quote_keeps_the_fields_of_the_parameters(draft: Draft) -> None:
    draft.type("SELECT * FROM a WHERE b = :b")
    draft.type("SELECT * FROM a WHERE b = :b AND c = 'x")
    assert draft.names == ("b",)


def test_a_value_is_json_where_it_can_be(draft: Draft) -> None:
    draft.type("SELECT * FROM a WHERE b = :b AND c = :c AND d = :d")
    draft.set_value("b", "5")
    draft.set_value("c", "store_seattle")
    assert draft.args == {"b": 5, "c": "store_seattle", "d": ""}


def test_words_to_go_on_with_come_from_the_replica(draft: Draft) -> None:
    draft.type("SELECT * FROM inv")
    assert draft.offered == ("inventory",)
    draft.complete("inventory")
    assert draft.text == "SELECT * FROM inventory "
    draft.type("SELECT * FROM inventory WHERE loc")
    assert draft.offered[0] == "location.aisle"


def test_a_word_that_is_whole_is_not_offered(draft: Draft) -> None:
    draft.type("SELECT * FROM inventory WHERE deleted = false")
    assert draft.offered == ()


def test_the_field_takes_the_keyboard_when_a_statement_is_put_into_it(draft: Draft) -> None:
    before = draft.focus_calls
    draft.put("SELECT 1 AS one FROM stores")
    assert draft.focus_calls == before + 1


def test_earlier_statements_come_back_and_the_one_begun_too(draft: Draft) -> None:
    for text in ("SELECT 1", "SELECT 2", "SELECT 1"):
        draft.remember(text)
    draft.type("SELECT begun")
    seen = []
    for step in (draft.older, draft.older, draft.older, draft.newer, draft.newer, draft.newer):
        step()
        seen.append(draft.text)
    once, twice = "SELECT 1", "SELECT 2"
    assert seen == [once, twice, twice, once, "SELECT begun", "SELECT begun"]


def test_a_statement_from_the_history_that_is_changed_is_a_new_one(draft: Draft) -> None:
    draft.remember("SELECT 1")
    draft.older()
    assert draft.in_history
    draft.type("SELECT 12")
    assert not draft.in_history
    draft.older()
    draft.newer()
    assert draft.text == "SELECT 12"


def test_what_was_just_run_is_not_brought_back_to_where_it_stands(draft: Draft) -> None:
    draft.remember("SELECT 1")
    draft.type("SELECT 2")
    draft.remember("SELECT 2")
    draft.older()
    assert draft.text == "SELECT 1"


def test_the_devices_file_keeps_the_statements(replica: Replica, draft: Draft) -> None:
    for number in range(HISTORY_MAX + 3):
        draft.remember(f"SELECT {number}")
    again = Draft(lambda: replica)
    again.older()
    assert again.text == f"SELECT {HISTORY_MAX + 2}"
    for _ in range(HISTORY_MAX + 3):
        again.older()
    assert again.text == "SELECT 3"
