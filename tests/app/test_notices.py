"""What just happened is told, with Undo; and no handler ever raises."""

from __future__ import annotations

import logging

import pytest

from app.state.notices import Notices, Outcome, problem
from sync.errors import DatabaseUnwritable


@pytest.fixture
def notices(wake) -> Notices:
    return Notices(wake)


async def test_an_outcome_is_shown_with_its_undo(notices: Notices) -> None:
    undone: list[str] = []
    await notices.guard(lambda: Outcome("Counted.", lambda: undone.append("count")))()
    assert notices.current is not None
    assert notices.current.message == "Counted."
    notices.undo()
    assert undone == ["count"]
    assert notices.current.message == "Undone."


async def test_a_handler_that_fails_says_so_and_does_not_raise(
    notices: Notices, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise KeyError("aisle")

    with caplog.at_level(logging.ERROR):
        await notices.guard(broken)()
    assert notices.current is not None
    assert notices.current.code == "unexpected"
    assert "aisle" in caplog.text


async def test_an_error_raised_on_purpose_keeps_its_words(notices: Notices) -> None:
    async def full() -> None:
        raise DatabaseUnwritable("The disk is full.")

    await notices.guard(full)()
    assert notices.current is not None
    assert notices.current.code == "database_unwritable"
    assert notices.current.message == "The disk is full."
    assert notices.current.remedy == DatabaseUnwritable.remedy


async def test_an_undo_that_fails_is_told_too(notices: Notices) -> None:
    def broken() -> None:
        raise DatabaseUnwritable("The disk is full.")

    await notices.guard(lambda: Outcome("Moved.", broken))()
    await notices.guard(notices.undo)()
    assert notices.current is not None
    assert notices.current.kind == "problem"


def test_time_takes_a_notice_away_and_a_new_one_starts_anew(notices: Notices, wake) -> None:
    notices.show(problem(DatabaseUnwritable("First.")))
    notices.show(problem(DatabaseUnwritable("Second.")))
    assert len(wake.waiting) == 1
    wake.waiting[0]()
    assert notices.current is None
