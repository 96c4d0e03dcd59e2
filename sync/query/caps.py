"""How large a value may become while it is worked out; beyond that it is MISSING.

A statement of a few bytes must not fill the memory of a phone: ``repeat('x', 1e12)``, or a
comprehension within a comprehension that doubles what it is given. MISSING and not an error, so
that the answer does not depend on which rows an index happened to leave out.
"""

from __future__ import annotations

from typing import Final

from sync.core.values import DOCUMENT_BYTES_MAX

TEXT_CHARS_MAX: Final = DOCUMENT_BYTES_MAX
"""A longer text fits into no document."""
ARRAY_ITEMS_MAX: Final = 100_000
"""Of an array or an object that a function or comprehension makes: several years of hours."""
VALUE_PARTS_MAX: Final = 1_000_000
"""Values within such a value, at all depths."""


def is_small(value: object) -> bool:
    """Whether a value has at most ``VALUE_PARTS_MAX`` parts; looks at no more than these."""
    stack, seen = [value], 0
    while stack:
        each = stack.pop()
        if not isinstance(each, list | dict):
            continue
        seen += len(each)
        if seen > VALUE_PARTS_MAX:
            return False
        stack.extend(each.values() if isinstance(each, dict) else each)
    return True
