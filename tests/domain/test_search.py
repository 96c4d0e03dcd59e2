from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.search import RESULTS_MAX, ProductIndex
from app.domain.times import instant
from app.domain.words import distance, singular, words
from datagen import catalogue

PRODUCTS = catalogue.expand(random.Random(7), instant("2026-11-20T18:00:00Z")).products
INDEX = ProductIndex(PRODUCTS)


def found(text: str, limit: int = 10) -> list[str]:
    return [match.product["product_name"] for match in INDEX.search(text, limit)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("claw hammer", "Claw Hammer"),
        ("hose", "Garden Hose"),
        ("shelf", "Floating Shelf"),
        ("2x4", "2x4 x"),
        ("plywood 3/4", "3/4 in. Birch Plywood"),
        ("blue paint", "Puget Blue"),
        ("paint brush", "Paint Brush"),
        ("light bulb", "LED Bulb"),
        ("hammers", "Hammer"),
        ("gfci", "GFCI Outlet"),
        ("cascade forge sledge", "Sledge Hammer"),
        ("wall pai", "Interior Wall Paint"),
    ],
)
def test_what_a_worker_types_finds_what_is_meant(text, first):
    assert first in found(text)[0]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("hamer", "Hammer"),
        ("cordles dril", "Cordless"),
        ("scredriver", "Screwdriver"),
        ("wrnech", "Wrench"),
        ("polyurethain", "Polyurethane"),
        ("gavlanized nails", "Galvanized"),
        ("toilet flaper", "Toilet Flapper"),
        ("garden hoze 50", "Garden Hose, 5/8 in. x 50 ft"),
        ("lightbulb", "LED Bulb"),
        ("screw driver", "Screwdriver"),
    ],
)
def test_a_slip_of_the_keyboard_still_finds_it(text, first):
    assert first in found(text)[0]


@pytest.mark.parametrize("product", PRODUCTS[::53], ids=lambda product: product["sku"])
def test_an_exact_code_comes_first(product):
    sku = product["sku"]
    for code in (sku, sku.lower(), sku.replace("-", ""), f" {sku} ", product["barcode"]):
        best = INDEX.search(code)[0]
        assert best.product["_id"] == product["_id"]
        assert best.exact


def test_a_upc_a_and_its_ean_13_are_the_same_product():
    bolt = {"_id": "p", "sku": "X-1", "barcode": "0036000291452", "product_name": "Bolt"}
    assert ProductIndex([bolt]).search("036000291452")[0].exact


def test_a_few_digits_are_not_the_start_of_every_barcode():
    assert found("20000") == []


def test_the_start_of_a_code_lists_its_family():
    assert all(match.product["sku"].startswith("PNT-INT") for match in INDEX.search("pnt-int"))


def test_more_words_leave_fewer_products():
    assert set(found("hammer drill", 50)) < set(found("hammer", 50)) | set(found("drill", 50))
    assert all("Drill" in name for name in found("cordless hammer drill"))


def test_a_word_nobody_knows_does_not_hide_the_rest():
    assert "Hammer" in found("zzzzz hammer")[0]


@pytest.mark.parametrize("text", ["", "   ", "!?", "zzzzz", "%_'\""])
def test_nothing_is_found_for_nothing(text):
    assert found(text) == []


def test_a_limit_is_kept():
    assert len(found("in", 3)) == 3
    assert len(INDEX.search("in", 10_000)) == RESULTS_MAX


def test_deleted_products_are_not_found():
    index = ProductIndex([PRODUCTS[0] | {"deleted": True}, PRODUCTS[1]])
    assert len(index) == 1
    assert [match.exact for match in index.search(PRODUCTS[0]["sku"])] == [False]


@given(st.text(max_size=300))
def test_any_text_is_answered_best_first(text):
    scores = [match.score for match in INDEX.search(text, RESULTS_MAX)]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("drill", "drill", 0), ("dril", "drill", 1), ("wrnech", "wrench", 1), ("", "abc", 3)],
)
def test_slips_are_counted(one, other, slips):
    assert distance(one, other) == distance(other, one) == slips


def test_words_keep_sizes_together():
    assert words("1-1/4 in. 2x4, Painter's Café") == ["1-1/4", "in", "2x4", "painters", "cafe"]
    assert [singular(word) for word in ("brushes", "screws", "brass", "gas")] == [
        "brush",
        "screw",
        "brass",
        "gas",
    ]
