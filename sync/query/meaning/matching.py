"""LIKE, ILIKE and SIMILAR TO."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final
from typing import Literal as OneOf

from sync.query.evaluate import MISSING
from sync.query.meaning.parts import Compiled, Fixed, combine
from sync.query.patterns import Like, PatternError, Regex, as_regex
from sync.query.patterns.like import ESCAPE
from sync.query.values import Value

PATTERNS_REMEMBERED_MAX: Final = 256

Kind = OneOf["like", "ilike", "similar"]


def matching(kind: Kind, operand: Compiled, pattern: Compiled, escape: Compiled | None) -> Compiled:
    """MISSING where operand, pattern or escape is no text, the escape not one character, or the
    pattern of SIMILAR TO not well formed."""

    def run(text: Value, wanted: Value, mark: Value) -> Value:
        if not isinstance(text, str) or not isinstance(wanted, str) or not isinstance(mark, str):
            return MISSING
        test = _test(kind, wanted, mark)
        return MISSING if test is None else test(text)

    mark = Fixed(ESCAPE) if escape is None else escape
    if not isinstance(pattern, Fixed) or not isinstance(mark, Fixed):
        return combine(run, operand, pattern, mark)
    if not isinstance(pattern.value, str) or not isinstance(mark.value, str):
        return Fixed(MISSING)
    test = _test(kind, pattern.value, mark.value)
    if test is None:
        return Fixed(MISSING)
    return combine(lambda text: test(text) if isinstance(text, str) else MISSING, operand)


@functools.lru_cache(PATTERNS_REMEMBERED_MAX)
def _test(kind: Kind, pattern: str, escape: str) -> Callable[[str], bool] | None:
    if len(escape) != 1:
        return None
    if kind != "similar":
        return Like(pattern, escape, fold=kind == "ilike").test
    try:
        return Regex(as_regex(pattern, escape), "s").matches
    except PatternError:
        return None
