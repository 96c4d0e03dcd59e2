"""Colours keep the contrast that a shop floor needs (ux.md a6), in both brightnesses."""

from __future__ import annotations

import pytest

from app.palette import DARK, LIGHT, Palette, contrast

TEXT = [
    ("ink", "paper"),
    ("ink", "card"),
    ("ink", "sunken"),
    ("on_brand", "brand"),
    ("on_brand_soft", "brand_soft"),
    ("on_sign", "sign"),
    ("on_info_soft", "info_soft"),
    ("on_bad_soft", "bad_soft"),
    ("on_bad", "bad"),
    ("on_inverse", "inverse"),
]
QUIET = [
    ("muted", "paper"),
    ("muted", "card"),
    ("muted", "sunken"),
    ("brand", "card"),
    ("ok", "ok_soft"),
    ("warn", "warn_soft"),
    ("bad", "card"),
    ("inverse_brand", "inverse"),
]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 7.0), (QUIET, 4.5), ([("edge", "card")], 3.0)])
def test_contrast(palette: Palette, pairs: list[tuple[str, str]], least: float) -> None:
    ratios = {
        pair: contrast(getattr(palette, pair[0]), getattr(palette, pair[1])) for pair in pairs
    }
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < least} == {}


def test_black_on_white_is_the_largest_contrast() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)
