from __future__ import annotations

import re
from html import escape

import pytest

from datagen import report
from datagen.checks import CheckResult, inspect
from datagen.checks.distributions import chi_square, effect_size, p_value
from datagen.generate import generate
from datagen.presets import Preset

AS_OF = "2026-11-20T18:00:00Z"
LIVELY = Preset("lively", customers=1_500, orders=6_000, recent_share=0.01)


@pytest.fixture(scope="module")
def inspected():
    return inspect(generate(LIVELY, as_of=AS_OF), as_of=AS_OF)


@pytest.fixture(scope="module")
def page(inspected):
    return report.page(*inspected, "lively <set>")


def test_the_page_stands_by_itself(page):
    assert "<script" not in page
    assert not re.search(r'(src|href)="(?!#)', page)
    assert not re.search(r"url\(|@import", page)


def test_the_page_shows_charts_maps_and_every_check(inspected, page):
    assert page.count("<svg") == 8
    assert page.count('class="map"') == 8
    for result in inspected[0]:
        assert result.ok, result.detail
        assert escape(result.name) in page
    assert "lively &lt;set&gt;" in page
    assert f"all {len(inspected[0])} checks pass" in page


def test_what_fails_is_at_the_top(inspected):
    wrong = CheckResult("SKUs are unique", False, "one & another", "do")
    page = report.page([wrong], inspected[1], "x")
    assert "1 of 1 checks fail" in page
    assert "one &amp; another" in page


def test_distributions_are_judged_where_there_is_enough(inspected):
    told = {result.name: result.detail for result in inspected[0]}
    for name in ("years grow as intended", "orders follow the stores' multipliers"):
        assert "degrees of freedom" in told[name]


def test_a_distribution_that_is_off_fails():
    def lopsided():
        for name, document in generate(LIVELY, as_of=AS_OF):
            if name == "customers":
                document = {**document, "primary_store_id": "store_tacoma"}
            yield name, document

    failed = {result.name for result in inspect(lopsided(), as_of=AS_OF)[0] if not result.ok}
    assert "customers follow the stores' shares" in failed


def test_chi_square_agrees_with_the_tables():
    chi, freedom = chi_square({"a": 60, "b": 40}, {"a": 1, "b": 1})
    assert (chi, freedom) == (4.0, 1)
    for critical, degrees in ((3.841, 1), (14.067, 7), (19.675, 11)):
        assert p_value(critical, degrees) == pytest.approx(0.05, abs=0.003)
    assert effect_size(4.0, 1, 100) == pytest.approx(0.173, abs=0.001)
