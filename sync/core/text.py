"""JSON texts, in the two spellings the engine has. The one door to a faster JSON library.

``orjson`` is used where it is installed and makes no difference: a phone without it reads and
writes the same bytes (docs/decisions/0013-orjson.md, ``tests/laws/test_texts.py``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sync.ids import Json

_sorted = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode
_in_order = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode

canonical: Callable[[Json], str] = _sorted
"""The one JSON text of a checked value: sorted keys, no spaces, no escapes that are not needed."""
compact: Callable[[Json], str] = _in_order
"""The same with keys in the order they have."""
parse: Callable[[str | bytes], Any] = json.loads
"""The value of a text that ``canonical`` or ``compact`` made; ``ValueError`` for damaged ones."""


def packed(value: Json) -> bytes:
    """A JSON text as bytes, where it does not matter how things are spelt."""
    return _in_order(value).encode()


try:
    import orjson
except ImportError:  # no wheel for phones
    pass
else:
    _PLAIN = (
        orjson.OPT_PASSTHROUGH_DATACLASS
        | orjson.OPT_PASSTHROUGH_DATETIME
        | orjson.OPT_PASSTHROUGH_SUBCLASS
    )

    def _spelt(options: int, otherwise: Callable[[Json], str]) -> Callable[[Json], str]:
        def spell(value: Json) -> str:
            try:
                text = orjson.dumps(value, option=options).decode()
            except TypeError:  # what orjson cannot write, or we should not
                return otherwise(value)
            # Small numbers may be spelt differently. One character is looked for far faster.
            if ("." in text and ".0000" in text) or ("-" in text and "e-" in text):
                return otherwise(value)
            return text

        return spell

    if orjson.dumps(1e16) == b"1e+16":  # as repr has it, which older ones did not
        canonical = _spelt(_PLAIN | orjson.OPT_SORT_KEYS, _sorted)
        compact = _spelt(_PLAIN, _in_order)
        parse = orjson.loads

        def packed(value: Json) -> bytes:
            return orjson.dumps(value)
