"""Wordings that several screens share."""

from __future__ import annotations

import pytest

from app.state.words import signed, specification, units, was_now
from app.widgets.keypad import BACK, CLEAR, press
from app.widgets.location import spoken


@pytest.mark.parametrize(("delta", "text"), [(3, "+3"), (-2, "−2"), (0, "±0"), (1_200, "+1,200")])
def test_a_change_carries_its_sign(delta: int, text: str) -> None:
    assert signed(delta) == text


def test_counting_words() -> None:
    assert (units(1), units(2), was_now(37, 35)) == (
        "1 piece",
        "2 pieces",
        "was 37, now 35 (−2)",
    )


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("warranty_years", 3, ("Warranty", "3 years")),
        ("blade_diameter_in", "6-1/2", ("Blade diameter", "6-1/2 in")),
        ("opening_degrees", 105, ("Opening", "105°")),
        ("coverage_sq_ft", 400, ("Coverage", "400 sq ft")),
        ("dimmable", True, ("Dimmable", "Yes")),
        ("lumens", 1_600, ("Lumens", "1,600")),
        ("brand", "Cascade Forge", ("Brand", "Cascade Forge")),
        ("made_in", "Oregon", ("Made in", "Oregon")),
    ],
)
def test_a_specification_reads_as_people_say_it(
    key: str, value: object, shown: tuple[str, str]
) -> None:
    assert specification(key, value) == shown


def test_keys_make_a_number() -> None:
    digits = ""
    for key in "0352":
        digits = press(digits, key)
    assert digits == "352"
    assert press(digits, BACK) == "35"
    assert press(digits, CLEAR) == ""
    assert press("", "0") == "0"
    assert press("999999", "9") == "999999"


def test_a_place_in_words_for_screen_readers() -> None:
    assert spoken({"aisle": "3", "shelf": "B", "bin": "12"}) == "Aisle 3, shelf B, bin 12"
    assert spoken({"aisle": "3", "shelf": "B"}) == "Aisle 3, shelf B"
    assert spoken(None) == "No location"
