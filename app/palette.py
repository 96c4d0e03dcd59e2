"""The colours of Zava, light and dark, as plain values that a test can measure.

Evergreen for what one can press, the yellow of an aisle sign for where a thing stands, paper and
ink for the rest. Text on its ground reaches 7:1, quiet text and marks 4.5:1 (ux.md a6).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """One brightness. ``*_soft`` is a tinted ground, ``on_*`` is the text that stands on it."""

    paper: str
    card: str
    sunken: str
    raised: str
    ink: str
    muted: str
    line: str
    edge: str
    brand: str
    on_brand: str
    brand_soft: str
    on_brand_soft: str
    sign: str
    on_sign: str
    info: str
    info_soft: str
    on_info_soft: str
    ok: str
    ok_soft: str
    warn: str
    warn_soft: str
    bad: str
    on_bad: str
    bad_soft: str
    on_bad_soft: str
    inverse: str
    on_inverse: str
    inverse_brand: str


LIGHT = Palette(
    paper="#F5F4EF",
    card="#FFFFFF",
    sunken="#E9E8E1",
    raised="#FFFFFF",
    ink="#16201C",
    muted="#4A5650",
    line="#D9D8CF",
    edge="#848C86",
    brand="#00513B",
    on_brand="#FFFFFF",
    brand_soft="#D3EBDF",
    on_brand_soft="#003A2A",
    sign="#FFC72C",
    on_sign="#1A1500",
    info="#0B4F8A",
    info_soft="#D9E9F8",
    on_info_soft="#07345C",
    ok="#0F6B42",
    ok_soft="#D6F0E0",
    warn="#7A4B00",
    warn_soft="#FFEBC2",
    bad="#A3211B",
    on_bad="#FFFFFF",
    bad_soft="#FBDFDC",
    on_bad_soft="#6B120E",
    inverse="#202B26",
    on_inverse="#F3F5F0",
    inverse_brand="#8ADDB9",
)

DARK = Palette(
    paper="#0F1412",
    card="#18201C",
    sunken="#222B27",
    raised="#1D2622",
    ink="#EEF2EE",
    muted="#AFBBB4",
    line="#2E3934",
    edge="#76847D",
    brand="#7FD9B3",
    on_brand="#00291C",
    brand_soft="#0B4635",
    on_brand_soft="#C9F5E0",
    sign="#FFC72C",
    on_sign="#1A1500",
    info="#9CCBF7",
    info_soft="#123854",
    on_info_soft="#D5EAFC",
    ok="#7ADBA8",
    ok_soft="#123E2A",
    warn="#FFC868",
    warn_soft="#463105",
    bad="#FFB3AB",
    on_bad="#5A0B08",
    bad_soft="#5C1A16",
    on_bad_soft="#FFDAD6",
    inverse="#E6EBE6",
    on_inverse="#18201C",
    inverse_brand="#00513B",
)


def luminance(colour: str) -> float:
    """Relative luminance of ``#RRGGBB`` (WCAG 2.2)."""

    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
