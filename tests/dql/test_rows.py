"""An answer as lines of a table, and what is new in it."""

from __future__ import annotations

from app.dql.answers import COLUMNS_MAX
from app.dql.rows import ROWS_MAX, Rows, rows_of


def lines(rows: Rows) -> list[str]:
    return ["|".join(rows.head), *("|".join(row.cells) for row in rows.rows)]


def test_columns_are_as_wide_as_their_widest_cell_and_numbers_stand_on_the_right() -> None:
    items = [{"name": "Saw", "stock": 7}, {"name": "Hammer", "stock": 120}]
    assert lines(rows_of(items)) == ["name  |stock", "Saw   |    7", "Hammer|  120"]


def test_nothing_has_no_columns() -> None:
    assert rows_of([]) == Rows()


def test_a_long_answer_shows_its_first_rows_and_tells_how_many_there_are() -> None:
    rows = rows_of([{"n": number} for number in range(ROWS_MAX + 5)])
    assert (len(rows.rows), rows.total) == (ROWS_MAX, ROWS_MAX + 5)


def test_columns_beyond_what_fits_are_counted() -> None:
    rows = rows_of([{f"c{number:02}": number for number in range(COLUMNS_MAX + 3)}])
    assert (len(rows.head), rows.columns_left_out) == (COLUMNS_MAX, 3)


def test_a_new_row_and_the_cells_that_changed_are_marked_until_one_has_seen_them() -> None:
    items = [{"_id": "a", "n": 1, "note": "x"}, {"_id": "b", "n": 2}, {"_id": "c", "n": 3}]
    rows = rows_of(items, frozenset({2}), {0: {"_id": "a", "n": 0, "note": "x"}})
    assert [row.mark for row in rows.rows] == ["changed", "", "new"]
    assert [set(row.changed) for row in rows.rows] == [{1}, set(), set()]
    assert rows.without_marks() == rows_of(items)


def test_a_value_that_went_missing_has_changed() -> None:
    rows = rows_of([{"_id": "a"}, {"_id": "b", "n": 1}], was={0: {"_id": "a", "n": None}})
    assert rows.rows[0].changed == {1}
