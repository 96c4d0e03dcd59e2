from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from app.domain import stock
from app.domain.errors import DomainError
from app.domain.times import instant, iso_z

NOW = instant("2026-11-20T18:00:00Z")


@pytest.mark.parametrize(
    ("stock_level", "threshold", "level"),
    [(11, 10, "ok"), (10, 10, "low"), (1, 10, "low"), (0, 10, "out"), (-2, 10, "out")],
)
def test_stock_is_low_at_its_threshold(stock_level, threshold, level):
    row = {"stock_level": stock_level, "reorder_threshold": threshold}
    assert stock.level(row) == level
    assert stock.is_low(row) == (level != "ok")


def test_without_a_threshold_nothing_is_low():
    assert not stock.is_low({"stock_level": 1})
    assert not stock.is_low({"stock_level": 1, "reorder_threshold": None})
    assert stock.level({"stock_level": 0}) == "out"


@pytest.mark.parametrize(
    ("past", "age", "text"),
    [
        (timedelta(seconds=-90), "fresh", "just now"),
        (timedelta(seconds=59), "fresh", "just now"),
        (timedelta(minutes=4), "fresh", "4 min ago"),
        (timedelta(minutes=15), "ageing", "15 min ago"),
        (timedelta(hours=7, minutes=59), "ageing", "7 h ago"),
        (timedelta(hours=8), "stale", "8 h ago"),
        (timedelta(days=2, hours=3), "stale", "2 d ago"),
        (timedelta(days=800), "stale", "2 y ago"),
    ],
)
def test_a_figure_ages_in_words_and_in_trust(past, age, text):
    then = iso_z(NOW - past)
    assert stock.age(then, NOW) == age
    assert stock.age_text(then, NOW) == text


def test_what_was_never_counted_says_never():
    assert stock.age_text(None, NOW) == "never"


def test_the_walk_goes_through_aisles_in_number_order():
    def row(aisle, shelf, bin_):
        return {"location": {"aisle": aisle, "shelf": shelf, "bin": bin_}}

    walk = [row("2", "A", "1"), row("2", "A", "10"), row("2", "B", "2"), row("10", "A", "1")]
    assert sorted(reversed(walk), key=stock.walk_key) == walk
    assert stock.walk_key({}) < stock.walk_key(walk[0])


def test_an_instant_is_utc_whatever_it_came_as():
    pacific = timezone(timedelta(hours=-8))
    assert iso_z(datetime(2026, 11, 20, 10, tzinfo=pacific)) == "2026-11-20T18:00:00Z"
    assert iso_z("2026-11-20T10:00:00-08:00") == "2026-11-20T18:00:00Z"
    assert iso_z(datetime(2026, 11, 20, 18)) == "2026-11-20T18:00:00Z"


def test_text_that_is_no_date_is_refused_by_name():
    with pytest.raises(DomainError) as refused:
        instant("yesterday")
    assert refused.value.code == "instant_invalid"
