"""Small wordings that several screens share."""

from __future__ import annotations


def signed(delta: int) -> str:
    """A change with its sign in real typography: `+3`, `−2`, `±0`."""
    if delta == 0:
        return "±0"
    return f"+{delta:,}" if delta > 0 else f"−{-delta:,}"


def units(count: int) -> str:
    """`1 piece`, `12 pieces`."""
    return f"{count:,} piece" + ("" if count == 1 else "s")


def many(count: int, thing: str) -> str:
    """`1 line`, `3 lines`."""
    return f"1 {thing}" if count == 1 else f"{count:,} {thing}s"


def was_now(was: int, now: int) -> str:
    """What a count changes: `was 37, now 35 (−2)`."""
    return f"was {was:,}, now {now:,} ({signed(now - was)})"


_UNITS = {
    "_sq_ft": "sq ft",
    "_g_per_l": "g/L",
    "_in_lb": "in-lb",
    "_lbs_pair": "lb a pair",
    "_lbs_shelf": "lb a shelf",
    "_degrees": "°",
    "_hours": "hours",
    "_years": "years",
    "_gallons": "gal",
    "_gal": "gal",
    "_gpm": "gpm",
    "_psi": "psi",
    "_lbs": "lb",
    "_ah": "Ah",
    "_ka": "kA",
    "_qt": "qt",
    "_ft": "ft",
    "_in": "in",
    "_w": "W",
    "_f": "°F",
}


def specification(key: str, value: object) -> tuple[str, str]:
    """A specification's name and value: `warranty_years: 10` reads `Warranty`, `10 years`."""
    measured = str(value)[:1].isdigit() and not isinstance(value, bool)
    suffix = next((each for each in _UNITS if measured and key.endswith(each)), "")
    name = key.removesuffix(suffix).replace("_", " ")
    if isinstance(value, bool):
        text = "Yes" if value else "No"
    else:
        text = f"{value:,}" if isinstance(value, int) else str(value)
    unit = _UNITS.get(suffix, "")
    gap = "" if not unit or unit.startswith("°") else " "
    return name[:1].upper() + name[1:], f"{text}{gap}{unit}"
